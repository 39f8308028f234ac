"""Only what the page and the documented programs need is reached from outside.

Gradio 6.31 brings some sixty routes: one runs the PATH's ffmpeg on a stranger's bytes, one
fetches any address of the web, others edit the app's own source. Whatever is not on this list
is not there, also when an upgrade brings more.
"""

import contextlib
import re
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is read, and what is sent; each path is matched as a whole.
_READ: Final = re.compile(
    r"/|/config/?|/(static|assets|svelte)/.+|/(favicon\.ico|theme\.css|robots\.txt)"
    r"|/gradio_api/(info/?|openapi\.json|startup-events|theme\.css|app_id/?|upload_progress"
    r"|queue/data|heartbeat/[\w-]+|call/(v2/)?\w+/\w+)"
    # A file that was uploaded here, or made of one, and not an address of the web.
    r"|/gradio_api/file=(?!https?:).+",
    re.IGNORECASE,
)
#: ``run/predict`` is where the page sends what needs no queue; Gradio takes nothing else there.
_SENT: Final = re.compile(
    r"/gradio_api/(upload|queue/join|cancel|reset/?|run/predict|call/(v2/)?\w+/?)"
)
_MCP: Final = re.compile(r"/gradio_api/mcp(/.*)?")

#: The largest body that is no upload, in bytes: a conversation of a million letters, twice over.
#: As much of the worst kind (`1,1,…`) takes 0.3 s, of which others notice less than 0.1 s.
MOST_BODY_BYTES: Final = 4 * 1024 * 1024


class _TooLarge(ClientDisconnect):
    """A body went past the limit while it was read: no more of it is, as if the client had left."""


class Gate:
    """ASGI middleware: what is not on the list is 404, what is too large 413.

    ``own`` are the paths of our own routes; ``mcp`` says whether models are served, too.
    Uploads have a limit of their own.
    """

    def __init__(self, app: ASGIApp, own: Iterable[str], *, mcp: bool) -> None:
        self._app = app
        self._own = frozenset(own)
        self._mcp = mcp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and self.lets_through(scope["method"], scope["path"]):
            await self._bounded(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse("Not found", 404)(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    def lets_through(self, method: str, path: str) -> bool:
        """Whether a request may pass; a question before another origin's request as that does."""
        if path in self._own or (self._mcp and _MCP.fullmatch(path)):
            return True
        listed = {"GET": (_READ,), "HEAD": (_READ,), "POST": (_SENT,), "OPTIONS": (_READ, _SENT)}
        return any(one.fullmatch(path) for one in listed.get(method, ()))

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/upload") or scope["path"] in self._own:
            await self._app(scope, receive, send)
            return
        too_large = PlainTextResponse("Too large", 413)
        if int(Headers(scope=scope).get("content-length", "0")) > MOST_BODY_BYTES:
            await too_large(scope, receive, send)
            return
        read, is_answered = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BODY_BYTES:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal is_answered
            if read > MOST_BODY_BYTES and not is_answered:
                return  # what the app makes of that is not what the visitor is to be told
            is_answered = True
            await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, noted)
        if not is_answered:
            await too_large(scope, receive, send)
