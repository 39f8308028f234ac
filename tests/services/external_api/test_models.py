"""Asking the API for its catalogue, which it may not have."""

import asyncio
import json

import pytest
from pydantic import SecretStr

from services.external_api import reading
from services.external_api.catalogue import Model
from services.external_api.client import Client
from tests.capture import http
from tests.clock import run_at_once
from tests.free_port import free_port
from tests.services.external_api.driving import CANARY, KEY, answer_of, client_at, client_over

pytestmark = pytest.mark.anyio

CATALOGUE = json.dumps(
    {"data": [{"id": "a/b", "name": "B", "architecture": {"input_modalities": ["audio"]}}]}
)


async def test_models_are_those_of_the_catalogue():
    async with client_at(http(CATALOGUE, "application/json")) as (client, server):
        models = await client.models(KEY)
    assert models == (Model("a/b", "B", frozenset({"audio"})),)
    asked = "GET /api/v1/models?output_modalities=text,transcription HTTP/1.1"
    assert server.requests[0].line == asked
    assert server.requests[0].header("authorization") == [f"Bearer {CANARY}"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answer_of("{}", status=404), id="404"),
        pytest.param(answer_of(CATALOGUE, status=500), id="500"),
        pytest.param(answer_of("<html></html>", "text/html"), id="HTML"),
        pytest.param(answer_of("[]"), id="another shape"),
        pytest.param(answer_of("[" * 100_000), id="deep"),
        pytest.param(answer_of(" " * (reading.MOST_BODY_BYTES + 1)), id="over 16 MB"),
    ],
)
async def test_without_a_catalogue_there_are_no_models(answer):
    async with client_over(answer) as (client, requests):
        assert await client.models(KEY) == ()
    assert len(requests) == 1


async def test_an_api_that_cannot_be_reached_has_no_models():
    client = Client(f"http://127.0.0.1:{free_port()}/v1")
    assert await client.models(KEY) == ()
    await client.aclose()


async def test_a_bad_key_asks_for_no_models():
    async with client_over(answer_of(CATALOGUE)) as (client, requests):
        assert await client.models(SecretStr("a b")) == ()
    assert requests == []


def test_a_catalogue_that_does_not_come_is_given_up_after_five_seconds():
    async def test():
        async with client_over(asyncio.Event().wait) as (client, _):
            now = asyncio.get_running_loop().time
            began = now()
            assert await client.models(KEY) == ()
            assert now() - began == pytest.approx(5, abs=0.5)

    run_at_once(test())
