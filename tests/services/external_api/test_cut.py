"""What is told of an attempt that sent something and got no whole answer."""

import asyncio

import httpx
import pytest

from services import errors
from services.external_api.exchange import Cut, Retrying, Timings
from tests.capture import HELLO, completion, delta, http, silence, sse, streamed
from tests.services.external_api.driving import (
    Ticking,
    client_at,
    client_over,
    cuts,
    told,
    upload,
    words,
)
from tests.services.external_api.faults.cutting import (
    EVENTS,
    break_off,
    break_off_amid_upload,
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
async def test_a_cut_is_the_last_event_before_the_error(answer, expected):
    async with client_at(answer, clock=Ticking()) as (client, _):
        events, error = await told(client, limit_s=0.3)
    assert type(error) is expected
    assert cuts(events) == [events[-1]]
    assert events[-1].timings == WAITED
    assert events[-1].sent_share == 1.0


@pytest.mark.parametrize(
    "raised",
    [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")],
    ids=["refused", "time", "pool"],
)
async def test_there_is_no_cut_where_nothing_was_sent(raised):
    async with client_over(raised, reads_body=False) as (client, _):
        events, error = await told(client)
    assert isinstance(error, errors.Unreachable)
    assert events == []


async def test_there_is_no_cut_where_the_answer_is_whole():
    async with client_at(streamed(*HELLO)) as (client, _):
        events, error = await told(client)
    assert (error, cuts(events)) == (None, [])


async def test_a_cut_amid_a_stream_has_its_time_and_what_the_api_said(tmp_path):
    stream = EVENTS + sse(delta("Hel", model="maker/model", provider="Maker"), done=False)
    async with client_at(then_silence(stream), clock=Ticking(), silence_s=0.2) as (client, _):
        events, error = await told(client)
    assert type(error) is errors.WentSilent
    assert words(events) == "Hel"
    (cut,) = cuts(events)
    assert cut.timings == Timings(1000.0, 1000.0, 1000.0, 1000.0)
    assert (cut.completion.model, cut.completion.provider) == ("maker/model", "Maker")
    assert (cut.completion.finish_reason, cut.completion.usage) == (None, None)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(break_off_amid_upload, id="reset"),
        pytest.param(refusal(413), id="refused"),
    ],
)
async def test_a_cut_upload_has_its_share_and_no_time_of_waiting(answer, tmp_path):
    async with client_at(answer, reads_body=False, clock=Ticking()) as (client, _):
        events, _ = await told(client, upload(tmp_path, 40_000_000))
    (cut,) = cuts(events)
    assert 0 < cut.sent_share < 1
    assert cut.timings == Timings(1000.0, 1000.0, None, None)


async def test_an_upload_that_the_deadline_cuts_has_its_share(tmp_path):
    async def leave_unread(*_):
        await asyncio.Event().wait()

    async with client_at(leave_unread, reads_body=False, clock=Ticking()) as (client, _):
        events, error = await told(client, upload(tmp_path, 40_000_000), limit_s=1)
    assert type(error) is errors.TimedOut
    (cut,) = cuts(events)
    assert 0 < cut.sent_share < 1
    assert cut.timings == Timings(1000.0, 1000.0, None, None)


async def test_a_file_that_vanishes_before_its_turn_cuts_the_upload(tmp_path):
    request = upload(tmp_path, 1000)
    request.file.unlink()
    async with client_at(silence) as (client, _):
        events, error = await told(client, request)
    assert type(error) is errors.AppFailed
    (cut,) = cuts(events)
    assert 0 < cut.sent_share < 1


async def test_each_attempt_that_is_cut_is_told_before_the_next():
    busy = http("", "", 503)
    async with client_at(busy, pauses_s=(0.01, 0.02)) as (client, _):
        events, error = await told(client)
    assert type(error) is errors.Busy
    told_last = [event for event in events if isinstance(event, Cut | Retrying)]
    assert [type(event) for event in told_last] == [Cut, Retrying, Cut, Retrying, Cut]


async def test_an_attempt_after_a_cut_is_timed_from_its_own_beginning():
    answers = [http("", "", 503), http(completion("Hello"), "application/json")]

    async def answer(_, writer):
        writer.write(answers.pop(0))
        await writer.drain()

    async with client_at(answer, clock=Ticking(), pauses_s=(0.01,)) as (client, _):
        events, _ = await told(client)
    assert [cut.timings for cut in cuts(events)] == [WAITED]
    assert events[-1].timings == WAITED
