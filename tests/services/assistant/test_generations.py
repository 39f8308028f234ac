"""Asking what an API counted of an answer: again for a moment, and never where it tells nothing."""

import contextlib
import json

import pytest
from pydantic import SecretStr

from services import errors
from services.assistant import Ask, LocalFile
from services.assistant.generations import Generations
from services.external_api.client import Client
from services.external_api.generation import Generation
from tests.capture import assistant_at, capturing, http, nobody
from tests.clips import clip

pytestmark = pytest.mark.anyio

TOLD = http(json.dumps({"data": {"num_input_audio_prompt": 1}}), "application/json")
NOT_YET = http('{"error": {"message": "Generation gen-1 not found"}}', "application/json", 404)
NO_ROUTE = http('{"detail": "Not Found"}', "application/json", 404)
HOST = SecretStr("ak_host")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@contextlib.asynccontextmanager
async def asking(clock, *answers):
    """Generations of an API that gives ``answers``, the last one for ever, and that API."""
    left = list(answers)

    async def answer(_, writer):
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        yield Generations(client, lambda: HOST, clock, (0.0, 0.0)), server


async def test_what_is_told_at_once_is_asked_for_once(clock):
    async with asking(clock, TOLD) as (generations, server):
        assert await generations.told("gen-1", None) == Generation(num_input_audio_prompt=1)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("key", "sent"), [(None, "ak_host"), (SecretStr("ak_mine"), "ak_mine")])
async def test_it_is_asked_for_with_the_key_of_the_answer(clock, key, sent):
    async with asking(clock, TOLD) as (generations, server):
        await generations.told("gen-1", key)
    assert server.requests[0].header("authorization") == [f"Bearer {sent}"]


async def test_an_answer_that_is_not_known_yet_is_asked_about_again(clock):
    async with asking(clock, NOT_YET, NOT_YET, TOLD) as (generations, server):
        assert await generations.told("gen-1", None) == Generation(num_input_audio_prompt=1)
    assert len(server.requests) == 3


async def test_one_that_stays_unknown_is_told_as_that(clock):
    async with asking(clock, NOT_YET) as (generations, server):
        for _ in range(2):
            with pytest.raises(errors.NotFound):
                await generations.told("gen-1", None)
    assert len(server.requests) == 6


async def test_an_api_that_tells_nothing_is_tried_once_and_again_in_an_hour(clock):
    async with asking(clock, NO_ROUTE, NO_ROUTE, NO_ROUTE, TOLD) as (generations, server):
        assert [await generations.told("gen-1", None) for _ in range(2)] == [None, None]
        assert len(server.requests) == 3
        clock.now = 3601.0
        assert await generations.told("gen-1", None) is not None


@pytest.mark.parametrize("status", [405, 501])
async def test_what_is_not_implemented_need_not_be_asked_again(clock, status):
    async with asking(clock, http("", "", status)) as (generations, server):
        assert await generations.told("gen-1", None) is None
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, errors.KeyRejected), (429, errors.Busy), (500, errors.ProviderFailed)],
)
async def test_what_fails_is_told_and_is_no_sign_that_there_is_nothing(clock, status, error):
    async with asking(clock, http("", "", status), TOLD) as (generations, _):
        with pytest.raises(error):
            await generations.told("gen-1", None)
        assert await generations.told("gen-1", None) is not None


@pytest.mark.parametrize("endpoint", ["chat/completions", "audio/transcriptions"])
async def test_the_offline_api_tells_of_its_answers(workshop, offline_url, endpoint):
    media = LocalFile(clip("party.mp3"), "audio")
    ask = Ask(media, "Transcribe", "offline/rough-ears-and-eyes", endpoint=endpoint)
    async with assistant_at(offline_url, workshop) as assistant:
        report = await assistant.run(ask, nobody)
        told = await assistant.generations.told(report.id, None)
        with pytest.raises(errors.NotFound):
            await assistant.generations.told(report.id, SecretStr("ak_strange"))
    assert (told.provider_name, told.total_cost) == ("offline", 0)
    assert (told.num_input_audio_prompt, told.num_media_prompt) == (1, 0)
    assert told.native_tokens_prompt > 300
    assert told.native_tokens_completion >= 9
    assert told.latency > 0
