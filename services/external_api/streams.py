"""Network streams that read while they write.

httpcore writes the whole request before it reads a byte. A server that refuses
early, with 413 say, and closes, then resets the connection while we write, and
its answer is lost. So the stream here reads while it writes, and stops writing
as soon as an answer has come; httpcore goes on to the answer by itself.
"""

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, Final

import anyio
import httpcore

from services.external_api.delivery import Delivery

#: How the request of the current task arrives: httpcore does not tell its streams
#: which request they carry, nor a request by which stream it goes.
DELIVERY: Final[ContextVar[Delivery | None]] = ContextVar("DELIVERY", default=None)

_READ_BYTES: Final = 64 * 1024
#: Answers of status 1xx, with their headers (RFC 9110, 15.2).
_INTERIM: Final = re.compile(rb"(?:HTTP/1\.1 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)*")
#: Probe an idle connection after half a minute: a dead peer is noticed, and the
#: boxes in between do not forget it.
_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}


def _socket_options() -> list[tuple[int, int, int]]:
    """Options for TCP connections that notice when the other side is gone."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in _KEEP_ALIVE.items():
        if hasattr(socket, name):  # not every system can be told these
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


class ReadAhead(httpcore.AnyIOBackend):
    """Makes connections whose streams read while they write."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """As httpcore's. The options are set here: for a proxy, httpcore forgets its pool's."""
        options = [*_socket_options(), *(socket_options or ())]
        return _Stream(await super().connect_tcp(host, port, timeout, local_address, options))


class _Stream(httpcore.AsyncNetworkStream):
    """A network stream that reads ahead from the first write on."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._ahead: asyncio.Task[bytes] | None = None
        self._writing: anyio.CancelScope | None = None

    @property
    def socket(self) -> socket.socket | None:
        """The socket below, None where there is none."""
        below: socket.socket | None = self._stream.get_extra_info("socket")
        return below

    @property
    def coming(self) -> "asyncio.Task[bytes] | None":
        """Reads ahead until the other side has answered; None once that was taken."""
        return self._ahead

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
    ) -> None:
        """Write ``buffer``, unless the other side has already answered.

        Raises:
            WriteError: it has; httpcore takes this as a reason to read on.
        """
        if not buffer:
            return  # so ends a body, which the answer to it may have overtaken
        delivery = DELIVERY.get()
        if self._ahead is None:
            self._ahead = asyncio.create_task(self._answer())
            self._ahead.add_done_callback(self._stop_writing)
            if delivery is not None:
                delivery.begin(self)
        if not self._ahead.done():
            watched = delivery.writing(len(buffer)) if delivery else contextlib.nullcontext()
            with anyio.CancelScope() as self._writing, watched:
                await self._stream.write(buffer, timeout)
            if not self._writing.cancelled_caught:
                self._writing = None
                return
            self._writing = None
        raise httpcore.WriteError("answered before the request was over")

    async def _answer(self) -> bytes:
        """What comes, once it is more than interim answers: they end no request."""
        read = b""
        while len(read) <= _READ_BYTES:
            more = await self._stream.read(_READ_BYTES)
            read += more
            if not more or not _INTERIM.fullmatch(read):
                break
        return read

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
