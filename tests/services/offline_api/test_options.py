"""The options of a request: which are taken, and which are refused."""

import json

import pytest

from services.offline_api import contract
from tests.services.offline_api.asking import A_MOMENT, audio, request

GOOD = audio(A_MOMENT, "pcm16")


def read(**options):
    return contract.read(json.dumps(request(GOOD, **options)).encode())


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": 0},
        {"temperature": 2.0},
        {"top_p": 1, "top_k": 0, "min_p": 0.1, "top_a": 0},
        {"frequency_penalty": -2, "presence_penalty": 2.0, "repetition_penalty": 1},
        {"max_tokens": 1},
        {"max_completion_tokens": 16_384},
        {"seed": -1},
        {"n": 1},
        {"stop": "."},
        {"stop": ["a", "b"]},
        {"logit_bias": {"50256": -100}, "logprobs": True, "top_logprobs": 5},
        {"reasoning": {"effort": "high", "exclude": False}},
        {"reasoning": {"max_tokens": 2000, "enabled": True}},
        {"reasoning_effort": "minimal", "include_reasoning": True, "verbosity": "low"},
        {"response_format": {"type": "text"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
        {"stream_options": {"include_usage": True}},
        {"stream_options": None},
        {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "auto"},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
        {"provider": {"order": ["Offline"]}, "plugins": [{"id": "web"}], "models": ["a", "b"]},
        {"user": "u", "session_id": "s", "metadata": {"k": "v"}, "usage": {"include": True}},
        {"temperature": None, "max_tokens": None, "reasoning": None, "stop": None},
        {"stream": None},
        {"something_new": "x"},
    ],
    ids=" ".join,
)
def test_a_documented_option_changes_nothing(options):
    assert read(**options) == read()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": "hot"}, "'temperature' must be a number from 0 to 2, got 'hot'."),
        ({"temperature": 2.1}, "'temperature' must be a number from 0 to 2, got 2.1."),
        ({"temperature": True}, "'temperature' must be a number from 0 to 2, got true."),
        ({"temperature": float("nan")}, "'temperature' must be a number from 0 to 2, got NaN."),
        ({"top_p": -0.1}, "'top_p' must be a number from 0 to 1, got -0.1."),
        ({"max_tokens": 0}, "'max_tokens' must be an integer of at least 1, got 0."),
        ({"max_tokens": 10.5}, "'max_tokens' must be an integer of at least 1, got 10.5."),
        ({"max_tokens": "10"}, "'max_tokens' must be an integer of at least 1, got '10'."),
        ({"max_tokens": [10]}, "'max_tokens' must be an integer of at least 1, got (list)."),
        ({"seed": 1.5}, "'seed' must be an integer, got 1.5."),
        ({"n": 2}, "'n' must be 1, got 2."),
        ({"n": True}, "'n' must be 1, got true."),
        ({"stop": 1}, "'stop' must be a string or a list of strings, got 1."),
        ({"stop": [1]}, "'stop' must be a string or a list of strings, got (list)."),
        ({"reasoning": "high"}, "'reasoning' must be an object, got 'high'."),
        ({"reasoning": {"effort": 3}}, "'reasoning.effort' must be a string, got 3."),
        ({"reasoning": {"exclude": 1}}, "'reasoning.exclude' must be true or false, got 1."),
        ({"response_format": "json"}, "'response_format' must be an object, got 'json'."),
        (
            {"response_format": {"type": "srt"}},
            (
                "'response_format.type' must be one of 'text', 'json_object', 'json_schema', "
                "'grammar', 'python', got 'srt'."
            ),
        ),
        (
            {"stream_options": {"include_usage": "yes"}},
            "'stream_options.include_usage' must be true or false, got 'yes'.",
        ),
        ({"stream_options": []}, "'stream_options' must be an object, got (list)."),
        ({"tools": {}}, "'tools' must be a list of objects, got (dict)."),
        ({"tools": ["f"]}, "'tools' must be a list of objects, got (list)."),
        ({"modalities": "text"}, "'modalities' must be a list of strings, got 'text'."),
        ({"user": 7}, "'user' must be a string, got 7."),
        ({"user": {"id": 7}}, "'user' must be a string, got (dict)."),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_an_option_of_a_wrong_type_is_refused(options, message):
    with pytest.raises(contract.Refusal) as refused:
        read(**options)

    assert (refused.value.status, refused.value.message) == (400, message)


def test_what_came_is_not_repeated_at_length():
    with pytest.raises(contract.Refusal) as refused:
        read(temperature="x" * 100_000, stop=1)

    assert len(refused.value.message) < 200
