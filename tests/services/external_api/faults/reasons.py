"""What real servers say of a failure, each in its own way: the reason reaches the person.

Where a message was seen: OpenAI, Gemini, OpenRouter, DeepSeek, xAI and Anthropic in
public issues that quote them; llama.cpp, vLLM, LiteLLM and FastAPI in their sources.
"""

import dataclasses
import json
from typing import Final

from services.external_api import reading
from tests.capture import http, sse
from tests.services.external_api.faults.cutting import EVENTS
from tests.services.external_api.faults.fault import Fault, fails
from tests.services.external_api.faults.sentences import (
    CANNOT_HEAR,
    CANNOT_SEE,
    FAILED_ANSWER,
    OF_STATUS,
    TEXT_ONLY,
    saying,
    with_lines,
)

JSON: Final = "application/json"
OUT_OF_CREDIT: Final = "The account behind the key is out of credit (HTTP {})."
KEY_REJECTED: Final = "The API did not accept the key (HTTP {})."

#: Who says it → the status, and the message of ``error``.
CANNOT = {
    CANNOT_HEAR: {
        "llama.cpp": (
            500,
            "audio input is not supported - hint: you may need to provide the mmproj",
        ),
        "OpenRouter": (404, "No endpoints found that support input audio"),
        "OpenAI": (
            400,
            "Content blocks are expected to be either text or image_url type.",
        ),
        "Gemini": (400, "Audio input modality is not enabled for models/gemma-4-31b-it"),
        "vLLM": (400, "At most 0 audio(s) may be provided in one prompt."),
        "LiteLLM": (
            400,
            "litellm.BadRequestError: OpenAIException - This model does not support audio input.",
        ),
        "DeepSeek": (
            422,
            "messages[0]: unknown variant `input_audio`, expected `text` at line 1 column 99",
        ),
        "Anthropic": (
            400,
            "Input tag 'input_audio' found using 'type' does not match any of the tags",
        ),
        "Portkey": (
            400,
            "openai error: Invalid value: 'input_audio'. It can be 'text'",
        ),
        "Ollama": (400, "invalid content type 'input_audio' for this model"),
        "a proxy": (400, "Audio content is not supported"),
    },
    CANNOT_SEE: {
        "OpenRouter": (404, "No endpoints found that support image input"),
        "Gemini": (400, "Image input modality is not enabled for models/gemma-3-1b-it"),
        "OpenAI": (400, "azure-openai error: This model does not support image_url content."),
        "llama.cpp": (500, "video input is not supported - hint: you may need the mmproj"),
        "vLLM": (400, "At most 0 video(s) may be provided in one prompt."),
        "DeepSeek": (422, "messages[0]: unknown variant `video_url`, expected `text`"),
        "a proxy": (400, "vision is not supported by this model"),
    },
    TEXT_ONLY: {
        "vLLM": (400, "DeepSeek-V4-Flash is not a multimodal model"),
        "a proxy": (400, "Only 'text' content type is supported."),
        "llama.cpp": (400, "unsupported content[].type"),
        "Groq": (
            400,
            "the following must be satisfied[('messages.0.content' : value must be a string)]",
        ),
    },
}

#: What only sounds like it → its status and message.
ABOUT_THE_FILE = {
    "a format": (400, "This model does not support audio format flac"),
    "wrong bytes": (400, "The request says wav, but the data is mp3 (mp3)."),
    "a long one": (400, "The model does not accept audio longer than 30 s"),
    "several": (400, "At most 5 audio(s) may be provided in one prompt."),
    "sound to come": (400, "This model does not support audio output"),
    "a value": (400, "Input should be 'wav' or 'mp3'"),
}

ECHO = "A" * (3 * reading.MOST_REFUSAL_BYTES)
PYDANTIC = [
    {
        "type": "missing",
        "loc": ["body", "messages", 0, "content", "list[union[Text,Image]]", 1, "format"],
        "msg": "Field required",
        "input": {"data": ECHO},
    }
]
FIELD = "messages.0.content.1.format: Field required"


def _metadata(**metadata: object) -> dict:
    return {"error": {"message": "no", "code": 422, "metadata": metadata}}


#: Name → a body with status 422, and the reason in words.
BODIES = {
    "FastAPI's list": ({"detail": [{**PYDANTIC[0], "input": "x"}]}, FIELD),
    "FastAPI's list, several": (
        {
            "detail": [
                {"loc": ["body", "model"], "msg": "Field required"},
                {"loc": ["query", "key"], "msg": "Too short"},
                {"loc": ["body", "model"], "msg": "Field required"},
            ]
        },
        "model: Field required; query.key: Too short",
    ),
    "FastAPI's detail as an object": ({"detail": {"error": {"message": "too bad"}}}, "too bad"),
    "NestJS": (
        {"error": "Bad Request", "message": ["no model", "no key"]},
        "Bad Request: no model; no key",
    ),
    "a problem of RFC 9457": (
        {"type": "about:blank", "title": "No", "detail": "too bad"},
        "too bad",
    ),
    "Gemini's list of one": ([{"error": {"code": 422, "message": "too bad"}}], "too bad"),
    "raw that is JSON in a string": (
        _metadata(raw=json.dumps({"error": {"message": "out of GPUs", "code": 500}})),
        "no: out of GPUs",
    ),
    "raw that is an object": (
        _metadata(raw={"error": {"message": "out of GPUs"}}),
        "no: out of GPUs",
    ),
    "raw of unknown fields": (_metadata(raw={"why": "Нет", "left": 0}), "no: why: Нет, left: 0"),
    "raw that is a page": (
        _metadata(raw="<html><head><title>502 Bad Gateway</title></head><body></body></html>"),
        "no: 502 Bad Gateway",
    ),
    "reasons of moderation": (
        _metadata(reasons=["violence", "hate"], flagged_input="…"),
        "no: violence; hate",
    ),
    "JSON in the message": (
        {"error": {"message": 'litellm: X - {"error": {"code": 1, "message": "bad"}}\n\nfailed'}},
        "litellm: X - bad\n\nfailed",
    ),
    "Python in the message": (
        {
            "error": {
                "message": "Error code: 400 - {'error': {'message': 'it\\'s bad', 'code': 404}}"
            }
        },
        "Error code: 400 - it's bad",
    ),
    "JSON in the message, cut off": (
        {"error": {"message": 'failed: {"error": {"message": "too bad", "code'}},
        "failed: too bad",
    ),
    "a list of values in the message": (
        {"error": {"message": "Supported values are: ['text', 'image_url']."}},
        "Supported values are: ['text', 'image_url'].",
    ),
    "a page in the message": (
        {"html-message": "<html><h1>500 Server Error</h1><script>x()</script></html>"},
        "500 Server Error",
    ),
    "what was sent, before the reason": ({"body": ECHO, "detail": "too bad"}, "too bad"),
    "what was sent, behind the reason": ({"detail": PYDANTIC}, FIELD),
    "what was sent, in Python": (
        {
            "error": {
                "message": f"[{{'type': 'missing', 'msg': 'Field required', 'input': '{ECHO}'}}]"
            }
        },
        "Field required",
    ),
}

#: Name → status and error: the words say that there is no credit, or that the key is wrong.
TELLING = {
    "LiteLLM's budget": (
        422,
        {"message": "Budget has been exceeded! Current cost: 2.0", "type": "budget_exceeded"},
        "OutOfCredit",
        OUT_OF_CREDIT,
    ),
    "LiteLLM's budget, as it was": (
        400,
        {"message": "Budget has been exceeded! Team=x Current cost: 2.0, Max budget: 1.0"},
        "OutOfCredit",
        OUT_OF_CREDIT,
    ),
    "LiteLLM's budget, as of late": (
        429,
        {"message": "Budget has been exceeded!", "type": "budget_exceeded", "code": "429"},
        "OutOfCredit",
        OUT_OF_CREDIT,
    ),
    "OpenAI's quota": (
        429,
        {"message": "You exceeded your current quota.", "code": "insufficient_quota"},
        "OutOfCredit",
        OUT_OF_CREDIT,
    ),
    "Anthropic's balance": (
        400,
        {"message": "Your credit balance is too low to access the Anthropic API."},
        "OutOfCredit",
        OUT_OF_CREDIT,
    ),
    "LiteLLM's key": (
        400,
        {"message": "No connected db.", "type": "no_db_connection"},
        "KeyRejected",
        KEY_REJECTED,
    ),
    "Gemini's key": (
        400,
        {
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
        },
        "KeyRejected",
        KEY_REJECTED,
    ),
}


def _cannot(seen, who: str, status: int, message: str) -> Fault:
    body = json.dumps({"error": {"message": message, "code": status}})
    name = f"{seen.error}: {who}, {status}"
    return fails(name, http(body, JSON, status), saying(seen, message))


def _told(name: str, status: int, error: dict, error_class: str, what: str) -> Fault:
    seen = dataclasses.replace(OF_STATUS[422], error=error_class, what=what.format(status))
    answer = http(json.dumps({"error": error}), JSON, status)
    return fails(f"{error_class}: {name}, {status}", answer, saying(seen, error["message"]))


def _later(name: str, wait: str, *headers: str, status: int = 429, body: object = None) -> Fault:
    error = body or {"message": "too bad"}
    answer = http(json.dumps({"error": error}), JSON, status, *headers)
    seen = with_lines(OF_STATUS[status], "The API said: too bad", f"It asks to wait {wait}.")
    return fails(f"asked to wait: {name}", answer, seen)


#: With OpenRouter's word on what else may be asked, and whether it is of use to ask again.
AVAILABILITY = {
    "code": "model_unavailable",
    "retryable": False,
    "retry_after": 5,
    "fallback_models": ["maker/other", "maker/third", 7, "two words", "offline/model"],
}

FAULTS = (
    *(
        _cannot(seen, who, status, message)
        for seen, rows in CANNOT.items()
        for who, (status, message) in rows.items()
    ),
    *(
        fails(
            f"not about the model: {name}",
            http(json.dumps({"error": {"message": message}}), JSON, status),
            saying(OF_STATUS[status], message),
        )
        for name, (status, message) in ABOUT_THE_FILE.items()
    ),
    *(
        fails(f"reason: {name}", http(json.dumps(body), JSON, 422), saying(OF_STATUS[422], words))
        for name, (body, words) in BODIES.items()
    ),
    *(_told(name, *row) for name, row in TELLING.items()),
    fails(
        "CannotHear: amid a stream",
        EVENTS + sse({"error": {"message": "audio input is not supported"}}),
        saying(dataclasses.replace(CANNOT_HEAR, fate="open"), "audio input is not supported"),
    ),
    _later("in milliseconds", "45 sec", "retry-after-ms: 45000", "Retry-After: 99"),
    _later("with decimals", "46 sec", "Retry-After: 45.5"),
    _later("by LiteLLM's provider", "1 min", "llm_provider-retry-after: 60"),
    _later(
        "in OpenRouter's metadata",
        "33 sec",
        body={"message": "too bad", "metadata": {"retry_after_seconds": 33}},
    ),
    _later(
        "until requests are allowed",
        "6 min 2 sec",
        "x-ratelimit-remaining-requests: 0",
        "x-ratelimit-reset-requests: 6m2s",
        "x-ratelimit-remaining-tokens: 5",
        "x-ratelimit-reset-tokens: 9h",
    ),
    _later(
        "until tokens are allowed",
        "1 min 15 sec",
        "x-ratelimit-remaining-requests: 3",
        "x-ratelimit-remaining-tokens: 0",
        "x-ratelimit-reset-tokens: 1m15s",
    ),
    _later(
        "until a date in milliseconds",
        "168 hr",
        "X-RateLimit-Remaining: 0",
        f"X-RateLimit-Reset: {10**14 - 1}",
    ),
    fails(
        "other models are offered",
        http(
            json.dumps({"error": {"message": "too bad", "availability": AVAILABILITY}}), JSON, 503
        ),
        with_lines(
            dataclasses.replace(OF_STATUS[503], retry=False),
            "The API said: too bad",
            "It asks to wait 5 sec.",
            "It offers other models instead: maker/other, maker/third.",
        ),
    ),
    fails(
        "other models are offered amid a stream",
        EVENTS
        + b"data: "
        + json.dumps(
            {"error": {"message": "too bad", "availability": {"fallback_models": ["a/b"]}}}
        ).encode()
        + b"\n\n",
        with_lines(FAILED_ANSWER, "The API said: too bad", "It offers other models instead: a/b."),
    ),
)
