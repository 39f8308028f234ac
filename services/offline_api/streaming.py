"""Answers that end with their client: streams that stay alive, and work nobody waits for."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.offline_api import contract

#: Nobody reads this: nginx's number for a client that closed the connection.
LEFT: Final = 499

Result = TypeVar("Result")


class EventStream(StreamingResponse):
    """Sends ``events``; leaves nothing of the ``work`` behind, whenever the client goes."""

    def __init__(self, events: AsyncGenerator[str, None], work: contextlib.ExitStack) -> None:
        super().__init__(
            events, media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )
        self._events = events
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As Starlette's."""
        with self._work:
            async with contextlib.aclosing(self._events):
                await super().__call__(scope, receive, send)


async def or_none(
    texts: AsyncGenerator[str, None], every_s: float
) -> AsyncGenerator[str | None, None]:
    """``texts``, and None each time the next one is ``every_s`` seconds late."""
    coming = None
    try:
        while True:
            coming = asyncio.ensure_future(anext(texts, None))
            while not (await asyncio.wait([coming], timeout=every_s))[0]:
                yield None
            if (text := coming.result()) is None:
                return
            yield text
    finally:
        # A text that is cancelled on its way ends its generator by itself.
        if coming is None or not coming.cancel():
            await texts.aclose()


async def while_connected(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of ``work``, which is cancelled when the client closes the connection."""

    async def leave() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(leave())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise contract.Refusal(LEFT, "The client closed the connection.")
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
