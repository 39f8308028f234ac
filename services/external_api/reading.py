"""Reading an answer's bytes within bounds: decompressing, and finding the events."""

import asyncio
import contextlib
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

from services import errors
from services.external_api.transport import Reply, TransportError, event_data

#: The largest answer, decompressed: 200,000 tokens with 300 bytes of JSON around each.
MOST_STREAM_BYTES: Final = 64 * 1024 * 1024
#: The longest line of an event stream, and the largest JSON body.
MOST_BODY_BYTES: Final = 16 * 1024 * 1024
#: As much of a refusal as is worth reading, and the time to wait for it.
MOST_REFUSAL_BYTES: Final = 64 * 1024
REFUSAL_S: Final = 10.0

_BOM: Final = b"\xef\xbb\xbf"
_INFLATED_BYTES: Final = 256 * 1024
#: gzip and zlib, by their own headers.
_ANY_HEADER: Final = 32 + zlib.MAX_WBITS


async def payloads(reply: Reply) -> AsyncGenerator[str, None]:
    """The data of each event of ``reply``, in order; ``[DONE]`` among them.

    Raises:
        BadAnswer: too long, or compressed in a way that was not asked for.
        TransportError: the connection broke.
    """
    lines = _without_mark(_bounded_lines(plain(reply, MOST_STREAM_BYTES)))
    async with contextlib.aclosing(event_data(lines)) as events:
        async for data in events:
            yield data


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
    """The beginning of an error's body: the status is known whatever comes of it."""
    whole = bytearray()
    with contextlib.suppress(TransportError, errors.BadAnswer, TimeoutError):
        async with asyncio.timeout(REFUSAL_S):
            async for piece in plain(reply, MOST_REFUSAL_BYTES):
                whole += piece
    return bytes(whole)


def decoded(text: str | bytes) -> Any:
    """``text`` as JSON.

    Raises:
        BadAnswer: it is not.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise errors.BadAnswer from None


async def plain(reply: Reply, most: int) -> AsyncGenerator[bytes, None]:
    """The bytes of ``reply``, decompressed, as long as they are at most ``most``.

    httpx's own decoders make gigabytes of a small bomb before anyone can count.
    """
    encoding = reply.header("content-encoding")
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise errors.BadAnswer
    inflater = zlib.decompressobj(_ANY_HEADER) if encoding not in ("", "identity") else None
    count = 0
    async for piece in reply.pieces():
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


async def _bounded_lines(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    line = 0
    async for piece in pieces:
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        line = line + len(piece) if end < 0 else len(piece) - end
        if line > MOST_BODY_BYTES:
            raise errors.BadAnswer
        yield piece


async def _without_mark(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    start = b""
    async for piece in pieces:
        start += piece
        if len(start) >= len(_BOM) or not _BOM.startswith(start):
            yield start.removeprefix(_BOM)
            break
    else:
        yield start
    async for piece in pieces:
        yield piece
