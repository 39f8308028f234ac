"""Everything known after a run, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.external_api.answer import Completion
from services.external_api.exchange import Timings
from services.external_api.request import ChatRequest, VideoLink
from services.hearing import Warned
from services.media.facts import Change, MediaFacts, Sendable, Span


@dataclass(frozen=True, slots=True)
class RunTimings:
    """Milliseconds; None where the API did not say or nothing was observed."""

    prepare: float
    exchange: Timings
    total: float
    server: float | None


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What was sent: the receipt.

    ``format`` is the API's audio format, ``mime`` the data URL's type, ``link``
    the address that was passed on; each None for another kind of part.
    ``facts`` are those of the bytes that went out, None for a link.
    ``sent_share``, 0 to 1, is below 1 where the upload was cut. ``pieces`` tells
    in how many requests it went out; sizes and facts are then those of all.
    """

    part: Literal["input_audio", "video_url"]
    format: str | None
    mime: str | None
    link: str | None = field(repr=False)
    file_bytes: int | None
    base64_bytes: int | None
    facts: MediaFacts | None
    converted_from: str | None
    change: Change = "none"
    sent_share: float = 1.0
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a long sound, with its answer and what was sent for it."""

    span: Span
    text: str = field(repr=False)
    completion: Completion
    request: SentRequest


@dataclass(frozen=True, slots=True)
class Kept:
    """The pieces that have their answer, by their number, and what was asked.

    ``about`` is :attr:`services.asking.Ask.about`: answers to another question
    are of no use.
    """

    about: tuple[object, ...] = field(default=(), repr=False)
    pieces: Mapping[int, Piece] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything known after a run. ``text`` is the whole answer, if ``is_complete``.

    ``kept`` are the answered pieces of a run in pieces that did not get all of
    them: what another run need not pay for again.
    """

    text: str = field(repr=False)
    completion: Completion
    timings: RunTimings
    request: SentRequest
    warnings: tuple[Warned, ...] = ()
    is_complete: bool = True
    kept: Kept = field(default_factory=Kept)

    def as_mapping(self) -> dict[str, Any]:
        """The report under its stable names, as JSON; unknown is null."""
        exchange, sent = self.timings.exchange, self.request
        usage = self.completion.usage
        return {
            "model": self.completion.model,
            "provider": self.completion.provider,
            "finish_reason": self.completion.finish_reason,
            "usage": dict(usage) if usage is not None else None,
            "timings_ms": {
                "prepare": self.timings.prepare,
                "connect": exchange.connect,
                "upload": exchange.upload,
                "wait": exchange.wait,
                "stream": exchange.stream,
                "total": self.timings.total,
                "server": self.timings.server,
            },
            "request": {
                "part": sent.part,
                "format": sent.format,
                "mime": sent.mime,
                "file_bytes": sent.file_bytes,
                "base64_bytes": sent.base64_bytes,
                "duration_s": sent.facts.duration_s if sent.facts else None,
                "converted_from": sent.converted_from,
            },
            "warnings": list(self.warnings),
        }


def receipt(
    media: Sendable | VideoLink, request: ChatRequest, sent_share: float = 1.0
) -> SentRequest:
    """What of ``media`` went out with ``request``."""
    if isinstance(media, VideoLink):
        return SentRequest(
            "video_url", None, None, media.url, None, None, None, None, sent_share=sent_share
        )
    audio = media.kind == "audio"
    return SentRequest(
        part="input_audio" if audio else "video_url",
        format=media.format if audio else None,
        mime=None if audio else media.format,
        link=None,
        file_bytes=media.facts.file_bytes,
        base64_bytes=request.base64_bytes,
        facts=media.facts,
        converted_from=media.converted_from,
        change=media.change,
        sent_share=sent_share,
    )
