"""The batches in memory, and how they come there: from their folders, and what the queue knows."""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from services import errors
from services.batch.engine import Engine
from services.batch.folder import About, Folder
from services.batch.opened import Opened, read
from services.batch.values import Clip

#: How long to wait where somebody else looks at a batch, in seconds: it takes a moment.
_CLAIM_S: Final = 2.0


class Shelf:
    """Those that somebody looks at or that are asked about are ``open``, by their names."""

    def __init__(self, folder: Folder, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        self.open: dict[str, Opened] = {}

    async def get(self, name: str, *, is_claimed: bool = False) -> Opened:
        """A batch, read anew unless it is open.

        Raises:
            BatchGone: there is none.
            BatchElsewhere: another process is at it.
            BatchesAway: nobody can tell.
        """
        if (one := self.open.get(name)) is not None:
            return one
        about = await self._about(name)
        await self._engine.start()
        if await self._engine.is_left(name):
            # By a process that is gone or is at it still: where it is, the batch is not to be had.
            with nullcontext() if is_claimed else await self.claim(name):
                await self._engine.settle(name)
        clips, latest = await self.read(name, about)
        # Somebody else may have come meanwhile.
        return self.open.setdefault(name, Opened(about, clips, latest))

    async def read(self, name: str, about: About) -> tuple[list[Clip], int]:
        """The clips of a batch as they are kept, and its latest run.

        Raises:
            BatchesAway: nobody can tell.
        """
        runs = await self._engine.runs(name)
        return await asyncio.to_thread(read, self._folder, name, about, runs)

    async def claim(self, name: str) -> AbstractContextManager[object]:
        """Have a batch for this process alone, for as long as the block lasts.

        Raises:
            BatchGone: there is none.
            BatchElsewhere: another process has it.
        """
        await self._about(name)
        return await asyncio.to_thread(self._folder.claim, name, _CLAIM_S)

    def is_running(self, name: str) -> bool:
        """Whether this process asks about a batch."""
        one = self.open.get(name)
        return one is not None and one.running is not None

    def let_go(self, name: str) -> None:
        """Keep nothing in memory of a batch at rest that nobody watches."""
        one = self.open.get(name)
        if one is not None and one.running is None and not one.watchers:
            del self.open[name]

    async def _about(self, name: str) -> About:
        about = await asyncio.to_thread(self._folder.about, name)
        if about is None:
            raise errors.BatchGone
        return about
