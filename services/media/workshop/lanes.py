"""Whose turn it is: work on files is bounded by the processors, and shared fairly.

Short work has places of its own, so that five seconds of speech do not wait behind
three hours of it. Of the places of a lane one visitor never has all, as long as
there are two; who is not named, "", may be anybody. Who waits is told their number.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

#: Work that was thought to be short and takes longer than this, in seconds, gives
#: its place up and goes on among the long.
SHORT_S: Final = 2.0


@dataclass(slots=True)
class _Waiting:
    visitor: str
    told: Callable[[int], None]
    turn: asyncio.Future[None]
    number: int = 0


@dataclass(slots=True)
class _Lane:
    places: int
    taken: Counter[str] = field(default_factory=Counter)
    waiting: list[_Waiting] = field(default_factory=list)

    def has_room_for(self, visitor: str) -> bool:
        most = max(self.places - 1, 1) if visitor else self.places
        return self.taken.total() < self.places and self.taken[visitor] < most

    def take(self, visitor: str) -> None:
        self.taken[visitor] += 1

    def give_up(self, visitor: str) -> None:
        self.taken[visitor] -= 1
        self.taken += Counter()  # drops who has none

    def call(self) -> None:
        """Let in whom there is room for, in their order, and tell the others where they stand."""
        staying = []
        for one in self.waiting:
            if not one.turn.done() and self.has_room_for(one.visitor):
                self.take(one.visitor)
                one.turn.set_result(None)
            elif not one.turn.done():
                staying.append(one)
        self.waiting = staying
        for number, one in enumerate(staying, 1):
            if number != one.number:
                one.number = number
                one.told(number)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many places are taken, and how many wait for one."""

    short: int
    long: int
    waiting: int


class Lanes:
    """Places for short work and for long, as many of each as ``places``."""

    def __init__(self, places: int) -> None:
        self._short = _Lane(places)
        self._long = _Lane(places)

    @property
    def taken(self) -> Taken:
        """How busy they are now."""
        waiting = len(self._short.waiting) + len(self._long.waiting)
        return Taken(self._short.taken.total(), self._long.taken.total(), waiting)

    @contextlib.asynccontextmanager
    async def place(
        self, visitor: str, *, is_long: bool, told: Callable[[int], None]
    ) -> AsyncIterator[None]:
        """A place, for as long as the block lasts; ``told`` hears the number in the queue."""
        lane = self._long if is_long else self._short
        await self._turn(lane, visitor, told)

        def move() -> None:
            nonlocal lane
            if self._long.taken.total() < 2 * self._long.places:
                self._long.take(visitor)
                lane.give_up(visitor)
                lane.call()
                lane = self._long

        later = None
        if not is_long:
            later = asyncio.get_running_loop().call_later(SHORT_S, move)
        try:
            yield
        finally:
            if later is not None:
                later.cancel()
            lane.give_up(visitor)
            lane.call()

    @staticmethod
    async def _turn(lane: _Lane, visitor: str, told: Callable[[int], None]) -> None:
        if not lane.waiting and lane.has_room_for(visitor):
            lane.take(visitor)
            return
        one = _Waiting(visitor, told, asyncio.get_running_loop().create_future())
        lane.waiting.append(one)
        lane.call()
        try:
            await one.turn
        except asyncio.CancelledError:
            if one.turn.done() and not one.turn.cancelled():
                lane.give_up(visitor)  # it was let in, and left at the same moment
            one.turn.cancel()
            lane.call()
            raise
