"""What is sent again, after which pause, and that nothing is paid for twice."""

import contextlib
import email.utils
import socket
import ssl

import httpx
import pytest

from services import errors
from services.external_api.bill import Bill
from services.external_api.client import Client
from services.external_api.transport import Network
from tests.capture import HELLO, completion, http, reset, streamed
from tests.services.external_api.driving import client_at, client_over, told

pytestmark = pytest.mark.anyio

MESSAGE = '{"error": {"message": "too many"}}'


def turns(*answers):
    """Answers that a server gives one after the other, the last one for ever."""
    left = list(answers)

    async def answer(_, writer):
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return answer


def refusing(status, *headers):
    return http(MESSAGE, "application/json", status, *headers)


@pytest.mark.parametrize("status", [429, 503, 529])
async def test_a_busy_api_is_asked_again(status):
    busy = refusing(status)
    async with client_at(turns(busy, busy, streamed(*HELLO)), pauses_s=(0.01, 0.02)) as (
        client,
        server,
    ):
        outcome = await told(client)
    assert outcome.fault is None
    assert outcome.words == "Hello"
    assert outcome.pauses == [0.01, 0.02]
    assert len(server.requests) == 3
    assert len({request.body for request in server.requests}) == 1


@pytest.mark.parametrize("value", ["0", email.utils.formatdate(0, usegmt=True)], ids=["0", "past"])
async def test_a_short_wait_is_the_one_that_was_asked_for(value):
    busy = refusing(429, f"Retry-After: {value}")
    async with client_at(turns(busy, streamed(*HELLO))) as (client, _):
        outcome = await told(client)
    assert outcome.fault is None
    assert outcome.pauses == [0.0]


@pytest.mark.parametrize("value", ["soon", "-1", "1e9", "Fri, 99 Foo 2026"])
async def test_a_wait_that_makes_no_sense_is_ours(value):
    busy = refusing(503, f"Retry-After: {value}")
    async with client_at(turns(busy, streamed(*HELLO)), pauses_s=(0.03,)) as (client, _):
        outcome = await told(client)
    assert outcome.fault is None
    assert outcome.pauses == [0.03]


class BusyThenGone(httpx.AsyncBaseTransport):
    """Is too busy for the first request, and away when the next one comes."""

    def __init__(self):
        self._comes_first = True

    async def handle_async_request(self, request):
        if not self._comes_first:
            raise httpx.ConnectError("refused")
        self._comes_first = False
        await request.aread()
        return httpx.Response(429)


async def test_of_what_was_sent_before_nobody_says_that_nothing_was_sent():
    client = Client("http://api.test/v1", network=Network(BusyThenGone()), pauses_s=(0.01,))
    async with contextlib.aclosing(client):
        outcome = await told(client)
    assert type(outcome.fault) is errors.ConnectionFailed
    assert outcome.bill == Bill(refused=1)


async def test_no_credit_is_tried_again_where_the_api_says_when():
    poor = refusing(402, "Retry-After: 0")
    async with client_at(turns(poor, streamed(*HELLO)), pauses_s=(0.01,)) as (client, server):
        outcome = await told(client)
    assert outcome.fault is None
    assert outcome.pauses == [0.0]
    assert len(server.requests) == 2


def connect_error(cause):
    error = httpx.ConnectError("no")
    error.__cause__ = cause
    return error


UNREACHABLE = {
    "refused": (connect_error(ConnectionRefusedError()), errors.ConnectionFailed, 3),
    "nobody answers": (httpx.ConnectTimeout("no"), errors.ConnectTimedOut, 3),
    "no such host": (connect_error(socket.gaierror()), errors.UnknownHost, 3),
    # A certificate does not become good in three seconds.
    "not secure": (connect_error(ssl.SSLError()), errors.NotSecure, 1),
}


@pytest.mark.parametrize(("raised", "expected", "tries"), UNREACHABLE.values(), ids=UNREACHABLE)
async def test_a_connection_that_may_yet_be_made_is_tried_again(raised, expected, tries):
    async with client_over(raised, reads_body=False, pauses_s=(0.01, 0.02)) as (client, requests):
        outcome = await told(client)
    assert type(outcome.fault) is expected
    assert len(requests) == tries
    assert outcome.pauses == [0.01, 0.02][: tries - 1]


def test_every_way_of_not_reaching_the_api_is_tried_here():
    tried = {expected for _, expected, _ in UNREACHABLE.values()}
    by_proxy = {errors.ProxyFailed}  # see test_proxy.py
    assert tried | by_proxy == set(errors.Unreachable.__subclasses__())


async def test_a_connection_that_dies_under_the_next_request_sends_nothing_twice():
    async def die(_, writer):
        reset(writer)

    async with client_at(http(completion("Hello"), "application/json")) as (client, server):
        await told(client)
        server.answer = die
        outcome = await told(client)
    assert type(outcome.fault) is errors.ConnectionLost
    assert (len(server.requests), server.connections) == (2, 1)
