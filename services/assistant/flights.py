"""What is asked for at the same time is done once, for all who wait for it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.events import Event, Tell

Made = TypeVar("Made")


@dataclass(slots=True, eq=False)
class _Flight(Generic[Made]):
    """One piece of work, who hears of it, and how many wait for it."""

    task: asyncio.Task[Made]
    listeners: list[Tell] = field(default_factory=list)


class Flights(Generic[Made]):
    """Results by their keys, the latest ``most`` of them, and what is being made of others."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, Made] = OrderedDict()
        self._flights: dict[Hashable, _Flight[Made]] = {}

    async def get(self, key: Hashable, work: Callable[[Tell], Awaitable[Made]], tell: Tell) -> Made:
        """The result for ``key``, which ``work`` makes if nobody has made it yet.

        All who wait hear what ``work`` tells. It ends when nobody waits any more.
        What it raises reaches them all, and is not remembered.
        """
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        flight = self._flights.get(key)
        if flight is None:
            listeners: list[Tell] = []

            def tell_all(event: Event) -> None:
                for one in listeners:
                    one(event)

            async def fly() -> Made:
                try:
                    made = await work(tell_all)
                    self._made[key] = made
                    if len(self._made) > self._most:
                        self._made.popitem(last=False)
                    return made
                finally:
                    self._land(key, flight)

            flight = _Flight(asyncio.create_task(fly()), listeners)
            self._flights[key] = flight
        flight.listeners.append(tell)
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.listeners.remove(tell)
            if not flight.listeners and not flight.task.done():
                self._land(key, flight)  # who comes now does not get what is being given up
                flight.task.cancel()
                await asyncio.gather(flight.task, return_exceptions=True)

    def _land(self, key: Hashable, flight: _Flight[Made] | None) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
