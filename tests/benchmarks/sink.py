"""A loopback server that swallows requests faster than anyone sends: not the bottleneck."""

import contextlib
import functools
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from tests.capture import completion, http

#: Answers one request that was read to its end.
Answer = Callable[[socket.socket], None]

_OK: Final = http(completion("ok", id="1", created=1, model="m"), "application/json")
_NONE_HERE: Final = http("{}", "application/json", 404)
_PIECE_BYTES: Final = 1024 * 1024


def sink(tell: Callable[[Any], None], answer_after_s: float = 0.0) -> None:
    """Swallow every request; say "ok" ``answer_after_s`` seconds after its last byte."""
    listen(tell, functools.partial(_say_ok, answer_after_s))


def listen(tell: Callable[[Any], None], answer: Answer) -> None:
    """Serve chat completions for ever on a free loopback port, which it tells."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    tell(listener.getsockname()[1])
    buffer = memoryview(bytearray(_PIECE_BYTES))  # one for all: nobody reads what is in it
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_serve, args=(connection, buffer, answer), daemon=True).start()


def _say_ok(after_s: float, connection: socket.socket) -> None:
    time.sleep(after_s)
    connection.sendall(_OK)


def _serve(connection: socket.socket, buffer: memoryview, answer: Answer) -> None:
    with connection, contextlib.suppress(ConnectionError):
        while head := _head(connection):
            fields, _, rest = head.partition(b"\r\n\r\n")
            if b"100-continue" in fields.lower():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            _, _, length = fields.lower().partition(b"content-length:")
            left = int(length.split(b"\r\n")[0] or 0) - len(rest)
            while left > 0:
                got = connection.recv_into(buffer, min(left, len(buffer)), socket.MSG_TRUNC)
                if not got:
                    return
                left -= got
            if head.startswith(b"GET"):
                connection.sendall(_NONE_HERE)
            else:
                answer(connection)


def _head(connection: socket.socket) -> bytes:
    """The bytes up to the end of the headers, and what came with them; empty at the end."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return b""
        head += piece
    return head
