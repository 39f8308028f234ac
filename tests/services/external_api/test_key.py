"""The key goes into one header, and nowhere else."""

import json
import logging
import traceback

import pytest
from pydantic import SecretStr

from services import errors
from services.events import Delta, Thought
from tests.capture import HELLO, completion, delta, http, sse, streamed
from tests.services.external_api.driving import CANARY, EVENT_STREAM, KEY, client_at, told

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


def _message(message):
    return {"choices": [{"index": 0, "delta": message}]}


CUT = len(CANARY) // 2
#: Where the key stands in an answer, cut in two where it comes in pieces.
SPOKEN = {
    "a delta": [delta(f"It is {CANARY}.")],
    "two deltas": [delta(f"It is {CANARY[:CUT]}"), delta(f"{CANARY[CUT:]}.")],
    "a letter at a time": [*map(delta, f"It is {CANARY}.")],
    "the thoughts": [_message({"reasoning": CANARY}), delta("Hi")],
    "pieces of thoughts": [
        _message({"reasoning": CANARY[:CUT]}),
        _message({"reasoning": CANARY[CUT:]}),
        delta("Hi"),
    ],
    "tagged thoughts": [delta(f"<think>{CANARY[:CUT]}"), delta(f"{CANARY[CUT:]}</think>Hi")],
    "a transcript": [
        delta("Hi"),
        _message({"audio": {"transcript": CANARY[:CUT]}}),
        _message({"audio": {"transcript": CANARY[CUT:]}}),
    ],
    "a refusal": [
        delta("Hi"),
        _message({"refusal": CANARY[:CUT]}),
        _message({"refusal": CANARY[CUT:]}),
    ],
    "content parts": [delta([{"type": "text", "text": CANARY[:CUT]}]), delta(CANARY[CUT:])],
    "all but its last letter": [delta(f"Hi {CANARY[:-1]}")],
    "a model's long name": [delta("Hi", model="m" * 190 + CANARY)],
}


@pytest.mark.parametrize("is_over", [True, False], ids=["whole", "cut off"])
@pytest.mark.parametrize("events", SPOKEN.values(), ids=SPOKEN)
async def test_a_key_in_an_answer_is_shown_to_nobody(events, is_over):
    last = [delta("", finish_reason="stop")] if is_over else []
    async with client_at(streamed(*events, *last, done=is_over)) as (client, _):
        outcome = await told(client)
    texts = [one.text for one in outcome.events if isinstance(one, Delta)]
    thoughts = [one.text for one in outcome.events if isinstance(one, Thought)]
    completion = outcome.exchange.completion
    shown = ["".join(texts), "".join(thoughts), outcome.exchange.text, repr(completion)]
    shown += [completion.extras.reasoning, completion.extras.refusal, completion.extras.transcript]
    # Not half of it, either.
    assert not any(CANARY[: CUT + 1] in one for one in shown)
    assert outcome.exchange.text == "".join(texts)


async def test_words_around_a_key_are_shown():
    events = [delta(f"It is {CANARY[:CUT]}"), delta(f"{CANARY[CUT:]}.", finish_reason="stop")]
    async with client_at(streamed(*events)) as (client, _):
        assert (await told(client)).exchange.text == "It is …."


async def test_a_model_that_is_called_by_the_key_is_none():
    listed = {"data": [{"id": "maker/model"}, {"id": CANARY}, {"id": "m", "name": f"My {CANARY}"}]}
    async with client_at(http(json.dumps(listed), "application/json")) as (client, _):
        assert [one.id for one in await client.models(KEY)] == ["maker/model"]


async def test_a_good_run_logs_no_key(caplog):
    caplog.set_level(logging.DEBUG)
    async with client_at(streamed(*HELLO)) as (client, _):
        await told(client)
    assert CANARY not in caplog.text
    assert CANARY not in repr(client)
