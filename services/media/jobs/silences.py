"""Where a sound is silent, found while it is measured."""

import heapq
from collections.abc import Iterable
from typing import Final

from services.media.values import MOST_SILENCES, Span

#: Shorter than this it is a breath between two words, in seconds.
_LEAST_S: Final = 1.0
#: A window that is this much shorter than a second has the length of one, in seconds.
_ROUNDED_S: Final = 1e-6


class Silences:
    """The longest silences of a sound, in seconds from its start; no more are ever held."""

    def __init__(self) -> None:
        self._longest: list[tuple[float, float, float]] = []
        self._began_s: float | None = None

    def take(self, begin_s: float, window_s: float, are_silent: Iterable[bool]) -> None:
        """Take windows of ``window_s`` each, one after the other, the first at ``begin_s``."""
        for number, is_silent in enumerate(are_silent):
            if not is_silent:
                self._end(begin_s + number * window_s)
            elif self._began_s is None:
                self._began_s = begin_s + number * window_s

    def found(self, end_s: float) -> tuple[Span, ...]:
        """All of them in order, in a sound that ends at ``end_s``."""
        self._end(end_s)
        in_order = sorted((begin_s, end_s) for _, begin_s, end_s in self._longest)
        return tuple(Span(round(begin_s, 2), round(end_s, 2)) for begin_s, end_s in in_order)

    def _end(self, end_s: float) -> None:
        began_s, self._began_s = self._began_s, None
        if began_s is None or end_s - began_s < _LEAST_S - _ROUNDED_S:
            return
        heapq.heappush(self._longest, (end_s - began_s, began_s, end_s))
        if len(self._longest) > MOST_SILENCES:
            heapq.heappop(self._longest)
