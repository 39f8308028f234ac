"""What a run costs, and how many there can be: five seconds of speech, and an API that answers.

Through the door, which is the services without Gradio, and through the endpoints of
the app in a process of its own, called by gradio_client. The API says "ok" at once.
Every run has a file of its own, so that nobody profits from another one's look at it.
Processor time is that of the process and of all that it started; the caller's is not
counted, but it takes its share of the machine.
"""

import asyncio
import contextlib
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np

from services.assistant import Ask, Assistant, LocalFile
from services.external_api.client import Client
from services.media.jobs.table import Inspect
from services.media.workshop.workshop import Workshop
from services.settings import Settings
from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.benchmarks.processes import measured, served, server
from tests.benchmarks.processor import processor_s
from tests.benchmarks.sink import sink
from tests.capture import nobody
from tests.clips import clip
from tests.free_port import free_port
from tests.making import samples_of, write_sound

JOBS: Final = "services.media.jobs.table"
MODEL: Final = "mistralai/voxtral-small-24b-2507"
RATE: Final = 16_000
LENGTH_S: Final = 5
#: How many runs are counted, how many are under way at once, and how many warm up.
DOOR_RUNS, ENDPOINT_RUNS = 200, 60
AT_ONCE: Final = 8
WARM: Final = 8
LOOKS: Final = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """What runs took, all together."""

    runs: int
    wall_s: float
    processor_s: float

    @property
    def per_s(self) -> float:
        """Runs a second."""
        return self.runs / self.wall_s

    @property
    def processor_ms(self) -> float:
        """Processor time of one run."""
        return self.processor_s / self.runs * 1000


def run(_: Options) -> None:
    """Print the table and the goals."""
    report.heading(
        f"runs: a WAV of {LENGTH_S} s each, an API that answers at once, {AT_ONCE} at a time; "
        f"a look at such a file, median of {LOOKS}"
    )
    with served(sink) as api, recordings(max(DOOR_RUNS, ENDPOINT_RUNS) + WARM) as paths:
        door: Cost = measured(through_the_door, api, paths[: DOOR_RUNS + WARM])
        endpoints = _through_the_endpoints(api, paths[: ENDPOINT_RUNS + WARM])
        look_ms: float = measured(median_look_ms, paths[:LOOKS])
    report.columns("runs", "runs/s", "processor ms")
    for name, cost in (("through the door", door), ("through the endpoints", endpoints)):
        report.row(name, str(cost.runs), f"{cost.per_s:.1f}", f"{cost.processor_ms:.0f}")
    report.goal("processor of an endpoint's run", endpoints.processor_ms, "ms", most=120)
    report.goal("through the endpoints", endpoints.per_s, "runs/s", least=10)
    report.goal("through the door", door.per_s, "runs/s", least=40)
    report.goal("a look at a small file", look_ms, "ms", most=15)


@contextlib.contextmanager
def recordings(count: int) -> Iterator[Sequence[Path]]:
    """So many files of speech, no two the same."""
    speech = np.concatenate(
        [samples_of(clip(name), RATE) for name in ("project.flac", "life.flac")]
    )
    noise = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / f"{number}.wav" for number in range(count)]
        for path in paths:
            heard = speech[: LENGTH_S * RATE] + noise.integers(-9, 9, LENGTH_S * RATE, np.int16)
            write_sound(path, heard, container="wav", codec="pcm_s16le", rate=RATE)
        yield paths


def through_the_door(api: str, paths: Sequence[Path]) -> Cost:
    """Runs of the assistant, some at once, on one event loop."""
    return asyncio.run(_through_the_door(api, paths))


async def _through_the_door(api: str, paths: Sequence[Path]) -> Cost:
    settings = Settings(
        EXTERNAL_API_BASE_URL=f"{api}/api/v1",
        EXTERNAL_API_KEY="ak_benchmark",
        VISITOR_LIMIT=1_000_000,
        VISITOR_AT_ONCE=1000,
        DAILY_LIMIT=1_000_000,
    )
    client = Client(f"{api}/api/v1")
    with Workshop(JOBS) as workshop:
        async with contextlib.aclosing(client):
            assistant = Assistant(settings, workshop, client)
            places = asyncio.Semaphore(AT_ONCE)

            async def one(path: Path) -> None:
                async with places:
                    ask = Ask(LocalFile(path, "audio"), "What is said?", MODEL)
                    answered = await assistant.run(ask, nobody, visitor=path.name)
                assert answered.fault is None, answered.fault

            await asyncio.gather(*map(one, paths[:WARM]))
            began, used = time.perf_counter(), processor_s()
            await asyncio.gather(*map(one, paths[WARM:]))
            took_s = time.perf_counter() - began
            await asyncio.sleep(0.2)  # a worker that has ended was reaped
            return Cost(len(paths) - WARM, took_s, processor_s() - used)


def _through_the_endpoints(api: str, paths: Sequence[Path]) -> Cost:
    # Its import takes a second, and its makers would be told of each start.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    from gradio_client import Client as Caller  # noqa: PLC0415
    from gradio_client import handle_file  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory() as folder,
        server(app, api, folder) as running,
        contextlib.closing(Caller(running.origin, verbose=False)) as caller,
        ThreadPoolExecutor(AT_ONCE) as callers,
    ):

        def one(path: Path) -> None:
            content, _ = caller.predict(
                audio=handle_file(str(path)), model=MODEL, api_name="/ask_audio"
            )
            assert content == "ok", content

        list(callers.map(one, paths[:WARM]))
        began, used = time.perf_counter(), processor_s(running.pid)
        list(callers.map(one, paths[WARM:]))
        took_s = time.perf_counter() - began
        time.sleep(0.2)  # as above
        return Cost(len(paths) - WARM, took_s, processor_s(running.pid) - used)


def app(tell: Callable[[Any], None], api: str, folder: str) -> None:
    """The app itself, with its files and its log in ``folder``; it tells its port once it is up."""
    with Path(folder, "app.log").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept,
        HOME=folder,
        TMPDIR=folder,
        GRADIO_SERVER_PORT=str(port),
        GRADIO_ANALYTICS_ENABLED="False",
        EXTERNAL_API_BASE_URL=f"{api}/api/v1",
        EXTERNAL_API_KEY="ak_benchmark",
        # One caller stands for many.
        VISITOR_LIMIT="1000000",
        VISITOR_AT_ONCE="1000",
        DAILY_LIMIT="1000000",
    )
    threading.Thread(target=_tell_once_up, args=(tell, port), daemon=True).start()
    from app import main  # noqa: PLC0415  # Gradio reads the environment on import

    main()


def _tell_once_up(tell: Callable[[Any], None], port: int) -> None:
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success:
                tell(port)
                return
        time.sleep(0.05)


def median_look_ms(paths: Sequence[Path]) -> float:
    """How long it takes to find out what each file is, one after the other."""
    return asyncio.run(_median_look_ms(paths))


async def _median_look_ms(paths: Sequence[Path]) -> float:
    with Workshop(JOBS) as workshop:
        await workshop.do(Inspect(paths[0]))  # warm
        looks_ms = []
        for path in paths:
            began = time.perf_counter()
            await workshop.do(Inspect(path))
            looks_ms.append((time.perf_counter() - began) * 1000)
        return statistics.median(looks_ms)
