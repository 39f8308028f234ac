"""Whether memory stays what it is over many runs, and many sessions that do not come back."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx

from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.benchmarks.processes import served, server
from tests.benchmarks.runs import AT_ONCE, app
from tests.benchmarks.sink import sink

#: Each is of a session of its own.
RUNS: Final = (1000, 1000, 1000)
SESSIONS: Final = (2500, 2500)
LINK, NO_LINK = "https://videos.example/1", "no link"


def run(_: Options) -> None:
    """Print the table and the goals."""
    report.heading("soak: resident memory of the app after so many runs, and sessions besides")
    with (
        served(sink) as api,
        tempfile.TemporaryDirectory() as folder,
        server(app, api, folder) as running,
        httpx.Client(base_url=f"{running.origin}/gradio_api/", trust_env=False, timeout=60) as http,
        ThreadPoolExecutor(AT_ONCE) as callers,
    ):
        report.columns("in all", "MB", "lines of log")
        log = Path(folder, "app.log")

        def measured(name: str, count: int) -> float:
            megabytes, lines = _megabytes(running.pid), len(log.read_text("utf-8").splitlines())
            report.row(name, str(count), f"{megabytes:.0f}", str(lines))
            return megabytes

        after_runs = [measured("at first", 0)]
        done = 0
        for count, told in _steps(RUNS):
            for answer in callers.map(lambda number: _ask(http, f"r{number}", LINK), told):
                assert '"ok"' in answer, answer
            done += count
            after_runs.append(measured("runs", done))
        after_sessions, done = [after_runs[-1]], 0
        for count, told in _steps(SESSIONS):
            for answer in callers.map(lambda number: _ask(http, f"s{number}", NO_LINK), told):
                assert "BadLink" in answer, answer
            done += count
            after_sessions.append(measured("sessions", done))
    report.goal("the last thousand runs", after_runs[-1] - after_runs[-2], "MB", most=10)
    report.goal("the last sessions", after_sessions[-1] - after_sessions[-2], "MB", most=10)


def _steps(counts: tuple[int, ...]) -> Iterator[tuple[int, range]]:
    """Each count, with the numbers of its own."""
    done = 0
    for count in counts:
        yield count, range(done, done + count)
        done += count


def _ask(http: httpx.Client, session: str, link: str) -> str:
    """What a program is told of a question about ``link``."""
    asked = {"data": [None, "", "", "", link] + [None] * 12, "session_hash": session}
    event = http.post("call/ask_video", json=asked).json()["event_id"]
    return http.get(f"call/ask_video/{event}").text


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
