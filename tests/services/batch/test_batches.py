"""A batch from its files to its answers, stopped, gone on with, and deleted."""

import asyncio
import contextlib
import sqlite3
import threading
import time

import pytest
from pydantic import SecretStr

from services import errors
from services.batch import Question
from services.batch.values import KEPT_S
from tests import several
from tests.browser.scripted_api import completion
from tests.services.batch.conftest import USAGE, rest, states

pytestmark = pytest.mark.anyio

ASKED = Question("What is said?", "openai/gpt-4o")


async def until(batches, token, come):
    """The batch once it has come so far."""
    async for batch in batches.watch(token):
        if come(batch):
            return batch
    raise AssertionError("it never came so far")


async def test_each_file_is_asked_about_once_and_has_its_answer(open_batches, api, sounds):
    async with open_batches() as batches:
        token = await batches.make(sounds[:5], ASKED)
        assert states(await batches.get(token)) == ["unsent"] * 5
        await batches.start(token)
        batch = await rest(batches, token)
        assert states(batch) == ["answered"] * 5
        assert [clip.name for clip in batch.clips] == [f"tone-{number}.wav" for number in range(5)]
        assert (round(batch.cost, 6), batch.unpriced, batch.halted) == (0.005, 0, None)
        assert len(api.requests) == 5
        report = await batches.report(token, 3)
        assert (report.text, report.counted.cost) == ("Hello", 0.001)


async def test_no_more_are_asked_about_at_once_than_the_host_lets_a_visitor(
    open_batches, api, sounds
):
    now, most = [], []

    def script(handler):
        now.append(1)
        most.append(len(now))
        time.sleep(0.1)
        now.pop()
        handler.answer_json(completion("Hello", usage=USAGE))

    api.script = script
    async with open_batches(VISITOR_AT_ONCE="3") as batches:
        token = await batches.make(sounds, ASKED)
        await batches.start(token)
        assert states(await rest(batches, token)) == ["answered"] * 12
    assert max(most) == 3


async def test_a_failure_is_its_own_and_can_be_asked_about_again(open_batches, api, sounds):
    def script(handler):
        if len(api.requests) == 2:
            handler.answer_json({"error": {"code": 400, "message": "no"}}, 400)
        else:
            handler.answer_json(completion("Hello", usage=USAGE))

    api.script = script
    async with open_batches() as batches:
        token = await batches.make(sounds[:4], ASKED)
        await batches.start(token)
        batch = await rest(batches, token)
        assert sorted(states(batch)) == ["answered"] * 3 + ["failed"]
        assert [clip.fault.name for clip in batch.clips if clip.fault] == ["RequestRejected"]
        await batches.start(token, ["failed"])
        assert states(await rest(batches, token)) == ["answered"] * 4
    assert len(api.requests) == 5


async def test_what_is_stopped_is_gone_on_with_and_nothing_is_sent_twice(open_batches, api, sounds):
    go_on = threading.Event()

    def script(handler):
        go_on.wait(20)
        handler.answer_json(completion("Hello", usage=USAGE))

    api.script = script
    async with open_batches(VISITOR_AT_ONCE="2") as batches:
        token = await batches.make(sounds[:6], ASKED)
        await batches.start(token)
        await until(batches, token, lambda batch: batch.count("asking") == 2)
        batches.stop(token)
        go_on.set()
        batch = await rest(batches, token)
        assert (batch.count("answered"), batch.count("unsent")) == (2, 4)
        assert len(api.requests) == 2
        await batches.start(token)
        assert states(await rest(batches, token)) == ["answered"] * 6
    assert len(api.requests) == 6


async def test_stopped_twice_what_is_under_way_is_given_up_and_says_that_it_may_be_billed(
    open_batches, api, sounds
):
    api.script = lambda handler: api.over.wait(20)
    async with open_batches(VISITOR_AT_ONCE="2") as batches:
        token = await batches.make(sounds[:3], ASKED)
        await batches.start(token)
        await until(batches, token, lambda batch: batch.count("asking") == 2)
        await asyncio.to_thread(several.until, lambda: len(api.requests) == 2)
        batches.stop(token)
        batches.stop(token)
        batch = await rest(batches, token)
        assert sorted(states(batch)) == ["failed", "failed", "unsent"]
        assert {clip.fault.name for clip in batch.clips if clip.fault} == {"Stopped"}
        assert batch.unpriced == 2


async def test_what_would_be_the_same_for_all_ends_it(open_batches, api, sounds):
    api.script = lambda handler: handler.answer_json({"error": {"message": "no credit"}}, 402)
    async with open_batches(VISITOR_AT_ONCE="1") as batches:
        token = await batches.make(sounds[:4], ASKED)
        await batches.start(token)
        batch = await rest(batches, token)
    assert states(batch) == ["failed", "unsent", "unsent", "unsent"]
    assert batch.halted.name == "OutOfCredit"
    assert len(api.requests) == 1


async def test_the_limits_of_the_hosts_key_hold_for_each_clip(open_batches, api, sounds):
    async with open_batches(VISITOR_LIMIT="3") as batches:
        token = await batches.make(sounds[:8], ASKED)
        await batches.start(token)
        batch = await rest(batches, token)
        assert batch.count("answered") == len(api.requests) == 3
        assert batch.halted.name == "VisitorLimitReached"


async def test_a_busy_api_is_asked_less_and_all_come_to_their_answers(open_batches, api, sounds):
    under_way = []

    def script(handler):
        under_way.append(1)
        if len(under_way) > 2:
            handler.send_response(429)
            handler.send_header("Retry-After", "1")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        else:
            time.sleep(0.15)
            handler.answer_json(completion("Hello", usage=USAGE))
        under_way.pop()

    api.script = script
    slowest = 8
    async with open_batches(VISITOR_AT_ONCE="8") as batches:
        token = await batches.make(sounds, ASKED)
        await batches.start(token)
        async for batch in batches.watch(token):
            slowest = min(slowest, batch.at_once)
        assert states(batch) == ["answered"] * 12
    assert slowest <= 4


async def test_no_more_is_spent_than_was_said(open_batches, api, sounds):
    async with open_batches() as batches:
        token = await batches.make(sounds[:9], ASKED)
        await batches.start(token, most_usd=0.0045)
        batch = await rest(batches, token)
        assert (batch.count("answered"), batch.count("unsent")) == (4, 5)
        assert batch.halted.name == "BatchSpent"
        assert len(api.requests) == 4
        await batches.start(token, most_usd=0.006)
        assert (await rest(batches, token)).count("answered") == 6


async def test_where_no_cost_is_told_a_limit_of_it_is_not_pretended(open_batches, api, sounds):
    api.script = lambda handler: handler.answer_json(completion("Hello"))
    async with open_batches() as batches:
        token = await batches.make(sounds[:4], ASKED)
        await batches.start(token, most_usd=1.0)
        batch = await rest(batches, token)
        assert (batch.count("answered"), batch.halted.name) == (1, "CostNotReported")
        assert batch.unpriced == 1
        await batches.start(token)
        assert (await rest(batches, token)).count("answered") == 4


async def test_a_visitors_key_is_nowhere_on_the_disk_and_is_asked_for_again(
    open_batches, api, sounds
):
    key = SecretStr("ak_canary_of_the_visitor")
    async with open_batches() as batches:
        token = await batches.make(sounds[:2], ASKED, has_own_key=True)
        with pytest.raises(errors.MissingKey):
            await batches.start(token)
        assert api.requests == []
        await batches.start(token, key=key)
        assert states(await rest(batches, token)) == ["answered"] * 2
        for path in batches.root.rglob("*"):
            if path.is_file():
                told = path.read_bytes()
                assert key.get_secret_value().encode() not in told
                assert token.encode() not in told
                assert api.key.encode() not in told


async def test_what_nobody_watches_any_more_is_stopped(open_batches, api, sounds):
    api.script = lambda handler: (
        time.sleep(0.2),
        handler.answer_json(completion("Hello", usage=USAGE)),
    )
    async with open_batches(unwatched_s=0.2, VISITOR_AT_ONCE="1") as batches:
        token = await batches.make(sounds, ASKED)
        await batches.start(token)
        await until(batches, token, lambda batch: batch.count("asking"))
        await asyncio.to_thread(several.until, lambda: not batches._shelf.open)
        batch = await batches.get(token)
    assert batch.count("unsent") > 5
    assert batch.count("answered") == len(api.requests)


async def test_who_comes_back_in_time_finds_it_going_on(open_batches, api, sounds):
    async with open_batches(unwatched_s=5.0, VISITOR_AT_ONCE="1") as batches:
        token = await batches.make(sounds[:4], ASKED)
        await batches.start(token)
        await until(batches, token, lambda batch: batch.count("answered"))
        assert states(await rest(batches, token)) == ["answered"] * 4


async def test_a_deleted_batch_leaves_nothing(open_batches, api, sounds):
    async with open_batches() as batches:
        token = await batches.make(sounds[:2], ASKED)
        await batches.start(token)
        await rest(batches, token)
        await batches.delete(token)
        with pytest.raises(errors.BatchGone):
            await batches.get(token)
        left = [path.name for path in batches.root.rglob("*") if path.is_file()]
        assert {name.split("-")[0] for name in left} == {"queue.sqlite"}
        assert all(path.is_file() for path in batches.root.iterdir())


async def test_after_a_day_it_is_gone(open_batches, sounds):
    now = [time.time()]
    async with open_batches(clock=lambda: now[0]) as batches:
        token = await batches.make(sounds[:2], ASKED)
        now[0] += KEPT_S - 60
        await asyncio.to_thread(batches.sweep)
        assert len((await batches.get(token)).clips) == 2
        now[0] += 120
        await asyncio.to_thread(batches.sweep)
        with pytest.raises(errors.BatchGone):
            await batches.get(token)
        assert [path for path in batches.root.iterdir() if path.is_dir()] == []


async def test_of_one_that_is_gone_the_queue_knows_nothing(open_batches, api, sounds):
    now = [time.time()]
    async with open_batches(clock=lambda: now[0]) as batches:
        token = await batches.make(sounds[:2], ASKED)
        await batches.start(token)
        await rest(batches, token)
        now[0] += KEPT_S + 60
        await asyncio.to_thread(batches.sweep)
        with contextlib.closing(sqlite3.connect(batches.root / "queue.sqlite")) as queue:
            assert queue.execute("SELECT count(*) FROM workflow_status").fetchone() == (0,)


@pytest.mark.parametrize("token", ["", "../..", "x" * 1000, "\udcff"], ids=ascii)
async def test_what_names_no_batch_is_told_so(open_batches, token):
    async with open_batches() as batches:
        with pytest.raises(errors.BatchGone):
            await batches.get(token)
