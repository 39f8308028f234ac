"""Many files in flight at once, in one process and on one event loop, beside other clients.

The server answers two seconds after it has a whole body. Event loop lag is how
late a task that sleeps five milliseconds wakes up: everything else that the
loop serves, the page for one, waits as long.
"""

import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks import report
from tests.benchmarks.clients import (
    LIMIT_S,
    AsyncMaker,
    httpx_json_async,
    media,
    openai_async,
    this_client_async,
)
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.options import Options
from tests.benchmarks.processes import Stopped, measured, served
from tests.benchmarks.sink import sink

OURS: Final = "this client"
PEERS: Final[dict[str, AsyncMaker]] = {
    "httpx json=, async": httpx_json_async,
    "openai, async": openai_async,
}
RUNS: Final = 300
SIZE_MB: Final = 5
ANSWER_AFTER_S: Final = 2.0
NAP_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Flight:
    """What became of all runs of one client."""

    failures: Counter[str]
    wall_s: float
    peak_mb: float
    lag_p99_ms: float
    lag_most_ms: float


def run(options: Options) -> None:
    """Print the table and the goals."""
    report.heading(
        f"flight: {RUNS} runs of {SIZE_MB} MB in flight at once, each answered "
        f"{ANSWER_AFTER_S:.0f} s after its body; each client in a process of its own"
    )
    report.columns("runs", "failures", "wall s", "memory MB", "lag p99 ms", "most ms")
    with served(sink, ANSWER_AFTER_S) as origin, media(SIZE_MB) as path:
        ours = _row(OURS, origin, path, RUNS, LIMIT_S)
        for peer in PEERS:
            _row(peer, origin, path, options.peer_runs, options.peer_limit_s)
    if ours is not None:
        report.goal("failures", ours.failures.total(), "", most=0)
        report.goal("wall", ours.wall_s, "s", most=5.5)
        report.goal("memory", ours.peak_mb, "MB", most=64)
        report.goal("event loop lag, p99", ours.lag_p99_ms, "ms", most=200)
        report.goal("event loop lag, most", ours.lag_most_ms, "ms", most=400)


def _row(name: str, origin: str, path: Path, runs: int, limit_s: float) -> Flight | None:
    try:
        flight: Flight = measured(fly, name, origin, path, runs, limit_s=limit_s)
    except Stopped as reason:
        report.row(name, str(runs), str(reason))
        return None
    report.row(
        name,
        str(runs),
        str(flight.failures.total()),
        f"{flight.wall_s:.1f}",
        f"{flight.peak_mb:,.0f}",
        f"{flight.lag_p99_ms:,.0f}",
        f"{flight.lag_most_ms:,.0f}",
    )
    for failure, count in flight.failures.items():
        report.row(f"  {failure}", "", str(count))
    return flight


def fly(name: str, origin: str, path: Path, runs: int) -> Flight:
    """Send ``path`` that often at once."""
    return asyncio.run(_fly(({OURS: this_client_async} | PEERS)[name], origin, path, runs))


async def _fly(make: AsyncMaker, origin: str, path: Path, runs: int) -> Flight:
    async with make(origin) as send:
        with media(0) as small:
            await send(small)  # warm
        peak = PeakMemory()
        began = time.perf_counter()
        lags_ms, outcomes = await _with_lags(
            asyncio.gather(*(send(path) for _ in range(runs)), return_exceptions=True)
        )
        wall_s = time.perf_counter() - began
        return Flight(
            failures=Counter(type(error).__name__ for error in outcomes if error is not None),
            wall_s=wall_s,
            peak_mb=peak.mb,
            lag_p99_ms=statistics.quantiles(lags_ms, n=100)[-1],
            lag_most_ms=max(lags_ms),
        )


async def _with_lags(work: "asyncio.Future[list[Any]]") -> tuple[list[float], list[Any]]:
    """How late each nap ended, in ms, until ``work`` is done; and what it returned."""
    lags_ms = []
    while not work.done():
        began = time.perf_counter()
        await asyncio.sleep(NAP_S)
        lags_ms.append((time.perf_counter() - began - NAP_S) * 1000)
    return lags_ms, await work
