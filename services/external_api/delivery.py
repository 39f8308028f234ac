"""How much of a request has arrived, as far as the socket tells.

What the operating system has taken over has not arrived: it holds megabytes for a slow
line, or for a server that does not read. So it is asked what the other side's system
has confirmed. What the program over there has read of that, nobody can see from here.
"""

import asyncio
import contextlib
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol

if sys.platform == "linux":
    import fcntl
    import termios

#: How often is looked while a write lasts, in seconds.
_LOOK_S: Final = 0.1
#: After the last byte: at once, then after this share of the time that it has lasted.
#: Many slow uploads at once then cost little, and each is timed to a fiftieth.
_FIRST_LOOK_S: Final = 0.0005
_LOOK_SHARE: Final = 0.02
#: What is not known to be whole is never said to be.
_NEARLY: Final = 0.999
#: tcpi_bytes_acked in struct tcp_info, of linux/tcp.h.
_ACKED_AT: Final = 120
#: macOS's option "bytes in the send socket buffer", of its sys/socket.h.
_SO_NWRITE: Final = 0x1024


class Connection(Protocol):
    """What is written to: its socket, and the task that waits for what comes back."""

    @property
    def socket(self) -> socket.socket | None:
        """The socket, None where there is none to ask."""

    @property
    def coming(self) -> "asyncio.Task[bytes] | None":
        """Done once the other side has answered, or the connection broke."""


class Delivery:
    """How a request whose body is ``length`` bytes long arrives; ``looked`` hears of each look."""

    def __init__(self, length: int, looked: Callable[[], None]) -> None:
        self._length = length
        self._looked = looked
        self._connection: Connection | None = None
        self._before = self._written = self._handed = 0
        self._acked: int | None = None
        #: Whether the other side's system is known to have all of it.
        self.is_confirmed = False

    def begin(self, connection: Connection) -> None:
        """The request goes out on ``connection``, which may have carried others."""
        self._connection = connection
        self._before = _acknowledged(connection.socket) or 0
        self._written = 0

    def begin_body(self) -> None:
        """What was written so far was the head."""
        self._before += self._written

    def handed_over(self, count: int) -> None:
        """Our own system has taken ``count`` more bytes of the body."""
        self._handed += count

    @contextlib.contextmanager
    def writing(self, count: int) -> Iterator[None]:
        """For as long as ``count`` bytes are written."""
        self._look_again()
        try:
            yield
            self._written += count
            self._look()
        finally:
            self._timer.cancel()

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_LOOK_S, self._look_on)

    def _look_on(self) -> None:
        self._look()
        self._look_again()

    async def arrive(self) -> None:
        """Wait until all has arrived, or an answer has; not at all where nobody can tell."""
        connection, began = self._connection, time.monotonic()
        if connection is None:
            return
        while connection.coming is not None and not connection.coming.done():
            left = _unconfirmed(connection.socket)
            if not left:
                break
            self._look()
            wait_s = max((time.monotonic() - began) * _LOOK_SHARE, _FIRST_LOOK_S)
            await asyncio.wait({connection.coming}, timeout=min(wait_s, _LOOK_S))
        self._look()
        self.is_confirmed = _unconfirmed(connection.socket) == 0

    @property
    def progress(self) -> float:
        """The share of the body that is known to have arrived, else that was handed over."""
        known = self._handed if self._acked is None else self._acked
        return min(max(known, 0) / self._length, 1.0)

    def share(self, *, has_answer: bool) -> float | None:
        """The share of the body that has arrived, 0 to 1; None where nobody can tell.

        Without an answer all of it may lie there, confirmed and unread by a program
        that has gone: then nobody can tell, either.
        """
        is_over = self._handed >= self._length
        if self.is_confirmed or (is_over and self._acked is None):
            return 1.0 if has_answer else None
        return None if self._acked is None else min(self.progress, _NEARLY)

    def _look(self) -> None:
        if self._connection is not None:
            now = _acknowledged(self._connection.socket)
            if now is not None:
                self._acked = now - self._before
        self._looked()


def _unconfirmed(sock: socket.socket | None) -> int | None:
    """How many written bytes the other side's system has not confirmed; None: not known."""
    if sock is None:
        return None
    with contextlib.suppress(OSError, ValueError):  # closed in the meantime
        if sys.platform == "linux":
            # Of TCP it counts what is unsent and what is not acknowledged (tcp(7), SIOCOUTQ).
            (left,) = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)))
            return int(left)
        elif sys.platform == "darwin":  # noqa: RET505  # to mypy, which knows one system at a time
            return sock.getsockopt(socket.SOL_SOCKET, _SO_NWRITE)
    return None


def _acknowledged(sock: socket.socket | None) -> int | None:
    """How many bytes the other side's system has ever confirmed; None: not known."""
    if sock is not None and sys.platform == "linux":
        with contextlib.suppress(OSError, struct.error):  # closed, or an older system
            told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKED_AT + 8)
            (count,) = struct.unpack_from("Q", told, _ACKED_AT)
            return int(count)
    return None
