"""Unpacking a zip: a stranger's, so that nothing in it decides where anything is written."""

import zipfile
import zlib
from lzma import LZMAError
from typing import Final

from services import errors
from services.media.jobs.table import Unpack, Unpacked
from services.media.workshop.worker import Teller

_BLOCK: Final = 1024 * 1024
_ENCRYPTED: Final = 0x1
_MOST_NAME: Final = 200
#: What a Mac and a Windows put beside files.
_BESIDE: Final = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


def unpack(job: Unpack, tell: Teller) -> tuple[Unpacked, ...]:
    """Write each file in the zip under a number of ours.

    Names are told and never used as paths. A link is a file of a few bytes, those of the path
    that it leads to, as everything is a file here: nothing is followed.
    """
    try:
        return _unpacked(job, tell)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, zlib.error, LZMAError):
        raise errors.BrokenArchive from None
    except OSError as error:
        if error.errno is not None:  # the disk's
            raise
        raise errors.BrokenArchive from None  # of bz2, which has no class of its own


def _unpacked(job: Unpack, tell: Teller) -> tuple[Unpacked, ...]:
    done: list[Unpacked] = []
    total = 0
    with zipfile.ZipFile(job.path) as archive:
        entries = [one for one in archive.infolist() if _is_wanted(one)]
        if len(entries) > job.most_files:
            raise errors.TooManyFiles(most=job.most_files)
        for number, entry in enumerate(entries, job.first):
            if entry.flag_bits & _ENCRYPTED:
                raise errors.ProtectedFile
            size = 0
            # By what comes out of it, whatever it says of its size.
            with archive.open(entry) as source, (job.folder / str(number)).open("xb") as sink:
                while block := source.read(_BLOCK):
                    size += len(block)
                    total += len(block)
                    if size > job.most_file_bytes or total > job.most_bytes:
                        raise errors.TooMuchInside
                    sink.write(block)
                    tell.read(0.0, total)
            done.append(Unpacked(_name(entry.filename), size))
    return tuple(done)


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    """Whether it is a file that a person put there."""
    parts = _plain(entry.filename).split("/")
    return not entry.is_dir() and not any(
        part in _BESIDE or (part.startswith(".") and part.strip(".")) for part in parts
    )


def _plain(told: str) -> str:
    """A name with the separators of zips; some programs write those of Windows."""
    return told.replace("\\", "/")


def _name(told: str) -> str:
    """The last part of a name, in letters that can be shown."""
    last = _plain(told).rsplit("/", 1)[-1]
    return "".join(one if one.isprintable() else "_" for one in last)[-_MOST_NAME:]
