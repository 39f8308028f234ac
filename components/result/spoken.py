"""Spoken answers while they come: a player can begin before the last word was said.

A browser plays what a response brings, for as long as it brings more. The id of an answer is
known to the page that asked for it, and to nobody else.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from services.assistant import Sound

_PATH: Final = "/spoken"
_NOT_FOUND: Final = 404
#: What a player gets at a time.
_PIECE_BYTES: Final = 64 * 1024


def spoken_source(answer: str) -> str:
    """Where the browser finds what is said in the answer of this id, relative to the page."""
    return f"spoken?of={answer}"


@dataclass(slots=True)
class _Speech:
    kind: str
    data: bytearray = field(default_factory=bytearray)
    is_over: bool = False
    more: asyncio.Event = field(default_factory=asyncio.Event)


class Spoken:
    """What was said so far in the answers that are on their way, by their ids."""

    def __init__(self) -> None:
        self._speeches: dict[str, _Speech] = {}

    def add(self, answer: str, sound: Sound) -> None:
        """More was said in ``answer``."""
        speech = self._speeches.setdefault(answer, _Speech(sound.kind))
        speech.data += sound.data
        speech.more.set()

    def end(self, answer: str) -> None:
        """All was said in ``answer``: who listens already hears the rest of it."""
        speech = self._speeches.pop(answer, None)
        if speech is not None:
            speech.is_over = True
            speech.more.set()

    @property
    def route(self) -> Route:
        """What serves them."""

        async def listen(request: Request) -> Response:
            speech = self._speeches.get(request.query_params.get("of", ""))
            if speech is None:
                return PlainTextResponse("", _NOT_FOUND)
            headers = {"Cache-Control": "private, no-store"}
            return StreamingResponse(_said(speech), media_type=speech.kind, headers=headers)

        return Route(_PATH, listen)


async def _said(speech: _Speech) -> AsyncGenerator[bytes, None]:
    """All that was said, and what is as it comes."""
    begin = 0
    while True:
        # Whoever adds sets it anew, also between this and the waiting.
        speech.more.clear()
        while begin < len(speech.data):
            piece = bytes(speech.data[begin : begin + _PIECE_BYTES])
            begin += len(piece)
            yield piece
        if speech.is_over:
            return
        await speech.more.wait()
