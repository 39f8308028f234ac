"""The key goes into one header, and nowhere else."""

import logging
import traceback

import pytest
from pydantic import SecretStr

from services import errors
from tests.capture import HELLO, completion, http, sse, streamed
from tests.services.external_api.driving import CANARY, EVENT_STREAM, client_at, told

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "key",
    ["ak_a\nb", "ak_a\r\nX-Evil: 1", "ak_ключ", "ak_é", "ak a", "ak_\0", "ak_\x7f", "", "ak_a\n"],
    ids=["LF", "CRLF", "Cyrillic", "Latin-1", "space", "NUL", "DEL", "empty", "LF last"],
)
async def test_a_key_no_header_can_carry_is_refused_before_anything_is_sent(key):
    async with client_at(streamed(*HELLO)) as (client, server):
        with pytest.raises(errors.BadKey) as bad:
            await told(client, key=SecretStr(key))
        assert server.connections == 0
    if key:
        assert key not in f"{bad.value!r} {''.join(traceback.format_exception(bad.value))}"


ECHOES = {
    "JSON": (401, f'{{"error": {{"message": "bad key {CANARY}"}}}}', "application/json"),
    "raw": (
        400,
        f'{{"error": {{"message": "x", "metadata": {{"raw": "Bearer {CANARY}"}}}}}}',
        "application/json",
    ),
    "text": (403, f"Authorization: Bearer {CANARY}", "text/plain"),
    "HTML": (502, f"<html>{CANARY}</html>", "text/html"),
    "a success": (200, f'{{"error": "{CANARY}"}}', "application/json"),
    "a stream": (200, sse({"error": {"message": CANARY}}).decode(), EVENT_STREAM),
    "no JSON": (200, CANARY, "application/json"),
    "nothing but a finish reason": (
        200,
        completion("", finish_reason=f"tired of {CANARY}"),
        "application/json",
    ),
}


@pytest.mark.parametrize(("status", "body", "content_type"), ECHOES.values(), ids=ECHOES)
async def test_a_key_that_is_echoed_is_shown_nowhere(status, body, content_type, caplog):
    caplog.set_level(logging.DEBUG)
    async with client_at(http(body, content_type, status)) as (client, _):
        outcome = await told(client)
    fault = outcome.fault
    assert isinstance(fault, errors.ApiError)
    shown = [str(fault), repr(outcome), fault.said, repr(fault.facts), caplog.text]
    shown += traceback.format_exception(fault)
    assert CANARY not in "".join(shown)


async def test_a_good_run_logs_no_key(caplog):
    caplog.set_level(logging.DEBUG)
    async with client_at(streamed(*HELLO)) as (client, _):
        await told(client)
    assert CANARY not in caplog.text
    assert CANARY not in repr(client)
