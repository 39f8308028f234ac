"""How long an answer may be silent."""

import asyncio


class Silence:
    """Counts how long nothing has come, and ends the attempt when that is too long.

    Whatever comes counts, be it a comment. Once the answer is over only what is said of
    it does: a server that goes on with comments keeps nobody waiting.
    """

    def __init__(self, limit: asyncio.Timeout) -> None:
        self._limit = limit
        self._limit_s: float | None = None
        self._counted_from = 0.0
        self._is_last = False

    def at_most(self, limit_s: float) -> None:
        """From now on there may be no more than ``limit_s`` seconds of silence."""
        self._limit_s = limit_s
        self._count()

    def heard(self) -> None:
        """Something came: silence is counted from now.

        Within a hundredth of the limit it is not counted anew: setting a clock for each
        of thousands of deltas a second took a fifth of the time of reading them.
        """
        if self._limit_s is None or self._is_last:
            return
        if asyncio.get_running_loop().time() - self._counted_from >= self._limit_s / 100:
            self._count()

    def last(self, limit_s: float) -> None:
        """The answer is over: what may follow has ``limit_s`` seconds."""
        self._is_last = True
        self.at_most(limit_s)

    def _count(self) -> None:
        assert self._limit_s is not None  # who calls has seen to that
        self._counted_from = asyncio.get_running_loop().time()
        self._limit.reschedule(self._counted_from + self._limit_s)
