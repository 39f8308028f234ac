"""Events in batches that a browser can keep up with."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Final, TypeVar

_T = TypeVar("_T")

#: How long nothing may happen before an empty batch lets the page move its clock.
TICK_S: Final = 1.0


async def paced(
    events: AsyncGenerator[_T, None], interval_s: Callable[[], float]
) -> AsyncGenerator[list[_T], None]:
    """All events since the last batch, with ``interval_s()`` between batches.

    The first event comes at once and the last one as soon as there is no more.
    Whatever ``events`` raises is raised after the batch with its last events;
    closing this generator closes ``events``.
    """
    queue: asyncio.Queue[_T] = asyncio.Queue()

    async def pump() -> None:
        async with contextlib.aclosing(events):
            async for event in events:
                queue.put_nowait(event)

    pumping = asyncio.create_task(pump())
    try:
        while not pumping.done() or not queue.empty():
            waiting = asyncio.ensure_future(queue.get())
            try:
                await asyncio.wait(
                    {waiting, pumping}, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                waiting.cancel()
            batch = [waiting.result()] if waiting.done() and not waiting.cancelled() else []
            while not queue.empty():
                batch.append(queue.get_nowait())
            if batch or not pumping.done():
                yield batch
            await asyncio.wait({pumping}, timeout=interval_s())
        await pumping
    finally:
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)
