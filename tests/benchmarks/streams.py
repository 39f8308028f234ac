"""Servers of event streams: one that is as fast as it can be, and two that keep a pace.

What is to be timed carries the time it was sent in its own text.
"""

import functools
import itertools
import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.benchmarks.sink import listen
from tests.capture import delta, sse

#: What each delta of a flood says.
FLOOD_TEXT: Final = " word"
#: What stands before the milliseconds since 1970 at which the last token was sent.
SENT: Final = "sent:"

_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
_LAST_CHUNK: Final = b"0\r\n\r\n"
#: Long enough that a client which has the headers is idle again.
_THOUGHT_S: Final = 0.02
_PARAGRAPH: Final = 80
_WORDS: Final = (
    *("a", "in", "of", "the", "and", "you", "was", "that", "with", "this", "voice", "video"),
    *("sound", "model", "there", "speaks", "answer", "window", "morning", "questions"),
    *("recorded", "transcripts", "together"),
)


def flood(tell: Callable[[Any], None], count: int, per_chunk: int) -> None:
    """Stream ``count`` deltas as fast as the client takes them, so many in each HTTP chunk."""
    chunk = _chunk(_event(FLOOD_TEXT) * per_chunk)
    answer = _HEAD + chunk * (count // per_chunk) + _chunk(_end()) + _LAST_CHUNK
    listen(tell, lambda connection: connection.sendall(answer))


def first_delta(tell: Callable[[Any], None]) -> None:
    """Stream the headers, then one delta: what ``time.perf_counter`` says as it is sent."""
    listen(tell, _first_delta)


def paced(tell: Callable[[Any], None], count: int, tokens_per_s: float) -> None:
    """Stream ``count`` tokens, each an event and an HTTP chunk of its own, at a pace."""
    listen(tell, functools.partial(_paced, count, tokens_per_s))


def _first_delta(connection: socket.socket) -> None:
    connection.sendall(_HEAD)
    time.sleep(_THOUGHT_S)
    connection.sendall(_chunk(_event(repr(time.perf_counter()))))
    connection.sendall(_chunk(_end()) + _LAST_CHUNK)


def _paced(count: int, tokens_per_s: float, connection: socket.socket) -> None:
    connection.sendall(_HEAD)
    began = time.perf_counter()
    for number, token in enumerate(itertools.islice(_tokens(), count - 1)):
        time.sleep(max(0.0, began + number / tokens_per_s - time.perf_counter()))
        connection.sendall(_chunk(_event(token)))
    connection.sendall(_chunk(_event(f" {SENT}{time.time() * 1000:.0f}")))
    connection.sendall(_chunk(_end()) + _LAST_CHUNK)


def _tokens() -> Iterator[str]:
    """Words that no one wrote, in paragraphs."""
    random_words = random.Random(0)  # the same every time is what is wanted
    for number in itertools.count(1):
        end = ".\n\n" if number % _PARAGRAPH == 0 else " "
        yield random_words.choice(_WORDS) + end


def _event(text: str) -> bytes:
    return sse(delta(text, id="gen-1", created=1, model="m"), done=False)


def _end() -> bytes:
    return sse(delta("", id="gen-1", created=1, model="m", finish_reason="stop"))


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
