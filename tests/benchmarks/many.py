"""Many small files asked about together: how near to the ideal, and what memory they take."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from services.batch import Batches, Question
from services.media.workshop.workshop import Workshop
from services.settings import Settings
from tests import making
from tests.benchmarks import report
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.options import Options
from tests.benchmarks.processes import measured, served
from tests.browser.scripted_api import Handler, ScriptedApi, completion
from tests.capture import assistant_at

FILES: Final = 200
AT_ONCE: Final = 8
#: How long the API takes to answer, in seconds.
ANSWER_S: Final = 1.0
_USAGE: Final = {"prompt_tokens": 5, "completion_tokens": 2, "cost": 0.001}


def run(_: Options) -> None:
    """Print the goals."""
    report.heading(
        f"many: {FILES} small files, {AT_ONCE} at once, to an API that answers in {ANSWER_S:.0f} s"
    )
    ideal_s = FILES / AT_ONCE * ANSWER_S
    with served(_slow) as origin:
        took_s, megabytes = measured(_asked, origin)
    report.goal("beside the ideal", took_s / ideal_s, "×", most=1.15)
    report.goal("memory for all of them", megabytes, "MB", most=40)


def _slow(tell: Callable[[Any], None]) -> None:
    def script(handler: Handler) -> None:
        handler.server.api.requests.clear()  # type: ignore[attr-defined]  # of that server
        time.sleep(ANSWER_S)
        handler.answer_json(completion("Hello", usage=_USAGE))

    with ScriptedApi(script=script) as api:
        tell(int(api.origin.rpartition(":")[2]))
        threading.Event().wait()


def _asked(origin: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "batches")
        root.mkdir()
        files = [
            making.write_sound(
                Path(folder, f"{number}.wav"),
                making.tone(0.3 + number / 1000),
                container="wav",
                codec="pcm_s16le",
            )
            for number in range(FILES)
        ]
        return asyncio.run(_batch(f"{origin}/api/v1", files, root))


async def _batch(base_url: str, files: list[Path], root: Path) -> tuple[float, float]:
    """Seconds from the press to the last answer, and the peak of memory meanwhile, in MB."""
    environ = {"VISITOR_AT_ONCE": str(AT_ONCE), "VISITOR_LIMIT": str(FILES)}
    settings = Settings.from_environ(environ)
    with Workshop("services.media.jobs.table") as workshop:
        async with assistant_at(base_url, workshop, **environ) as assistant:
            batches = Batches(assistant, workshop, settings, root)
            token = await batches.make(files, Question("What is said?", "m/m"))
            await batches.get(token)  # by then the queue has started
            memory, began = PeakMemory(), time.perf_counter()
            await batches.start(token)
            async for batch in batches.watch(token):
                last = batch
            took_s, megabytes = time.perf_counter() - began, memory.mb
            await asyncio.to_thread(batches.close)
    assert last.count("answered") == FILES, last.halted
    return took_s, megabytes
