"""Answers of real servers, replayed: what a person gets, or is told.

How they were recorded is in ``recorded/README.md``. Where a row says less than the
answer does, the row is what holds today, not what would be best.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services import errors
from services.external_api.catalogue import Model
from tests.services.external_api.driving import KEY, client_at, told

RECORDED = Path(__file__).parent / "recorded"
SERVERS = sorted(path.parent.name for path in RECORDED.glob("*/asked.json"))

HEARD = (
    "five hundred people came to the party\n\n---\n\n"
    "*The built-in offline API heard this: rough US English, not an AI model.*\n\n"
    "- Sound: mp3, mp3, 16 kHz, mono, 3.75 s\n- Level -20.9 dBFS, 26 % silence"
)
SEEN = (
    "*The built-in offline API looked at this: it measures, it is not an AI model.*\n\n"
    "- Video: mp4, h264, 320 × 180, 25 frames per second, 4.00 s, 33,876 bytes\n"
    "- Shots: 3\n    - 0.00–1.20 s\n    - 1.20–2.80 s\n    - 2.80–4.00 s\n"
    "- Colours: red 52 %, blue 28 %\n- Brightness 24 %, motion 0.3 %\n"
    "- Sound track: aac, 16 kHz, mono\n- Level -20.8 dBFS, 29 % silence\n\n"
    "**Words heard on the sound track**\n\nshe had three children and two dogs"
)
COUNTED = "They count to five."
TALK = "A short talk."


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replay; ``facts`` are those of the error."""

    text: str = ""
    model: str | None = None
    finish_reason: str | None = None
    usage: dict[str, Any] | None = None
    provider: str | None = None
    server_ms: float | None = None
    error: type[errors.ShowAndTellError] | None = None
    said: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    requests: int = 1
    reasoning: str = ""


async def replayed(name: str, *, pauses_s: tuple[float, ...] = ()) -> Replay:
    """What the client makes of the recording ``name``."""
    answer = (RECORDED / f"{name}.http").read_bytes()
    async with client_at(answer, pauses_s=pauses_s) as (client, server):
        outcome = await told(client)
    completion, fault = outcome.exchange.completion, outcome.fault
    return Replay(
        outcome.words,
        completion.model,
        completion.finish_reason,
        None if completion.usage is None else dict(completion.usage),
        completion.provider,
        completion.server_ms,
        None if fault is None else type(fault),
        fault.said if isinstance(fault, errors.ApiError) else "",
        {} if fault is None else dict(fault.facts),
        len(server.requests),
        completion.extras.reasoning,
    )


def counts(prompt, completion, total, **more):
    """A usage."""
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    return dict(zip(names, (prompt, completion, total), strict=True)) | more


def heard(frames, pictures=0):
    """The details of the offline API's prompt tokens."""
    return {"audio_tokens": frames, "video_tokens": pictures}


def guessed(words, reasoning=0):
    """A usage that LiteLLM makes up where the provider gave none."""
    details = {"reasoning_tokens": reasoning, "text_tokens": words - reasoning}
    return counts(0, words, words, completion_tokens_details=details)


def worded(number):
    """The details of completion tokens that LiteLLM adds to a provider's usage."""
    return {"reasoning_tokens": 0, "text_tokens": number}


PRICED = {
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 100},
    "completion_tokens_details": {"reasoning_tokens": 2},
}

#: Recording → text, model, finish reason, usage, and what else is known.
ANSWERS = {
    "litellm/heard-streamed": Replay(
        f"{HEARD}\n",
        "heard",
        "stop",
        counts(
            *(310, 37, 347),
            cost=0,
            prompt_tokens_details=heard(307),
            completion_tokens_details=worded(37),
        ),
    ),
    "litellm/heard-streamed-without-usage": Replay(f"{HEARD}\n", "heard", "stop", None),
    "litellm/heard-whole": Replay(
        HEARD,
        "heard",
        "stop",
        counts(310, 37, 347, cost=0, prompt_tokens_details=heard(307)),
        provider="offline",
        server_ms=3731,
    ),
    "litellm/seen-streamed": Replay(
        SEEN,
        "heard",
        "stop",
        counts(
            *(322, 84, 406),
            cost=0,
            prompt_tokens_details=heard(299, 20),
            completion_tokens_details=worded(84),
        ),
    ),
    "litellm/priced-streamed": Replay(
        TALK, "priced", "stop", counts(120, 4, 124, **PRICED, cost=0.000321)
    ),
    "litellm/priced-whole": Replay(
        TALK,
        "priced",
        "stop",
        counts(
            *(120, 4, 124),
            **PRICED,
            cost=0.000321,
            cost_details={"upstream_inference_cost": None},
        ),
        provider="Maker",
        server_ms=1234,
    ),
    # What LiteLLM itself worked out: in the usage of a stream, of a whole answer in
    # the header x-litellm-response-cost.
    "litellm/counted-streamed": Replay(
        TALK, "counted", "stop", counts(120, 4, 124, **PRICED, cost=0.00128)
    ),
    "litellm/counted-whole": Replay(
        TALK,
        "counted",
        "stop",
        counts(120, 4, 124, **PRICED, cost=0.00128),
        provider="Maker",
        server_ms=1234,
    ),
    "litellm/thoughtful-streamed": Replay(
        COUNTED, "thoughtful", "length", guessed(10, 5), reasoning="Somebody is counting."
    ),
    "litellm/moderated-streamed": Replay("It ", "moderated", "content_filter", guessed(2)),
    # The provider was cut off; LiteLLM says that it stopped, and nobody can tell.
    "litellm/breaks-midway": Replay("They count ", "breaks-midway", "stop", guessed(3)),
    "litserve/counting-streamed": Replay(COUNTED, "counting", "stop", counts(7783, 4, 7787)),
    "litserve/counting-whole": Replay(COUNTED, "counting", "stop", counts(7783, 4, 7787)),
    # Nothing was counted, which LitServe writes as zeros.
    "litserve/plain-streamed": Replay(COUNTED, "plain", "stop", counts(0, 0, 0)),
    "litserve/plain-whole": Replay(COUNTED, "plain", "stop", counts(0, 0, 0)),
    "portkey/heard-whole": Replay(
        HEARD,
        "offline/rough-ears-and-eyes",
        "stop",
        counts(310, 37, 347, cost=0, prompt_tokens_details=heard(307)),
        provider="offline",
        server_ms=1506,
    ),
}


def refused(error, status, said="", **more):
    """A refusal by its HTTP status."""
    return Replay(error=error, said=said, facts={"status": status, **more})


def by_litellm(error, status, name, said, **more):
    """A refusal in LiteLLM's words."""
    behind = (
        f"\n\nLiteLLM: model group '{name}' failed with the error above. No fallback was attempted."
    )
    return refused(error, status, f"litellm.{said}{behind}", **more)


MISMATCHED = (
    "messages.0.content.str: Input should be a valid string; "
    "messages.0.content.1.TextContent.text: Field required; "
    "messages.0.content.1.ImageContent.image_url: Field required"
)
LIMIT = (
    "Rate limit reached for maker/m in organization org-1 on requests per min (RPM): "
    "Limit 3, Used 3, Requested 1. Please try again in 20s."
)

#: Recording → the error, its status, what the API said, and what was known by then.
FAILURES = {
    "litellm/no-key": refused(
        errors.KeyRejected, 401, "Authentication Error, No api key passed in."
    ),
    # A wrong key, at a proxy without a database of keys.
    "litellm/wrong-key": refused(errors.KeyRejected, 400, "No connected db."),
    # The proxy's own key, at the provider.
    "litellm/rejected-key": by_litellm(
        errors.KeyRejected,
        401,
        "rejected-key",
        "AuthenticationError: AuthenticationError: OpenAIException - Missing or invalid API key: "
        "expected 'Authorization: Bearer ak_…'.",
    ),
    "litellm/unknown-model": refused(
        errors.RequestRejected,
        400,
        "/chat/completions: Invalid model name passed in model=unknown. "
        "Call `/v1/models` to view available models for your key.",
    ),
    "litellm/unknown-path": refused(errors.NotFound, 404, "Not Found"),
    "litellm/wrong-format": by_litellm(
        errors.RequestRejected,
        400,
        "heard",
        "BadRequestError: OpenAIException - The request says wav, but the data is mp3 (mp3).",
    ),
    "litellm/too-long": by_litellm(
        errors.RequestRejected,
        400,
        "too-long",
        "ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: "
        "OpenAIException - This model's maximum context length is 32768 tokens. However, your "
        "messages resulted in 40960 tokens. Please reduce the length of the messages.\n"
        "model=too-long. context_window_fallbacks=None. fallbacks=None.\n\n"
        "Set 'context_window_fallback' - https://docs.litellm.ai/docs/routing#fallbacks",
    ),
    "litellm/strict": by_litellm(
        errors.RequestRejected,
        422,
        "strict",
        "BadRequestError: OpenAIException - Error code: 422",
    ),
    "litellm/unpaid": by_litellm(
        errors.OutOfCredit,
        402,
        "unpaid",
        "APIError: APIError: OpenAIException - This request requires more credits.",
    ),
    "litellm/slow": by_litellm(
        errors.TookTooLong,
        408,
        "slow",
        "Timeout: APITimeoutError - Request timed out. Error_str: Request timed out.\n\n"
        "Deployment Info: request_timeout: None\ntimeout: 1.0",
    ),
    # What the provider asked to wait is in the header llm_provider-retry-after.
    "litellm/busy": by_litellm(
        errors.Busy,
        429,
        "busy",
        f"RateLimitError: RateLimitError: OpenAIException - {LIMIT}",
        retry_after_s=20,
    ),
    "litellm/limited": by_litellm(
        errors.Busy,
        429,
        "limited",
        "RateLimitError: Model rate limit exceeded. RPM limit=1, current usage=2",
        retry_after_s=60,
    ),
    "litellm/broken": by_litellm(
        errors.ProviderFailed,
        500,
        "broken",
        "InternalServerError: InternalServerError: OpenAIException - Error code: 500",
    ),
    "litellm/away": by_litellm(
        errors.ProviderFailed,
        500,
        "away",
        "InternalServerError: InternalServerError: OpenAIException - Connection error.",
    ),
    "litellm/mute-streamed": Replay(
        model="mute",
        finish_reason="stop",
        usage=guessed(0),
        error=errors.EmptyAnswer,
        facts={"finish_reason": "stop"},
    ),
    "litellm/fails-midway": Replay(
        "They count ",
        model="fails-midway",
        error=errors.FailedAnswer,
        said="litellm.APIConnectionError: APIConnectionError: OpenAIException - "
        "Provider disconnected unexpectedly",
    ),
    "litellm_keys/spent-key": refused(
        errors.OutOfCredit,
        422,
        "Budget has been exceeded! Key=key Current cost: 1.25, Max budget: 1.0",
    ),
    "litellm_keys/hurried-key": refused(
        errors.Busy,
        429,
        "Rate limit exceeded for api_key: "
        "a7cae810934aac707bbd7c48e379fe955f62e1a58423376ca2b21985a9bb4b2c. Limit type: requests. "
        "Current limit: 1, Remaining: 0. Limit resets at: 2026-11-26 01:19:42 UTC",
        retry_after_s=60,
    ),
    "litellm_keys/expired-key": refused(
        errors.KeyRejected,
        401,
        "Authentication Error - Expired Key. Key Expiry time 2026-01-01 00:00:00+00:00 "
        "and current time 2026-11-26 01:18:42.981331+00:00",
    ),
    "litellm_keys/narrow-key": refused(
        errors.Forbidden,
        403,
        "The requested model 'heard' is not available for this API key, or the model name is "
        "invalid. Check the models available to you and try again.",
    ),
    # FastAPI's list of what is wrong, with all that was sent in it, which is not told.
    "litserve/unknown-format": refused(errors.RequestRejected, 422, MISMATCHED),
    "litserve/video": refused(errors.RequestRejected, 422, MISMATCHED),
    "litserve/full-whole": refused(errors.Busy, 503, "No free slot: try again in a minute."),
    "litserve/crashing-whole": refused(errors.ProviderFailed, 500, "Internal Server Error"),
    "litserve/late-whole": refused(errors.TookTooLong, 504, "Request timed out"),
    # LitServe ends a stream with an error, but without the empty line that ends an event.
    "litserve/full-streamed": Replay(
        error=errors.FailedAnswer, said="No free slot: try again in a minute."
    ),
    "litserve/crashing-midway": Replay(
        "They count ",
        model="crashing-midway",
        error=errors.FailedAnswer,
        said="Internal Server Error",
    ),
    "portkey/no-provider": refused(
        errors.RequestRejected,
        400,
        "Either x-portkey-config or x-portkey-provider header is required",
    ),
    "portkey/wrong-format": refused(
        errors.RequestRejected,
        400,
        "openai error: The request says wav, but the data is mp3 (mp3).",
    ),
    "portkey/strict": refused(
        errors.RequestRejected,
        422,
        "messages.0.content.1.input_audio.format: Input should be 'wav' or 'mp3'",
    ),
    "portkey/busy": refused(errors.Busy, 429, f"openai error: {LIMIT}", retry_after_s=20),
    "portkey/broken": refused(errors.ProviderFailed, 500, "500 Internal Server Error"),
    # Streaming, which this version of it fails at by itself.
    "portkey/heard-streamed": refused(errors.ProviderFailed, 500, "Something went wrong"),
}

#: Recording → the ids of a catalogue; LiteLLM does not say what its models take.
CATALOGUES = {
    "litellm/models": (
        *("heard", "rejected-key", "priced", "counted", "thoughtful", "mute", "moderated"),
        *("fails-midway", "breaks-midway", "busy", "broken", "too-long", "unpaid", "strict"),
        *("slow", "away", "limited"),
    ),
    "litserve/models": (),
}


@pytest.mark.anyio
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_comes_through_with_what_is_known_of_it(name):
    assert await replayed(name) == ANSWERS[name]


@pytest.mark.anyio
@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_is_told_in_the_api_s_own_words(name):
    assert await replayed(name) == FAILURES[name]


@pytest.mark.anyio
@pytest.mark.parametrize("name", CATALOGUES)
async def test_a_catalogue_lists_the_models_there_are(name):
    async with client_at((RECORDED / f"{name}.http").read_bytes()) as (client, _):
        models = await client.models(KEY)
    assert models == tuple(Model(one, one, None) for one in CATALOGUES[name])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "requests"),
    [
        pytest.param("litserve/full-whole", 2, id="nothing is asked"),
        pytest.param("litellm_keys/hurried-key", 1, id="a longer wait than is waited"),
    ],
)
async def test_a_busy_server_is_asked_again_unless_it_asks_for_too_long_a_wait(name, requests):
    assert (await replayed(name, pauses_s=(0.01,))).requests == requests


@pytest.mark.parametrize("server", SERVERS)
def test_each_recording_is_replayed_and_says_what_was_asked(server):
    recorded = {path.stem for path in (RECORDED / server).glob("*.http")}
    asked = json.loads((RECORDED / server / "asked.json").read_text())["asked"]
    replays = [name.split("/") for name in (*ANSWERS, *FAILURES, *CATALOGUES)]
    assert recorded == set(asked) == {name for one, name in replays if one == server}


def test_no_recording_holds_a_key():
    holding = [
        path.name
        for path in RECORDED.rglob("*.http")
        if re.search(rb"(?:ak_|sk-)\w{6}", path.read_bytes())
    ]
    assert holding == []
