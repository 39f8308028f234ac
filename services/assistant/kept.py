"""What was made of files, kept for a while: a follow-up question makes nothing anew."""

import asyncio
import contextlib
import os
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from services.media.forms import file_name
from services.media.values import Sendable

#: How long after its last use, in seconds: people think before they ask on.
KEPT_S: Final = 600.0
#: How many bytes in all; the oldest go first.
MOST_BYTES: Final = 256 * 1024 * 1024


@dataclass(slots=True)
class _One:
    """A file of ours, and what will remove it."""

    made: Sendable
    timer: asyncio.TimerHandle


class Kept:
    """Made files by what they were made of; whoever takes one gets a link of their own.

    They lie in ``folder``, else among all that is temporary, under names that nobody guesses:
    who was told of one may have it.
    """

    def __init__(
        self,
        kept_s: float = KEPT_S,
        most_bytes: int = MOST_BYTES,
        folder: Path | None = None,
    ) -> None:
        self._kept_s = kept_s
        self._most_bytes = most_bytes
        self._folder = folder
        self._kept: OrderedDict[Hashable, _One] = OrderedDict()

    def take(self, key: Hashable, place: Path) -> Sendable | None:
        """What is kept under ``key``, at ``place``; None where nothing is."""
        one = self._kept.get(key)
        if one is None:
            return None
        try:
            os.link(one.made.path, place)
        except OSError:  # somebody swept up
            self._drop(key)
            return None
        one.timer.cancel()
        one.timer = self._later(key)
        self._kept.move_to_end(key)
        return replace(one.made, path=place, kept_at=one.made.path)

    def keep(self, key: Hashable, made: Sendable) -> Sendable:
        """``made``, kept under ``key`` where there is room for it."""
        if made.facts.file_bytes > self._most_bytes:
            return made
        folder = self._folder or Path(tempfile.gettempdir())
        path = folder / f"kept-{secrets.token_hex(16)}{Path(file_name(made.format)).suffix}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.link(made.path, path)
        except OSError:  # a file system without hard links: then it is made again
            return made
        self._drop(key)
        self._kept[key] = _One(replace(made, path=path), self._later(key))
        while sum(one.made.facts.file_bytes for one in self._kept.values()) > self._most_bytes:
            self._drop(next(iter(self._kept)))
        return replace(made, kept_at=path)

    def clear(self) -> None:
        """Remove all."""
        for key in list(self._kept):
            self._drop(key)

    def _later(self, key: Hashable) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self._kept_s, self._drop, key)

    def _drop(self, key: Hashable) -> None:
        if (one := self._kept.pop(key, None)) is not None:
            one.timer.cancel()
            with contextlib.suppress(OSError):
                one.made.path.unlink()
