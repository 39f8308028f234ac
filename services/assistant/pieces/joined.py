"""What is known of a sound's pieces together."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.assistant.pieces.checkpoint import Piece
from services.assistant.sent_request import SentRequest
from services.external_api.answer import Completion
from services.external_api.clean import number
from services.external_api.extras import Extras
from services.media.values import MOST_SILENCES, MediaFacts, Span, Spoken


def joined_completion(pieces: Sequence[Piece]) -> Completion:
    """What the API said of all pieces. A number that one of them lacks is unknown."""
    completions = [piece.completion for piece in pieces]
    server = [one.server_ms for one in completions]
    reasons = [one.finish_reason for one in completions]
    return Completion(
        model=_common([one.model for one in completions]),
        provider=_common([one.provider for one in completions]),
        # A reason that is not the usual one is the one to be told.
        finish_reason=next((reason for reason in reasons if reason != "stop"), "stop"),
        usage=_summed([one.usage for one in completions]),
        server_ms=None if None in server else sum(filter(None, server)),
        language=_common([one.language for one in completions]),
        id=_common([one.id for one in completions]),
        extras=_joined_extras([one.extras for one in completions]),
        words=_moved([(one.span, one.completion.words) for one in pieces]),
        segments=_moved([(one.span, one.completion.segments) for one in pieces]),
    )


def _moved(pieces: Sequence[tuple[Span, Sequence[Spoken]]]) -> tuple[Spoken, ...]:
    """What was said in all pieces, with its times counted from the start of the file."""
    return tuple(
        Spoken(one.start_s + span.start_s, one.end_s + span.start_s, one.text)
        for span, spoken in pieces
        for one in spoken
    )


def _joined_extras(extras: Sequence[Extras]) -> Extras:
    """All that the answers have besides their words, in order and once."""

    def text(name: str) -> str:
        return "\n\n".join(filter(None, (getattr(one, name) for one in extras)))

    def each(name: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(value for one in extras for value in getattr(one, name)))

    return Extras(
        reasoning=text("reasoning"),
        refusal=text("refusal"),
        transcript=text("transcript"),
        sounds=each("sounds"),
        images=each("images"),
        elsewhere=each("elsewhere"),
        unshown=sum(one.unshown for one in extras),
        tools=each("tools"),
        citations=each("citations"),
    )


def joined_request(pieces: Sequence[Piece]) -> SentRequest:
    """What was sent of a sound, in all its ``pieces``."""
    first = pieces[0].request
    facts = [piece.request.facts for piece in pieces if piece.request.facts is not None]
    return replace(
        first,
        file_bytes=sum(piece.request.file_bytes or 0 for piece in pieces),
        base64_bytes=sum(piece.request.base64_bytes or 0 for piece in pieces),
        duration_s=sum(one.duration_s or 0.0 for one in facts) or None,
        facts=_joined_facts(facts, pieces),
        pieces=len(pieces),
        span=Span(pieces[0].span.start_s, pieces[-1].span.end_s),
        times_from_s=0.0,
        body_bytes=sum(piece.request.body_bytes or 0 for piece in pieces),
        kept_at=None,
    )


def _joined_facts(facts: Sequence[MediaFacts], pieces: Sequence[Piece]) -> MediaFacts | None:
    """The facts of sounds of one form, one after the other."""
    sounds = [one.sound for one in facts if one.sound is not None]
    if not sounds:
        return None
    length_s = sum(sound.duration_s for sound in sounds)
    loud = [(s.duration_s, s.level_dbfs) for s in sounds if s.level_dbfs is not None]
    power = sum(s * 10 ** (level / 10) for s, level in loud) / length_s
    peaks = [sound.peak_dbfs for sound in sounds if sound.peak_dbfs is not None]

    def share(name: str) -> float:
        return sum(sound.duration_s * float(getattr(sound, name)) for sound in sounds) / length_s

    return replace(
        facts[0],
        file_bytes=sum(one.file_bytes for one in facts),
        duration_s=length_s,
        sound=replace(
            sounds[0],
            duration_s=length_s,
            level_dbfs=10 * math.log10(power) if power else None,
            peak_dbfs=max(peaks, default=None),
            silent_share=share("silent_share"),
            clipped_share=share("clipped_share"),
            silences=_joined_silences(pieces),
        ),
    )


def _joined_silences(pieces: Sequence[Piece]) -> tuple[Span, ...]:
    """The longest silences of all ``pieces``, from the start of the first."""
    first_s = pieces[0].span.start_s
    found = [
        Span(one.start_s + piece.span.start_s - first_s, one.end_s + piece.span.start_s - first_s)
        for piece in pieces
        if piece.request.facts is not None and piece.request.facts.sound is not None
        for one in piece.request.facts.sound.silences
    ]
    longest = heapq.nlargest(MOST_SILENCES, found, key=lambda one: one.end_s - one.start_s)
    return tuple(sorted(longest, key=lambda one: one.start_s))


def _common(words: Sequence[str | None]) -> str | None:
    return words[0] if len(set(words)) == 1 else None


def _summed(usages: Sequence[Mapping[str, Any] | None]) -> Mapping[str, Any] | None:
    """The sum of each number that all ``usages`` have."""
    known = [usage for usage in usages if usage is not None]
    if not known or len(known) < len(usages):
        return None
    total: dict[str, Any] = {}
    for name in known[0]:
        values = [usage.get(name) for usage in known]
        numbers = [number(value) for value in values]
        if all(isinstance(value, Mapping) for value in values):
            total[name] = _summed(values)
        elif None not in numbers:
            total[name] = sum(filter(None, numbers))
    return total
