"""How files, and what is in zips, become the clips of a batch."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services import errors
from services.batch.folder import Folder, Given, link
from services.batch.values import MOST_CLIPS
from services.media.jobs.table import Unpack
from services.media.workshop.workshop import Workshop
from services.settings import Settings

#: What a zip begins with (APPNOTE.TXT 4.3.7), whatever its name is.
_ZIP: Final = b"PK\x03\x04"
_MOST_NAME: Final = 200


class Gathering:
    """Puts files into ``folder``, within the limits of ``settings``."""

    def __init__(self, folder: Folder, workshop: Workshop, settings: Settings) -> None:
        self._folder = folder
        self._workshop = workshop
        self._settings = settings

    async def gather(
        self, name: str, files: Sequence[Path], owner: str, visitor: str
    ) -> tuple[Given, ...]:
        """The files of the new batch of this ``name``, each where its number is.

        Raises:
            NoMedia, TooManyFiles, FileGone: there are none, too many, or one has gone.
            BrokenArchive, ProtectedFile, TooMuchInside: of a zip.
            ShareFull, StorageFull: there is no room for them.
        """
        if len(files) > MOST_CLIPS:
            raise errors.TooManyFiles(most=MOST_CLIPS)
        sizes, zips = await asyncio.to_thread(looked_at, files)
        room = await asyncio.to_thread(
            self._folder.check_room,
            owner,
            sum(sizes),
            self._settings.max_uploads_bytes,
            self._settings.max_share_bytes,
        )
        media = await asyncio.to_thread(self._folder.new, name)
        try:
            given: list[Given] = []
            for path, size, is_zip in zip(files, sizes, zips, strict=True):
                if is_zip:
                    found = await self._unpacked(path, media, len(given), room, visitor)
                    room -= sum(one.file_bytes for one in found)
                    given += found
                else:
                    await asyncio.to_thread(link, path, media / str(len(given)))
                    given.append(Given(path.name[-_MOST_NAME:], size))
            _check(given)
        except BaseException:
            await asyncio.to_thread(self._folder.drop_new, name)
            raise
        return tuple(given)

    async def _unpacked(
        self, path: Path, media: Path, first: int, room: int, visitor: str
    ) -> list[Given]:
        job = Unpack(
            path,
            media,
            first,
            MOST_CLIPS - first,
            room,
            min(room, self._settings.max_upload_bytes),
        )
        try:
            found = await self._workshop.do(job, visitor=visitor, is_long=True)
        except errors.TooManyFiles:
            raise errors.TooManyFiles(most=MOST_CLIPS) from None
        return [Given(one.name, one.file_bytes) for one in found]


def _check(given: Sequence[Given]) -> None:
    if not given:
        raise errors.NoMedia
    if len(given) > MOST_CLIPS:
        raise errors.TooManyFiles(most=MOST_CLIPS)


def looked_at(files: Sequence[Path]) -> tuple[list[int], list[bool]]:
    """How long each is, and whether it is a zip."""
    sizes, zips = [], []
    for path in files:
        try:
            with path.open("rb") as file:
                sizes.append(os.fstat(file.fileno()).st_size)
                zips.append(file.read(len(_ZIP)) == _ZIP)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise errors.FileGone from None
    return sizes, zips
