"""Upload and waiting told apart, beside what the other side knows: the truth.

A server reads at the pace of a slow line, out of a small buffer, and tells when it had
the first byte and the last. What this client says of the same request stands beside it.
"""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from services.external_api.bill import Tally
from services.external_api.client import Client
from services.external_api.exchange import Exchange
from services.external_api.request import chat_request
from services.media.values import MediaFacts, Sendable
from tests.benchmarks import report
from tests.benchmarks.clients import KEY, LIMIT_S, MODEL, PROMPT, media
from tests.benchmarks.options import Options
from tests.benchmarks.processes import served
from tests.capture import completion, http, reset_socket

#: 8 Mbit/s.
BYTES_PER_S: Final = 1_000_000
THINK_S: Final = 0.5
_BUFFER: Final = 16 * 1024
_PIECE: Final = 4096
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """How a server reads: ``late_s`` after the connection, at a pace, up to a share."""

    body_mb: float
    late_s: float = 0.0
    bytes_per_s: float = BYTES_PER_S
    share: float = 1.0


CASES: Final = {
    "1 MB, read two seconds late": Line(1.0, late_s=2.0, bytes_per_s=1e9),
    "1.4 MB on 8 Mbit/s": Line(1.4),
    "5.6 MB on 8 Mbit/s": Line(5.6),
    "11 MB on 8 Mbit/s": Line(11.0),
    "5.6 MB on 8 Mbit/s, cut after 67 %": Line(5.6, share=0.67),
}


def run(_: Options) -> None:
    """Print the table and the goals."""
    report.heading(f"line: when all had arrived, beside the server's word; it thinks {THINK_S} s")
    report.columns("upload s", "truth s", "ratio", "wait s", "share sent")
    off = []
    for name, line in CASES.items():
        with served(_serve, line) as origin:
            exchange = asyncio.run(_sent(origin, line))
        timings, share = exchange.timings, exchange.sent_share
        upload_s = (timings.upload or 0.0) / 1000
        truth_s = json.loads(exchange.text) if exchange.text else line.share * line.body_mb
        off.append(abs(upload_s / truth_s - 1))
        report.row(
            name,
            f"{upload_s:.2f}",
            f"{truth_s:.2f}",
            f"{upload_s / truth_s:.2f}",
            "" if timings.wait is None else f"{timings.wait / 1000:.2f}",
            "unknown" if share is None else f"{share:.1%}",
        )
    report.goal("farthest from the truth", max(off) * 100, "%", most=10)


async def _sent(origin: str, line: Line) -> Exchange:
    """What the client says of a body of that many megabytes."""
    size = round(line.body_mb * _MEGABYTE * 3 / 4)
    with media(0) as path:
        with path.open("r+b") as file:
            file.truncate(size)
        facts = MediaFacts("wav", size, None, None, None)
        request = chat_request(MODEL, PROMPT, Sendable(path, "audio", "wav", facts, None))
        async with contextlib.aclosing(Client(f"{origin}/api/v1", pauses_s=())) as client:
            key = SecretStr(KEY)
            return await client.complete(request, key, LIMIT_S, lambda _: None, Tally())


def _serve(tell: Callable[[Any], None], line: Line) -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    tell(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(connection, line), daemon=True).start()


def _answer(connection: socket.socket, line: Line) -> None:
    with connection, contextlib.suppress(ConnectionError):
        began = time.perf_counter()
        time.sleep(line.late_s)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(_PIECE)
        fields, _, rest = head.partition(b"\r\n\r\n")
        length = int(fields.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        got, reading = len(rest), time.perf_counter()
        while got < length * line.share:
            ahead_s = got / line.bytes_per_s - (time.perf_counter() - reading)
            time.sleep(max(ahead_s, 0.0))
            got += len(connection.recv(_PIECE))
        if line.share < 1:
            reset_socket(connection)
            return
        took_s = time.perf_counter() - began
        time.sleep(THINK_S)
        connection.sendall(http(completion(json.dumps(took_s)), "application/json"))
        connection.recv(1)
