"""How bytes travel: the one module that knows httpx, set up so that nothing surprises.

No redirect is followed and no proxy of the environment is used: both would send
a person's voice elsewhere. The one that the host names is. Connections are reused and
kept alive.
The streams below httpx are ours: see :mod:`services.external_api.streams`.
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
    Iterator,
    Mapping,
)
from typing import Any, Final, Literal

import h11
import httpcore
import httpx
import httpx_sse
from pydantic import SecretStr

from services.external_api.delivery import Delivery
from services.external_api.streams import DELIVERY, ReadAhead
from services.external_api.trust import usual

CONNECT_S: Final = 10.0
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

    A connection that is not there within ``connect_s`` seconds has failed. ``tls``
    decides whose certificates are believed. All connections go by ``proxy``, an http
    or https URL that may carry a name and a password, if there is one.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        connect_s: float = CONNECT_S,
        tls: ssl.SSLContext | None = None,
        proxy: SecretStr | None = None,
    ) -> None:
        self.connect_s: Final = connect_s
        self.has_proxy: Final = proxy is not None
        self._http = httpx.AsyncClient(
            transport=transport or _Transport(tls or usual(), proxy),
            timeout=httpx.Timeout(None, connect=connect_s),
            follow_redirects=False,
            trust_env=False,
            # A small answer gains nothing from compression, and a bomb loses all.
            headers={"Accept-Encoding": "identity", "User-Agent": "show-and-tell"},
        )

    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: AsyncIterator[bytes],
        trace: Trace,
        delivery: Delivery,
    ) -> "Reply":
        """Send ``body``, whose length is in ``headers``; return once there are headers.

        Raises:
            TransportError: no connection, or it broke on the way.
        """
        # A proxy may take the call and open no tunnel: that is no connection either.
        limit_s = self.connect_s if self.has_proxy else None
        token = DELIVERY.set(delivery)
        try:
            with _translated():
                async with asyncio.timeout(limit_s) as limit:
                    own = _own(trace, lambda: limit.reschedule(None))
                    request = self._http.build_request(
                        "POST", url, headers=headers, content=body, extensions={"trace": own}
                    )
                    return Reply(await self._http.send(request, stream=True))
        finally:
            DELIVERY.reset(token)

    async def get(self, url: str, headers: Mapping[str, str]) -> "Reply":
        """Ask for ``url``; errors as in :meth:`post`."""
        with _translated():
            request = self._http.build_request("GET", url, headers=headers)
            return Reply(await self._http.send(request, stream=True))

    async def post_json(self, url: str, payload: Mapping[str, str]) -> "Reply":
        """Send a ``payload`` so small that nobody asks how far it is; errors as in :meth:`post`."""
        with _translated():
            request = self._http.build_request("POST", url, json=payload)
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
        return self.exact(name).lower()

    def exact(self, name: str) -> str:
        """A header's value as it came, empty where there is none."""
        value: str = self._response.headers.get(name, "")
        return value.strip()

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


def _own(trace: Trace, connected: Callable[[], None]) -> Trace:
    """``trace`` without the request that opens a tunnel through a proxy: a part of connecting."""
    is_tunnel = False

    async def traced(event: str, info: Any) -> None:
        nonlocal is_tunnel
        if event == "http11.send_request_headers.started":
            is_tunnel = info["request"].method == b"CONNECT"
            if not is_tunnel:
                connected()
        if not is_tunnel:
            await trace(event, info)

    return traced


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
    except TimeoutError:
        raise TransportError("time") from None
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

    def __init__(self, tls: ssl.SSLContext, proxy: SecretStr | None) -> None:
        super().__init__(verify=tls, trust_env=False)
        pool: dict[str, Any] = {
            "ssl_context": tls,
            "max_connections": None,
            "max_keepalive_connections": _KEPT_CONNECTIONS,
            "keepalive_expiry": _KEPT_S,
            "network_backend": ReadAhead(),
        }
        if proxy is None:
            self._pool = httpcore.AsyncConnectionPool(**pool)
            return
        # httpx reads the name and the password out of the URL.
        way = httpx.Proxy(proxy.get_secret_value(), ssl_context=tls)
        self._pool = httpcore.AsyncHTTPProxy(
            proxy_url=str(way.url),
            proxy_auth=way.raw_auth,
            proxy_ssl_context=tls if way.url.scheme == "https" else None,
            **pool,
        )
