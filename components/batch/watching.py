"""A batch, followed for whoever is there to see it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from components.session import Sessions
from services.batch import Batch, Batches
from services.errors import BatchError

#: The least time between two views, in seconds: of hundreds of files each is long.
_INTERVAL_S: Final = 0.5


async def watched(
    batches: Batches, sessions: Sessions, token: str, visitor: str
) -> AsyncGenerator[Batch, None]:
    """The batch of ``token`` as it is, then each time that it has changed, until it rests.

    It ends as well when ``visitor`` has left; what the batch costs meanwhile is theirs.

    Raises:
        BatchError: it cannot be had.
    """
    latest: list[Batch] = []
    news = asyncio.Event()

    async def follow() -> None:
        paid: float | None = None
        async for batch in batches.watch(token):
            sessions.spent(visitor, batch.cost - (batch.cost if paid is None else paid))
            paid = batch.cost
            latest[:] = [batch]
            news.set()

    following = asyncio.create_task(sessions.working(visitor, follow(), heard_by=visitor))
    following.add_done_callback(lambda _: news.set())
    try:
        while True:
            await news.wait()
            news.clear()
            is_over = following.done()
            if latest:
                yield latest.pop()
            if is_over:
                break
            await asyncio.wait([following], timeout=_INTERVAL_S)
    finally:
        following.cancel()
        outcome = (await asyncio.gather(following, return_exceptions=True))[0]
    if isinstance(outcome, BatchError):
        raise outcome
