"""Who is here: what is done for a visitor ends as soon as they stop it or leave.

Gradio notices a closed tab at a handler's next yield, and leaves a handler that
was stopped between two views as it is until it is collected. A model bills by
the second: so the work itself is cancelled, wherever it stands.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TypeVar

_T = TypeVar("_T")


class Visits:
    """The running work of each visitor, by Gradio's hash of the session."""

    def __init__(self) -> None:
        self._work: dict[str, set[asyncio.Task[None]]] = {}

    async def staying(
        self, visitor: str | None, events: AsyncGenerator[_T, None]
    ) -> AsyncGenerator[_T, None]:
        """``events``, whose reading task is cancelled once ``visitor`` is gone."""
        task = asyncio.current_task()
        assert task is not None  # an asynchronous generator is read in one
        work = self._work.setdefault(visitor or "", set())
        work.add(task)
        try:
            async with contextlib.aclosing(events):
                async for event in events:
                    yield event
        finally:
            work.discard(task)
            if not work and self._work.get(visitor or "") is work:
                del self._work[visitor or ""]

    def gone(self, visitor: str | None) -> None:
        """``visitor`` pressed Stop or left: cancel what is done for them."""
        for task in self._work.get(visitor or "", set()):
            task.cancel()
