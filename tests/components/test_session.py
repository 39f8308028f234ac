"""What is done and kept for a visitor, and its end when they stop it or leave."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from starlette.datastructures import Headers

from components.result.card import Head
from components.session import Sessions
from services.assistant import Ask
from tests.components.pages import REPORT

pytestmark = pytest.mark.anyio

HEAD = Head("1", datetime.now(UTC), "", "What?", "m")
OTHER = replace(HEAD, id="2")
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
    if how == "stop":
        await sessions.stop("ann")
    else:
        sessions.left("ann")
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
        await sessions.stop(visitor)
        await asyncio.gather(task, return_exceptions=True)
    assert dict(sessions._sessions) == {}


async def test_who_has_nothing_running_may_leave():
    Sessions().left("nobody")
    assert await Sessions().stop("nobody") == (None, {})


async def test_the_outcome_comes_through():
    async def three():
        return 3

    assert await Sessions().working("ann", three()) == 3


async def test_stop_keeps_what_was_paid_for_and_leaving_does_not(at_work):
    sessions, _, _ = at_work
    sessions.checkpoint("ann").keep(ASK, 0, "piece")
    await sessions.stop("ann")
    assert sessions.checkpoint("ann").of(ASK) == {0: "piece"}
    sessions.left("ann")
    assert sessions.checkpoint("ann").is_empty


async def test_stop_tells_once_what_is_known_of_what_was_stopped():
    sessions = Sessions()
    sessions.asks("ann", HEAD)

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            sessions.knows("ann", HEAD, REPORT)

    task = asyncio.create_task(sessions.working("ann", work()))
    await asyncio.sleep(0)
    assert await sessions.stop("ann") == (HEAD, {HEAD.id: REPORT})
    assert await sessions.stop("ann") == (None, {})
    await asyncio.gather(task, return_exceptions=True)


async def test_what_ended_before_stop_came_is_known_to_it():
    sessions = Sessions()
    sessions.asks("ann", HEAD)

    async def work():
        sessions.knows("ann", HEAD, REPORT)

    await sessions.working("ann", work())
    assert await sessions.stop("ann") == (HEAD, {HEAD.id: REPORT})


async def test_what_the_page_has_shown_is_not_told_again():
    sessions = Sessions()
    sessions.asks("ann", HEAD)
    sessions.knows("ann", HEAD, REPORT)
    sessions.has_shown("ann")
    assert await sessions.stop("ann") == (None, {})
    assert dict(sessions._sessions) == {}


async def test_a_new_run_is_not_taken_for_the_one_before():
    sessions = Sessions()
    sessions.asks("ann", HEAD)
    sessions.knows("ann", HEAD, REPORT)
    sessions.asks("ann", OTHER)
    assert await sessions.stop("ann") == (OTHER, {})


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


@pytest.mark.parametrize(
    ("proxies", "forwarded", "payer"),
    [
        (0, "203.0.113.9", "ann"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "made up, 203.0.113.9", "203.0.113.9"),
        (2, "made up, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "ann"),
        (1, "", "ann"),
        (1, "made up, ", "ann"),
        (1, "203.0.113.9:51234", "203.0.113.9"),
        (1, "2001:db8:1:2::3", "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2::4]:443", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "no address", "ann"),
    ],
)
def test_who_is_counted_is_the_address_that_a_trusted_proxy_saw_or_the_session(
    proxies, forwarded, payer
):
    headers = Headers(raw=[(b"x-forwarded-for", forwarded.encode())])
    request = SimpleNamespace(session_hash="ann", headers=headers)
    assert Sessions(proxies).payer(request) == payer


def test_of_two_lines_the_proxys_is_the_last():
    lines = [(b"x-forwarded-for", b"192.0.2.1"), (b"x-forwarded-for", b"203.0.113.9")]
    request = SimpleNamespace(session_hash="ann", headers=Headers(raw=lines))
    assert Sessions(1).payer(request) == "203.0.113.9"


def costing(usd):
    return replace(REPORT, usage={"cost": usd})


def test_what_all_runs_of_a_visitor_cost_is_added_up():
    sessions = Sessions()
    for cost in (0.25, None, 0.5):
        sessions.asks("ann", HEAD)
        sessions.knows("ann", HEAD, costing(cost))
        sessions.has_shown("ann")
    assert (sessions.cost("ann"), sessions.cost("bob")) == (0.75, 0.0)


def test_a_run_of_which_more_becomes_known_is_paid_once():
    sessions = Sessions()
    sessions.asks("ann", HEAD)
    for _ in range(2):
        sessions.knows("ann", HEAD, costing(0.25))
    assert sessions.cost("ann") == 0.25


def test_answers_are_known_as_those_of_who_asked():
    sessions = Sessions()
    sessions.answered("ann", "gen-1", has_own_key=True)
    sessions.answered("ann", "gen-2", has_own_key=False)
    assert sessions.answers("ann") == {"gen-1": True, "gen-2": False}
    assert sessions.answers("bob") == {}
    sessions.left("ann")
    assert sessions.answers("ann") == {}


def test_of_many_answers_the_latest_are_known():
    sessions = Sessions()
    for number in range(150):
        sessions.answered("ann", str(number), has_own_key=False)
    assert list(sessions.answers("ann")) == [str(number) for number in range(50, 150)]


async def test_they_are_known_while_the_visitor_stays():
    sessions = Sessions()
    sessions.answered("ann", "gen-1", has_own_key=False)
    await sessions.working("ann", asyncio.sleep(0))
    assert "gen-1" in sessions.answers("ann")
