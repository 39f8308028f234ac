"""The answers to the pieces of a recording, put together as one text."""

import re
from typing import Final

from services.media.values import Span

#: Stands where a piece of the answer is missing.
_GAP: Final = "[…]"
#: A time at the start of a line or in brackets, or the end of a span that such a time
#: begins: where a model says when something was said. Times in running text may be those
#: of a clock, and are left alone.
_TIMES: Final = re.compile(
    r"(?P<before>^\s*(?:(?:[-*>•|]|#{1,6}|\d{1,3}[.)](?=\s))\s*)*|[\[(]|-->\s*"
    r"|(?P<between>(?<=[\d\])])\s?(?:[-–—]|to|до|\|)\s?[\[(]?))"
    r"(?:(?P<hours>\d{1,2}):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{2})(?P<rest>[.,]\d{1,3})?(?!\d|:\d)"
)


#: The end of what has come so far, while it may be the beginning of a time.
_HALF_A_TIME: Final = re.compile(r"[\d:.,]+$")


class _Piece:
    """The answer to one piece as it comes; the line that is not over yet is held as it came."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._line = ""
        self._shown = 0  # letters of the line as they were shown
        self.is_over = False

    def take(self, text: str) -> str:
        """What can be shown of ``text`` and what was held back before."""
        *lines, last = (self._line + text).split("\n")
        whole = "".join(f"{line}\n" for line in lines)
        half = None if self.is_over else _HALF_A_TIME.search(last)
        sure = moved(whole + (last[: half.start()] if half else last), self._span)
        added = sure[self._shown :]
        self._line = last
        self._shown = len(sure) - len(moved(whole, self._span))
        return added


class Transcript:
    """The answers to pieces, in order, each below the time it begins and ends at.

    Text comes out in the order of the pieces, while they are answered in any.
    """

    def __init__(self) -> None:
        self._pieces: dict[int, _Piece] = {}
        self._waiting: dict[int, str] = {}
        self._now = 0

    def begin(self, number: int, span: Span) -> str:
        """What can be shown, now that the piece ``number`` is known."""
        self._pieces[number] = _Piece(span)
        gap = "\n\n" if number else ""
        self._waiting[number] = f"{gap}**{_clock(span.start_s)}–{_clock(span.end_s)}**\n\n"
        return self._flowed()

    def take(self, number: int, text: str) -> str:
        """The same, now that ``text`` was added to the piece."""
        self._waiting[number] += self._pieces[number].take(text)
        return self._flowed()

    def end(self, number: int, *, complete: bool) -> str:
        """The same, now that the piece has its answer, or will not have it."""
        piece = self._pieces[number]
        piece.is_over = True
        self._waiting[number] += piece.take("" if complete else f"\n{_GAP}")
        return self._flowed()

    def rest(self) -> str:
        """What was held back, where the pieces before it will not come any more."""
        shown = ""
        for number in range(self._now, max(self._waiting, default=-1) + 1):
            shown += self._waiting.get(number, f"\n\n{_GAP}")
        self._waiting.clear()
        return shown

    def _flowed(self) -> str:
        shown = ""
        while self._now in self._pieces:
            shown += self._waiting.get(self._now, "")
            self._waiting[self._now] = ""
            if not self._pieces[self._now].is_over:
                break
            self._now += 1
        return shown


def moved(text: str, span: Span) -> str:
    """``text`` with the times in it counted from the start of the whole recording.

    A time that lies past the end of the piece is no time in it, and stays.
    """
    moved_until = -1

    def shift(found: re.Match[str]) -> str:
        nonlocal moved_until
        if found["between"] and found.start() - moved_until not in (0, 1):  # a bracket
            return found[0]
        seconds = int(found["seconds"]) + 60 * int(found["minutes"])
        seconds += 3600 * int(found["hours"] or 0)
        if int(found["seconds"]) > 59 or seconds > span.end_s - span.start_s + 1:
            return found[0]
        moved_until = found.end()
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

    shown = []
    for line in text.splitlines(keepends=True):
        moved_until = -1
        shown.append(_TIMES.sub(shift, line))
    return "".join(shown)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
