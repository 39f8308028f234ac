"""Where batches lie: a folder for each, with its media and its answers, and all go together."""

import contextlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from services import errors
from services.assistant import Report
from services.batch.values import KEPT_S, Question

#: What is left free of the disk, in bytes.
_SPARE_BYTES: Final = 1024**3
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_ABOUT: Final = "batch.json"
_MEDIA: Final = "media"
_ANSWERS: Final = "answers"
_NEW: Final = ".new"
_LOCK: Final = "lock"


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it was given."""

    name: str = field(repr=False)
    file_bytes: int


@dataclass(frozen=True, slots=True)
class About:
    """What is kept of a batch besides its files; ``owner`` is a name of nobody's for its maker."""

    question: Question
    given: tuple[Given, ...]
    made_at: float
    owner: str
    has_own_key: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a clip in this ``run``."""

    run: int
    report: Report


_ABOUTS: Final = TypeAdapter(About)


class Folder:
    """The batches in ``root``, under names that tell nothing; all of it is for us alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def new(self, name: str) -> Path:
        """A place for the media of a batch, which is none before :meth:`keep`."""
        new = self._root / f"{name}{_NEW}"
        media = new / _MEDIA
        for folder in (new, media):
            folder.mkdir(mode=0o700)
        return media

    def keep(self, name: str, about: About) -> None:
        """It is a batch now, as a whole or not at all."""
        new = self._root / f"{name}{_NEW}"
        (new / _ANSWERS).mkdir(mode=0o700)
        _write(new / _ABOUT, _ABOUTS.dump_json(about))
        new.rename(self._root / name)

    def drop_new(self, name: str) -> None:
        """It is not to be one."""
        shutil.rmtree(self._root / f"{name}{_NEW}", ignore_errors=True)

    def about(self, name: str) -> About | None:
        """What is known of a batch; None where there is none."""
        if not _NAME.fullmatch(name):
            return None
        try:
            return _ABOUTS.validate_json((self._root / name / _ABOUT).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def media(self, name: str, number: int) -> Path:
        """The file of a clip."""
        return self._root / name / _MEDIA / str(number)

    def claim(self, name: str, patience_s: float) -> contextlib.AbstractContextManager[object]:
        """Have a batch that is there for this process alone, until the block or the process ends.

        Raises:
            BatchElsewhere: another process has it, for longer than ``patience_s`` seconds.
        """
        # It is let go of in another thread than this one.
        lock = FileLock(self._root / name / _LOCK, thread_local=False)
        try:
            return lock.acquire(timeout=patience_s)
        except Timeout:
            raise errors.BatchElsewhere from None

    def answered(self, name: str, number: int, answer: Answer) -> None:
        """Keep what came of a clip, in the place of what came of it before."""
        told = {"run": answer.run, "report": answer.report.as_mapping()}
        path = self._root / name / _ANSWERS / str(number)
        with contextlib.suppress(FileNotFoundError):  # it was deleted meanwhile
            _write(path, json.dumps(told, ensure_ascii=False).encode())

    def answer(self, name: str, number: int) -> Answer | None:
        """What came of a clip; None if nothing did."""
        try:
            told: Any = json.loads((self._root / name / _ANSWERS / str(number)).read_bytes())
            return Answer(int(told["run"]), Report.from_mapping(told["report"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def delete(self, name: str) -> None:
        """Leave nothing of a batch."""
        shutil.rmtree(self._root / name, ignore_errors=True)

    def outlived(self, now: float) -> Iterator[str]:
        """The batches that have been there for as long as one may."""
        for entry in list(os.scandir(self._root)):
            if entry.is_dir() and now - entry.stat().st_mtime > KEPT_S:
                about = self.about(entry.name)
                if about is None or now - about.made_at > KEPT_S:
                    yield entry.name

    def check_room(self, owner: str, coming: int, most_bytes: int, most_share_bytes: int) -> int:
        """How many bytes ``owner`` may have besides those that are there and ``coming``.

        Raises:
            ShareFull, StorageFull: there is no room.
        """
        sizes, own = 0, 0
        for entry in list(os.scandir(self._root)):
            if not entry.is_dir():
                continue
            size = _size_of(Path(entry.path))
            sizes += size
            about = self.about(entry.name)
            own += size if about is not None and about.owner == owner else 0
        if own + coming > most_share_bytes:
            raise errors.ShareFull(limit_bytes=most_share_bytes)
        free = shutil.disk_usage(self._root).free - _SPARE_BYTES
        left = min(most_bytes - sizes, free) - coming
        if left < 0:
            raise errors.StorageFull
        return min(left, most_share_bytes - own - coming)


def new_token() -> str:
    """What a visitor has to have to come to a batch."""
    return secrets.token_urlsafe(24)


def link(source: Path, target: Path) -> None:
    """Have ``source`` at ``target``, too; it is the same file where that can be had.

    Raises:
        FileGone: it is not there any more.
    """
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise errors.FileGone from None
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)


def _size_of(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _write(path: Path, told: bytes) -> None:
    """Write a file that is there as a whole or as it was before, whatever happens meanwhile."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(told)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
