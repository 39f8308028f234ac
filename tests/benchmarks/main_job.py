"""How long a person waits.

Prints the time from ``python app.py`` to a served page, the time from Ask to the
first words of a ten-second recording against the built-in offline API, and the
share of spoken words that came back right on our clips.
"""

import asyncio
import contextlib
import difflib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np

from services.assistant import Ask, Assistant, Delta, LocalFile, Progress, Report
from services.external_api.client import Client
from services.media.workshop.workshop import Workshop
from services.offline_api.server import in_background
from services.offline_api.weights import find_weights
from services.settings import Settings
from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.clips import SENTENCES, clip
from tests.free_port import free_port
from tests.making import samples_of, write_sound

ROOT = Path(__file__).parents[2]
TIMES = 5


def seconds_to_page() -> float:
    """From starting the process to the first page that is served."""
    port = free_port()
    environ = {"PATH": os.environ["PATH"], "GRADIO_SERVER_PORT": str(port)}
    began = time.perf_counter()
    app = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while app.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).is_success:
                    return time.perf_counter() - began
            time.sleep(0.02)
        raise RuntimeError("the app ended before it served a page")
    finally:
        app.terminate()
        app.wait()


async def asked(assistant: Assistant, path: Path) -> tuple[float, Report]:
    """Seconds from Ask to the first words, and the report."""
    began = time.perf_counter()
    firsts: list[float] = []

    def tell(event: Progress | Delta) -> None:
        if isinstance(event, Delta) and not firsts:
            firsts.append(time.perf_counter() - began)

    [model] = await assistant.models.all("audio")
    answered = await assistant.run(Ask(LocalFile(path, "audio"), "What is said?", model), tell)
    assert answered.fault is None, answered.fault
    return firsts[0], answered


def ten_seconds(directory: Path) -> Path:
    """Three sentences in a row, cut at ten seconds: what a recording is like."""
    speech = np.concatenate(
        [
            samples_of(clip(name))
            for name in ("beach.flac", "project.flac", "life.flac", "dogs.flac")
        ]
    )
    path = directory / "ten.wav"
    return write_sound(path, speech[: 10 * 16_000], container="wav", codec="pcm_s16le")


def right_words(spoken: str, heard: str) -> int:
    """How many of the spoken words were heard, in their order."""
    matcher = difflib.SequenceMatcher(None, spoken.split(), heard.split(), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


async def against_offline_api(url: str) -> None:
    with (
        Workshop("services.media.jobs.table") as workshop,
        tempfile.TemporaryDirectory() as directory,
    ):
        client = Client(url)
        assistant = Assistant(Settings(), workshop, client)
        recording = ten_seconds(Path(directory))
        firsts, timings = [], []
        for _ in range(TIMES):
            first, report = await asked(assistant, recording)
            firsts.append(first)
            timings.append(report.as_mapping()["timings_ms"])
        print(f"  Ask to first words, 10 s recording: {_spread(firsts)}")
        for phase in timings[0]:
            print(f"    {phase:8} {statistics.median(one[phase] for one in timings):8.1f} ms")
        right = total = 0
        for name, spoken in SENTENCES.items():
            if name.endswith(".mp4"):
                continue
            _, report = await asked(assistant, clip(name))
            right += right_words(spoken, report.text.partition("\n")[0])
            total += len(spoken.split())
        print(f"  words right on our clips: {right} of {total} ({right / total:.0%})")
        await client.aclose()


def _spread(seconds: list[float]) -> str:
    return (
        f"median {statistics.median(seconds):.2f} s of {len(seconds)} "
        f"({min(seconds):.2f}-{max(seconds):.2f})"
    )


def run(_: Options) -> None:
    """Print the figures."""
    report.heading("main_job: what a person waits for")
    print(f"  python app.py to a served page: {_spread([seconds_to_page() for _ in range(TIMES)])}")
    with in_background(find_weights(None)) as url:
        asyncio.run(against_offline_api(url))


if __name__ == "__main__":
    run(Options())
