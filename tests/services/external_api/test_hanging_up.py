"""When the client hangs up: when nobody listens any more, or time is up."""

import asyncio

import httpx
import pytest

from services import errors
from services.events import Progress
from services.external_api.bill import Tally
from services.external_api.exchange import FINISH_S, LINGER_S
from tests.capture import HELLO, completion, silence, sse, streamed
from tests.clock import run_at_once
from tests.services.external_api.driving import (
    EVENT_STREAM,
    KEY,
    REQUEST,
    answer_of,
    client_at,
    client_over,
    told,
    upload,
)
from tests.services.external_api.faults.cutting import HEL, then_silence, without_end

pytestmark = pytest.mark.anyio

#: A whole stream after which the connection stays open.
NO_CLOSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + sse(*HELLO)


@pytest.mark.parametrize("stage", ["upload", "wait", "stream"])
async def test_cancelling_closes_the_connection(stage, tmp_path):
    request = upload(tmp_path) if stage == "upload" else REQUEST
    answer = then_silence(HEL) if stage == "stream" else silence
    reached = asyncio.Event()

    def tell(event):
        if isinstance(event, Progress) and event.stage == stage:
            reached.set()

    reads_body = stage != "upload"
    async with client_at(answer, reads_body=reads_body) as (client, server), asyncio.timeout(10):
        asking = asyncio.create_task(client.complete(request, KEY, 20, tell, Tally()))
        await reached.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await server.hung_up.wait()


async def test_the_answer_is_there_before_what_may_follow_it():
    async with client_at(then_silence(NO_CLOSE)) as (client, _):
        outcome = await told(client)
        assert outcome.words == "Hello"
        assert len(client._lingering) == 1


async def test_closing_the_client_hangs_up_on_what_may_follow():
    async with client_at(then_silence(NO_CLOSE)) as (client, server), asyncio.timeout(10):
        await told(client)
        await client.aclose()
        assert client._lingering == set()
        await server.hung_up.wait()


@pytest.mark.parametrize("follows", [b"", b": PROCESSING\n\n"], ids=["nothing", "comments"])
@pytest.mark.parametrize(("silence_s", "waited_s"), [(180, FINISH_S), (4, 4)])
def test_what_may_follow_a_finish_reason_is_waited_for_ten_seconds_at_most(
    silence_s, waited_s, follows
):
    async def stream():
        yield sse(*HELLO, done=False)
        while follows:
            await asyncio.sleep(1)
            yield follows
        await asyncio.Event().wait()

    async def test():
        answer = httpx.Response(200, headers={"Content-Type": EVENT_STREAM}, content=stream())
        async with client_over(answer, silence_s=silence_s) as (client, _):
            now = asyncio.get_running_loop().time
            began = now()
            outcome = await told(client, limit_s=300)
            assert outcome.fault is None
            assert now() - began == pytest.approx(waited_s, abs=0.5)

    run_at_once(test())


@pytest.mark.parametrize("closes", [False, True], ids=["left alone", "closed at once"])
def test_what_may_follow_the_end_is_waited_for_a_second_at_most(closes):
    over_at = []

    async def stream():
        yield sse(*HELLO)
        try:
            await asyncio.Event().wait()
        finally:
            over_at.append(asyncio.get_running_loop().time())

    async def test():
        answer = httpx.Response(200, headers={"Content-Type": EVENT_STREAM}, content=stream())
        async with client_over(answer) as (client, _):
            outcome = await told(client)
            answered_at = asyncio.get_running_loop().time()
            assert outcome.fault is None
            await asyncio.sleep(0)  # it begins to read what may follow
            if closes:
                await client.aclose()
            else:
                await asyncio.gather(*client._lingering)
        waited_s = over_at[0] - answered_at
        assert waited_s == pytest.approx(0 if closes else LINGER_S, abs=0.2)

    run_at_once(test())


async def test_a_refusal_that_does_not_end_is_hung_up_on():
    answer = without_end(b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n", b"no " * 10_000)
    async with client_at(answer) as (client, server), asyncio.timeout(10):
        refused = (await told(client)).fault
        await server.hung_up.wait()
    assert type(refused) is errors.ProviderFailed
    assert len(refused.said) <= 600


async def test_a_connection_is_used_again_after_a_stream_that_said_done():
    events = streamed(*HELLO).partition(b"\r\n\r\n")[2]
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    answer = f"{head}Content-Length: {len(events)}\r\n\r\n".encode() + events
    async with client_at(answer) as (client, server):
        for _ in range(3):
            outcome = await told(client)
            assert outcome.fault is None
            await asyncio.gather(*client._lingering)
    assert outcome.exchange.timings.connect == 0.0
    assert server.connections == 1


@pytest.mark.parametrize(("takes_s", "ends_with"), [(299, type(None)), (301, errors.TimedOut)])
def test_an_answer_may_take_as_long_as_the_limit(takes_s, ends_with):
    async def slow():
        await asyncio.sleep(takes_s)
        return answer_of(completion("Hello"))

    async def test():
        async with client_over(slow) as (client, _):
            outcome = await told(client, limit_s=300)
        assert type(outcome.fault) is ends_with

    run_at_once(test())
