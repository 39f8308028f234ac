"""Who hears of what is done for them."""

import asyncio
import contextlib

import httpx
import pytest

from components.session import Sessions
from components.streams import OpenStreams, Watched

pytestmark = pytest.mark.anyio

EVENTS = {"an-event": "ann"}


@contextlib.asynccontextmanager
async def watched():
    """The sessions that have a connection, and a client whose requests go on until it is told."""
    streams, seen, over = OpenStreams(), [], asyncio.Event()

    async def app(scope, receive, send):
        seen.append({one for one in ("ann", "bob") if streams.hears(one)})
        await over.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(Watched(app, streams, lambda event: EVENTS.get(event, event)))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        yield streams, seen, over, client


@pytest.mark.parametrize(
    ("path", "heard"),
    [
        ("/gradio_api/queue/data?session_hash=ann", {"ann"}),
        ("/gradio_api/call/ask_audio/an-event", {"ann"}),
        ("/gradio_api/call/v2/ask_audio/bob", {"bob"}),
        ("/gradio_api/queue/data", set()),
        ("/gradio_api/heartbeat/ann", set()),
        ("/config?session_hash=ann", set()),
    ],
)
async def test_who_has_a_connection_hears_until_it_is_closed(path, heard):
    async with watched() as (streams, seen, over, client):
        over.set()
        await client.get(path)
    assert seen == [heard]
    assert not streams.hears("ann")


async def test_of_two_connections_one_is_enough():
    async with watched() as (streams, seen, over, client):
        path = "/gradio_api/queue/data?session_hash=ann"
        asking = [asyncio.create_task(client.get(path)) for _ in range(2)]
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(seen) == 2
        asking[0].cancel()
        await asyncio.gather(asking[0], return_exceptions=True)
        assert streams.hears("ann")
        over.set()
        await asking[1]
    assert not streams.hears("ann")


async def test_to_send_something_is_not_to_hear():
    async with watched() as (_, seen, over, client):
        over.set()
        await client.post("/gradio_api/queue/data?session_hash=ann")
    assert seen == [set()]


async def ends(sessions, heard_by="ann"):
    """Whether work that never ends is ended."""
    work = asyncio.create_task(sessions.working("ann", asyncio.Event().wait(), heard_by))
    await asyncio.wait([work], timeout=0.5)
    has_ended = work.cancelled()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return has_ended


async def test_what_nobody_hears_of_is_ended():
    assert await ends(Sessions(streams=OpenStreams(), unheard_s=0.05))


async def test_what_somebody_hears_of_goes_on():
    streams = OpenStreams()
    streams.opened("ann")
    assert not await ends(Sessions(streams=streams, unheard_s=0.05))


async def test_when_they_leave_it_is_ended():
    streams = OpenStreams()
    streams.opened("ann")
    asyncio.get_running_loop().call_later(0.1, streams.closed, "ann")
    assert await ends(Sessions(streams=streams, unheard_s=0.05))
