"""Sending a large file, beside other clients.

All send the same file to the same loopback sink, in turns, with a warm client.
``curl -T`` sends a body that was encoded beforehand: the limit. Memory is the
peak above the imports, each client in a process of its own.
"""

import contextlib
import json
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks import report
from tests.benchmarks.clients import (
    Maker,
    body,
    guide,
    httpx_json,
    media,
    openai,
    this_client,
)
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.options import Options
from tests.benchmarks.processes import measured, served
from tests.benchmarks.sink import sink

CLIENTS: Final[dict[str, Maker]] = {
    "this client": this_client,
    "guide (requests)": guide,
    "openai": openai,
    "httpx json=": httpx_json,
}
SIZES_MB: Final = (5, 50, 500)

#: Client → a figure of each round.
Rounds = dict[str, list[float]]


def run(options: Options) -> None:
    """Print the table and the goals."""
    report.heading(f"send: 50 MB, a warm client, {options.rounds} rounds in turns, medians")
    with served(sink) as origin, media(50) as path:
        wall_ms, cpu_ms = _in_turns(origin, path, options.rounds)
        report.columns("wall ms", "× curl -T", "CPU ms", "memory MB")
        limit_ms = wall_ms["curl -T"]
        report.row("curl -T", f"{limit_ms:.0f}", "1.0")
        for name in CLIENTS:
            wall, cpu = wall_ms[name], cpu_ms[name]
            peak_mb = measured(peak_memory, name, origin, path)
            report.row(
                name, f"{wall:.0f}", f"{wall / limit_ms:.1f}", f"{cpu:.0f}", f"{peak_mb:.1f}"
            )
        ours = "this client"
        report.goal("wall, of curl's", wall_ms[ours] / limit_ms, "×", most=2)
        report.goal("openai's wall, of ours", wall_ms["openai"] / wall_ms[ours], "×", least=8)
        report.goal(
            "the guide's CPU, of ours", cpu_ms["guide (requests)"] / cpu_ms[ours], "×", least=8
        )
        _memory_by_size(origin)


def _in_turns(origin: str, path: Path, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Medians of wall and of CPU time, in ms, by client."""
    wall_s: Rounds = defaultdict(list)
    cpu_s: Rounds = defaultdict(list)
    with contextlib.ExitStack() as stack, _encoded(path) as whole:
        sends = {name: stack.enter_context(make(origin)) for name, make in CLIENTS.items()}
        for send in sends.values():
            send(path)  # warm
        for _ in range(rounds):
            wall_s["curl -T"].append(_curl_s(origin, whole))
            for name, send in sends.items():
                began, used = time.perf_counter(), time.process_time()
                send(path)
                wall_s[name].append(time.perf_counter() - began)
                cpu_s[name].append(time.process_time() - used)
    return _medians_ms(wall_s), _medians_ms(cpu_s)


def _medians_ms(seconds: Rounds) -> dict[str, float]:
    return {name: statistics.median(each) * 1000 for name, each in seconds.items()}


def _memory_by_size(origin: str) -> None:
    for megabytes in SIZES_MB:
        with media(megabytes) as path:
            peak_mb = measured(peak_memory, "this client", origin, path)
        report.goal(f"memory for {megabytes} MB", peak_mb, "MB", most=4)


def peak_memory(name: str, origin: str, path: Path) -> float:
    """MB that sending ``path`` once takes a warm client."""
    with CLIENTS[name](origin) as send, media(0) as small:
        send(small)
        peak = PeakMemory()
        send(path)
        return peak.mb


@contextlib.contextmanager
def _encoded(path: Path) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(body(path), file)
        file.flush()
        yield Path(file.name)


def _curl_s(origin: str, whole: Path) -> float:
    """Seconds that curl itself counts."""
    said = subprocess.run(
        [
            *("curl", "-sS", "-o", "/dev/null", "-w", "%{time_total}", "-X", "POST"),
            *("-H", "Expect:", "-H", "Content-Type: application/json", "-T", str(whole)),
            f"{origin}/api/v1/chat/completions",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(said.stdout)
