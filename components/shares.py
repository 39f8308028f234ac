"""How much of the uploads is whose: nobody takes up what all are to have."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

#: How exactly it is known when an upload came, in seconds: so no visitor is many numbers.
_GRAIN_S: Final = 600.0


class Shares:
    """The bytes that each visitor has uploaded within ``kept_s`` seconds, as long as they are kept.

    Each may have ``most_bytes``. Who is nobody in particular has no share of their own.
    """

    def __init__(
        self, most_bytes: int, kept_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most_bytes: Final = most_bytes
        self._kept_s = kept_s
        self._clock = clock
        self._bytes: dict[str, Counter[int]] = {}

    def has_room(self, visitor: str, coming: int) -> bool:
        """Whether ``visitor`` may have ``coming`` bytes more."""
        return not visitor or self._of(visitor).total() + coming <= self.most_bytes

    def add(self, visitor: str, count: int) -> Callable[[], None]:
        """``visitor`` has so many bytes more, until what is returned takes them back."""
        if not visitor:
            return lambda: None
        self._forget()
        grain = int(self._clock() // _GRAIN_S)
        counts = self._bytes.setdefault(visitor, Counter())
        counts[grain] += count
        return lambda: counts.subtract({grain: count} if grain in counts else {})

    def _of(self, visitor: str) -> Counter[int]:
        self._forget()
        return self._bytes.get(visitor, Counter())

    def _forget(self) -> None:
        """Let go of what is not kept any more, and of who has nothing."""
        first = int((self._clock() - self._kept_s) // _GRAIN_S)
        for visitor, counts in list(self._bytes.items()):
            for grain in [one for one in counts if one < first]:
                del counts[grain]
            if not any(counts.values()):
                del self._bytes[visitor]
