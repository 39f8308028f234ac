"""One folder for everything temporary of this process; what others left is swept away.

A process that is killed leaves its folder. The next one finds that nobody holds its
lock any more, and removes it.
"""

import contextlib
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_NAME: Final = "show-and-tell"
_LASTING: Final = "show-and-tell-batches"
_LOCK: Final = ".lock"
_SHARED: Final = "shared"


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of this process, where its temporary files are made while the block lasts.

    Raises:
        OSError: there is no room, no right, or somebody else's folder in its place.
    """
    root = _root()
    sweep(root)
    name = secrets.token_hex(8)
    before = tempfile.tempdir
    with FileLock(root / f"{name}{_LOCK}"):
        folder = root / name
        folder.mkdir(mode=0o700)
        tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = before
            shutil.rmtree(folder, ignore_errors=True)
    (root / f"{name}{_LOCK}").unlink(missing_ok=True)


@contextlib.contextmanager
def lasting_folder(root: Path | None = None, *, is_shared: bool = False) -> Iterator[Path]:
    """A folder that outlasts this process, which alone has it while the block lasts.

    It is the first in ``root`` that nobody has, by default beside what is temporary: a process
    that is started again finds what the one before it left. One that ``is_shared`` all processes
    have.

    Raises:
        OSError: as :func:`temporary_folder`.
    """
    if root is None:
        root = _root(_LASTING)
    else:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_shared:
        folder = root / _SHARED
        folder.mkdir(mode=0o700, exist_ok=True)
        yield folder
        return
    for number in itertools.count():
        lock = FileLock(root / f"{number}{_LOCK}")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        try:
            folder = root / str(number)
            folder.mkdir(mode=0o700, exist_ok=True)
            yield folder
        finally:
            # Who has it open already finds, once they have it, that it is no file any more.
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()
        return


def sweep(root: Path) -> None:
    """Remove the folders in ``root`` whose processes are gone."""
    for folder in root.iterdir():
        if not folder.is_dir():
            continue
        # Whoever has such a folder took its lock before.
        lock = FileLock(root / f"{folder.name}{_LOCK}")
        with contextlib.suppress(Timeout), lock.acquire(timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
            Path(lock.lock_file).unlink(missing_ok=True)


def _root(name: str = _NAME) -> Path:
    """The one place of all our processes of this user."""
    user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""
    root = Path(tempfile.gettempdir()) / f"{name}{user}"
    root.mkdir(mode=0o700, exist_ok=True)
    # Anybody may make a folder of any name there.
    if root.is_symlink() or (user and root.stat().st_uid != os.getuid()):
        raise PermissionError(f"{root} belongs to somebody else")
    return root
