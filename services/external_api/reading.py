"""Reading an answer's bytes within bounds: decompressing, and finding what they hold.

What an answer is, its first bytes tell: servers call an event stream text, and a line
of JSON for each chunk anything.
"""

import asyncio
import contextlib
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from services import errors
from services.external_api.transport import Reply, TransportError, event_data

#: The largest answer, decompressed: 200,000 tokens with 300 bytes of JSON around each.
MOST_STREAM_BYTES: Final = 64 * 1024 * 1024
#: The longest line of a stream, and the largest JSON body.
MOST_BODY_BYTES: Final = 16 * 1024 * 1024
#: As much of a refusal as is worth looking at, of its beginning and of its end, and the
#: time to wait for it. Between the two may be all that was sent, read out again.
MOST_REFUSAL_BYTES: Final = 64 * 1024
REFUSAL_S: Final = 10.0

EVENT_STREAM: Final = "text/event-stream"
#: Stands in the place of a payload at the end of a stream.
DONE: Final = "[DONE]"

#: An event stream; JSON that is a line for each payload, or one document; or only that.
Form = Literal["events", "lines", "whole"]

_BOM: Final = b"\xef\xbb\xbf"
_WHITE: Final = b" \t\r\n"
#: How a line of an event stream may begin.
_FIELDS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")
_INFLATED_BYTES: Final = 256 * 1024
#: gzip and zlib, by their own headers.
_ANY_HEADER: Final = 32 + zlib.MAX_WBITS


def _nothing() -> None:
    """For who need not know that bytes have come."""


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer, of which it is known what they are."""

    form: Form
    pieces: AsyncGenerator[bytes, None]


async def opened(reply: Reply, heard: Callable[[], None]) -> Body:
    """The body of ``reply``, once there is enough of it to tell what it is.

    ``heard`` is called whenever bytes have come, whatever they are: comments and white
    space are signs of life.

    Raises:
        BadAnswer: compressed in a way that was not asked for.
        TransportError: the connection broke.
    """
    content_type = reply.header("content-type")
    pieces = plain(reply, MOST_STREAM_BYTES, heard)
    start, form, may_be_mark = b"", None, True
    async for piece in pieces:
        start += piece
        if may_be_mark and len(start) < len(_BOM) and _BOM.startswith(start):
            continue
        if may_be_mark:
            start, may_be_mark = start.removeprefix(_BOM), False
        start = start.lstrip(_WHITE)
        if (form := _form_of(start, content_type)) is not None:
            break
    if form is None:
        form = "events" if content_type.startswith(EVENT_STREAM) else "whole"
    return Body(form, _joined(start, pieces))


def _form_of(start: bytes, content_type: str) -> Form | None:
    """What an answer is that begins so; None where more of it has to be seen."""
    if not start:
        return None
    if start.startswith((b"{", b"[")):
        one = "json" in content_type and not ("ndjson" in content_type or "jsonl" in content_type)
        return "whole" if one else "lines"
    if content_type.startswith(EVENT_STREAM) or start.startswith(_FIELDS):
        return "events"
    return None if any(field.startswith(start) for field in _FIELDS) else "whole"


async def _joined(start: bytes, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield start
    async for piece in pieces:
        yield piece


async def payloads(body: Body) -> AsyncGenerator[Any, None]:
    """What is in ``body``, decoded, one after the other; ``DONE`` where that is said.

    What was cut off at the end is left out, unless it is all there is.

    Raises:
        BadAnswer: too long, or not JSON.
        TransportError: the connection broke.
    """
    read = {"events": _of_events, "lines": _of_lines, "whole": _of_whole}[body.form]
    async with contextlib.aclosing(read(body.pieces)) as inner:
        async for payload in inner:
            yield payload


async def _of_events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Any, None]:
    is_over = False

    async def ended() -> AsyncGenerator[bytes, None]:
        nonlocal is_over
        line = 0
        async for piece in pieces:
            line = _line_length(line, piece)
            yield piece
        is_over = True
        yield b"\n\n"  # servers leave out the empty line behind the last event

    async with contextlib.aclosing(event_data(ended())) as events:
        async for data in events:
            try:
                payload = DONE if data == DONE else decoded(data)
            except errors.BadAnswer:
                if not is_over:
                    raise
                return
            yield payload


async def _of_lines(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Any, None]:
    """The payload of each line; lines that are none by themselves are one together."""
    held: list[bytes] = []
    is_empty = True
    async for line in _lines(pieces):
        if held or not line.strip():
            held += [line] * bool(held)
            continue
        try:
            payload = DONE if line.strip() == DONE.encode() else decoded(line)
        except errors.BadAnswer:
            held.append(line)
            continue
        yield payload
        is_empty = False
    if held and is_empty:
        yield decoded(b"\n".join(held))
    elif sum(1 for line in held if line.strip()) > 1:
        raise errors.BadAnswer


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    begun: list[bytes] = []
    length = 0
    async for piece in pieces:
        length = _line_length(length, piece)
        first, *more = piece.split(b"\n")
        begun.append(first)
        for line in more:
            yield b"".join(begun)
            begun = [line]
    yield b"".join(begun)


async def _of_whole(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Any, None]:
    whole = bytearray()
    async for piece in pieces:
        whole += piece
        if len(whole) > MOST_BODY_BYTES:
            raise errors.BadAnswer
    try:
        yield decoded(bytes(whole))
    except errors.BadAnswer:
        lines = [line for line in whole.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        for line in lines:
            yield decoded(bytes(line))


async def body(reply: Reply) -> Any:
    """The JSON that ``reply`` holds, perhaps after white space.

    Raises:
        BadAnswer: too long, or not JSON.
    """
    whole = bytearray()
    async for piece in plain(reply, MOST_BODY_BYTES):
        whole += piece
    return decoded(bytes(whole))


async def refusal(reply: Reply) -> bytes:
    """An error's body, as far as it is of use: the status is known whatever comes of it."""
    start, end = bytearray(), bytearray()
    with contextlib.suppress(TransportError, errors.BadAnswer, TimeoutError):
        async with asyncio.timeout(REFUSAL_S):
            async for piece in plain(reply, MOST_STREAM_BYTES):
                room = MOST_REFUSAL_BYTES - len(start)
                start += piece[:room]
                end += piece[room:]
                del end[:-MOST_REFUSAL_BYTES]
    return bytes(start + end)


def decoded(text: str | bytes) -> Any:
    """``text`` as JSON.

    Raises:
        BadAnswer: it is not.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise errors.BadAnswer from None


async def plain(
    reply: Reply, most: int, heard: Callable[[], None] = _nothing
) -> AsyncGenerator[bytes, None]:
    """The bytes of ``reply``, decompressed, as long as they are at most ``most``.

    httpx's own decoders make gigabytes of a small bomb before anyone can count.
    """
    encoding = reply.header("content-encoding")
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise errors.BadAnswer
    inflater = zlib.decompressobj(_ANY_HEADER) if encoding not in ("", "identity") else None
    count = 0
    async for piece in reply.pieces():
        heard()
        for part in _inflated(inflater, piece) if inflater else (piece,):
            count += len(part)
            if count > most:
                raise errors.BadAnswer
            yield part
            if inflater:
                await asyncio.sleep(0)  # a bomb must not keep others from their turn


def _inflated(inflater: Any, piece: bytes) -> Any:
    while piece:
        try:
            yield inflater.decompress(piece, _INFLATED_BYTES)
        except zlib.error:
            raise errors.BadAnswer from None
        piece = inflater.unconsumed_tail


def _line_length(line: int, piece: bytes) -> int:
    """The length of the line that is not over after ``piece``, where it was ``line`` before it.

    Raises:
        BadAnswer: a line is too long.
    """
    end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
    line = line + len(piece) if end < 0 else len(piece) - end
    if line > MOST_BODY_BYTES:
        raise errors.BadAnswer
    return line
