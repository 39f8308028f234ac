"""Sending a large file, beside other clients.

All send the same file to the same loopback sink, in turns, with a warm client.
``curl -T`` sends a body that was encoded beforehand: the limit. Memory is the
peak above the imports, each client in a process of its own.
"""

import contextlib
import functools
import json
import math
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks import report
from tests.benchmarks.clients import (
    Maker,
    Send,
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
from tests.benchmarks.turns import in_turns

CURL, OURS, GUIDE, OPENAI = "curl -T", "this client", "guide (requests)", "openai"
CLIENTS: Final[dict[str, Maker]] = {
    OURS: this_client,
    GUIDE: guide,
    OPENAI: openai,
    "httpx json=": httpx_json,
}
SIZES_MB: Final = (5, 50, 500)


@dataclass(frozen=True, slots=True)
class Cost:
    """What sending a file once takes; not a number where it is not known."""

    wall_ms: float
    cpu_ms: float


def run(options: Options) -> None:
    """Print the table and the goals."""
    report.heading(f"send: 50 MB, a warm client, {options.rounds} rounds in turns, medians")
    with served(sink) as origin:
        with media(50) as path:
            costs = _costs(origin, path, options.rounds)
            peaks_mb = {name: measured(peak_memory, name, origin, path) for name in CLIENTS}
        _print_table(costs, peaks_mb)
        ours = costs[OURS]
        report.goal("wall, of curl's", ours.wall_ms / costs[CURL].wall_ms, "×", most=2)
        report.goal("openai's wall, of ours", costs[OPENAI].wall_ms / ours.wall_ms, "×", least=8)
        report.goal("the guide's CPU, of ours", costs[GUIDE].cpu_ms / ours.cpu_ms, "×", least=8)
        for megabytes in SIZES_MB:
            with media(megabytes) as path:
                peak_mb = measured(peak_memory, OURS, origin, path)
            report.goal(f"memory for {megabytes} MB", peak_mb, "MB", most=4)


def _print_table(costs: Mapping[str, Cost], peaks_mb: Mapping[str, float]) -> None:
    report.columns("wall ms", "× curl -T", "CPU ms", "memory MB")
    for name, cost in costs.items():
        report.row(
            name,
            f"{cost.wall_ms:.0f}",
            f"{cost.wall_ms / costs[CURL].wall_ms:.1f}",
            "" if math.isnan(cost.cpu_ms) else f"{cost.cpu_ms:.0f}",
            f"{peaks_mb[name]:.1f}" if name in peaks_mb else "",
        )


def _costs(origin: str, path: Path, rounds: int) -> dict[str, Cost]:
    """The median cost of each client, and of curl."""
    with contextlib.ExitStack() as stack, _encoded(path) as whole:
        samples = {CURL: functools.partial(_curl_cost, origin, whole)}
        for name, make in CLIENTS.items():
            samples[name] = functools.partial(_cost, stack.enter_context(make(origin)), path)
        in_turns(samples, 1)  # warm
        costs = in_turns(samples, rounds)
    return {
        name: Cost(
            statistics.median(cost.wall_ms for cost in each),
            statistics.median(cost.cpu_ms for cost in each),
        )
        for name, each in costs.items()
    }


def _cost(send: Send, path: Path) -> Cost:
    began, used = time.perf_counter(), time.process_time()
    send(path)
    return Cost((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000)


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


def _curl_cost(origin: str, whole: Path) -> Cost:
    """What curl itself counts: not the start of its process."""
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
    return Cost(wall_ms=float(said.stdout) * 1000, cpu_ms=math.nan)
