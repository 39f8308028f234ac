"""How fast a batch goes: fewer calls at once while the API is busy, and none without money."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

from services import errors

#: How long to hold back where a busy API does not say, in seconds.
_PAUSE_S: Final = 1.0


class Pace:
    """At most ``most`` calls at once: half as many each time that the API is busy.

    With each round of calls that go well there is one more again, as TCP does it (additive
    increase, multiplicative decrease; RFC 5681).
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._well = 0
        self._until = 0.0
        self.at_once = most

    @property
    def is_slowed(self) -> bool:
        """Whether there are fewer at once than there might be."""
        return self.at_once < self._most

    @property
    def wait_s(self) -> float:
        """For how long no other call is to be made."""
        return max(self._until - self._clock(), 0.0)

    def busy(self, wait_s: float | None) -> None:
        """The API was busy, and said that it will be for ``wait_s`` seconds, or did not say."""
        now = self._clock()
        if now >= self._until:  # several that were under way at once hear the same
            self.at_once = max(self.at_once // 2, 1)
        self._until = max(self._until, now + (_PAUSE_S if wait_s is None else wait_s))
        self._well = 0

    def well(self) -> None:
        """A call went well."""
        self._well += 1
        if self._well >= self.at_once < self._most:
            self.at_once += 1
            self._well = 0


class Purse:
    """At most ``most`` USD for a batch, None for any sum.

    What a call costs is known when it is over: so each has as much put aside as the dearest one
    so far, and the first of all goes alone. Where the API does not say what a call cost, a limit
    cannot be kept, and there is no other.
    """

    def __init__(self, most: float | None) -> None:
        self._most = most
        self._spent = 0.0
        self._dearest: float | None = None
        self._aside = 0
        self._is_unknown = False

    def paid(self, cost: float | None) -> None:
        """A call was billed, or may have been: its cost, None where nobody knows."""
        if cost is not None:
            self._spent += cost
            self._dearest = max(self._dearest or 0.0, cost)
        elif self._dearest is not None:
            self._spent += self._dearest
        else:
            self._is_unknown = True

    def unpriced(self) -> None:
        """A whole answer came without a cost."""
        self._is_unknown = True

    def has_room(self) -> bool:
        """Whether another call may be made now; False where it may be later.

        Raises:
            BatchSpent: it may not, whatever those under way cost.
            CostNotReported: nobody can tell.
        """
        if self._most is None:
            return True
        if self._is_unknown:
            raise errors.CostNotReported
        left = self._most - self._spent
        if self._dearest is None:
            return self._aside == 0
        if left < self._dearest:
            raise errors.BatchSpent
        return left >= self._dearest * (self._aside + 1)

    def take(self) -> None:
        """Put aside what a call may cost."""
        self._aside += 1

    def give_back(self) -> None:
        """The call is over."""
        self._aside -= 1


class Turns:
    """Who of a batch may go: as the :class:`Pace` and the :class:`Purse` allow it."""

    def __init__(self, pace: Pace, purse: Purse) -> None:
        self._pace = pace
        self._purse = purse
        self._under_way = 0
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Something has changed for those who wait."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def take(self, may_go: Callable[[], bool]) -> bool:
        """Wait for a turn; False once ``may_go`` says that there will be none.

        Raises:
            BatchSpent, CostNotReported: there is no money for another call.
        """
        while may_go():
            changed, wait_s = self._changed, self._pace.wait_s
            if not wait_s and self._under_way < self._pace.at_once and self._purse.has_room():
                self._under_way += 1
                self._purse.take()
                return True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s or None):
                    await changed.wait()
        return False

    def give_back(self) -> None:
        """The turn is over."""
        self._under_way -= 1
        self._purse.give_back()
        self.wake()
