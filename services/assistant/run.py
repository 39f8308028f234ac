"""One run: prepared → exchange → report. It ends with a report, whatever comes of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import SecretStr

from services import errors
from services.assistant.allowance import Call
from services.assistant.ask import Ask
from services.assistant.cost import Costs
from services.assistant.pieces.asking import PiecesRun
from services.assistant.pieces.checkpoint import Checkpoint
from services.assistant.pieces.joined import joined_completion, joined_request
from services.assistant.prepared import Prepared, about_pieces, kind_of, length_s
from services.assistant.preparer import Preparer
from services.assistant.quality import Warned, warnings_of
from services.assistant.report import Fault, Report, RunTimings, timings
from services.assistant.sent_request import SentRequest, receipt
from services.assistant.ways import Way, Ways
from services.events import Tell
from services.external_api.answer import Completion
from services.external_api.bill import Tally, total
from services.external_api.client import Client
from services.external_api.exchange import Exchange, Timings
from services.external_api.request import VideoLink
from services.external_api.transcription import ENDPOINT as TRANSCRIPTIONS
from services.external_api.usage import Usage
from services.media.values import Kind, Sendable, Takes
from services.schemas.jobs import Validation

_NOTHING_TOLD: Final = Completion(None, None, None, None, None)
_NOT_REACHED: Final = Timings(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that a run needs besides the question: for whom, with whose key, how long.

    ``is_another`` tells, by the id that an answer has, whether another model gave it;
    ``may`` which models the key is for, ``costs`` what so many seconds may cost; ``validated``
    whether an answer fits the schema that was sent, None where none was. Each question
    goes out within ``call``, which is given the seconds of its media, by one of ``ways``.
    """

    preparer: Preparer
    client: Client
    takes: Callable[[], Awaitable[Takes]]
    is_another: Callable[[str | None], bool]
    may: Callable[[str], bool]
    validated: Callable[[Ask, str], Awaitable[Validation | None]]
    costs: Callable[[Ask, Kind, float | None], Costs | None]
    key: SecretStr | None
    ways: Ways
    call: Callable[[float | None], Call]
    limit_s: Callable[[Kind], float]
    visitor: str
    checkpoint: Checkpoint
    clock: Callable[[], float]


class Run:
    """One question on its way. What it has come to is told at any moment by :meth:`report`."""

    def __init__(self, ask: Ask, now: Circumstances, tell: Tell, began: float) -> None:
        #: What is asked, as the host allows it.
        self.ask = ask
        self._now = now
        self._tell = tell
        self._began = began
        self._tallies: list[Tally] = []
        self._prepare_ms: float | None = None
        self._exchange: Exchange | None = None
        self._request: SentRequest | None = None
        self._pieces: PiecesRun | None = None
        self._expected: Costs | None = None
        self._left_out: tuple[str, ...] = ()
        self._validation: Validation | None = None
        #: The bytes of the files that were sent, before base64.
        self.sent_bytes = 0

    def leave_out(self, options: tuple[str, ...]) -> None:
        """Do not send ``options``, which the model does not list."""
        self.ask = replace(self.ask, options=self.ask.options.without(options))
        self._left_out = options

    async def go(self) -> None:
        """Prepare, send and read.

        Raises:
            ShowAndTellError: what keeps it from an answer, unless :meth:`report` knows.
        """
        ask, now = self.ask, self._now
        if not isinstance(ask.media, VideoLink):
            assert ask.media is not None  # it was checked
            # The form depends on what the API says of its models: both at once.
            coming = asyncio.ensure_future(now.takes())
            try:
                async with now.preparer.prepared(ask.media, now.visitor, self._tell) as prepared:
                    kind = ask.media.kind or kind_of(prepared.facts)
                    if not ask.anyway:
                        prepared.check(kind)
                    takes = await coming
                    seconds = length_s(prepared.facts, ask.fit)
                    self._expected = now.costs(self.ask, kind, seconds)
                    if ask.in_pieces:
                        await self._in_pieces(prepared, takes)
                    else:
                        media = await prepared.sendable(kind, takes, ask.fit, self._tell)
                        await self._in_one(media)
            finally:
                coming.cancel()
        else:
            await self._in_one(ask.media)

    async def _in_one(self, media: Sendable | VideoLink) -> None:
        self._prepare_ms = self._ms()
        self._exchange, self._request = await self._send(media, self._tell)
        if self._exchange.fault is None:
            self._validation = await self._now.validated(self.ask, self._exchange.text)

    async def _in_pieces(self, prepared: Prepared, takes: Takes) -> None:
        self._pieces = PiecesRun(
            self.ask,
            self._now.checkpoint,
            self._send,
            self._tell,
            expected=about_pieces(prepared.facts, self.ask.fit),
        )
        self._prepare_ms = self._ms()
        await self._pieces.run(prepared, takes)

    async def _send(self, media: Sendable | VideoLink, tell: Tell) -> tuple[Exchange, SentRequest]:
        ask, now = self.ask, self._now
        way: Way | None = now.ways.first(ask, media, now.key)

        def told(exchange: Exchange) -> SentRequest:
            return receipt(ask, media, request, exchange, now.client.base_url, instead_of)

        def cut(exchange: Exchange) -> None:
            self._exchange, self._request = exchange, told(exchange)

        limit_s = now.limit_s("video" if isinstance(media, VideoLink) else media.kind)
        media_s = None if isinstance(media, VideoLink) else media.facts.duration_s
        tally, cost = Tally(), None
        self._tallies.append(tally)
        async with now.call(media_s) as costs:
            try:
                while way is not None:
                    request, instead_of = way.request(ask, media), way.instead_of
                    exchange = await now.client.complete(
                        request, now.key, limit_s, tell, tally, cut
                    )
                    way = now.ways.after(way, exchange.fault, ask, now.key)
                cost = Usage.of(exchange.completion.usage).cost
            finally:
                # An answer of which the API names no cost has none that can be counted; of one
                # that nobody waited for there is a bill that nobody has seen.
                costs(cost if cost is not None or tally.bill().open else 0.0)
        self.sent_bytes += request.file_bytes
        return exchange, told(exchange)

    def report(self, fault: errors.ShowAndTellError | None = None) -> Report:
        """Everything known by now; ``fault`` is what ended the run, where nothing else tells it."""
        if self._pieces is not None:
            return self._of_pieces(self._pieces, fault)
        exchange, request = self._exchange, self._request
        completion, text, reached = _NOTHING_TOLD, "", _NOT_REACHED
        if exchange is not None:
            completion, text, reached = exchange.completion, exchange.text, exchange.timings
            fault = fault or exchange.fault
        warned: tuple[Warned, ...] = ()
        if request is not None and fault is None:
            warned = self._warnings(completion, request)
        measured = timings(self._prepare_ms, reached, self._ms(), completion)
        return self._report(text, completion, measured, request, warned, fault)

    def _of_pieces(self, pieces: PiecesRun, fault: errors.ShowAndTellError | None) -> Report:
        answered = [pieces.answered[number] for number in sorted(pieces.answered)]
        completion = joined_completion(answered) if answered else _NOTHING_TOLD
        warned = [
            warning
            for piece in answered
            for warning in self._warnings(piece.completion, piece.request)
        ]
        return self._report(
            pieces.text,
            completion,
            # Side by side, the phases of one are not those of another.
            timings(self._prepare_ms, _NOT_REACHED, self._ms(), completion),
            joined_request(answered) if answered else None,
            tuple(dict.fromkeys(warned)),
            fault or pieces.fault,
            kept_pieces=len(answered),
        )

    def _warnings(self, completion: Completion, request: SentRequest) -> tuple[Warned, ...]:
        is_another = self._now.is_another(completion.model)
        part = None if request.endpoint == TRANSCRIPTIONS else request.part
        return warnings_of(completion, part, request.facts, is_another=is_another)

    def _may_be_asked(self, model: str) -> bool:
        return model != self.ask.model and self._now.may(model)

    def _report(
        self,
        text: str,
        completion: Completion,
        measured: RunTimings,
        request: SentRequest | None,
        warned: tuple[Warned, ...],
        fault: errors.ShowAndTellError | None,
        kept_pieces: int = 0,
    ) -> Report:
        bill = total(tally.bill() for tally in self._tallies)
        return Report(
            text=text,
            asked_model=self.ask.model,
            options=self.ask.options,
            left_out=self._left_out,
            validation=self._validation,
            model=completion.model,
            provider=completion.provider,
            finish_reason=completion.finish_reason,
            usage=completion.usage,
            timings_ms=measured,
            request=request if bill != total(()) or self._pieces else None,
            bill=bill,
            warnings=warned,
            fault=Fault.of(fault).only(self._may_be_asked) if fault is not None else None,
            kept_pieces=kept_pieces if fault is not None else 0,
            language=completion.language,
            id=completion.id,
            extras=completion.extras,
            expected=self._expected,
            words=completion.words,
            segments=completion.segments,
        )

    def _ms(self) -> float:
        return (self._now.clock() - self._began) * 1000
