"""Whether there is what a run needs."""

import asyncio

import pytest

from services import errors
from services.assistant.readiness import Believed, can_work
from services.external_api.client import Client
from tests.capture import capturing, http
from tests.free_port import free_port

pytestmark = pytest.mark.anyio


async def test_a_workshop_that_works_can_work(workshop):
    assert await can_work(workshop)


async def test_one_that_starts_no_worker_cannot():
    class Shut:
        async def do(self, _):
            raise errors.AppFailed

    assert not await can_work(Shut())


@pytest.mark.parametrize("status", [200, 401, 404, 500])
async def test_an_api_that_answers_anything_is_there(status):
    async with capturing(http("{}", "application/json", status)) as server:
        client = Client(server.base_url)
        assert await client.is_there()
        await client.aclose()


async def test_an_api_that_does_not_answer_is_not():
    client = Client(f"http://127.0.0.1:{free_port()}/api/v1")
    assert not await client.is_there()
    await client.aclose()


async def test_what_was_found_is_believed_for_some_seconds():
    now, found = [100.0], []

    async def find():
        found.append(len(found))
        await asyncio.sleep(0)
        return len(found) == 1

    believed = Believed(find, lambda: now[0])
    assert await asyncio.gather(believed.now(), believed.now()) == [True, True]
    now[0] += 9.0
    assert await believed.now()
    now[0] += 1.0
    assert not await believed.now()
    assert found == [0, 1]
