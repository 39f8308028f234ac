"""What is finished of a batch, as one zip: a text, subtitles and JSON for each, and one table."""

import asyncio
import re
import secrets
import shutil
import zipfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any, Final

from gradio.utils import get_upload_folder

from components.result.comparison_files import COLUMNS, csv_of
from components.result.exports import Told, exports
from components.texts import Texts
from services.assistant import Report
from services.batch import Batch, Batches, Clip

#: Of what there may be of an answer, what goes into it.
KINDS: Final = ("txt", "srt", "json")
ZIP: Final = "answers.zip"
TABLE: Final = "answers.csv"
#: How long one lies where the browser can have it, in seconds.
_KEPT_S: Final = 600
_MOST_NAME: Final = 80
#: The columns before those of any answer.
_HEAD: Final[Mapping[str, Callable[[Clip], Any]]] = {
    "number": lambda clip: clip.number + 1,
    "file": lambda clip: clip.name,
    "state": lambda clip: clip.state,
}


async def write_zip(
    path: Path,
    batch: Batch,
    report: Callable[[int], Awaitable[Report | None]],
    texts: Texts,
) -> None:
    """Write to ``path`` what ``report`` has of each clip, one after the other."""
    lines: list[Sequence[Any]] = []
    now = datetime.now(UTC)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for clip in batch.clips:
            told = await report(clip.number)
            lines.append(_line(clip, told))
            if told is not None:
                question = Told(batch.question.prompt, told, now, clip.name)
                await asyncio.to_thread(_add, archive, clip, question, texts)
        # With this mark, programs for tables know that it is UTF-8.
        table = "\ufeff" + csv_of((*_HEAD, *COLUMNS), lines)
        archive.writestr(TABLE, table)


class Zips:
    """The zips that were made, where the page serves uploads, under names that nobody guesses."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._made: dict[Path, str] = {}

    async def make(self, token: str, batch: Batch, texts: Texts) -> Path:
        """A zip of what is finished of ``batch``; it lies there for some minutes."""
        folder = Path(get_upload_folder()) / "batches" / secrets.token_urlsafe(24)
        await asyncio.to_thread(folder.mkdir, parents=True)
        self._made[folder] = token
        asyncio.get_running_loop().call_later(_KEPT_S, self._drop, folder)
        await write_zip(
            folder / ZIP, batch, lambda number: self._batches.report(token, number), texts
        )
        return folder / ZIP

    def drop(self, token: str) -> None:
        """Remove all those of a batch."""
        for folder in [one for one, of in self._made.items() if of == token]:
            self._drop(folder)

    def _drop(self, folder: Path) -> None:
        self._made.pop(folder, None)
        shutil.rmtree(folder, ignore_errors=True)


def stem_of(clip: Clip) -> str:
    """What the files of a clip are called, without an ending: no two the same, safe anywhere."""
    plain = re.sub(r"[^\w.-]+", "_", PurePath(clip.name).stem).strip("._")[:_MOST_NAME]
    return f"{clip.number + 1:03}-{plain}" if plain else f"{clip.number + 1:03}"


def _add(archive: zipfile.ZipFile, clip: Clip, told: Told, texts: Texts) -> None:
    files = exports(told, texts)
    for kind in KINDS:
        if kind in files:
            archive.writestr(f"{stem_of(clip)}.{kind}", files[kind])


def _line(clip: Clip, report: Report | None) -> list[Any]:
    own = [of(clip) for of in _HEAD.values()]
    return own + [None if report is None else of(report) for of in COLUMNS.values()]
