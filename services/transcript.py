"""The answers to the pieces of a recording, put together as one text."""

import re
from collections.abc import Sequence
from typing import Final

from services.media.facts import Span

#: Stands where a piece of the answer is missing.
_GAP: Final = "[…]"
#: A time at the start of a line or in brackets: where a model says when something
#: was said. Times in running text may be those of a clock, and are left alone.
_TIMES: Final = re.compile(
    r"(?P<before>^\s*(?:[-*>]\s*)?|[\[(]|-->\s*)"
    r"(?:(?P<hours>\d{1,2}):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{2})(?P<rest>[.,]\d{1,3})?(?!\d|:)"
)


class Transcript:
    """The answers to pieces, in order, each below the time it begins and ends at.

    Text comes out in the order of the pieces, while they are answered in any.
    """

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._texts = ["" for _ in spans]
        self._is_over = [False for _ in spans]
        self._has_heading = [False for _ in spans]
        self._now = 0

    def take(self, number: int, text: str) -> str:
        """What can be shown, now that ``text`` was added to the piece ``number``."""
        self._texts[number] += text
        return self._flowed()

    def end(self, number: int, *, complete: bool) -> str:
        """The same, now that the piece has its answer, or will not have it."""
        if not complete:
            self._texts[number] += f"\n{_GAP}"
        self._is_over[number] = True
        return self._flowed()

    def rest(self) -> str:
        """What was held back, where the pieces before it will not come any more."""
        last = max((number for number, over in enumerate(self._is_over) if over), default=-1)
        missing = [number for number in range(last) if not self._is_over[number]]
        return "".join(self.end(number, complete=False) for number in missing)

    def _flowed(self) -> str:
        shown = ""
        while self._now < len(self._spans):
            number, is_over = self._now, self._is_over[self._now]
            text = self._texts[number]
            if not is_over:
                text = text[: text.rfind("\n") + 1]  # a time may be cut in two
            if (text or is_over) and not self._has_heading[number]:
                self._has_heading[number] = True
                shown += self._heading(number)
            self._texts[number] = self._texts[number].removeprefix(text)
            shown += moved(text, self._spans[number])
            if not is_over:
                break
            self._now += 1
        return shown

    def _heading(self, number: int) -> str:
        span = self._spans[number]
        gap = "\n\n" if number else ""
        return f"{gap}**{_clock(span.start_s)}–{_clock(span.end_s)}**\n\n"


def moved(text: str, span: Span) -> str:
    """``text`` with the times in it counted from the start of the whole recording.

    A time that lies past the end of the piece is no time in it, and stays.
    """

    def shift(found: re.Match[str]) -> str:
        seconds = int(found["seconds"]) + 60 * int(found["minutes"])
        seconds += 3600 * int(found["hours"] or 0)
        if int(found["seconds"]) > 59 or seconds > span.end_s - span.start_s + 1:
            return found[0]
        total = seconds + round(span.start_s)
        hours, minutes = total // 3600, total // 60 % 60
        if found["hours"] is not None:
            width = len(found["hours"])
            shown = f"{hours:0{width}d}:{minutes:02d}"
        elif hours:
            shown = f"{hours}:{minutes:02d}"
        else:
            shown = f"{minutes:0{len(found['minutes'])}d}"
        return f"{found['before']}{shown}:{total % 60:02d}{found['rest'] or ''}"

    return "".join(_TIMES.sub(shift, line) for line in text.splitlines(keepends=True))


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
