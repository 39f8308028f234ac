"""A day costs no more than it may, whoever leaves and however many ask at once."""

import asyncio
import contextlib

import pytest

from services import errors
from services.assistant import Ask, LocalFile
from tests import making
from tests.capture import assistant_at, capturing, http, nobody
from tests.services.assistant.test_allowance import allowance, called

pytestmark = pytest.mark.anyio


async def test_calls_under_way_have_their_cost_put_aside():
    counting = allowance(daily_cost_limit="0.01", visitor_at_once=10)
    await called(counting, cost=0.003)
    async with contextlib.AsyncExitStack() as under_way:
        for _ in range(2):
            costs = await under_way.enter_async_context(counting.call("one", None))
            costs(0.003)
        assert await called(counting) == "DayIsPromised"
        with pytest.raises(errors.DayIsPromised):
            await counting.check("one")
    assert await called(counting) == "DayIsSpent"


async def test_what_was_put_aside_and_not_needed_is_there_again():
    counting = allowance(daily_cost_limit="0.01")
    ends = [await called(counting, cost=cost) for cost in (0.004, 0, 0, 0.004)]
    assert ends == ["", "", "", ""]


async def test_a_call_that_nobody_has_the_bill_of_costs_as_much_as_the_dearest():
    counting = allowance(daily_cost_limit="0.01")
    ends = [await called(counting, cost=cost) for cost in (0.004, None, 0)]
    assert ends == ["", "", "DayIsSpent"]


async def test_before_any_cost_is_known_so_many_can_leave_and_no_more():
    counting = allowance(daily_cost_limit="1", visitor_limit=1000)
    ends = [await called(counting, cost=None) for _ in range(101)]
    assert ends == [*[""] * 100, "DayIsSpent"]


async def test_at_once_no_more_is_spent_than_there_is():
    counting = allowance(daily_cost_limit="0.1", visitor_at_once=1000)
    await called(counting, cost=0.01)
    ends = await asyncio.gather(*(called(counting, cost=0.01) for _ in range(50)))
    assert ends.count("") == 9


async def test_who_leaves_before_the_bill_is_counted_as_if_it_had_come(workshop, tmp_path):
    wav = making.write_sound(
        tmp_path / "tone.wav", making.tone(0.3), container="wav", codec="pcm_s16le"
    )
    ask = Ask(LocalFile(wav), "What?", "m")
    environ = {"DAILY_COST_LIMIT": "0.01", "VISITOR_LIMIT": "1000"}
    arrived = asyncio.Event()

    async def silence(reader, writer):
        arrived.set()
        await reader.read()

    async with (
        capturing(silence) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
    ):
        server.catalogue = http("{}", "application/json", 404)
        run = asyncio.create_task(assistant.run(ask, nobody, payer="one"))
        await arrived.wait()
        run.cancel()
        await asyncio.wait({run})
        spending = assistant._allowance._spending
        stats = await spending._limiter.get_window_stats(spending._item, "day")
    assert 10_000 - stats.remaining == 100
