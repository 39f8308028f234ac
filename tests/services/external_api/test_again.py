"""What is sent again, what never is, and what ends an answer that goes quiet."""

import asyncio
import contextlib
import email.utils
import gzip
import time

import pytest

from services import errors
from services.external_api import reading
from services.external_api.client import MOST_PAUSE_S, Client
from services.external_api.exchange import Answered, Retrying, Words
from services.external_api.request import chat_request
from services.media.facts import MediaFacts, Sendable
from tests.capture import HELLO, capturing, completion, delta, http, silence, sse, streamed
from tests.free_port import free_port
from tests.services.external_api.test_client import KEY, REQUEST

pytestmark = pytest.mark.anyio

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
BUSY = '{"error": {"message": "too many"}}'


async def told(client, request=REQUEST, limit_s=20.0):
    """All events, and the error at the end, if there is one."""
    events = []
    try:
        async for event in client.complete(request, KEY, limit_s):
            events.append(event)  # noqa: PERF401  # what came before an error counts
    except errors.ShowAndTellError as error:
        return events, error
    return events, None


def words(events):
    return "".join(event.text for event in events if isinstance(event, Words))


def turns(*answers):
    """Answers that a server gives one after the other, the last one for ever."""
    left = list(answers)

    async def answer(_, writer):
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return answer


@pytest.mark.parametrize("status", [429, 503, 529])
async def test_a_busy_api_is_asked_again(status):
    busy = http(BUSY, "application/json", status)
    async with (
        capturing(turns(busy, busy, streamed(*HELLO))) as server,
        contextlib.aclosing(Client(server.base_url, pauses_s=(0.01, 0.02))) as client,
    ):
        events, error = await told(client)
    assert error is None
    assert words(events) == "Hello"
    assert [event.wait_s for event in events if isinstance(event, Retrying)] == [0.01, 0.02]
    assert len(server.requests) == 3
    assert len({request.body for request in server.requests}) == 1


async def test_a_busy_api_is_asked_a_bounded_number_of_times():
    async with (
        capturing(turns(http(BUSY, "application/json", 429))) as server,
        contextlib.aclosing(Client(server.base_url, pauses_s=(0.01, 0.01))) as client,
    ):
        _, error = await told(client)
    assert isinstance(error, errors.Busy)
    assert error.said == "too many"
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 413, 422, 500, 502, 524, 418])
async def test_nothing_else_is_sent_again(status):
    async with (
        capturing(turns(http(BUSY, "application/json", status))) as server,
        contextlib.aclosing(Client(server.base_url, pauses_s=(0.01,))) as client,
    ):
        events, error = await told(client)
    assert isinstance(error, errors.Refused)
    assert not any(isinstance(event, Retrying) for event in events)
    assert len(server.requests) == 1


def in_a_week():
    return email.utils.formatdate(time.time() + 7 * 24 * 3600, usegmt=True)


@pytest.mark.parametrize(
    ("value", "least_s"),
    [
        pytest.param("3600", 3600, id="seconds"),
        pytest.param(in_a_week(), 6 * 24 * 3600, id="date"),
    ],
)
async def test_a_long_wait_is_shown_and_not_waited_for(value, least_s):
    busy = http(BUSY, "application/json", 429, f"Retry-After: {value}")
    async with (
        capturing(turns(busy)) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        _, error = await told(client)
    assert error.facts["retry_after_s"] >= least_s > MOST_PAUSE_S
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["0", email.utils.formatdate(0, usegmt=True)], ids=["0", "past"])
async def test_a_short_wait_is_the_one_that_was_asked_for(value):
    busy = http(BUSY, "application/json", 429, f"Retry-After: {value}")
    async with (
        capturing(turns(busy, streamed(*HELLO))) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        events, error = await told(client)
    assert error is None
    assert Retrying(0.0) in events


@pytest.mark.parametrize("value", ["soon", "-1", "1e9", "Fri, 99 Foo 2026"])
async def test_a_wait_that_makes_no_sense_is_ours(value):
    busy = http(BUSY, "application/json", 503, f"Retry-After: {value}")
    async with (
        capturing(turns(busy, streamed(*HELLO))) as server,
        contextlib.aclosing(Client(server.base_url, pauses_s=(0.03,))) as client,
    ):
        events, _ = await told(client)
    assert Retrying(0.03) in events


async def test_no_credit_is_tried_again_only_where_the_api_says_when():
    poor = http(BUSY, "application/json", 402, "Retry-After: 0")
    async with (
        capturing(turns(poor, streamed(*HELLO))) as server,
        contextlib.aclosing(Client(server.base_url, pauses_s=(0.01,))) as client,
    ):
        events, error = await told(client)
    assert error is None
    assert Retrying(0.0) in events
    assert len(server.requests) == 2


async def test_a_connection_that_could_not_be_made_is_tried_again():
    client = Client(f"http://127.0.0.1:{free_port()}/api/v1", pauses_s=(0.01, 0.02))
    async with contextlib.aclosing(client):
        events, error = await told(client)
    assert isinstance(error, errors.ConnectionFailed)
    assert [event.wait_s for event in events if isinstance(event, Retrying)] == [0.01, 0.02]


async def test_a_stream_without_data_is_given_up_in_spite_of_comments():
    async def comments(_, writer):
        writer.write(EVENTS + b"\r\n" + sse(delta("Hel"), done=False))
        while not writer.is_closing():
            writer.write(b": OPENROUTER PROCESSING\n\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with (
        capturing(comments) as server,
        contextlib.aclosing(Client(server.base_url, silence_s=0.2)) as client,
    ):
        events, error = await told(client)
    assert isinstance(error, errors.WentSilent)
    assert error.facts == {"limit_s": 0.2}
    assert words(events) == "Hel"
    assert len(server.requests) == 1


async def test_silence_before_the_headers_is_the_deadlines_affair():
    async with (
        capturing(silence) as server,
        contextlib.aclosing(Client(server.base_url, silence_s=0.05)) as client,
    ):
        _, error = await told(client, limit_s=0.3)
    assert isinstance(error, errors.TimedOut)


async def test_a_connection_is_used_again_after_a_stream_that_said_done():
    whole = sse(*HELLO)
    answer = EVENTS + f"Content-Length: {len(whole)}\r\n\r\n".encode() + whole
    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        for _ in range(3):
            events, error = await told(client)
            assert error is None
            await asyncio.gather(*client._lingering)
    assert isinstance(events[-1], Answered)
    assert events[-1].timings.connect == 0.0
    assert server.connections == 1


async def test_what_comes_after_done_is_not_part_of_the_answer():
    whole = sse(*HELLO) + sse(delta("and more"), {"error": {"message": "no"}})
    answer = EVENTS + f"Content-Length: {len(whole)}\r\n\r\n".encode() + whole
    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        events, error = await told(client)
    assert error is None
    assert words(events) == "Hello"


@pytest.mark.parametrize("status", [401, 413])
async def test_a_refusal_that_comes_before_the_body_is_over_is_heard(status, tmp_path):
    """A server that answers on the headers and closes resets the connection under the upload."""
    path = tmp_path / "large.wav"
    with path.open("wb") as file:
        file.truncate(40 * 1024 * 1024)
    facts = MediaFacts("wav", path.stat().st_size, None, None, None)
    request = chat_request("m", "What?", Sendable(path, "audio", "wav", facts, None))
    refusal = http('{"error": {"message": "not this"}}', "application/json", status)

    async def refuse(_, writer):
        writer.write(refusal)
        await writer.drain()

    async with (
        capturing(refuse, reads_body=False) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        _, error = await told(client, request)
    assert type(error) is errors.REFUSALS[status]
    assert error.said == "not this"
    assert len(server.requests) == 1


async def test_a_compressed_bomb_is_a_bad_answer():
    bomb = gzip.compress(b" " * (reading.MOST_BODY_BYTES + 1))
    answer = http(bomb, "application/json", 200, "Content-Encoding: gzip")
    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        _, error = await told(client)
    assert len(bomb) < 100_000
    assert isinstance(error, errors.BadAnswer)


async def test_a_compression_nobody_asked_for_is_a_bad_answer():
    answer = http(completion("Hello"), "application/json", 200, "Content-Encoding: br")
    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        _, error = await told(client)
    assert isinstance(error, errors.BadAnswer)


async def test_a_line_without_an_end_is_a_bad_answer():
    async def endless(_, writer):
        writer.write(EVENTS + b"\r\ndata: ")
        while not writer.is_closing():
            writer.write(b"x" * 1_000_000)
            await writer.drain()

    async with (
        capturing(endless) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        _, error = await told(client)
    assert isinstance(error, errors.BadAnswer)
