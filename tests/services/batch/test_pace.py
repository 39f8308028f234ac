"""How fast a batch goes, and how much money it may have put aside."""

import asyncio

import pytest

from services import errors
from services.batch.pace import Pace, Purse, Turns


class Clock:
    """A clock that a test moves on."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_busy_api_halves_what_goes_at_once_and_good_rounds_bring_it_back():
    clock = Clock()
    pace = Pace(8, clock)
    pace.busy(2.0)
    assert (pace.at_once, pace.wait_s, pace.is_slowed) == (4, 2.0, True)
    clock.now += 2.0
    assert pace.wait_s == 0
    for _ in range(4):
        pace.well()
    assert pace.at_once == 5
    for _ in range(5 + 6 + 7):
        pace.well()
    assert (pace.at_once, pace.is_slowed) == (8, False)
    pace.well()
    assert pace.at_once == 8


def test_what_several_hear_at_the_same_time_slows_down_once():
    clock = Clock()
    pace = Pace(8, clock)
    for wait_s in (1.0, 3.0, None):
        pace.busy(wait_s)
    assert (pace.at_once, pace.wait_s) == (4, 3.0)


def test_one_goes_on_whatever_happens():
    clock = Clock()
    pace = Pace(3, clock)
    for _ in range(5):
        pace.busy(1.0)
        clock.now += 1.0
    assert pace.at_once == 1


def test_without_a_limit_there_is_always_money():
    purse = Purse(None)
    purse.unpriced()
    purse.paid(1e9)
    assert purse.has_room()


def test_the_first_call_goes_alone_and_then_each_puts_the_dearest_aside():
    purse = Purse(1.0)
    assert purse.has_room()
    purse.take()
    assert not purse.has_room()
    purse.give_back()
    purse.paid(0.3)
    for _ in range(2):
        assert purse.has_room()
        purse.take()
    assert not purse.has_room()  # 0.7 is left, and 0.6 of it is put aside


def test_when_not_even_one_more_can_be_paid_there_is_an_end():
    purse = Purse(1.0)
    purse.paid(0.6)
    with pytest.raises(errors.BatchSpent):
        purse.has_room()


def test_what_may_have_been_billed_counts_as_the_dearest():
    purse = Purse(1.0)
    purse.paid(0.4)
    purse.paid(None)
    with pytest.raises(errors.BatchSpent):
        purse.has_room()


@pytest.mark.parametrize("happens", [Purse.unpriced, lambda purse: purse.paid(None)])
def test_a_limit_that_cannot_be_kept_is_not_pretended(happens):
    purse = Purse(1.0)
    happens(purse)
    with pytest.raises(errors.CostNotReported):
        purse.has_room()


@pytest.mark.anyio
async def test_turns_are_given_as_others_are_given_back():
    turns = Turns(Pace(2), Purse(None))
    assert await turns.take(lambda: True)
    assert await turns.take(lambda: True)
    third = asyncio.create_task(turns.take(lambda: True))
    await asyncio.sleep(0)
    assert not third.done()
    turns.give_back()
    assert await third


@pytest.mark.anyio
async def test_who_waits_when_there_are_no_turns_any_more_gets_none():
    goes_on = [True]
    turns = Turns(Pace(1), Purse(None))
    assert await turns.take(lambda: goes_on[0])
    second = asyncio.create_task(turns.take(lambda: goes_on[0]))
    await asyncio.sleep(0)
    goes_on[0] = False
    turns.wake()
    assert not await second
