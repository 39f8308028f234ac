"""Whose turn it is: short work beside long, nobody before their time, nobody with all places."""

import asyncio
import contextlib

import pytest

from services.media.workshop.lanes import SHORT_S, Lanes
from tests.clock import run_at_once


class House:
    """Lanes with guests, each of whom stays until told to leave."""

    def __init__(self, places=2):
        self.lanes = Lanes(places)
        self.inside = []
        self.told = {}
        self._leave = {}
        self._tasks = {}

    async def comes(self, name, visitor=None, *, is_long=True):
        """Somebody comes, and is in, or waits."""
        self._leave[name] = asyncio.Event()
        self.told[name] = []
        visitor = name if visitor is None else visitor
        self._tasks[name] = asyncio.create_task(self._stay(name, visitor, is_long=is_long))
        await self.settled()

    async def _stay(self, name, visitor, *, is_long):
        told = self.told[name].append
        async with self.lanes.place(visitor, is_long=is_long, told=told):
            self.inside.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)

    async def leaves(self, name):
        """Somebody is done."""
        self._leave[name].set()
        await self.settled()

    async def gives_up(self, *names):
        """Some are cancelled, all at the same moment."""
        for name in names:
            self._tasks[name].cancel()
        await self.settled()

    @staticmethod
    async def settled():
        """Everybody who can has gone on."""
        for _ in range(10):
            await asyncio.sleep(0)


def at_once(test):
    """The test as one that pytest can run, on a clock that jumps."""

    def run():
        run_at_once(test())

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


@at_once
async def test_no_more_are_in_than_there_are_places():
    house = House(2)
    for name in "abcd":
        await house.comes(name)

    assert house.inside == ["a", "b"]


@at_once
async def test_who_came_first_is_first():
    house = House(2)
    for name in "abcde":
        await house.comes(name)

    came = []
    for name in "abc":
        await house.leaves(name)
        came.append(house.inside[-1])

    assert came == ["c", "d", "e"]


@at_once
async def test_short_work_has_places_of_its_own_while_the_long_ones_are_taken():
    house = House(2)
    for name in "abcd":
        await house.comes(name)

    await house.comes("short", is_long=False)

    assert "short" in house.inside


@at_once
async def test_long_work_does_not_take_the_places_of_the_short():
    house = House(2)
    await house.comes("a", is_long=False)
    await house.comes("b", is_long=False)

    await house.comes("long")
    await house.comes("another", is_long=False)

    assert house.inside == ["a", "b", "long"]


@pytest.mark.parametrize("is_long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("places", [2, 3, 8])
def test_one_visitor_never_has_all_places(places, is_long):
    async def test():
        house = House(places)
        for number in range(places + 2):
            await house.comes(number, "greedy", is_long=is_long)
        assert len(house.inside) == places - 1

        await house.comes("other", is_long=is_long)

        assert "other" in house.inside

    run_at_once(test())


@at_once
async def test_who_is_not_named_may_be_anybody():
    """The offline API does not know its callers from each other."""
    house = House(2)

    await house.comes("a", "")
    await house.comes("b", "")

    assert house.inside == ["a", "b"]


@at_once
async def test_a_single_place_is_anybodys():
    house = House(1)

    await house.comes("a")

    assert house.inside == ["a"]


@at_once
async def test_whoever_has_all_they_may_keeps_nobody_else_from_coming_in():
    house = House(3)
    for name in ("a1", "a2", "a3"):
        await house.comes(name, "a")
    await house.comes("b")
    assert house.inside == ["a1", "a2", "b"]

    await house.comes("c")
    await house.leaves("b")

    assert house.inside == ["a1", "a2", "c"]


@at_once
async def test_who_leaves_makes_room_for_the_same_visitor():
    house = House(2)
    await house.comes("a1", "a")
    await house.comes("a2", "a")

    await house.leaves("a1")

    assert house.inside == ["a2"]


@at_once
async def test_who_waits_hears_their_number_whenever_it_changes():
    house = House(1)
    for name in "abcd":
        await house.comes(name)
    assert [house.told[name] for name in "abcd"] == [[], [1], [2], [3]]

    await house.leaves("a")
    await house.leaves("b")

    assert [house.told[name] for name in "bcd"] == [[1], [2, 1], [3, 2, 1]]


@at_once
async def test_who_gives_up_leaves_no_hole():
    house = House(1)
    for name in "abcd":
        await house.comes(name)

    await house.gives_up("b")
    assert house.told["d"] == [3, 2]
    await house.leaves("a")

    assert house.inside == ["c"]


@at_once
async def test_who_gives_up_in_the_moment_of_coming_in_leaves_the_place_to_the_next():
    house = House(1)
    for name in "abc":
        await house.comes(name)

    house._leave["a"].set()
    await asyncio.sleep(0)  # b has been let in, and does not know it yet
    await house.gives_up("b")

    assert house.inside == ["c"]


@at_once
async def test_everybody_who_gives_up_at_once_leaves_the_house_empty():
    house = House(1)
    for name in "abcd":
        await house.comes(name)

    await house.gives_up(*"abc")

    assert house.inside == ["d"]


@at_once
async def test_who_fails_gives_their_place_up():
    house = House(1)
    with contextlib.suppress(ValueError):
        async with house.lanes.place("a", is_long=True, told=lambda _: None):
            raise ValueError

    await house.comes("b")

    assert house.inside == ["b"]


@at_once
async def test_short_work_that_takes_long_gives_its_place_to_other_short_work():
    house = House(1)
    await house.comes("slow", is_long=False)
    await house.comes("quick", is_long=False)
    await asyncio.sleep(SHORT_S * 0.9)
    assert house.inside == ["slow"]

    await asyncio.sleep(SHORT_S * 0.2)

    assert house.inside == ["slow", "quick"]


@at_once
async def test_short_work_that_takes_long_counts_as_long_from_then_on():
    house = House(1)
    await house.comes("slow", is_long=False)
    await asyncio.sleep(SHORT_S * 1.1)

    await house.comes("long")
    assert house.inside == ["slow"]
    await house.leaves("slow")

    assert house.inside == ["long"]


@at_once
async def test_there_is_an_end_to_how_much_short_work_moves_over():
    """Twice the places of the long, and then the short ones wait for each other."""
    house = House(1)
    for name in "abcd":
        await house.comes(name, is_long=False)
    await asyncio.sleep(SHORT_S * 10)

    assert house.inside == ["a", "b", "c"]


@at_once
async def test_every_place_is_free_again_when_all_have_left():
    house = House(2)
    for name in "abcdef":
        await house.comes(name, is_long=name in "ace")
    await asyncio.sleep(SHORT_S * 2)
    for name in "abcdef":
        await house.leaves(name)

    for name in "ghij":
        await house.comes(name, is_long=name in "gh")

    assert house.inside == ["g", "h", "i", "j"]
