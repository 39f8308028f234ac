"""Answers that end with their client: bodies that stay alive, and work nobody waits for."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable
from typing import Final, Self, TypeVar

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.offline_api import contract

#: Nobody reads this: nginx's number for a client that closed the connection.
LEFT: Final = 499

Result = TypeVar("Result")


class LivingResponse(StreamingResponse):
    """Sends ``body``; leaves nothing of the ``work`` behind, whenever the client goes."""

    def __init__(
        self, body: AsyncGenerator[str, None], media_type: str, work: contextlib.AsyncExitStack
    ) -> None:
        super().__init__(body, media_type=media_type, headers={"cache-control": "no-cache"})
        self._body = body
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As Starlette's."""
        async with self._work, contextlib.aclosing(self._body):
            await super().__call__(scope, receive, send)


class Patient:
    """The ``texts``, and None whenever the next one is late.

    The first is late after ``first_s`` seconds, and from then on each after
    ``every_s``. Whoever cancels a wait ends the wait alone: ``aclose`` ends the texts.
    """

    def __init__(self, texts: AsyncGenerator[str, None], first_s: float, every_s: float) -> None:
        self._texts = texts
        self._patience_s = first_s
        self._every_s = every_s
        self._coming: asyncio.Future[str | None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str | None:
        if self._coming is None:
            self._coming = asyncio.ensure_future(anext(self._texts, None))
        await asyncio.wait([self._coming], timeout=self._patience_s)
        self._patience_s = self._every_s
        if not self._coming.done():
            return None
        coming, self._coming = self._coming, None
        if (text := coming.result()) is None:
            raise StopAsyncIteration
        return text

    async def aclose(self) -> None:
        """End the texts, wherever they are."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)
        await self._texts.aclose()


async def while_connected(request: Request, work: Awaitable[Result]) -> Result:
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
