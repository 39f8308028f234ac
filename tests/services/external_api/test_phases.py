"""What is told while an exchange goes on: its phases, how long each took, how far it is."""

import asyncio

import pytest

from services.events import Delta, Progress
from services.external_api.exchange import Timings
from tests.capture import HELLO, completion, delta, http, streamed
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


async def test_phases_are_told_in_order_once_each_and_timed(tmp_path):
    async with client_at(streamed(*HELLO), clock=Ticking()) as (client, _):
        outcome = await told(client, upload(tmp_path, 1000))
    assert outcome.stages == ["connect", "upload", "wait", "stream"]
    assert outcome.exchange.timings == Timings(1000.0, 1000.0, 1000.0, 1000.0)


async def test_words_are_told_as_they_come_and_are_the_text_together():
    deltas = (delta(" Hel"), delta(""), delta("lo\n"), delta(" ", finish_reason="stop"))
    async with client_at(streamed(*deltas)) as (client, _):
        outcome = await told(client)
    assert outcome.events[-3:] == (Delta(" Hel"), Delta("lo\n"), Delta(" "))
    assert outcome.exchange.text == " Hello\n "


async def test_each_phase_tells_the_deadline_of_the_run():
    async with client_at(streamed(*HELLO)) as (client, _):
        outcome = await told(client, limit_s=12)
    limits = [event.limit_s for event in outcome.events if isinstance(event, Progress)]
    assert limits == [12] * 4


async def test_a_retry_tells_its_pause_and_the_phases_anew():
    answers = [http("", "", 503), WHOLE]

    async def answer(_, writer):
        writer.write(answers.pop(0))
        await writer.drain()

    async with client_at(answer, pauses_s=(0.01,)) as (client, _):
        outcome = await told(client, limit_s=12)
    once = ["connect", "upload", "wait"]
    assert outcome.stages == [*once, "retry", *once]
    assert Progress("retry", limit_s=12, wait_s=0.01) in outcome.events


async def test_an_answer_in_one_piece_has_no_stream_time():
    async with client_at(WHOLE, clock=Ticking()) as (client, _):
        outcome = await told(client)
    assert outcome.stages == ["connect", "upload", "wait"]
    assert outcome.exchange.timings == Timings(1000.0, 1000.0, 1000.0, None)


async def test_a_connection_that_was_open_took_no_time():
    async with client_at(WHOLE, clock=Ticking()) as (client, server):
        await told(client)
        outcome = await told(client)
        assert server.connections == 1
    assert outcome.stages == ["upload", "wait"]
    assert outcome.exchange.timings == Timings(0.0, 1000.0, 1000.0, None)


async def test_what_the_transport_does_not_tell_is_unknown():
    async with client_over(answer_of(completion("Hello")), clock=Ticking()) as (client, _):
        outcome = await told(client)
    assert outcome.exchange.timings == Timings(None, None, None, None)


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
        outcome = await told(client, request)
    assert outcome.fault is None
    shares = outcome.shares
    assert len(shares) >= 2
    assert shares == sorted(set(shares))
    assert 0 < shares[0] < shares[-1] <= 1
    uploaded = [event.stage for event in outcome.events if isinstance(event, Progress)]
    assert uploaded == ["connect", "upload", *["upload"] * len(shares), "wait"]


async def test_an_upload_that_is_over_at_once_does_not_tell_how_far_it_is(tmp_path):
    async with client_at(WHOLE) as (client, _):
        outcome = await told(client, upload(tmp_path, 1000))
    assert outcome.fault is None
    assert outcome.shares == []
