"""Only what the page and the documented programs need is reached from outside.

Gradio 6.31 brings some sixty routes: one runs the PATH's ffmpeg on a stranger's bytes, one
fetches any address of the web, others edit the app's own source. Whatever is not on this list
is not there, also when an upgrade brings more.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
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
#: Where files come in.
UPLOAD: Final = "/gradio_api/upload"
#: Where models come in, their files with them.
MCP: Final = re.compile(r"/gradio_api/mcp(/.*)?")

#: What Gradio asks itself at its start.
_GRADIOS_OWN: Final = frozenset({("GET", "/gradio_api/startup-events"), ("HEAD", "/")})

#: The largest body that is no upload, in bytes: a conversation of a million letters, twice over.
#: As much of the worst kind (`1,1,…`) takes 0.3 s, of which others notice less than 0.1 s.
MOST_BODY_BYTES: Final = 4 * 1024 * 1024
#: The same of a model's, which has its file within: a quarter of an hour of mp3.
MOST_MCP_BYTES: Final = 16 * 1024 * 1024
#: What a form has around its file.
_FORM_BYTES: Final = 64 * 1024
#: How many parts a form may have, the end of it included: the page and the clients send a file
#: at a time.
MOST_PARTS: Final = 17
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)')
#: A body may begin this late, in seconds, and after that has to come at this rate, in bytes a
#: second: a tenth of what the slowest telephone sends.
PATIENCE_S: Final = 60.0
SLOWEST: Final = 1000


class _Parts:
    """Counts the parts of a form as its bytes come: each is a file on the disk."""

    def __init__(self, content_type: str) -> None:
        found = _BOUNDARY.search(content_type)
        self._mark = f"--{found[1]}".encode() if found else b""
        self._rest = b""
        self.count = 0

    def read(self, body: bytes) -> None:
        """Take more of the form."""
        if self._mark:
            text = self._rest + body
            self.count += text.count(self._mark)
            self._rest = text[-(len(self._mark) - 1) :]


class _Ended(ClientDisconnect):
    """No more of a body is read, as if the client had left; what it is told has a status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__()
        self.answer = _answer(status, {"Connection": "close"})


def _answer(status: HTTPStatus, headers: dict[str, str] | None = None) -> PlainTextResponse:
    return PlainTextResponse(status.phrase, status, headers)


class Gate:
    """ASGI middleware: what is not on the list is 404, what is too large 413, too slow 408.

    Everything is 503 until ``is_open``: Gradio serves before what it serves is set right.
    ``own`` are the paths of our own routes; ``mcp`` says whether models are served, too.
    An upload may have ``most_upload_bytes``. What a page of another origin has a visitor's
    browser send is 403: it would spend the host's money with the visitor's address.
    """

    def __init__(
        self,
        app: ASGIApp,
        own: Iterable[str],
        *,
        mcp: bool,
        most_upload_bytes: int,
        is_open: Callable[[], bool],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._app = app
        self._is_open = is_open
        self._own = frozenset(own)
        self._mcp = mcp
        self._most_upload_bytes = most_upload_bytes + _FORM_BYTES
        self._patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif not self._is_open() and (scope["method"], scope["path"]) not in _GRADIOS_OWN:
            await _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"})(
                scope, receive, send
            )
        elif not self.lets_through(scope["method"], scope["path"]):
            await _answer(HTTPStatus.NOT_FOUND)(scope, receive, send)
        elif scope["method"] == "POST" and self._is_from_elsewhere(scope):
            await _answer(HTTPStatus.FORBIDDEN)(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    def lets_through(self, method: str, path: str) -> bool:
        """Whether a request may pass."""
        if path in self._own or (self._mcp and MCP.fullmatch(path)):
            return True
        listed = {"GET": (_READ,), "HEAD": (_READ,), "POST": (_SENT,)}
        return any(one.fullmatch(path) for one in listed.get(method, ()))

    def _is_from_elsewhere(self, scope: Scope) -> bool:
        """Whether a browser says that a page of another origin sends it; programs say nothing."""
        told = Headers(scope=scope).get("sec-fetch-site", "none")
        return told not in ("same-origin", "none") and scope["path"] not in self._own

    def _most_bytes(self, path: str) -> int:
        if path == UPLOAD:
            return self._most_upload_bytes
        return MOST_MCP_BYTES if MCP.fullmatch(path) else MOST_BODY_BYTES

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        most_bytes = self._most_bytes(scope["path"])
        too_large = _Ended(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if int(Headers(scope=scope).get("content-length", "0")) > most_bytes:
            await too_large.answer(scope, receive, send)
            return
        read, is_whole, is_answered = 0, False, False
        ended: _Ended | None = None
        began = time.monotonic()
        is_form = scope["path"] == UPLOAD
        parts = _Parts(Headers(scope=scope).get("content-type", "") if is_form else "")

        async def counted() -> Message:
            nonlocal read, is_whole, ended
            if is_whole:
                return await receive()  # which waits until the client leaves
            late = began + self._patience_s + read / SLOWEST - time.monotonic()
            try:
                async with asyncio.timeout(late):
                    message = await receive()
            except TimeoutError:
                ended = _Ended(HTTPStatus.REQUEST_TIMEOUT)
                raise ended from None
            read += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            parts.read(message.get("body", b""))
            if read > most_bytes or parts.count > MOST_PARTS:
                ended = too_large
                raise ended
            return message

        async def noted(message: Message) -> None:
            nonlocal is_answered
            if ended is not None and not is_answered:
                return  # what the app makes of that is not what the visitor is to be told
            is_answered = True
            await send(message)

        with contextlib.suppress(_Ended):
            await self._app(scope, counted, noted)
        if ended is not None and not is_answered:
            await ended.answer(scope, receive, send)
