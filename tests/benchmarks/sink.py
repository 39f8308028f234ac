"""A loopback server that swallows requests faster than anyone sends: not the bottleneck."""

import contextlib
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator

ANSWER = (
    b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}'
)
RESPONSE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    + str(len(ANSWER)).encode()
    + b"\r\n\r\n"
    + ANSWER
)


@contextlib.contextmanager
def sink(answer_after_s: float = 0.0) -> Iterator[str]:
    """The origin of a sink in a process of its own."""
    context = multiprocessing.get_context("spawn")
    mine, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, answer_after_s), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{mine.recv()}"
    finally:
        process.kill()
        process.join()


def _serve(pipe, answer_after_s: float) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    pipe.send(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_swallow, args=(connection, answer_after_s), daemon=True).start()


def _swallow(connection: socket.socket, answer_after_s: float) -> None:
    buffer = bytearray(1024 * 1024)
    with connection, contextlib.suppress(ConnectionError):
        while True:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            fields, _, rest = head.partition(b"\r\n\r\n")
            if b"100-continue" in fields.lower():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = int(fields.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            left = length - len(rest)
            while left > 0:
                got = connection.recv_into(buffer, min(left, len(buffer)))
                if not got:
                    return
                left -= got
            time.sleep(answer_after_s)
            connection.sendall(RESPONSE)
