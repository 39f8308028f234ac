"""When the client hangs up: when nobody listens any more, or time is up."""

import asyncio
import contextlib

import pytest

from services import errors
from services.external_api.exchange import Reached, Words
from tests.capture import HELLO, completion, silence, streamed
from tests.clock import run_at_once
from tests.services.external_api.driving import (
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


async def test_closing_the_events_closes_the_connection():
    async with client_at(then_silence(HEL)) as (client, server), asyncio.timeout(10):
        async with contextlib.aclosing(client.complete(REQUEST, KEY, 20)) as events:
            while await anext(events) != Words("Hel"):
                pass
        await server.hung_up.wait()


@pytest.mark.parametrize("phase", ["upload", "wait"])
async def test_cancelling_before_the_answer_closes_the_connection(phase, tmp_path):
    request = REQUEST if phase == "wait" else upload(tmp_path)
    reached = asyncio.Event()

    async def ask(client):
        async for event in client.complete(request, KEY, 20):
            if event == Reached(phase):
                reached.set()

    async with client_at(silence, reads_body=False) as (client, server), asyncio.timeout(10):
        asking = asyncio.create_task(ask(client))
        await reached.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await server.hung_up.wait()


async def test_a_refusal_that_does_not_end_is_hung_up_on():
    answer = without_end(b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n", b"no " * 10_000)
    async with client_at(answer) as (client, server), asyncio.timeout(10):
        _, refused = await told(client)
        await server.hung_up.wait()
    assert type(refused) is errors.ProviderFailed
    assert len(refused.said) <= 600


async def test_a_connection_is_used_again_after_a_stream_that_said_done():
    events = streamed(*HELLO).partition(b"\r\n\r\n")[2]
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    answer = f"{head}Content-Length: {len(events)}\r\n\r\n".encode() + events
    async with client_at(answer) as (client, server):
        for _ in range(3):
            seen, error = await told(client)
            assert error is None
            await asyncio.gather(*client._lingering)
    assert seen[-1].timings.connect == 0.0
    assert server.connections == 1


@pytest.mark.parametrize(("takes_s", "ends_with"), [(299, type(None)), (301, errors.TimedOut)])
def test_an_answer_may_take_as_long_as_the_limit(takes_s, ends_with):
    async def slow():
        await asyncio.sleep(takes_s)
        return answer_of(completion("Hello"))

    async def test():
        async with client_over(slow) as (client, _):
            _, error = await told(client, limit_s=300)
        assert type(error) is ends_with

    run_at_once(test())
