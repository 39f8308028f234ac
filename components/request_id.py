"""A name for each request, by which the lines of a log that are about it are found."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final = "x-request-id"
#: What a proxy may call a request: as long as a UUID at least, so that no two have the same, and
#: nothing that a log or a header could take for something else.
_SANE: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")

_current: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def about(request_id: str) -> Iterator[None]:
    """What is logged in the block, and by what it starts, is about that request."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


class NamesRequest(logging.Filter):
    """Gives each line of a log the name of the request that it is about, where there is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass."""
        if name := _current.get():
            record.request_id = name
        return True


class Named:
    """ASGI middleware that names each request, and tells the name in the answer.

    It is the one that a proxy has given it, where ``is_proxy_trusted``; a name that anybody else
    gives is not taken: theirs could be another's. From here on the request has it among its
    headers, where also those find it who work on it after it was answered.
    """

    def __init__(self, app: ASGIApp, *, is_proxy_trusted: bool) -> None:
        self._app = app
        self._is_proxy_trusted = is_proxy_trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its name."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get(REQUEST_ID, "")
        name = told if self._is_proxy_trusted and _SANE.fullmatch(told) else uuid4().hex
        header = REQUEST_ID.encode()
        others = [one for one in scope["headers"] if one[0] != header]

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = name
            await send(message)

        with about(name):
            named = {**scope, "headers": [*others, (header, name.encode())]}
            await self._app(named, receive, send_named)
