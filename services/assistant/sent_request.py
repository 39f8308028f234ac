"""What of a question went out to the API: the receipt."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from services.assistant.ask import Ask
from services.external_api.exchange import Exchange
from services.external_api.passed_on import PassedOn
from services.external_api.request import ApiEndpoint, MediaRequest, VideoLink
from services.media.values import Change, MediaFacts, Mix, Sendable, Span


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
    is the length of the whole body of the request, ``url`` where it went. ``kept_at`` is where
    a file that was made to be sent lies for some minutes; it is of no use to others, and in
    no JSON. ``endpoint`` is what the request went to, ``instead_of`` what it should have gone to,
    had that been there. One that ``echoes`` asked what was ``passed_on``, None where that was not
    told.
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
    url: str | None = None
    kept_at: Path | None = field(default=None, repr=False, compare=False)
    endpoint: ApiEndpoint = "chat/completions"
    instead_of: ApiEndpoint | None = None
    echoes: bool = False
    passed_on: PassedOn | None = None


def receipt(
    ask: Ask,
    media: Sendable | VideoLink,
    request: MediaRequest,
    exchange: Exchange,
    base_url: str,
    instead_of: ApiEndpoint | None = None,
) -> SentRequest:
    """What of ``media`` went out to the API with ``request`` for ``ask``, as ``exchange`` tells."""
    sent = SentRequest(
        "video_url",
        sent_share=exchange.sent_share,
        is_confirmed=exchange.is_confirmed,
        turns=1 + len(ask.earlier),
        body_bytes=request.content_length,
        url=request.url_at(base_url),
        endpoint=request.endpoint,
        instead_of=instead_of,
        echoes=ask.echoes,
        passed_on=exchange.completion.passed_on,
    )
    if isinstance(media, VideoLink):
        return replace(sent, link=media.url)
    start_s, length_s = ask.fit.start_s or 0.0, media.facts.duration_s
    is_audio = media.kind == "audio"
    return replace(
        sent,
        part="input_audio" if is_audio else "video_url",
        format=media.format if is_audio else None,
        mime=None if is_audio else media.format,
        file_bytes=media.facts.file_bytes,
        base64_bytes=request.base64_bytes,
        duration_s=length_s,
        converted_from=media.converted_from,
        change=media.change,
        facts=media.facts,
        mix=media.mix,
        lost_share=media.lost_share,
        track=media.track,
        tracks=media.tracks,
        span=None if length_s is None else Span(start_s, start_s + length_s),
        times_from_s=start_s,
        kept_at=media.kept_at,
    )
