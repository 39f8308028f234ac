"""What an API tells of an answer afterwards, and how it is asked."""

import json
import math

import pytest

from services import errors
from services.external_api.generation import Generation, Tried, generation_in, generation_url
from tests.capture import completion, http
from tests.services.external_api.driving import CANARY, KEY, client_at, told

pytestmark = pytest.mark.anyio

#: As OpenRouter's documentation has one, and with two providers.
DATA = {
    "id": "gen-1",
    "total_cost": 0.0015,
    "latency": 1250,
    "generation_time": 1200,
    "provider_name": "Infermatic",
    "native_tokens_prompt": 380,
    "native_tokens_completion": 25,
    "native_tokens_reasoning": 5,
    "native_tokens_cached": 0,
    "num_media_prompt": None,
    "num_input_audio_prompt": 1,
    "provider_responses": [
        {"provider_name": "Azure", "status": 429},
        {"provider_name": "Infermatic", "status": 200},
    ],
}
TOLD = Generation(
    provider_name="Infermatic",
    num_input_audio_prompt=1,
    native_tokens_prompt=380,
    native_tokens_completion=25,
    native_tokens_reasoning=5,
    native_tokens_cached=0,
    latency=1250,
    generation_time=1200,
    total_cost=0.0015,
    tried=(Tried("Azure", 429), Tried("Infermatic", 200)),
)


def test_what_is_told_has_its_names():
    assert generation_in({"data": DATA}) == TOLD


def test_what_is_not_told_is_unknown():
    assert generation_in({"data": {}}) == Generation()


@pytest.mark.parametrize(
    "data",
    [
        {"provider_name": 7, "total_cost": "free", "latency": True},
        {"native_tokens_prompt": math.nan, "num_input_audio_prompt": 10**400},
        {"provider_responses": "none"},
        {"provider_responses": [None, 7, {}, {"provider_name": None}]},
    ],
    ids=repr,
)
def test_what_is_no_such_thing_is_unknown(data):
    assert generation_in({"data": data}) == Generation()


def test_of_many_providers_the_first_are_enough():
    many = [{"provider_name": f"p{number}"} for number in range(1000)]
    assert len(generation_in({"data": {"provider_responses": many}}).tried) == 10


def test_no_key_is_in_it():
    data = {"provider_name": CANARY, "provider_responses": [{"provider_name": CANARY}]}
    assert CANARY not in repr(generation_in({"data": data}, CANARY))


@pytest.mark.parametrize("payload", [None, [], {}, {"data": None}, {"data": []}], ids=str)
def test_another_shape_is_none(payload):
    with pytest.raises(errors.BadAnswer):
        generation_in(payload)


@pytest.mark.parametrize(
    ("id_", "asked"),
    [
        ("gen-1", "gen-1"),
        ("a&id=b#c/../d", "a%26id%3Db%23c%2F..%2Fd"),
        ("\ud800", "%EF%BF%BD"),
    ],
    ids=ascii,
)
def test_a_name_is_a_name_whatever_is_in_it(id_, asked):
    url = f"https://a.example/v1/generation?id={asked}"
    assert generation_url("https://a.example/v1", id_) == url


async def test_it_is_asked_for_with_the_key():
    answer = http(json.dumps({"data": DATA}), "application/json")
    async with client_at(answer) as (client, server):
        assert await client.generation("gen-1", KEY) == TOLD
    assert server.requests[0].line == "GET /api/v1/generation?id=gen-1 HTTP/1.1"
    assert server.requests[0].header("authorization") == [f"Bearer {CANARY}"]


async def test_a_refusal_is_told_without_the_key():
    refusal = json.dumps({"error": {"message": f"No generation for {CANARY}"}})
    async with client_at(http(refusal, "application/json", 404)) as (client, _):
        with pytest.raises(errors.NotFound) as refused:
            await client.generation("gen-1", KEY)
    assert "No generation" in refused.value.said
    assert CANARY not in refused.value.said


async def test_a_header_names_the_answer_where_nothing_else_does():
    named = http(completion("Hi"), "application/json", 200, "X-Generation-Id: gen-Ab1")
    async with client_at(named) as (client, _):
        assert (await told(client)).exchange.completion.id == "gen-Ab1"


async def test_a_name_in_the_answer_goes_before_that():
    named = http(completion("Hi", id="own"), "application/json", 200, "X-Generation-Id: gen-Ab1")
    async with client_at(named) as (client, _):
        assert (await told(client)).exchange.completion.id == "own"
