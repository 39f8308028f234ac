"""Many at once at one replica: questions that are answered slowly, and large uploads.

Whether it lives is asked throughout, as Docker and nginx ask: what takes the event loop from
``/healthz`` takes it from everybody's words. The callers are in a process of their own, and have
the same processors.
"""

import asyncio
import contextlib
import http.client
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.benchmarks.processes import measured, served, server
from tests.benchmarks.runs import MODEL, app, recordings
from tests.benchmarks.streams import paced

RUNS: Final = 300
#: How many words an answer has, and how many of them come a second.
WORDS, WORDS_PER_S = 200, 20.0
UPLOADS: Final = 50
UPLOAD_MB: Final = 20
#: The time between two questions whether it lives, in seconds.
NAP_S: Final = 0.02
CALL: Final = "/gradio_api/call/v2/ask_audio"


@dataclass(frozen=True, slots=True)
class Crowd:
    """What became of all that was asked at once; times in seconds."""

    wall_s: float
    ends: Counter[str]
    first_words_s: Sequence[float] = ()


def run(_: Options) -> None:
    """Print the tables and the goals."""
    report.heading(
        f"crowd: {RUNS} questions at once about 5 s each, answered at {WORDS_PER_S:.0f} words a "
        f"second for {WORDS / WORDS_PER_S:.0f} s; {UPLOADS} uploads of {UPLOAD_MB} MB at once; "
        f"/healthz each {NAP_S * 1000:.0f} ms"
    )
    late_ms: dict[str, list[float]] = {}
    with (
        served(paced, WORDS, WORDS_PER_S) as api,
        recordings(RUNS) as paths,
        tempfile.TemporaryDirectory() as folder,
        server(app, api, folder) as running,
    ):

        def during(name: str, work: Callable[[], Any]) -> Any:
            with _health(running.origin) as late_ms[name]:
                return work()

        memory_mb = [_megabytes(running.pid, "VmRSS")]
        during("nothing", lambda: time.sleep(2))
        runs: Crowd = during("runs", lambda: measured(ask_all, running.origin, paths))
        memory_mb.append(_megabytes(running.pid, "VmHWM"))
        uploads: Crowd = during("uploads", lambda: measured(upload_all, running.origin))
        memory_mb.append(_megabytes(running.pid, "VmHWM"))
    report.columns("how many", "answered", "wall s", "a second", "memory MB")
    for name, crowd, megabytes in (
        ("questions", runs, memory_mb[1]),
        (f"uploads of {UPLOAD_MB} MB", uploads, memory_mb[2]),
    ):
        count = crowd.ends.total()
        report.row(
            name,
            *(str(count), str(crowd.ends["answered"])),
            *(f"{crowd.wall_s:.1f}", f"{count / crowd.wall_s:.1f}", f"{megabytes:.0f}"),
        )
        for end, times in crowd.ends.items():
            if end != "answered":
                report.row(f"  {end}", str(times))
    report.columns("asked", "p50 ms", "p99 ms", "most ms")
    for name, each_ms in late_ms.items():
        report.row(f"/healthz during {name}", str(len(each_ms)), *_shown(each_ms))
    report.row("first word", str(RUNS), *_shown([one * 1000 for one in runs.first_words_s]))
    for name in ("runs", "uploads"):
        report.goal(f"/healthz during {name}, p99", _p99(late_ms[name]), "ms", most=250)
    failures = runs.ends.total() + uploads.ends.total()
    failures -= runs.ends["answered"] + uploads.ends["answered"]
    report.goal("failures", failures, "", most=0)
    report.goal("memory above the start", memory_mb[2] - memory_mb[0], "MB", most=400)


def _shown(each_ms: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{one:,.0f}" for one in (statistics.median(each_ms), _p99(each_ms), max(each_ms)))


def _p99(each_ms: Sequence[float]) -> float:
    return statistics.quantiles(each_ms, n=100)[-1]


def _megabytes(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


@contextlib.contextmanager
def _health(origin: str) -> Iterator[list[float]]:
    """How long ``/healthz`` takes, in ms, each time it is asked while the block lasts."""
    took_ms: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(NAP_S):
            began = time.perf_counter()
            connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=60)
            with contextlib.closing(connection):
                connection.request("GET", "/healthz")
                assert connection.getresponse().read() == b"ok"
            took_ms.append((time.perf_counter() - began) * 1000)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield took_ms
    finally:
        over.set()
        asking.join()


def ask_all(origin: str, paths: Sequence[Path]) -> Crowd:
    """Ask about all of ``paths`` at once, each as a visitor of its own."""
    return asyncio.run(_ask_all(origin, paths))


async def _ask_all(origin: str, paths: Sequence[Path]) -> Crowd:
    async with _client(origin) as client:
        uploaded = [await _upload(client, path.read_bytes()) for path in paths]
        began = time.perf_counter()
        outcomes = await asyncio.gather(*(_ask(client, one) for one in uploaded))
        wall_s = time.perf_counter() - began
    ends = Counter(end for end, _ in outcomes)
    return Crowd(wall_s, ends, [first_s for _, first_s in outcomes if first_s is not None])


def _client(origin: str) -> httpx.AsyncClient:
    # None is kept: the server closes those that are idle for some seconds, as they may be here.
    everybody = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=origin, limits=everybody, trust_env=False, timeout=120)


async def _upload(client: httpx.AsyncClient, content: bytes) -> str:
    answer = await client.post("/gradio_api/upload", files={"files": ("a.wav", content)})
    return str(answer.raise_for_status().json()[0])


async def _ask(client: httpx.AsyncClient, path: str) -> tuple[str, float | None]:
    """What became of a question about an upload, and when its first word came."""
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    began, first_s, told = time.perf_counter(), None, b""
    begun = await client.post(CALL, json={"audio": file, "model": MODEL})
    if begun.status_code != httpx.codes.OK:
        return f"status {begun.status_code}", None
    async with client.stream("GET", f"{CALL}/{begun.json()['event_id']}") as answer:
        async for piece in answer.aiter_raw():
            told = piece if b"data: [" in piece else told + piece
            if first_s is None and b'data: ["' in piece and b'data: [""' not in piece:
                first_s = time.perf_counter() - began
    return ("answered" if b"finish_reason" in told else "broken off"), first_s


def upload_all(origin: str) -> Crowd:
    """Upload so many large files at once."""
    return asyncio.run(_upload_all(origin))


async def _upload_all(origin: str) -> Crowd:
    # No two the same: an upload is named by what is in it.
    content = bytes(UPLOAD_MB * 1024 * 1024 - 8)
    async with _client(origin) as client:
        began = time.perf_counter()
        outcomes = await asyncio.gather(
            *(_upload(client, content + number.to_bytes(8)) for number in range(UPLOADS)),
            return_exceptions=True,
        )
        wall_s = time.perf_counter() - began
    names = (
        type(one).__name__ if isinstance(one, BaseException) else "answered" for one in outcomes
    )
    return Crowd(wall_s, Counter(names))
