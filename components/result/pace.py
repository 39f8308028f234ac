"""What a run tells, in batches that a browser can keep up with: the one place that paces."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

News = TypeVar("News")
Outcome = TypeVar("Outcome")

#: How long nothing may happen before an empty batch lets the page move its clock.
TICK_S: Final = 1.0
#: How many batches a second all runs have together: each is rendered on the one event loop, which
#: has to answer everybody else too.
ALL_PER_S: Final = 120

_under_way: Final[set[asyncio.Task[object]]] = set()


@dataclass(frozen=True, slots=True)
class Batch(Generic[News, Outcome]):
    """What was told since the last batch; the last one of a run has its ``outcome``."""

    events: tuple[News, ...]
    outcome: Outcome | None = None


async def paced(
    run: Callable[[Callable[[News], None]], Awaitable[Outcome]], interval_s: Callable[[], float]
) -> AsyncGenerator[Batch[News, Outcome], None]:
    """What ``run`` tells, with ``interval_s()`` between batches, or more where many run.

    The first event comes at once and the outcome as soon as it is there. Whatever
    ``run`` raises is raised; closing this generator cancels ``run``. One that is
    cancelled by somebody else ends without an outcome.
    """
    events: list[News] = []
    news = asyncio.Event()

    def tell(event: News) -> None:
        events.append(event)
        news.set()

    async def go() -> Outcome:
        return await run(tell)

    def at_least(interval_s: float) -> float:
        return max(interval_s, len(_under_way) / ALL_PER_S)

    running = asyncio.create_task(go())
    _under_way.add(running)
    running.add_done_callback(lambda _: news.set())
    try:
        while not running.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(at_least(TICK_S)):
                    await news.wait()
            news.clear()
            if running.done():
                break
            batch, events[:] = tuple(events), []
            yield Batch(batch)
            await asyncio.wait({running}, timeout=at_least(interval_s()))
        if not running.cancelled():
            yield Batch(tuple(events), running.result())
    finally:
        _under_way.discard(running)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
