"""The cues in a text: whatever a model wrote that has the shape of a transcript with times.

Not with a library's reader of SRT or WebVTT: a model's files break their grammar (a point for
a comma, no empty line between cues, no hours, a fence around it), and a strict reader drops
such cues without a word. Here they are lines that a time leads, like all the others.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.media.values import Span
from services.subtitles.cue import Cue, Doubt, doubted
from services.subtitles.times import Led, led

#: A text of more cues than this is none that anybody reads.
MOST_CUES: Final = 10_000
#: How long a cue stands, in seconds, where nothing tells.
_USUAL_S: Final = 4.0
_FENCE: Final = re.compile(r"\s*(?:```|~~~)")
_RULE: Final = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
_NUMBER: Final = re.compile(r"\s*\d{1,6}\s*$")
#: A voice of WebVTT, and any other tag.
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]{1,40})? ([^<>]{1,80})>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z|\d][^<>]{0,80}>|<br ?/?>", re.IGNORECASE)
#: WebVTT's settings behind the times of a cue.
_SETTINGS: Final = re.compile(r"\s*(?:align|line|position|region|size|vertical):", re.IGNORECASE)
#: What WebVTT cannot have in its words as it is; the last is what the others begin with.
_ESCAPED: Final = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&"))
_AROUND: Final = " \t*_|`"


@dataclass(slots=True)
class _Draft:
    """A cue of which more lines may follow."""

    led: Led
    lines: list[str] = field(default_factory=list)
    is_open: bool = True
    is_heading: bool = False

    def __post_init__(self) -> None:
        has_settings = self.led.is_arrow and _SETTINGS.match(self.led.text) is not None
        first = "" if has_settings else self.led.text
        # Words that stand below the time may be several paragraphs.
        self.is_heading = not first.strip(_AROUND)
        self.add(first)

    def add(self, line: str) -> None:
        """Take ``line`` as more of its words."""
        words = _TAG.sub("", _VOICE.sub(r"\1: ", line)).replace("**", "").strip(_AROUND)
        for escaped, letter in _ESCAPED if self.led.is_arrow else ():
            words = words.replace(escaped, letter)
        if words.strip():
            self.lines.append(words)

    @property
    def text(self) -> str:
        """Its words, line by line, behind who says them."""
        text = "\n".join(self.lines)
        return f"{self.led.name}: {text}" if self.led.name and text else text


def cues_in(text: str, duration_s: float | None, silences: Sequence[Span] = ()) -> tuple[Cue, ...]:
    """The cues of ``text``, in its order; none where it is no transcript with times.

    Each is held against ``duration_s`` and the ``silences`` of what was sent, in seconds
    on the same clock. One without an end lasts until the next begins, or to the end.
    """
    drafts, loose = _drafts(text)
    drafts = [draft for draft in drafts if draft.text][:MOST_CUES]
    if not _is_transcript([draft.led for draft in drafts], loose, duration_s):
        return ()
    return doubted(list(_timed(drafts, duration_s)), duration_s, silences)


def has_arrows(text: str) -> bool:
    """Whether there is a cue of SRT or WebVTT in ``text``: then its words are spoken ones."""
    return "-->" in text


def _drafts(text: str) -> tuple[list[_Draft], int]:
    """The cues as they stand, and how many lines are of none."""
    drafts: list[_Draft] = []
    loose = 0
    for line in text.splitlines():
        now = drafts[-1] if drafts and drafts[-1].is_open else None
        parts = led(line)
        if parts:
            if now is not None and parts[0].is_arrow and now.lines and _NUMBER.match(now.lines[-1]):
                now.lines.pop()  # the number of this one
            drafts += [_Draft(part) for part in parts]
        elif _FENCE.match(line) or _RULE.match(line):
            if now is not None:
                now.is_open = False
        elif now is None:
            is_word = bool(line.strip()) and not _NUMBER.match(line)
            loose += is_word and line.strip() != "WEBVTT"
        elif line.strip():
            now.add(line)
        elif now.lines and (now.led.is_arrow or not now.is_heading):
            now.is_open = False
    return drafts, loose


def _is_transcript(cues: Sequence[Led], loose: int, duration_s: float | None) -> bool:
    """Whether so many lines of which a time is the head, and of which none is, are one."""
    if any(cue.is_arrow for cue in cues):
        return True  # nothing else looks like that
    marked = sum(cue.is_marked for cue in cues)
    if marked >= 2 or (marked and marked >= loose):
        return True
    if len(cues) < 2 or len(cues) < loose:
        return False
    # Times with nothing around them may be those of a timetable, in hours and minutes.
    return duration_s is None or any(cue.start_s < duration_s for cue in cues)


def _timed(drafts: Sequence[_Draft], duration_s: float | None) -> Iterator[Cue]:
    for number, draft in enumerate(drafts):
        start_s, end_s = draft.led.start_s, draft.led.end_s
        doubt: Doubt | None = None
        if end_s is not None and end_s < start_s:
            end_s, doubt = None, "out_of_order"
        if end_s is None:
            is_last = number + 1 == len(drafts)
            next_s = math.inf if is_last else drafts[number + 1].led.start_s
            last_s = math.inf if duration_s is None else duration_s
            # What comes next may be made up: before this one, or past the end.
            end_s = min((one for one in (next_s, last_s) if start_s < one < math.inf), default=None)
            end_s = start_s + _USUAL_S if end_s is None else end_s
        yield Cue(start_s, end_s, draft.text, doubt)
