"""What a run tells, in batches that a browser can keep up with: the one place that paces."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from services.assistant import Event, Tell

Outcome = TypeVar("Outcome")

#: How long nothing may happen before an empty batch lets the page move its clock.
TICK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Batch(Generic[Outcome]):
    """What was told since the last batch; the last one of a run has its ``outcome``."""

    events: tuple[Event, ...]
    outcome: Outcome | None = None


async def paced(
    run: Callable[[Tell], Awaitable[Outcome]], interval_s: Callable[[], float]
) -> AsyncGenerator[Batch[Outcome], None]:
    """What ``run`` tells, with ``interval_s()`` between batches.

    The first event comes at once and the outcome as soon as it is there. Whatever
    ``run`` raises is raised; closing this generator cancels ``run``. One that is
    cancelled by somebody else ends without an outcome.
    """
    events: list[Event] = []
    news = asyncio.Event()

    def tell(event: Event) -> None:
        events.append(event)
        news.set()

    async def go() -> Outcome:
        return await run(tell)

    running = asyncio.create_task(go())
    running.add_done_callback(lambda _: news.set())
    try:
        while not running.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await news.wait()
            news.clear()
            if running.done():
                break
            batch, events[:] = tuple(events), []
            yield Batch(batch)
            await asyncio.wait({running}, timeout=interval_s())
        if not running.cancelled():
            yield Batch(tuple(events), running.result())
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
