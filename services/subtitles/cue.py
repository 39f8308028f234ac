"""What was said, and when, as values; and whether the sound bears it out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from services.media.values import Span, Spoken

#: Why the times of a cue are made up: nothing can be heard there; the sound is over by
#: then; or it is before a cue that it follows, or ends before it begins.
Doubt = Literal["silence", "past_end", "out_of_order"]

#: How far a time may lie past the end: models round to seconds.
_ROUNDED_S: Final = 1.0
#: How much of a cue has to be silent for it to be made up.
_SILENT_SHARE: Final = 0.9
#: What stands between these says what there is to hear, or that there is nothing.
_BRACKETS: Final = (("[", "]"), ("(", ")"), ("*", "*"), ("♪", "♪"))


@dataclass(frozen=True, slots=True)
class Cue:
    """Words, and the seconds from ``start_s`` to ``end_s`` in which they are said.

    ``words`` are the same one by one, where the times of each are known: together they are
    ``text``, with what stands between them.
    """

    start_s: float
    end_s: float
    text: str = field(repr=False)
    doubt: Doubt | None = None
    words: tuple[Spoken, ...] = field(default=(), repr=False)

    def moved(self, by_s: float) -> "Cue":
        """The same, ``by_s`` later."""
        words = tuple(
            replace(one, start_s=one.start_s + by_s, end_s=one.end_s + by_s) for one in self.words
        )
        return replace(self, start_s=self.start_s + by_s, end_s=self.end_s + by_s, words=words)


def doubted(
    cues: Sequence[Cue], duration_s: float | None, silences: Sequence[Span]
) -> tuple[Cue, ...]:
    """``cues``, each with what speaks against it.

    None as ``duration_s`` is unknown, and nothing is past it.
    """
    checked, latest_s = [], 0.0
    for cue in cues:
        doubt = cue.doubt
        if duration_s is not None and _is_past(cue, duration_s):
            doubt = "past_end"
        elif cue.start_s < latest_s:
            doubt = "out_of_order"
        elif doubt is None and not _is_a_sound(cue.text) and _is_silent(cue, silences):
            doubt = "silence"
        # A time that was made up does not make those after it wrong.
        latest_s = cue.start_s if doubt in (None, "silence") else latest_s
        end_s = cue.end_s
        if doubt is None and duration_s is not None:
            end_s = max(min(end_s, duration_s), cue.start_s)
        checked.append(replace(cue, end_s=end_s, doubt=doubt))
    return tuple(checked)


def _is_past(cue: Cue, duration_s: float) -> bool:
    return cue.start_s >= duration_s or cue.end_s > duration_s + _ROUNDED_S


def _is_a_sound(text: str) -> bool:
    """Whether it is no speech, as in "[silence]": that may be said of a silence."""
    return any(text.startswith(first) and text.endswith(last) for first, last in _BRACKETS)


def _is_silent(cue: Cue, silences: Sequence[Span]) -> bool:
    """Whether nearly all of ``cue`` is silent. There are few silences: all are looked at."""
    silent_s, length_s = 0.0, cue.end_s - cue.start_s
    for one in silences:
        silent_s += max(min(one.end_s, cue.end_s) - max(one.start_s, cue.start_s), 0.0)
    return length_s > 0 and silent_s >= _SILENT_SHARE * length_s
