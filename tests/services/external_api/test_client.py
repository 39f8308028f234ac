"""What the client sends, to whom, and what it tells of an answer."""

import pytest

from services import errors
from tests.capture import HELLO, capturing, http, streamed
from tests.services.external_api.driving import CANARY, REQUEST, client_at, told, upload

pytestmark = pytest.mark.anyio


async def test_what_is_sent_is_what_the_contract_says():
    async with client_at(streamed(*HELLO)) as (client, server):
        await told(client)
    (request,) = server.requests
    assert request.line == "POST /api/v1/chat/completions HTTP/1.1"
    assert request.body == b"".join(REQUEST.chunks())
    assert request.header("content-length") == [str(REQUEST.content_length)]
    assert request.header("transfer-encoding") == []
    assert request.header("authorization") == [f"Bearer {CANARY}"]
    assert request.header("cookie") == []


async def test_without_a_key_no_authorization_is_sent():
    async with client_at(streamed(*HELLO)) as (client, server):
        await told(client, key=None)
    assert server.requests[0].header("authorization") == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status):
    async with capturing(streamed(*HELLO)) as elsewhere:
        answer = http("", "", status, f"Location: {elsewhere.base_url}/chat/completions")
        async with client_at(answer) as (client, _):
            outcome = await told(client)
        assert type(outcome.fault) is errors.UnexpectedStatus
        assert elsewhere.connections == 0


async def test_proxies_of_the_environment_are_not_used(monkeypatch):
    async with capturing(streamed(*HELLO)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with client_at(streamed(*HELLO)) as (client, server):
            await told(client)
    assert (proxy.connections, len(server.requests)) == (0, 1)


async def test_a_file_that_shrinks_in_the_middle_of_an_upload_ends_it(tmp_path):
    request = upload(tmp_path)

    async def answer(reader, _):
        with request.file.open("r+b") as file:
            file.truncate(1_000_000)
        await reader.read()

    async with client_at(answer, reads_body=False) as (client, _):
        outcome = await told(client, request)
    assert type(outcome.fault) is errors.AppFailed


async def test_the_completion_holds_what_the_api_said():
    usage = {"total_tokens": 9, "cost": 0.001}
    last = {"choices": [], "usage": usage, "model": "m", "processing_time_ms": 5}
    async with client_at(streamed(*HELLO, last)) as (client, _):
        outcome = await told(client)
    assert outcome.fault is None
    completion = outcome.exchange.completion
    assert (completion.model, completion.usage) == ("m", usage)
    assert (completion.finish_reason, completion.server_ms) == ("stop", 5)
