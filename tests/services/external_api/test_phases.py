"""What is told while an exchange goes on: its phases, how long each took, how far it is."""

import asyncio

import pytest

from services.external_api.exchange import Answered, Reached, Timings, Uploading, Words
from tests.capture import HELLO, completion, http, streamed
from tests.services.external_api.driving import (
    Ticking,
    answer_of,
    client_at,
    client_over,
    told,
    upload,
)

pytestmark = pytest.mark.anyio

WHOLE = http(completion("Hello"), "application/json")


def phases(events):
    return [event.phase for event in events if isinstance(event, Reached)]


async def test_phases_are_reached_in_order_and_timed(tmp_path):
    async with client_at(streamed(*HELLO), clock=Ticking()) as (client, _):
        events, _ = await told(client, upload(tmp_path, 1000))
    *steps, words, last = events
    assert [step.phase for step in steps] == ["connect", "upload", "wait", "stream"]
    assert words == Words("Hello")
    assert last.timings == Timings(1000.0, 1000.0, 1000.0, 1000.0)


async def test_an_answer_in_one_piece_has_no_stream_time():
    async with client_at(WHOLE, clock=Ticking()) as (client, _):
        events, _ = await told(client)
    assert phases(events) == ["connect", "upload", "wait"]
    assert events[-1].timings == Timings(1000.0, 1000.0, 1000.0, None)


async def test_a_connection_that_was_open_took_no_time():
    async with client_at(WHOLE, clock=Ticking()) as (client, server):
        await told(client)
        events, _ = await told(client)
        assert server.connections == 1
    assert phases(events) == ["upload", "wait"]
    assert events[-1].timings == Timings(0.0, 1000.0, 1000.0, None)


async def test_what_the_transport_does_not_tell_is_unknown():
    async with client_over(answer_of(completion("Hello")), clock=Ticking()) as (client, _):
        events, _ = await told(client)
    assert events[-1].timings == Timings(None, None, None, None)


async def test_an_upload_to_a_slow_reader_tells_how_far_it_is(tmp_path):
    """The reader stops twice, for longer than an upload says nothing."""
    request = upload(tmp_path)

    async def slow(reader, writer):
        left = request.content_length
        for stop in (left // 4, left // 2, left):
            await reader.readexactly(stop - (request.content_length - left))
            left = request.content_length - stop
            await asyncio.sleep(0.2 if left else 0)
        writer.write(WHOLE)
        await writer.drain()

    async with client_at(slow, reads_body=False) as (client, _):
        events, error = await told(client, request)
    assert error is None
    shares = [event.share for event in events if isinstance(event, Uploading)]
    assert len(shares) >= 2
    assert shares == sorted(set(shares))
    assert 0 < shares[0] < shares[-1] <= 1
    uploaded = [event for event in events if isinstance(event, Reached | Uploading)]
    assert uploaded.index(Reached("upload")) < uploaded.index(Uploading(shares[0]))
    assert uploaded[-1] == Reached("wait")


async def test_an_upload_that_is_over_at_once_does_not_tell_how_far_it_is(tmp_path):
    async with client_at(WHOLE) as (client, _):
        events, _ = await told(client, upload(tmp_path, 1000))
    assert isinstance(events[-1], Answered)
    assert not any(isinstance(event, Uploading) for event in events)
