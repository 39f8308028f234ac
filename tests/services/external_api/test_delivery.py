"""When an upload is over, and how much of it has arrived: by what the socket tells."""

import asyncio
import contextlib
import socket
import time

import pytest

from services import errors
from services.external_api.client import Client
from services.external_api.delivery import Delivery
from tests.capture import completion, http, reset
from tests.services.external_api.driving import (
    answer_of,
    client_at,
    client_over,
    told,
    upload,
)

pytestmark = pytest.mark.anyio

SIZE = 3_000_000
WHOLE = http(completion("Hello"), "application/json")


class SmallServer:
    """Reads only when it is told to, out of a buffer that holds next to nothing."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._left = 0

    async def read_head(self):
        head = await self._reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        self._left = self.length = int(fields[b"content-length"])

    async def read(self, share):
        """Read on until it has had ``share`` of the body."""
        while self._left > self.length * (1 - share):
            self._left -= len(await self._reader.read(16 * 1024))

    def answer(self, whole=WHOLE):
        self._writer.write(whole)

    def reset(self):
        reset(self._writer)


@contextlib.asynccontextmanager
async def client_of(serve):
    """A client of a server that treats each connection as ``serve`` says."""
    served = []

    async def meet(reader, writer):
        served.append(asyncio.current_task())
        with contextlib.closing(writer):
            await serve(SmallServer(reader, writer))

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(meet, sock=listener, limit=16 * 1024)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    async with server, contextlib.aclosing(Client(url, pauses_s=())) as client:
        yield client
    await asyncio.gather(*served)


async def test_what_the_kernel_still_holds_is_uploading_and_no_waiting(tmp_path):
    began = time.perf_counter()
    reads_on = asyncio.Event()
    read_s = []

    async def serve(server):
        await server.read_head()
        await reads_on.wait()
        read_s.append(time.perf_counter() - began)
        await server.read(1)
        server.answer()

    async with client_of(serve) as client:
        asking = asyncio.create_task(told(client, upload(tmp_path, SIZE)))
        await asyncio.sleep(0.3)  # the server's, who does not read: nothing is waited for
        reads_on.set()
        outcome = await asking
    assert outcome.fault is None
    timings = outcome.exchange.timings
    assert timings.connect + timings.upload > read_s[0] * 1000 - 50
    assert timings.wait < timings.upload
    assert outcome.exchange.is_confirmed


async def test_an_upload_tells_what_has_arrived_and_not_what_was_handed_over(tmp_path):
    told_share = asyncio.Event()

    async def serve(server):
        await server.read_head()
        await server.read(0.3)
        await told_share.wait()
        await server.read(1)
        server.answer()

    async with client_of(serve) as client:
        asking = asyncio.create_task(told(client, upload(tmp_path, SIZE)))
        await asyncio.sleep(0.3)  # as above: time in which more would be handed over
        told_share.set()
        outcome = await asking
    assert outcome.fault is None
    assert 0.25 < outcome.shares[0] < 0.4


async def test_of_a_body_that_was_cut_that_share_was_sent_which_had_arrived(tmp_path):
    async def serve(server):
        await server.read_head()
        await server.read(0.67)
        await asyncio.sleep(0.3)  # a server that hangs, then dies
        server.reset()

    async with client_of(serve) as client:
        outcome = await told(client, upload(tmp_path, SIZE))
    assert isinstance(outcome.fault, errors.ConnectionLost)
    assert 0.6 < outcome.exchange.sent_share < 0.75
    assert not outcome.exchange.is_confirmed


async def test_of_a_body_that_was_refused_half_way_it_is_the_same(tmp_path):
    async def serve(server):
        await server.read_head()
        await server.read(0.5)
        await asyncio.sleep(0.3)  # as above
        server.answer(http("", "", 413))
        await server.read(0.5)

    async with client_of(serve) as client:
        outcome = await told(client, upload(tmp_path, SIZE))
    assert isinstance(outcome.fault, errors.RequestTooLarge)
    assert 0.4 < outcome.exchange.sent_share < 0.6


async def test_whether_a_program_read_what_arrived_before_it_died_is_unknown(tmp_path):
    async def serve(server):
        await server.read_head()
        await server.read(1)
        server.reset()

    async with client_of(serve) as client:
        outcome = await told(client, upload(tmp_path, 1000))
    assert isinstance(outcome.fault, errors.ConnectionLost)
    assert outcome.exchange.sent_share is None


async def test_a_second_request_on_a_connection_counts_its_own_bytes(tmp_path):
    async def serve(server):
        for share in (1, 0.5):
            await server.read_head()
            await server.read(share)
            if share == 1:
                server.answer()
        await asyncio.sleep(0.3)  # as above
        server.reset()

    async with client_of(serve) as client:
        first = await told(client, upload(tmp_path, SIZE))
        second = await told(client, upload(tmp_path, SIZE))
    assert first.exchange.sent_share == 1.0
    assert second.exchange.timings.connect == 0.0
    assert 0.4 < second.exchange.sent_share < 0.6


async def test_an_answer_that_overtakes_the_end_of_a_body_leaves_no_phase_out(tmp_path):
    async with client_at(WHOLE) as (client, _):
        for _ in range(20):
            outcome = await told(client, upload(tmp_path, 1000))
            assert outcome.stages[-2:] == ["upload", "wait"]


async def test_a_transport_without_a_socket_confirms_nothing(tmp_path):
    async with client_over(answer_of(completion("Hello"))) as (client, _):
        outcome = await told(client, upload(tmp_path, 1000))
    assert outcome.exchange.sent_share == 1.0
    assert not outcome.exchange.is_confirmed


async def test_where_no_socket_tells_what_was_cut_is_unknown_and_progress_is_what_was_taken_over():
    delivery = Delivery(1000, lambda: None)
    delivery.handed_over(500)
    await delivery.arrive()
    assert delivery.progress == 0.5
    assert delivery.share(has_answer=True) is None
