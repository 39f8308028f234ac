"""Six models asked about one file of 20 MB side by side: how much longer than one of them."""

import asyncio
import functools
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from services.assistant import Ask, Assistant, LocalFile
from services.media.workshop.workshop import Workshop
from tests import making
from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.benchmarks.processes import measured, served
from tests.benchmarks.sink import sink
from tests.capture import assistant_at, nobody

MODELS: Final = 6
FILE_BYTES: Final = 20_000_000
RATE: Final = 48_000
#: How long the API takes to answer, in seconds: each of the models is as slow as the slowest.
ANSWER_S: Final = 2.0
ROUNDS: Final = 3


def run(_: Options) -> None:
    """Print the goal."""
    report.heading(
        f"compare: {MODELS} models, one wav of {FILE_BYTES / 1e6:.0f} MB, answers after "
        f"{ANSWER_S:.0f} s; medians of {ROUNDS}"
    )
    with served(functools.partial(sink, answer_after_s=ANSWER_S)) as origin:
        alone_s, together_s = measured(_compared, origin)
    report.row("one of them", f"{alone_s:.2f} s")
    report.row("all of them", f"{together_s:.2f} s")
    report.goal("all beside one", together_s / alone_s, "×", most=1.3)


def _compared(origin: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_medians(f"{origin}/api/v1", Path(folder)))


async def _medians(base_url: str, folder: Path) -> tuple[float, float]:
    with Workshop("services.media.jobs.table") as workshop:
        async with assistant_at(base_url, workshop, VISITOR_AT_ONCE=str(MODELS)) as assistant:
            alone, together = [], []
            for number in range(ROUNDS):
                # A file of its own each time, so that none profits from an earlier look at it.
                alone.append(await _took_s(assistant, _sound(folder / f"{number} one.wav"), 1))
                all_of_them = _sound(folder / f"{number} all.wav")
                together.append(await _took_s(assistant, all_of_them, MODELS))
    return statistics.median(alone), statistics.median(together)


def _sound(path: Path) -> Path:
    sound = making.tone(FILE_BYTES / 2 / RATE, rate=RATE)
    return making.write_sound(path, sound, container="wav", codec="pcm_s16le", rate=RATE)


async def _took_s(assistant: Assistant, path: Path, models: int) -> float:
    """Seconds until all of so many ``models`` have answered."""
    ask = Ask(LocalFile(path), "What is said?", "maker/model")
    began = time.perf_counter()
    reports = await asyncio.gather(
        *(
            assistant.run(replace(ask, model=f"maker/{number}"), nobody, visitor="one")
            for number in range(models)
        )
    )
    took_s = time.perf_counter() - began
    assert [one.text for one in reports] == ["ok"] * models, reports[0].fault
    return took_s
