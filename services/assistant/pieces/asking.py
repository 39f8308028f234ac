"""Pieces are cut, asked about in their order, a few at once, and their answers joined."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from services import errors
from services.assistant.ask import Ask
from services.assistant.pieces.checkpoint import Checkpoint, Piece
from services.assistant.pieces.transcript import Transcript
from services.assistant.prepared import Prepared
from services.assistant.sent_request import SentRequest
from services.assistant.together import together
from services.events import Delta, Event, Progress, Tell, Thought
from services.external_api.exchange import Exchange
from services.media.values import Sendable, Span, Takes

#: Pieces under way at once.
CONCURRENT_PIECES: Final = 3


@dataclass(frozen=True, slots=True)
class Ready:
    """A piece that can be sent."""

    number: int
    span: Span
    media: Sendable


class PiecesRun:
    """One run over the pieces of a sound, but for those that have their answer already.

    ``send`` asks about one piece. ``expected`` is about how many pieces there will be.
    """

    def __init__(
        self,
        ask: Ask,
        checkpoint: Checkpoint,
        send: Callable[[Sendable, Tell], Awaitable[tuple[Exchange, SentRequest]]],
        tell: Tell,
        expected: int,
    ) -> None:
        self._ask = ask
        self._checkpoint = checkpoint
        self._send = send
        self._tell = tell
        self._expected = expected
        self._transcript = Transcript()
        self._texts: list[str] = []
        self._cut: asyncio.Queue[Ready | None] = asyncio.Queue()
        #: What was answered, now or before, by the numbers of the pieces.
        self.answered: dict[int, Piece] = checkpoint.of(ask)
        #: What the first piece to fail, or the cutting, came to.
        self.fault: errors.ShowAndTellError | None = None

    @property
    def text(self) -> str:
        """The whole text so far."""
        return "".join(self._texts)

    async def run(self, prepared: Prepared, takes: Takes) -> None:
        """Cut and ask. Once one has failed no other is begun.

        Those that were begun are paid for, so they go on to their end. Every answer
        is kept at once, whatever becomes of the run.
        """
        self._progress()
        for number, piece in sorted(self.answered.items()):
            self._show(self._transcript.begin(number, piece.span))
            self._show(self._transcript.take(number, piece.text))
            self._show(self._transcript.end(number, complete=True))
        async with together() as group:
            cutting = group.create_task(self._cutting(prepared, takes))
            for _ in range(CONCURRENT_PIECES):
                group.create_task(self._asking(cutting))
        if self.fault is None:
            self._checkpoint.complete(self._ask)
        else:
            self._show(self._transcript.rest())

    async def _cutting(self, prepared: Prepared, takes: Takes) -> None:
        def ready(number: int, span: Span, media: Sendable) -> None:
            self._expected = max(self._expected, number + 1)
            self._cut.put_nowait(Ready(number, span, media))

        def tell(event: Event) -> None:
            if isinstance(event, Progress) and event.stage == "queue":
                self._tell(event)

        try:
            skipped = tuple(sorted(self.answered))
            spans = await prepared.pieces(takes, self._ask.fit, skipped, tell, ready)
            self._expected = len(spans)
        except errors.ShowAndTellError as error:
            self.fault = self.fault or error
        finally:
            for _ in range(CONCURRENT_PIECES):
                self._cut.put_nowait(None)

    async def _asking(self, cutting: "asyncio.Task[None]") -> None:
        while (piece := await self._cut.get()) is not None:
            if self.fault is not None:
                return
            self._show(self._transcript.begin(piece.number, piece.span))

            def tell(event: Event, number: int = piece.number) -> None:
                if isinstance(event, Delta):
                    self._show(self._transcript.take(number, event.text))

            try:
                exchange, request = await self._send(piece.media, tell)
            except errors.HostLimit as error:
                # Those that were begun before it was reached go on.
                self._fail(error, cutting)
                self._show(self._transcript.end(piece.number, complete=False))
                return
            if thought := exchange.completion.extras.reasoning:
                # As a whole: several think at the same time.
                self._tell(Thought(f"{thought}\n\n"))
            if exchange.fault is not None:
                self._fail(exchange.fault, cutting)
            else:
                answer = Piece(piece.span, exchange.text, exchange.completion, request)
                self.answered[piece.number] = answer
                self._checkpoint.keep(self._ask, piece.number, answer)
                self._progress()
            self._show(self._transcript.end(piece.number, complete=exchange.fault is None))

    def _fail(self, error: errors.ShowAndTellError, cutting: "asyncio.Task[None]") -> None:
        """Begin no other piece."""
        self.fault = self.fault or error
        cutting.cancel()

    def _show(self, text: str) -> None:
        if text:
            self._texts.append(text)
            self._tell(Delta(text))

    def _progress(self) -> None:
        done, pieces = len(self.answered), max(self._expected, len(self.answered))
        self._tell(Progress("pieces", share=done / pieces, done=done, pieces=pieces))
