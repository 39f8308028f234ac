"""The bill of a run: what was answered, what was refused, and what nobody knows."""

import asyncio
import contextlib

import httpx
import pytest

from services import errors
from services.events import Progress
from services.external_api.bill import Bill, Tally
from services.external_api.client import Client
from services.external_api.refusals import REFUSALS
from services.external_api.transport import Network
from tests.capture import HELLO, completion, delta, http, silence, streamed
from tests.services.external_api.driving import (
    KEY,
    REQUEST,
    client_at,
    client_over,
    told,
    upload,
)
from tests.services.external_api.faults.cutting import (
    HEL,
    break_off,
    break_off_amid_upload,
    leave_unread,
    refusal,
    then_silence,
)

pytestmark = pytest.mark.anyio

NOTHING, ANSWERED, REFUSED, OPEN = Bill(), Bill(answered=1), Bill(refused=1), Bill(open=1)
WHOLE = http(completion("Hello"), "application/json")


def turns(*answers):
    """Answers that a server gives one after the other."""
    left = list(answers)

    async def answer(reader, writer):
        given = left.pop(0)
        if isinstance(given, bytes):
            writer.write(given)
            await writer.drain()
        else:
            await given(reader, writer)

    return answer


@pytest.mark.parametrize(
    "raised",
    [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")],
    ids=["refused", "time", "pool"],
)
async def test_what_was_never_sent_is_not_on_the_bill(raised):
    async with client_over(raised, reads_body=False, pauses_s=(0.01,)) as (client, requests):
        outcome = await told(client)
    assert len(requests) == 2
    assert outcome.bill == NOTHING


@pytest.mark.parametrize(
    ("status", "bill"),
    [
        *((status, REFUSED) for status in (400, 401, 402, 403, 404, 413, 415, 422, 429, 503, 529)),
        # A model may have worked on it.
        *((status, OPEN) for status in (408, 500, 502, 504, 520, 521, 522, 523, 524, 530)),
        # Not of the contract.
        *((status, OPEN) for status in (300, 301, 302, 303, 304, 307, 308, 418, 599)),
    ],
)
async def test_a_status_refuses_or_leaves_it_open(status, bill):
    async with client_at(http("", "", status), pauses_s=()) as (client, _):
        assert (await told(client)).bill == bill


def test_every_status_of_the_contract_is_billed_here():
    marks = test_a_status_refuses_or_leaves_it_open.pytestmark
    (rows,) = (mark.args[1] for mark in marks if mark.name == "parametrize")
    assert set(REFUSALS) <= {status for status, _ in rows}


OPEN_ENDS = {
    "cut before the answer": (break_off, errors.ConnectionLost),
    "cut amid the answer": (streamed(HELLO[0], done=False)[:-5], errors.IncompleteAnswer),
    "timed out": (silence, errors.TimedOut),
    "silent": (then_silence(HEL), errors.WentSilent),
    "failed": (streamed({"error": {"message": "no"}}), errors.FailedAnswer),
    "incomplete": (streamed(HELLO[0], done=False), errors.IncompleteAnswer),
    "empty": (streamed(delta("", finish_reason="stop")), errors.EmptyAnswer),
    "not understood": (http("", "text/html"), errors.BadAnswer),
}


@pytest.mark.parametrize(("answer", "error"), OPEN_ENDS.values(), ids=OPEN_ENDS)
async def test_a_success_without_its_answer_is_open(answer, error):
    silence_s = 0.2 if error is errors.WentSilent else 20
    async with client_at(answer, silence_s=silence_s) as (client, _):
        outcome = await told(client, limit_s=0.3 if error is errors.TimedOut else 20)
    assert type(outcome.fault) is error
    assert outcome.bill == OPEN


@pytest.mark.parametrize(
    ("answer", "bill"),
    [
        pytest.param(break_off_amid_upload, OPEN, id="cut"),
        pytest.param(refusal(413), REFUSED, id="refused"),
    ],
)
async def test_an_upload_that_is_not_all_sent_counts(answer, bill, tmp_path):
    async with client_at(answer, reads_body=False) as (client, _):
        outcome = await told(client, upload(tmp_path, 40_000_000))
    assert 0 < outcome.exchange.sent_share < 1
    assert outcome.bill == bill


async def test_a_file_that_went_amid_the_upload_leaves_it_open(tmp_path):
    request = upload(tmp_path, 1000)
    request.file.unlink()
    async with client_at(silence) as (client, _):
        assert (await told(client, request)).bill == OPEN


@pytest.mark.parametrize(
    "answer", [WHOLE, streamed(*HELLO), streamed(*HELLO, done=False)], ids=["JSON", "stream", "cut"]
)
async def test_an_answer_is_answered(answer):
    async with client_at(answer) as (client, _):
        assert (await told(client)).bill == ANSWERED


async def test_an_answer_whose_connection_broke_behind_its_reason_is_answered():
    async with client_at(then_silence(streamed(*HELLO, done=False)), silence_s=0.1) as (client, _):
        assert (await told(client)).bill == ANSWERED


@pytest.mark.parametrize(
    ("answers", "bill"),
    [
        pytest.param((http("", "", 503), WHOLE), Bill(answered=1, refused=1), id="answered"),
        pytest.param((http("", "", 503), break_off), Bill(refused=1, open=1), id="cut"),
        pytest.param((http("", "", 429), http("", "", 500)), Bill(refused=1, open=1), id="failed"),
        pytest.param((http("", "", 429), http("", "", 401)), Bill(refused=2), id="refused"),
    ],
)
async def test_a_refused_try_stays_on_the_bill_of_the_next(answers, bill):
    async with client_at(turns(*answers), pauses_s=(0.01,)) as (client, _):
        assert (await told(client)).bill == bill


async def test_a_refused_try_stays_on_the_bill_when_there_is_no_connection_any_more():
    answers = [httpx.Response(503), httpx.ConnectError("refused")]

    class Fading(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            await request.aread()
            return answer

    client = Client("http://api.test/v1", network=Network(Fading()), pauses_s=(0.01,))
    async with contextlib.aclosing(client):
        outcome = await told(client)
    assert type(outcome.fault) is errors.ConnectionFailed
    assert outcome.bill == REFUSED


async def test_the_deadline_amid_a_pause_leaves_nothing_open():
    async with client_at(http("", "", 503), pauses_s=(10.0,)) as (client, _):
        outcome = await told(client, limit_s=0.2)
    assert type(outcome.fault) is errors.TimedOut
    assert outcome.bill == REFUSED


async def cancelled(client, request, tally, reached, tell=lambda _: None):
    """Ask, and give up once ``reached`` is set."""
    asking = asyncio.create_task(client.complete(request, KEY, 20, tell, tally))
    async with asyncio.timeout(10):
        await reached.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


class Noticing(Tally):
    """Says when a body begins to leave."""

    def __init__(self):
        super().__init__()
        self.began = asyncio.Event()

    def sending(self):
        super().sending()
        self.began.set()


async def test_a_run_that_is_cancelled_amid_its_upload_leaves_it_open(tmp_path):
    tally = Noticing()
    async with client_at(leave_unread, reads_body=False) as (client, _):
        await cancelled(client, upload(tmp_path), tally, tally.began)
    assert tally.bill() == OPEN


@pytest.mark.parametrize(("stage", "answer"), [("wait", silence), ("stream", then_silence(HEL))])
async def test_a_run_that_is_cancelled_before_its_answer_is_whole_leaves_it_open(stage, answer):
    tally, reached = Tally(), asyncio.Event()

    def tell(event):
        if isinstance(event, Progress) and event.stage == stage:
            reached.set()

    async with client_at(answer) as (client, _):
        await cancelled(client, REQUEST, tally, reached, tell)
    assert tally.bill() == OPEN


async def test_a_run_that_is_cancelled_while_connecting_owes_nothing():
    tally, connecting = Tally(), asyncio.Event()

    async def connect():
        connecting.set()
        await asyncio.Event().wait()

    async with client_over(connect, reads_body=False) as (client, _):
        await cancelled(client, REQUEST, tally, connecting)
    assert tally.bill() == NOTHING


async def test_a_key_no_header_can_carry_owes_nothing():
    tally = Tally()
    async with client_at(WHOLE) as (client, _):
        with pytest.raises(errors.BadKey):
            await client.complete(REQUEST, type(KEY)("a b"), 20, lambda _: None, tally)
    assert tally.bill() == NOTHING


async def test_runs_that_share_a_tally_are_billed_together():
    tally = Tally()
    async with client_at(turns(WHOLE, http("", "", 401), break_off)) as (client, _):
        for _ in range(3):
            await client.complete(REQUEST, KEY, 20, lambda _: None, tally)
    assert tally.bill() == Bill(answered=1, refused=1, open=1)
