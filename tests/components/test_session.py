"""What is done and kept for a visitor, and its end when they stop it or leave."""

import asyncio

import pytest

from components.session import Sessions
from services.assistant import Ask

pytestmark = pytest.mark.anyio

ASK = Ask(None, "What?", "m")


class Work:
    """Work that goes on until somebody cancels it."""

    def __init__(self):
        self.began = asyncio.Event()
        self.ended = asyncio.Event()

    async def do(self):
        try:
            self.began.set()
            await asyncio.Event().wait()
        finally:
            self.ended.set()


@pytest.fixture
async def at_work():
    """Sessions, and two visitors' work, each with its task."""
    sessions = Sessions()
    works = {visitor: Work() for visitor in ("ann", "bob")}
    tasks = {
        visitor: asyncio.create_task(sessions.working(visitor, work.do()))
        for visitor, work in works.items()
    }
    for work in works.values():
        await work.began.wait()
    yield sessions, works, tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("how", ["stop", "left"])
async def test_who_stops_or_leaves_has_their_work_cancelled(at_work, how):
    sessions, works, tasks = at_work
    getattr(sessions, how)("ann")
    with pytest.raises(asyncio.CancelledError):
        await tasks["ann"]
    assert works["ann"].ended.is_set()


async def test_the_work_for_others_goes_on(at_work):
    sessions, works, tasks = at_work
    sessions.left("ann")
    await asyncio.gather(tasks["ann"], return_exceptions=True)
    assert not works["bob"].ended.is_set()


async def test_who_has_nothing_is_forgotten(at_work):
    sessions, _, tasks = at_work
    for visitor, task in tasks.items():
        sessions.stop(visitor)
        await asyncio.gather(task, return_exceptions=True)
    assert dict(sessions._sessions) == {}


async def test_who_has_nothing_running_may_leave():
    Sessions().left("nobody")
    Sessions().stop("nobody")


async def test_the_outcome_comes_through():
    async def three():
        return 3

    assert await Sessions().working("ann", three()) == 3


async def test_stop_keeps_what_was_paid_for_and_leaving_does_not(at_work):
    sessions, _, tasks = at_work
    sessions.checkpoint("ann").keep(ASK, 0, "piece")
    sessions.stop("ann")
    await asyncio.gather(tasks["ann"], return_exceptions=True)
    assert sessions.checkpoint("ann").of(ASK) == {0: "piece"}
    sessions.left("ann")
    assert sessions.checkpoint("ann").is_empty


async def test_one_visitors_pieces_are_no_others():
    sessions = Sessions()
    sessions.checkpoint("ann").keep(ASK, 0, "piece")
    assert sessions.checkpoint("bob").of(ASK) == {}


async def test_programs_that_never_say_goodbye_are_not_kept_for_ever():
    async def keep(sessions, visitor):
        sessions.checkpoint(visitor).keep(ASK, 0, "piece")

    sessions = Sessions()
    for number in range(1000):
        await sessions.working(str(number), keep(sessions, str(number)))
    assert len(sessions._sessions) <= 201
    assert not sessions.checkpoint("999").is_empty
