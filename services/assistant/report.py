"""Everything known after a run, as values that JSON can carry both ways."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import TypeAdapter

from services import errors
from services.assistant.ask import Ask
from services.assistant.quality import Warned
from services.external_api.answer import Completion
from services.external_api.bill import Bill
from services.external_api.exchange import Exchange, Timings
from services.external_api.extras import Extras
from services.external_api.request import ChatRequest, Options, VideoLink
from services.external_api.usage import Usage
from services.media.values import Change, MediaFacts, Mix, Sendable, Span
from services.subtitles.cue import Cue
from services.subtitles.reading import cues_in, has_arrows


@dataclass(frozen=True, slots=True)
class RunTimings:
    """Milliseconds; None where the API did not say or nothing was observed.

    The phases are those of :class:`~services.external_api.exchange.Timings`.
    """

    prepare: float | None
    connect: float | None
    upload: float | None
    wait: float | None
    stream: float | None
    total: float
    server: float | None


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What was sent: the receipt.

    ``format`` is the API's audio format, ``mime`` the data URL's type, ``link``
    the address that was passed on; each None for another kind of part.
    ``duration_s`` and ``facts`` are those of the bytes that went out, None for a
    link. ``sent_share``, 0 to 1, is below 1 where the upload was cut, None where nobody
    can tell how much arrived; ``is_confirmed`` tells that the other side's system
    confirmed all of it, and that the upload was timed until then. ``pieces`` tells in
    how many requests it went out; sizes and facts are then those of all. ``mix`` is how
    the channels of the sound became one, None for the usual way; ``lost_share``, 0 to 1,
    how much of the file could not be read. ``track`` is which of several sound tracks was
    sent, counted from 0 among ``tracks``, None where there was no choice. ``span`` is the
    part of the file that was sent, None for a link. Times in an answer count from
    ``times_from_s`` of the file: a model's from the start of what it was sent, those of
    pieces from that of the file.
    ``turns`` are the questions in it, the earlier ones with their answers; ``body_bytes``
    is the length of the whole body of the request.
    """

    part: Literal["input_audio", "video_url"]
    format: str | None = None
    mime: str | None = None
    link: str | None = field(default=None, repr=False)
    file_bytes: int | None = None
    base64_bytes: int | None = None
    duration_s: float | None = None
    converted_from: str | None = None
    change: Change = "none"
    facts: MediaFacts | None = None
    sent_share: float | None = 1.0
    is_confirmed: bool = False
    pieces: int = 1
    mix: Mix | None = None
    lost_share: float = 0.0
    track: int | None = None
    tracks: int = 0
    span: Span | None = None
    times_from_s: float = 0.0
    turns: int = 1
    body_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, by the name of its class in :mod:`services.errors`.

    ``facts`` are the numbers and short words its sentence needs, ``said`` is the
    API's own message, redacted. ``fallback_models`` among the facts are the ids, with
    spaces between them, of the models that the API offers instead.
    """

    name: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    said: str = field(default="", repr=False)

    @classmethod
    def of(cls, error: errors.ShowAndTellError) -> "Fault":
        """``error``, as a value."""
        said = error.said if isinstance(error, errors.ApiError) else ""
        return cls(type(error).__name__, dict(error.facts), said)

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The models that the API offers instead, the best first."""
        return tuple(str(self.facts.get("fallback_models", "")).split())

    def only(self, may: Callable[[str], bool]) -> "Fault":
        """The same, with those models among the fallbacks alone that ``may`` be asked."""
        models = [model for model in self.fallbacks if may(model)]
        facts = {name: fact for name, fact in self.facts.items() if name != "fallback_models"}
        return replace(
            self, facts=facts | ({"fallback_models": " ".join(models)} if models else {})
        )

    def is_a(self, family: type[errors.ShowAndTellError]) -> bool:
        """Whether it is of ``family``."""
        kind = getattr(errors, self.name, None)
        return isinstance(kind, type) and issubclass(kind, family)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything known after a run, whatever came of it; it is complete without a ``fault``.

    ``text`` is the answer, or the words that came of it. ``model``, ``provider``,
    ``finish_reason``, ``usage`` and ``language`` are as the API told them, None where it did not.
    ``asked_model`` and ``options`` are what was asked for. ``request`` is None
    where nothing was made to be sent. ``kept_pieces`` are those of a sound in pieces
    that have their answer, in this run or before, and are kept for the next. ``id`` is the
    API's own for the answer; ``extras`` is what it has besides its text.
    """

    text: str = field(repr=False)
    asked_model: str
    options: Options
    model: str | None
    provider: str | None
    finish_reason: str | None
    usage: Mapping[str, Any] | None
    timings_ms: RunTimings
    request: SentRequest | None
    bill: Bill
    warnings: tuple[Warned, ...] = ()
    fault: Fault | None = None
    kept_pieces: int = 0
    language: str | None = None
    id: str | None = None
    extras: Extras = field(default_factory=Extras)

    @staticmethod
    def refused(error: errors.ShowAndTellError, asked_model: str) -> "Report":
        """The report of what ``error`` kept from being asked at all."""
        return Report(
            text="",
            asked_model=asked_model,
            options=Options(),
            model=None,
            provider=None,
            finish_reason=None,
            usage=None,
            timings_ms=RunTimings(None, None, None, None, None, 0.0, None),
            request=None,
            bill=Bill(),
            fault=Fault.of(error),
        )

    @property
    def cues(self) -> tuple[Cue, ...]:
        """What was said when, where the answer tells; each held against what was sent.

        Read from the text anew and not kept: JSON in which they were could say other
        than its text does, and what is read better later helps older answers, too.
        """
        request = self.request
        span = request.span if request is not None else None
        if request is None or span is None:
            return cues_in(self.text, None)
        from_s = request.times_from_s
        sound = request.facts.sound if request.facts is not None else None
        silences = sound.silences if sound is not None else ()
        if request.part == "video_url" and not has_arrows(self.text):
            silences = ()  # who tells what is to be seen may tell it of a silence
        shift_s = span.start_s - from_s
        moved = [Span(one.start_s + shift_s, one.end_s + shift_s) for one in silences]
        return cues_in(self.text, span.end_s - from_s, moved)

    @property
    def counted(self) -> Usage:
        """The usage, by its known names."""
        return Usage.of(self.usage)

    def as_mapping(self) -> dict[str, Any]:
        """The report under its stable names, as JSON; unknown is null."""
        mapping: dict[str, Any] = _REPORT.dump_python(self, mode="json")
        return mapping

    @staticmethod
    def from_mapping(mapping: Mapping[str, Any]) -> "Report":
        """The report that :meth:`as_mapping` gave.

        Raises:
            pydantic.ValidationError: it is none.
        """
        report: Report = _REPORT.validate_python(mapping)
        return report


_REPORT: TypeAdapter[Report] = TypeAdapter(Report)


def receipt(
    ask: Ask, media: Sendable | VideoLink, request: ChatRequest, exchange: Exchange
) -> SentRequest:
    """What of ``media`` went out with ``request`` for ``ask``, as the ``exchange`` tells."""
    start_s, turns = ask.fit.start_s or 0.0, 1 + len(ask.earlier)
    share, is_confirmed = exchange.sent_share, exchange.is_confirmed
    if isinstance(media, VideoLink):
        return SentRequest(
            "video_url",
            link=media.url,
            sent_share=share,
            is_confirmed=is_confirmed,
            turns=turns,
            body_bytes=request.content_length,
        )
    audio = media.kind == "audio"
    length_s = media.facts.duration_s
    return SentRequest(
        part="input_audio" if audio else "video_url",
        format=media.format if audio else None,
        mime=None if audio else media.format,
        file_bytes=media.facts.file_bytes,
        base64_bytes=request.base64_bytes,
        duration_s=media.facts.duration_s,
        converted_from=media.converted_from,
        change=media.change,
        facts=media.facts,
        sent_share=share,
        is_confirmed=is_confirmed,
        mix=media.mix,
        lost_share=media.lost_share,
        track=media.track,
        tracks=media.tracks,
        span=None if length_s is None else Span(start_s, start_s + length_s),
        times_from_s=start_s,
        turns=turns,
        body_bytes=request.content_length,
    )


def timings(
    prepare_ms: float | None, exchange: Timings, total_ms: float, completion: Completion
) -> RunTimings:
    """The phases of a run, one after the other."""
    return RunTimings(
        prepare=prepare_ms,
        connect=exchange.connect,
        upload=exchange.upload,
        wait=exchange.wait,
        stream=exchange.stream,
        total=total_ms,
        server=completion.server_ms,
    )
