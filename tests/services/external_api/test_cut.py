"""What is known of an attempt that sent something and got no whole answer."""

import httpx
import pytest

from services import errors
from services.external_api.exchange import Timings
from tests.capture import completion, delta, http, silence, sse, streamed
from tests.services.external_api.driving import (
    Ticking,
    client_at,
    client_over,
    told,
    upload,
)
from tests.services.external_api.faults.cutting import (
    EVENTS,
    break_off,
    break_off_amid_upload,
    leave_unread,
    refusal,
    then_silence,
)

pytestmark = pytest.mark.anyio

WAITED = Timings(1000.0, 1000.0, 1000.0, None)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(break_off, errors.ConnectionLost, id="reset"),
        pytest.param(http("", "", 401), errors.KeyRejected, id="refused"),
        pytest.param(silence, errors.TimedOut, id="deadline"),
        pytest.param(streamed(), errors.EmptyAnswer, id="empty"),
        pytest.param(streamed(done=False), errors.IncompleteAnswer, id="incomplete"),
        pytest.param(http("", "text/html"), errors.BadAnswer, id="not understood"),
    ],
)
async def test_what_was_sent_whole_has_its_time_and_no_words(answer, expected):
    async with client_at(answer, clock=Ticking()) as (client, _):
        outcome = await told(client, limit_s=0.3)
    exchange = outcome.exchange
    assert type(exchange.fault) is expected
    assert exchange.text == ""
    assert exchange.timings == WAITED
    # Who is cut off before there is an answer may have left what arrived unread.
    assert exchange.sent_share == (None if expected is errors.ConnectionLost else 1.0)


@pytest.mark.parametrize(
    "raised",
    [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")],
    ids=["refused", "time", "pool"],
)
async def test_where_nothing_was_sent_nothing_is_told(raised):
    async with client_over(raised, reads_body=False) as (client, _):
        outcome = await told(client)
    assert isinstance(outcome.fault, errors.Unreachable)
    assert outcome.events == ()
    assert outcome.exchange.sent_share == 0.0
    assert outcome.exchange.timings == Timings(None, None, None, None)


async def test_a_whole_answer_was_sent_whole_and_has_no_fault():
    async with client_at(http(completion("Hello"), "application/json")) as (client, _):
        outcome = await told(client)
    assert outcome.fault is None
    assert outcome.exchange.sent_share == 1.0


async def test_a_cut_amid_a_stream_has_its_words_its_time_and_what_the_api_said():
    stream = EVENTS + sse(delta("Hel", model="maker/model", provider="Maker"), done=False)
    async with client_at(then_silence(stream), clock=Ticking(), silence_s=0.2) as (client, _):
        outcome = await told(client)
    exchange, completion = outcome.exchange, outcome.exchange.completion
    assert type(exchange.fault) is errors.WentSilent
    assert outcome.words == exchange.text == "Hel"
    assert exchange.timings == Timings(1000.0, 1000.0, 1000.0, 1000.0)
    assert (completion.model, completion.provider) == ("maker/model", "Maker")
    assert (completion.finish_reason, completion.usage) == (None, None)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(break_off_amid_upload, id="reset"),
        pytest.param(refusal(413), id="refused"),
    ],
)
async def test_a_cut_upload_has_its_share_and_no_time_of_waiting(answer, tmp_path):
    async with client_at(answer, reads_body=False, clock=Ticking()) as (client, _):
        outcome = await told(client, upload(tmp_path, 40_000_000))
    assert 0 < outcome.exchange.sent_share < 1
    assert outcome.exchange.timings == Timings(1000.0, 1000.0, None, None)


async def test_an_upload_that_the_deadline_cuts_has_its_share(tmp_path):
    async with client_at(leave_unread, reads_body=False, clock=Ticking()) as (client, _):
        outcome = await told(client, upload(tmp_path, 40_000_000), limit_s=1)
    assert type(outcome.fault) is errors.TimedOut
    assert 0 < outcome.exchange.sent_share < 1
    assert outcome.exchange.timings == Timings(1000.0, 1000.0, None, None)


async def test_a_file_that_vanishes_before_its_turn_cuts_the_upload(tmp_path):
    request = upload(tmp_path, 1000)
    request.file.unlink()
    async with client_at(silence) as (client, _):
        outcome = await told(client, request)
    assert type(outcome.fault) is errors.AppFailed
    assert 0 < outcome.exchange.sent_share < 1


async def test_an_attempt_after_a_refused_one_is_timed_from_its_own_beginning():
    answers = [http("", "", 503), http(completion("Hello"), "application/json")]
    clock = Ticking()

    async def answer(_, writer):
        if len(answers) == 2:
            clock.now += 100
        writer.write(answers.pop(0))
        await writer.drain()

    async with client_at(answer, clock=clock, pauses_s=(0.01,)) as (client, _):
        outcome = await told(client)
    assert outcome.fault is None
    assert outcome.exchange.timings == WAITED
