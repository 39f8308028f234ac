"""How bytes travel: the one module that knows httpx, set up so that nothing surprises.

No redirect is followed and no proxy of the environment is used: both would send
a person's voice elsewhere. Connections are reused and kept alive.

httpcore writes the whole request before it reads a byte. A server that refuses
early, with 413 say, and closes, then resets the connection while we write, and
its answer is lost. So the stream here reads while it writes, and stops writing
as soon as anything has been read; httpcore goes on to the answer by itself.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from typing import Any, Final, Literal

import anyio
import h11
import httpcore
import httpx
import httpx_sse

CONNECT_S: Final = 10.0
_READ_BYTES: Final = 64 * 1024
_KEPT_CONNECTIONS: Final = 20
_KEPT_S: Final = 60.0
#: Whatever httpx raises; the last is what IDNA says of a host's name.
_RAISED: Final = (
    httpx.HTTPError,
    httpx.StreamError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    UnicodeError,
)
#: Probe an idle connection after half a minute: a dead peer is noticed, and the
#: boxes in between do not forget it.
_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}


#: Where a request stands, by the names of httpcore's trace extension.
Trace = Callable[[str, Any], Awaitable[None]]

#: What went wrong on the way: the host's name has no address, TLS could not be
#: agreed on, nobody answered in time, what came is no HTTP, or anything else.
Reason = Literal["host", "tls", "time", "protocol", "broken"]


class TransportError(Exception):
    """The connection could not be made, or it broke. Says nothing of the request."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Final = reason


class Network:
    """Connections for one event loop; ``transport`` replaces them in tests.

    A connection that is not there within ``connect_s`` seconds has failed.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        connect_s: float = CONNECT_S,
    ) -> None:
        self.connect_s: Final = connect_s
        self._http = httpx.AsyncClient(
            transport=transport or _Transport(),
            timeout=httpx.Timeout(None, connect=connect_s),
            follow_redirects=False,
            trust_env=False,
            # A small answer gains nothing from compression, and a bomb loses all.
            headers={"Accept-Encoding": "identity", "User-Agent": "show-and-tell"},
        )

    async def post(
        self, url: str, headers: Mapping[str, str], body: AsyncIterator[bytes], trace: Trace
    ) -> "Reply":
        """Send ``body``, whose length is in ``headers``; return once there are headers.

        Raises:
            TransportError: no connection, or it broke on the way.
        """
        with _translated():
            request = self._http.build_request(
                "POST", url, headers=headers, content=body, extensions={"trace": trace}
            )
            return Reply(await self._http.send(request, stream=True))

    async def get(self, url: str, headers: Mapping[str, str]) -> "Reply":
        """Ask for ``url``; errors as in :meth:`post`."""
        with _translated():
            request = self._http.build_request("GET", url, headers=headers)
            return Reply(await self._http.send(request, stream=True))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()


class Reply:
    """A response whose body is still to be read."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status_code

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return self._response.is_success

    def header(self, name: str) -> str:
        """A header's value in lower case, empty where there is none."""
        value: str = self._response.headers.get(name, "")
        return value.strip().lower()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes, compressed if it is.

        Raises:
            TransportError: the connection broke.
        """
        with _translated():
            async for piece in self._response.aiter_raw():
                yield piece

    async def aclose(self) -> None:
        """Close the connection, unless the body was read to its end."""
        await self._response.aclose()


async def event_data(pieces: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """The data of each event in ``pieces`` of an event stream, if it has any.

    The stream is UTF-8 whatever charset was claimed
    (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    """
    clean = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=pieces)
    async with contextlib.aclosing(httpx_sse.EventSource(clean).aiter_sse()) as events:
        async for event in events:
            if data := event.data.strip():
                yield data


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _RAISED as error:
        # `from None`: the cause holds the request, and with it the key.
        raise TransportError(_reason(error)) from None


def _reason(error: BaseException) -> Reason:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    if any(
        isinstance(cause, socket.gaierror | httpx.InvalidURL | UnicodeError) for cause in causes
    ):
        return "host"
    if isinstance(error, httpx.ConnectTimeout):
        return "time"
    if isinstance(error, httpx.ConnectError):
        return "tls" if any(isinstance(cause, ssl.SSLError) for cause in causes) else "broken"
    # h11 found fault with the bytes; it has no say where none came.
    if isinstance(error, httpx.RemoteProtocolError) and isinstance(causes[-1], h11.ProtocolError):
        return "protocol"
    return "broken"


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a pool with our streams.

    httpx has no parameter for the streams of its pool, so the pool is replaced.
    """

    def __init__(self) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=None,
            max_keepalive_connections=_KEPT_CONNECTIONS,
            keepalive_expiry=_KEPT_S,
            socket_options=_socket_options(),
            network_backend=_Backend(),
        )


def _socket_options() -> list[tuple[int, int, int]]:
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in _KEEP_ALIVE.items():
        if hasattr(socket, name):  # not every system can be told these
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


class _Backend(httpcore.AnyIOBackend):
    """Makes connections whose streams read while they write."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """As httpcore's."""
        return _Stream(
            await super().connect_tcp(host, port, timeout, local_address, socket_options)
        )


class _Stream(httpcore.AsyncNetworkStream):
    """A network stream that reads ahead from the first write on."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._ahead: asyncio.Task[bytes] | None = None
        self._writing: anyio.CancelScope | None = None

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
    ) -> None:
        """Write ``buffer``, unless the other side has already answered.

        Raises:
            WriteError: it has; httpcore takes this as a reason to read on.
        """
        if self._ahead is None:
            self._ahead = asyncio.create_task(self._stream.read(_READ_BYTES))
            self._ahead.add_done_callback(self._stop_writing)
        if not self._ahead.done():
            with anyio.CancelScope() as self._writing:
                await self._stream.write(buffer, timeout)
            if not self._writing.cancelled_caught:
                self._writing = None
                return
            self._writing = None
        raise httpcore.WriteError("answered before the request was over")

    def _stop_writing(self, _: "asyncio.Task[bytes]") -> None:
        if self._writing is not None:
            self._writing.cancel()

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
    ) -> bytes:
        """What was read ahead, else what comes next."""
        if self._ahead is None:
            return await self._stream.read(max_bytes, timeout)
        ahead, self._ahead = self._ahead, None
        return await ahead

    async def aclose(self) -> None:
        """Close, and stop reading."""
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
    ) -> httpcore.AsyncNetworkStream:
        """As httpcore's."""
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """As httpcore's."""
        return self._stream.get_extra_info(info)
