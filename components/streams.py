"""Who hears what: a run that nobody hears of is paid for nothing."""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

_DATA: Final = "/gradio_api/queue/data"
_CALL: Final = "/gradio_api/call/"
_MCP: Final = "/gradio_api/mcp/"
#: The header in which a model's call has a name. Gradio asks for all of them through one
#: client of its own, and hands their headers on.
MCP_CALL: Final = "x-mcp-call"


class OpenStreams:
    """The connections on which pages and programs hear of what they asked, by sessions."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def hears(self, session: str) -> bool:
        """Whether ``session`` has one."""
        return self._open[session] > 0

    def opened(self, session: str) -> None:
        """It has one more."""
        self._open[session] += 1

    def closed(self, session: str) -> None:
        """It has one less."""
        self._open[session] -= 1
        if self._open[session] <= 0:
            del self._open[session]


class Watched:
    """ASGI middleware that notes the connections in ``streams`` for as long as they are open.

    ``session_of`` knows the session of an event: a call of a program is asked after by that.
    """

    def __init__(
        self, app: ASGIApp, streams: OpenStreams, session_of: Callable[[str], str]
    ) -> None:
        self._app = app
        self._streams = streams
        self._session_of = session_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note it if it is one of these."""
        session = self._session(scope)
        if scope["type"] == "http" and scope["path"].startswith(_MCP):
            session = uuid.uuid4().hex
            kept = [one for one in scope["headers"] if one[0] != MCP_CALL.encode()]
            scope = {**scope, "headers": [*kept, (MCP_CALL.encode(), session.encode())]}
        if not session:
            await self._app(scope, receive, send)
            return
        self._streams.opened(session)
        try:
            await self._app(scope, receive, send)
        finally:
            self._streams.closed(session)

    def _session(self, scope: Scope) -> str:
        """The session that a request is to hear for; empty where it is another one."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return ""
        path: str = scope["path"]
        if path == _DATA:
            given = parse_qs(scope["query_string"].decode("latin-1"))
            return str(given.get("session_hash", [""])[0])
        return self._session_of(path.rpartition("/")[2]) if path.startswith(_CALL) else ""
