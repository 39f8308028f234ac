"""What is asked for at the same time is done once."""

import asyncio

import pytest

from services.assistant.flights import Flights
from services.events import Progress
from tests.capture import nobody

pytestmark = pytest.mark.anyio


class Work:
    """Something to be done, which counts how often it is begun and given up."""

    def __init__(self, fails=False):
        self.begun = self.given_up = 0
        self.gate = asyncio.Event()
        self.fails = fails

    async def __call__(self, tell):
        self.begun += 1
        tell(Progress("convert", share=0.5))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.fails:
            raise ValueError
        return object()


async def several(flights, work, number=3, tell=nobody):
    tasks = [asyncio.create_task(flights.get("key", work, tell)) for _ in range(number)]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_who_asks_at_the_same_time_gets_the_same():
    flights, work = Flights(8), Work()
    tasks = await several(flights, work)
    work.gate.set()
    assert len(set(await asyncio.gather(*tasks))) == 1
    assert work.begun == 1


async def test_who_asks_later_gets_what_was_made():
    flights, work = Flights(8), Work()
    work.gate.set()
    first = await flights.get("key", work, nobody)
    assert await flights.get("key", work, nobody) is first
    assert work.begun == 1


async def test_another_key_is_other_work():
    flights, work = Flights(8), Work()
    work.gate.set()
    assert await flights.get("a", work, nobody) is not await flights.get("b", work, nobody)


async def test_all_who_wait_hear_how_far_it_is():
    flights, work = Flights(8), Work()
    heard = []

    async def late(tell):
        tell(Progress("convert"))
        await work.gate.wait()
        tell(Progress("convert", share=1.0))

    tasks = [
        asyncio.create_task(
            flights.get("key", late, lambda event, n=number: heard.append((n, event.share)))
        )
        for number in range(2)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    work.gate.set()
    await asyncio.gather(*tasks)
    assert {(0, 1.0), (1, 1.0)} <= set(heard)


async def test_one_who_leaves_does_not_end_it_for_the_others():
    flights, work = Flights(8), Work()
    first, *others = await several(flights, work)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    work.gate.set()
    await asyncio.gather(*others)
    assert (work.begun, work.given_up) == (1, 0)


async def test_it_ends_when_nobody_waits_any_more():
    flights, work = Flights(8), Work()
    tasks = await several(flights, work)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert work.given_up == 1


async def test_who_comes_while_it_is_given_up_gets_it_anew():
    flights, work = Flights(8), Work()
    (task,) = await several(flights, work, 1)
    task.cancel()
    next_task = asyncio.create_task(flights.get("key", work, nobody))
    await asyncio.gather(task, return_exceptions=True)
    work.gate.set()
    assert await next_task is not None


async def test_a_failure_reaches_all_and_is_not_remembered():
    flights, work = Flights(8), Work(fails=True)
    work.gate.set()
    tasks = await several(flights, work)
    failed = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in failed] == [ValueError] * 3
    work.fails = False
    assert await flights.get("key", work, nobody) is not None


async def test_only_the_latest_are_remembered():
    flights, work = Flights(2), Work()
    work.gate.set()
    for key in "abc":
        await flights.get(key, work, nobody)
    await flights.get("c", work, nobody)
    assert work.begun == 3
    await flights.get("a", work, nobody)
    assert work.begun == 4
