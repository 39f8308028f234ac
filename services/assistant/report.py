"""Everything known after a run, as values that JSON can carry both ways."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from services import errors
from services.assistant.cost import Costs
from services.assistant.quality import Warned
from services.assistant.sent_request import SentRequest
from services.external_api.answer import Completion
from services.external_api.bill import Bill
from services.external_api.exchange import Timings
from services.external_api.extras import Extras
from services.external_api.options import Options
from services.external_api.usage import Usage
from services.media.values import Span, Spoken
from services.schemas.jobs import Validation
from services.subtitles.cue import Cue, doubted
from services.subtitles.reading import cues_in, has_arrows
from services.subtitles.spoken import spoken_cues


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
    ``asked_model`` and ``options`` are what was asked for; ``left_out`` are the names of options
    that were set and not sent, as the API does not list them for that model. ``request`` is None
    where nothing was made to be sent. ``kept_pieces`` are those of a sound in pieces
    that have their answer, in this run or before, and are kept for the next. ``id`` is the
    API's own for the answer; ``extras`` is what it has besides its text. ``expected`` is what it
    was thought to cost before. ``validation`` tells whether the answer fits the schema that was
    sent, None where none was.
    ``words`` and ``segments`` are those of a transcription, by the clock of the times in an
    answer.
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
    expected: Costs | None = None
    left_out: tuple[str, ...] = ()
    validation: Validation | None = None
    words: tuple[Spoken, ...] = field(default=(), repr=False)
    segments: tuple[Spoken, ...] = field(default=(), repr=False)

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
        """What was said when in the file, where the answer tells; each held against what was sent.

        Read from the text anew and not kept: JSON in which they were could say other
        than its text does, and what is read better later helps older answers, too. The times of
        a transcription are beside its text.
        """
        request = self.request
        span = request.span if request is not None else None
        if self.validation is not None and self.validation.is_json:
            return ()  # it is for programs, and has no lines
        if request is None or span is None:
            return self._cues(None)
        from_s = request.times_from_s
        sound = request.facts.sound if request.facts is not None else None
        silences = sound.silences if sound is not None else ()
        if request.part == "video_url" and not has_arrows(self.text):
            silences = ()  # who tells what is to be seen may tell it of a silence
        shift_s = span.start_s - from_s
        moved = [Span(one.start_s + shift_s, one.end_s + shift_s) for one in silences]
        return tuple(cue.moved(from_s) for cue in self._cues(span.end_s - from_s, moved))

    def _cues(self, duration_s: float | None, silences: Sequence[Span] = ()) -> tuple[Cue, ...]:
        if self.words or self.segments:
            return doubted(spoken_cues(self.words, self.segments), duration_s, silences)
        return cues_in(self.text, duration_s, silences)

    @property
    def counted(self) -> Usage:
        """The usage, by its known names."""
        return Usage.of(self.usage)

    def as_mapping(self) -> dict[str, Any]:
        """The report under its stable names, as JSON; unknown is null."""
        mapping: dict[str, Any] = _REPORT.dump_python(
            self, mode="json", exclude={"request": {"kept_at"}}
        )
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
