"""What may be done with the host's key has an end, however it is asked for."""

import json
import subprocess
import sys

import pytest
from pydantic import SecretStr

from services import errors
from services.assistant import Ask, LocalFile, Options, Turn
from services.assistant.allowance import Allowance
from services.settings import Settings
from tests import making
from tests.capture import HELLO, assistant_at, capturing, completion, http, nobody, streamed
from tests.free_port import free_port
from tests.redis import running_redis

pytestmark = pytest.mark.anyio

ASK = Ask(None, "What?", "m")


def allowance(**limits):
    environ = {name.upper(): str(value) for name, value in limits.items()}
    return Allowance(Settings.from_environ(environ))


async def called(counting, payer="one", media_s=None, cost=None):
    """One call, and the name of what kept it from being made."""
    try:
        async with counting.call(payer, media_s) as costs:
            costs(cost)
    except errors.HostLimit as error:
        return type(error).__name__
    return ""


async def test_a_visitor_has_so_many_calls_in_a_day():
    counting = allowance(visitor_limit=2)
    ends = [await called(counting) for _ in range(4)]
    assert ends == ["", "", "VisitorLimitReached", "VisitorLimitReached"]
    assert await called(counting, "another") == ""


async def test_all_have_so_many_together():
    counting = allowance(daily_limit=2)
    ends = [await called(counting, str(number)) for number in range(3)]
    assert ends == ["", "", "DailyLimitReached"]


async def test_a_refusal_says_when_it_ends():
    counting = allowance(visitor_limit=1)
    await called(counting)
    with pytest.raises(errors.VisitorLimitReached) as refused:
        await counting.check("one")
    assert 86_300 < refused.value.facts["retry_after_s"] <= 86_400


async def test_what_is_left_is_told():
    counting = allowance(visitor_limit=3, daily_limit=4)
    before = await counting.left("one")
    for payer in ("one", "another", "another"):
        await called(counting, payer)
    after = await counting.left("one")
    assert (before.calls, before.most) == (3, 3)
    assert after.calls == 1  # the day's, which are fewer
    assert 86_300 < after.reset_s <= 86_400


async def test_looking_whether_something_is_left_takes_nothing():
    counting = allowance(visitor_limit=1)
    for _ in range(3):
        await counting.check("one")
    assert await called(counting) == ""


async def test_a_day_may_cost_so_much_as_the_api_reports_it():
    counting = allowance(daily_cost_limit="0.01")
    ends = [await called(counting, str(number), cost=0.004) for number in range(4)]
    assert ends == ["", "", "DayIsSpent", "DayIsSpent"]
    with pytest.raises(errors.DayIsSpent):
        await counting.check("another")


async def test_a_visitor_may_have_so_many_under_way():
    counting = allowance(visitor_at_once=1)
    async with counting.call("one", None):
        assert await called(counting) == "TooManyAtOnce"
        assert await called(counting, "another") == ""
    assert await called(counting) == ""


async def test_what_is_about_too_long_a_sound_is_not_sent():
    counting = allowance(media_limit_s=60, visitor_limit=1)
    assert await called(counting, media_s=60.5) == "MediaTooLong"
    assert await called(counting, media_s=60) == ""


@pytest.mark.parametrize(
    "ask",
    [
        Ask(None, "x" * 11, "m"),
        Ask(None, "x" * 5, "m", options=Options(system_prompt="y" * 6)),
        Ask(None, "x" * 5, "m", options=Options(json_schema="y" * 6)),
        Ask(None, "x", "m", earlier=(Turn("y" * 5, "z" * 5),)),
    ],
    ids=["prompt", "system prompt", "schema", "earlier turns"],
)
def test_all_letters_are_counted(ask):
    with pytest.raises(errors.PromptTooLong) as refused:
        allowance(prompt_limit=10).bounded(ask)
    assert refused.value.facts == {"letters": 11, "most_letters": 10}


@pytest.mark.parametrize(("wanted", "sent"), [(None, 100), (50, 50), (100, 100)])
def test_an_answer_has_no_more_tokens_than_it_may(wanted, sent):
    ask = Ask(None, "x", "m", options=Options(max_tokens=wanted))
    assert allowance(max_tokens_limit=100).bounded(ask).options.max_tokens == sent


def test_more_tokens_are_not_taken_for_fewer():
    ask = Ask(None, "x", "m", options=Options(max_tokens=101))
    with pytest.raises(errors.TooManyTokens):
        allowance(max_tokens_limit=100).bounded(ask)


def test_what_nobody_set_is_not_sent():
    assert allowance().bounded(ASK) == ASK


# Several processes.


@pytest.fixture(scope="module")
def redis():
    with running_redis() as url:
        yield url


#: Tries as many calls as it is told, all at once, and prints how many were let through.
CALLER = """
import asyncio, contextlib, json, sys
from tests.services.assistant.test_allowance import allowance, called

async def main(url, limit, payers):
    limits = {"redis_url": url, "visitor_at_once": 10_000, "daily_limit": limit}
    async with contextlib.aclosing(allowance(**limits)) as counting:
        ends = await asyncio.gather(*(called(counting, str(one)) for one in range(payers)))
    print(json.dumps(ends.count("")))

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


def test_of_a_thousand_at_once_in_two_processes_exactly_a_hundred_are_let_through(redis):
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", CALLER, redis, "100", "500"], stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    let_through = [json.loads(caller.communicate(timeout=60)[0]) for caller in callers]
    assert sum(let_through) == 100


async def test_without_its_redis_the_hosts_key_is_for_nobody_and_ones_own_goes_on(
    tmp_path, workshop
):
    wav = making.write_sound(
        tmp_path / "a.wav", making.tone(0.3), container="wav", codec="pcm_s16le"
    )
    ask = Ask(LocalFile(wav, "audio"), "What?", "openai/gpt-4o", anyway=True)
    own = Ask(ask.media, ask.prompt, ask.model, anyway=True, api_key=SecretStr("ak_own"))
    away = f"redis://127.0.0.1:{free_port()}/0"
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop, REDIS_URL=away) as assistant,
    ):
        hosts, visitors = await assistant.run(ask, nobody), await assistant.run(own, nobody)
    assert (hosts.fault.name, hosts.bill.open) == ("LimitsAway", 0)
    assert (visitors.fault, visitors.text) == (None, "Hello")
    assert [one.header("authorization") for one in server.requests if one.body] == [
        ["Bearer ak_own"]
    ]


# Through the door.


@pytest.fixture
def wav(tmp_path):
    return making.write_sound(
        tmp_path / "tone.wav", making.tone(0.3), container="wav", codec="pcm_s16le"
    )


async def ends_of(workshop, wav, answer, times, **environ):
    """How so many runs ended, one after the other, and what was sent."""
    ask = Ask(LocalFile(wav, "audio"), "What?", "openai/gpt-4o", anyway=True)
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
    ):
        reports = [await assistant.run(ask, nobody, payer="one") for _ in range(times)]
        left = await assistant.left("one")
    sent = [one for one in server.requests if one.line.startswith("POST")]
    return [one.fault and one.fault.name for one in reports], sent, left


async def test_a_run_past_the_limit_is_refused_before_anything_is_sent(workshop, wav):
    ends, sent, left = await ends_of(workshop, wav, streamed(*HELLO), 3, VISITOR_LIMIT="2")
    assert ends == [None, None, "VisitorLimitReached"]
    assert (len(sent), left.calls) == (2, 0)


async def test_a_run_is_counted_whatever_becomes_of_it(workshop, wav):
    refused = http(json.dumps({"error": {"message": "no"}}), "application/json", 400)
    _, _, left = await ends_of(workshop, wav, refused, 1, VISITOR_LIMIT="2")
    assert left.calls == 1


async def test_what_an_answer_cost_is_counted(workshop, wav):
    answer = http(completion("Hi", usage={"prompt_tokens": 1, "cost": 0.02}), "application/json")
    ends, _, _ = await ends_of(workshop, wav, answer, 2, DAILY_COST_LIMIT="0.02")
    assert ends == [None, "DayIsSpent"]


async def test_the_most_tokens_are_sent_and_stand_on_the_receipt(workshop, wav):
    _, sent, _ = await ends_of(workshop, wav, streamed(*HELLO), 1, MAX_TOKENS_LIMIT="100")
    assert sent[0].json()["max_tokens"] == 100


async def test_offline_nothing_is_counted(workshop):
    async with assistant_at("http://127.0.0.1:9", workshop, EXTERNAL_API_KEY="") as assistant:
        assert await assistant.left("one") is None
