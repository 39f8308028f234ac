"""Reading a streamed answer, beside openai's SDK: how fast, and how soon."""

import contextlib
import functools
import statistics
import time
from pathlib import Path
from typing import Final

from tests.benchmarks import report
from tests.benchmarks.clients import Maker, Send, media, openai, this_client
from tests.benchmarks.options import Options
from tests.benchmarks.processes import served
from tests.benchmarks.streams import FLOOD_TEXT, first_delta, flood
from tests.benchmarks.turns import in_turns

OURS: Final = "this client"
CLIENTS: Final[dict[str, Maker]] = {OURS: this_client, "openai": openai}
#: Fewer for who would take half a minute.
DELTAS: Final = {OURS: 200_000, "openai": 20_000}
#: Deltas in an HTTP chunk: as a proxy joins what comes fast, and as it is sent.
MANY, ONE = 500, 1
ROUNDS: Final = 3
FIRSTS: Final = 30


def run(_: Options) -> None:
    """Print the table and the goals."""
    report.heading(
        f"read: small deltas as fast as they are taken, {MANY} and {ONE} in an HTTP chunk, "
        f"median of {ROUNDS}; the first delta of an answer, median of {FIRSTS}; "
        "warm clients, in turns"
    )
    with media(0) as path:
        many, one = _deltas_per_s(path, MANY), _deltas_per_s(path, ONE)
        first_ms = _first_delta_ms(path)
    report.columns("deltas", f"/s, {MANY} each", f"/s, {ONE} each", "first ms")
    for name in CLIENTS:
        report.row(
            name,
            f"{DELTAS[name]:,}",
            f"{many[name]:,.0f}",
            f"{one[name]:,.0f}",
            f"{first_ms[name]:.2f}",
        )
    report.goal(f"deltas, {MANY} in an HTTP chunk", many[OURS], "/s", least=60_000)
    report.goal("from sent to first delta in hand", first_ms[OURS], "ms", most=1)


def _deltas_per_s(path: Path, per_chunk: int) -> dict[str, float]:
    with contextlib.ExitStack() as stack:
        samples = {}
        for name, make in CLIENTS.items():
            origin = stack.enter_context(served(flood, DELTAS[name], per_chunk))
            send = stack.enter_context(make(origin))
            samples[name] = functools.partial(_drained_s, send, path, DELTAS[name])
        seconds = in_turns(samples, ROUNDS)
    return {name: DELTAS[name] / statistics.median(each) for name, each in seconds.items()}


def _drained_s(send: Send, path: Path, deltas: int) -> float:
    letters = 0

    def take(text: str) -> None:
        nonlocal letters
        letters += len(text)

    began = time.perf_counter()
    send(path, take)
    took_s = time.perf_counter() - began
    assert letters == deltas * len(FLOOD_TEXT), "the answer is not whole"
    return took_s


def _first_delta_ms(path: Path) -> dict[str, float]:
    with served(first_delta) as origin, contextlib.ExitStack() as stack:
        samples = {
            name: functools.partial(_late_ms, stack.enter_context(make(origin)), path)
            for name, make in CLIENTS.items()
        }
        in_turns(samples, 1)  # warm
        return {name: statistics.median(each) for name, each in in_turns(samples, FIRSTS).items()}


def _late_ms(send: Send, path: Path) -> float:
    """From the time that stands in the first delta until it is here (one clock on Linux)."""
    arrivals: list[float] = []

    def take(text: str) -> None:
        arrivals.append(time.perf_counter() - float(text))

    send(path, take)
    return arrivals[0] * 1000
