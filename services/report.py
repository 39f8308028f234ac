"""Everything known after a run, as values."""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from services.external_api.answer import Completion
from services.external_api.exchange import Timings
from services.external_api.request import ChatRequest, VideoLink
from services.media.facts import MediaFacts, Sendable


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
    ``sent_share``, 0 to 1, is below 1 where the upload was cut.
    """

    part: Literal["input_audio", "video_url"]
    format: str | None
    mime: str | None
    link: str | None = field(repr=False)
    file_bytes: int | None
    base64_bytes: int | None
    facts: MediaFacts | None
    converted_from: str | None
    sent_share: float = 1.0


#: What a person should know of an answer that came: the model reached its
#: limit of tokens, or a filter stopped it, before it was done.
Warned = Literal["length", "content_filter"]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything known after a run. ``text`` is the whole answer, if ``is_complete``."""

    text: str = field(repr=False)
    completion: Completion
    timings: RunTimings
    request: SentRequest
    warnings: tuple[Warned, ...] = ()
    is_complete: bool = True

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


def warnings_of(completion: Completion) -> tuple[Warned, ...]:
    """Why an answer that came to its end may not be all that was asked for."""
    return tuple(one for one in get_args(Warned) if one == completion.finish_reason)


def receipt(
    media: Sendable | VideoLink, request: ChatRequest, sent_share: float = 1.0
) -> SentRequest:
    """What of ``media`` went out with ``request``."""
    if isinstance(media, VideoLink):
        return SentRequest("video_url", None, None, media.url, None, None, None, None, sent_share)
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
        sent_share=sent_share,
    )
