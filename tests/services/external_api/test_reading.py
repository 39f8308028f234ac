"""Reading within bounds, and without keeping anyone else from their turn."""

import asyncio
import gzip

import pytest

from services import errors
from services.external_api import reading
from tests.services.external_api.driving import client_at, told
from tests.services.external_api.faults.streams import zipped

pytestmark = pytest.mark.anyio

COMMENTS = 1024 * (b":" + b" " * 1022 + b"\n")
WHITE = 1024 * (b" " * 1023 + b"\n")


@pytest.mark.parametrize(
    ("content_type", "piece", "size"),
    [
        ("text/event-stream", COMMENTS, reading.MOST_STREAM_BYTES),
        ("application/json", b"{" + WHITE, reading.MOST_BODY_BYTES),
        ("application/json", WHITE, reading.MOST_STREAM_BYTES),
    ],
    ids=["stream", "JSON", "white space"],
)
async def test_a_bomb_leaves_others_their_turn(content_type, piece, size):
    turns = 0

    async def others():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    bomb = gzip.compress(piece * (size // len(WHITE) + 1))
    async with client_at(zipped(bomb, content_type)) as (client, _):
        beside = asyncio.create_task(others())
        outcome = await told(client)
        beside.cancel()
    assert type(outcome.fault) is errors.BadAnswer
    assert len(bomb) < 150_000  # so that all of it comes within a few reads
    assert turns > size // (256 * 1024)
