"""What is said in an answer is served while there is more to come, to who knows its id."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from components.result.spoken import Spoken, _said, spoken_source
from services.assistant import Sound

pytestmark = pytest.mark.anyio


def sound(data):
    return Sound(data, "audio/wav")


async def _asked(spoken, path):
    transport = httpx.ASGITransport(Starlette(routes=[spoken.route]))
    async with httpx.AsyncClient(transport=transport, base_url="http://page/") as client:
        return await client.get(path)


async def test_who_listens_hears_what_was_said_and_what_comes():
    spoken = Spoken()
    spoken.add("a", sound(b"RIFF"))
    speech = spoken._speeches["a"]
    first, second = _said(speech), _said(speech)
    assert await anext(first) == b"RIFF"
    waiting = asyncio.create_task(anext(first))
    await asyncio.sleep(0)
    spoken.add("a", sound(b" more"))
    assert await waiting == b" more"
    assert await anext(second) == b"RIFF more"
    spoken.end("a")
    assert [one async for one in first] == [one async for one in second] == []


async def test_all_of_it_is_heard_by_who_was_there_before_its_end():
    spoken = Spoken()
    spoken.add("a", sound(b"x" * 200_000))
    listening = asyncio.create_task(_asked(spoken, spoken_source("a")))
    await asyncio.sleep(0.05)
    assert not listening.done()
    spoken.add("a", sound(b"end"))
    spoken.end("a")
    response = await listening
    assert response.content == b"x" * 200_000 + b"end"
    assert response.headers["content-type"] == "audio/wav"
    assert response.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("path", ["spoken?of=b", "spoken", "spoken?of="])
async def test_nothing_is_told_to_who_does_not_know_its_id(path):
    spoken = Spoken()
    spoken.add("a", sound(b"RIFF"))
    assert (await _asked(spoken, path)).status_code == 404


async def test_nothing_is_kept_of_what_is_over():
    spoken = Spoken()
    spoken.add("a", sound(b"RIFF"))
    spoken.end("a")
    spoken.end("never begun")
    assert (await _asked(spoken, spoken_source("a"))).status_code == 404
