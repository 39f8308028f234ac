"""What is done for a visitor, and its end when they stop it or leave."""

import asyncio

import pytest
from components.visits import Visits

pytestmark = pytest.mark.anyio


class Work:
    """Events that come until somebody cancels them."""

    def __init__(self):
        self.began = asyncio.Event()
        self.ended = asyncio.Event()

    async def events(self):
        try:
            yield "first"
            self.began.set()
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def read(visits, visitor, work):
    async for _ in visits.staying(visitor, work.events()):
        pass


@pytest.fixture
async def at_work():
    """Visits, and two visitors' work, each with the task that reads it."""
    visits = Visits()
    works = {visitor: Work() for visitor in ("ann", "bob")}
    tasks = {
        visitor: asyncio.create_task(read(visits, visitor, work)) for visitor, work in works.items()
    }
    for work in works.values():
        await work.began.wait()
    yield visits, works, tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


async def test_who_leaves_has_their_work_cancelled(at_work):
    visits, works, tasks = at_work
    visits.gone("ann")
    with pytest.raises(asyncio.CancelledError):
        await tasks["ann"]
    assert works["ann"].ended.is_set()


async def test_the_work_for_others_goes_on(at_work):
    visits, works, tasks = at_work
    visits.gone("ann")
    await asyncio.gather(tasks["ann"], return_exceptions=True)
    assert not works["bob"].ended.is_set()


async def test_work_that_is_over_is_forgotten(at_work):
    visits, _, tasks = at_work
    for visitor, task in tasks.items():
        visits.gone(visitor)
        await asyncio.gather(task, return_exceptions=True)
    assert visits._work == {}


async def test_who_has_nothing_running_may_leave():
    Visits().gone("nobody")


async def test_events_come_through_as_they_are():
    async def three():
        for number in range(3):
            yield number

    assert [event async for event in Visits().staying("ann", three())] == [0, 1, 2]
