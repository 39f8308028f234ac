"""What is taken from chat completions and error bodies, beyond what ``faults`` shows."""

import json
import math

import pytest

from services.external_api.answer import AnswerReader, redacted, said
from tests.capture import HELLO, completion, delta

STOP = delta("", finish_reason="stop")
KEY = "ak_canary-0123456789"


def read(*payloads, complete=True):
    """The texts that ``payloads`` add, and what is known at the end."""
    reader = AnswerReader()
    return [reader.take(payload) for payload in payloads], reader.finished(complete=complete)


def test_texts_come_out_as_they_were_put_in():
    texts, _ = read(delta(" Hel"), delta("lo \n"), delta("мир"), STOP)
    assert texts == [" Hel", "lo \n", "мир", ""]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"choices": []}, id="no choices"),
        pytest.param({"choices": None}, id="null choices"),
        pytest.param({}, id="no choices at all"),
        pytest.param({"choices": [None]}, id="null choice"),
        pytest.param({"choices": [{}]}, id="empty choice"),
        pytest.param({"choices": [{"delta": None}]}, id="null delta"),
        pytest.param({"choices": [{"delta": {}}]}, id="empty delta"),
        pytest.param({"choices": [{"delta": {"role": "assistant"}}]}, id="a role alone"),
        pytest.param({"error": None, "choices": []}, id="null error"),
    ],
)
def test_a_chunk_may_add_nothing(payload):
    texts, completed = read(payload, *HELLO)
    assert "".join(texts) == "Hello"
    assert completed.finish_reason == "stop"


def test_facts_are_taken_from_whichever_payload_has_them():
    usage = {"prompt_tokens": 7, "cost": 0}
    _, completed = read(
        delta(None, model="maker/model", provider="Maker"),
        delta("Hi"),
        STOP,
        {"choices": [], "usage": usage, "processing_time_ms": 12},
    )
    assert completed.model == "maker/model"
    assert completed.provider == "Maker"
    assert completed.finish_reason == "stop"
    assert completed.usage == usage
    assert completed.server_ms == 12


def test_what_was_not_said_is_unknown_and_not_zero():
    _, completed = read(delta("Hi"), complete=True)
    assert (completed.model, completed.provider, completed.finish_reason) == (None, None, None)
    assert (completed.usage, completed.server_ms) == (None, None)


def test_a_null_does_not_undo_what_was_said():
    _, completed = read(
        delta("Hi", model="m", usage={"cost": 1}, finish_reason="length"),
        delta(None, model=None, usage=None, finish_reason=None),
    )
    assert (completed.model, completed.usage, completed.finish_reason) == (
        "m",
        {"cost": 1},
        "length",
    )


@pytest.mark.parametrize(
    "payload",
    [
        {"model": 7, "provider": ["x"], "usage": "free", "processing_time_ms": "soon"},
        {"model": "", "provider": {}, "usage": [], "processing_time_ms": True},
        {"processing_time_ms": float("nan")},
        {"processing_time_ms": float("inf")},
        {"processing_time_ms": 10**400},
    ],
    ids=["other types", "empty", "NaN", "infinite", "enormous"],
)
def test_facts_of_another_type_are_unknown(payload):
    _, completed = read(delta("Hi") | payload)
    assert (completed.model, completed.provider, completed.usage, completed.server_ms) == (
        None,
        None,
        None,
        None,
    )


def test_usage_is_not_to_be_changed():
    _, completed = read(delta("Hi", usage={"cost": 1}))
    with pytest.raises(TypeError):
        completed.usage["cost"] = 2


def test_a_finish_reason_that_is_new_is_kept():
    _, completed = read(delta("Hi", finish_reason="tired"))
    assert completed.finish_reason == "tired"


def test_names_are_cut_to_a_sane_length():
    _, completed = read(delta("Hi", model="m" * 5000, finish_reason="r" * 5000))
    assert len(completed.model) == len(completed.finish_reason) == 200


@pytest.mark.parametrize(
    ("chunks", "text"),
    [
        pytest.param(["a\ud83d", "b"], "a\ufffdb", id="a first half"),
        pytest.param(["a", "\ude00b"], "a\ufffdb", id="a second half"),
        pytest.param(["a\ud83d\ud83d", "\ude00"], "a\ufffd\U0001f600", id="two first halves"),
    ],
)
def test_half_a_surrogate_pair_does_not_reach_the_page(chunks, text):
    texts, _ = read(*map(delta, chunks), STOP)
    assert "".join(texts) == text


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        pytest.param({"error": {"message": "no"}}, "no", id="OpenRouter"),
        pytest.param({"error": {"code": 1, "message": "no", "metadata": None}}, "no", id="no raw"),
        pytest.param({"error": "no"}, "no", id="a string"),
        pytest.param({"message": "no"}, "no", id="message at the top"),
        pytest.param({"detail": "no"}, "no", id="FastAPI"),
        pytest.param(
            {"error": {"message": "Provider returned error", "metadata": {"raw": "out of GPUs"}}},
            "Provider returned error: out of GPUs",
            id="raw",
        ),
        pytest.param(
            {"error": {"message": "no", "metadata": {"raw": {"why": "Нет"}}}},
            'no: {"why": "Нет"}',
            id="raw as JSON",
        ),
        pytest.param({"error": {"metadata": {"raw": "out of GPUs"}}}, "out of GPUs", id="raw only"),
        pytest.param({"error": {"message": "no", "metadata": {"raw": "no"}}}, "no", id="raw again"),
        pytest.param({"error": {"message": 7, "metadata": {"raw": 7}}}, "", id="numbers"),
        pytest.param({"error": {}}, "", id="empty"),
        pytest.param({"error": None}, "", id="null"),
        pytest.param({}, "", id="nothing"),
        pytest.param([], "", id="a list"),
        pytest.param("no", "", id="bare words"),
    ],
)
def test_said_finds_the_message_of_an_error_body(payload, message):
    assert said(payload) == message


@pytest.mark.parametrize(
    "text",
    [
        f"bad key {KEY}",
        f"bad key: Bearer {KEY}.",
        f"{KEY}{KEY}",
        f"x{KEY}x",
        "x" * 590 + KEY,
    ],
    ids=["alone", "bearer", "twice", "glued", "at the cut"],
)
def test_the_key_that_was_sent_is_redacted(text):
    assert "canary" not in redacted(text, KEY)


@pytest.mark.parametrize("key", ["ak_other_key_1", "sk-or-v1-abcdef", "hf_ABCDEF123", "SK-ABCDEFG"])
def test_what_looks_like_a_key_is_redacted_too(key):
    assert redacted(f"not your key {key}!") == "not your key …!"


def test_ordinary_words_are_not_redacted():
    text = "ask-me: the model openai/gpt-4o takes no pcm16; see /docs?a=b (task-force)"
    assert redacted(text, KEY) == text


def test_a_long_message_is_cut():
    assert len(redacted("x " * 5000)) <= 600


def test_a_message_with_half_a_surrogate_pair_can_be_shown():
    assert redacted("a\ud83db") == "a\ufffdb"


ODD_USAGES = {
    "too large": ({"cost": 10**30, "n": 7}, {"cost": None, "n": 7}),
    "NaN": ({"cost": math.nan}, {"cost": None}),
    "half a letter": ({"\ud800": "a\udfff"}, {"\ufffd": "a\ufffd"}),
    "the key": ({"by": KEY}, {"by": "…"}),
}


@pytest.mark.parametrize(("usage", "kept"), ODD_USAGES.values(), ids=ODD_USAGES)
def test_usage_is_kept_as_json_that_everybody_can_read(usage, kept):
    reader = AnswerReader(KEY)
    reader.take(json.loads(completion("words", usage=usage)))
    assert dict(reader.so_far().usage) == kept


def test_usage_that_lies_deep_is_kept_as_far_as_it_is_sensible():
    deep = {}
    for _ in range(500):
        deep = {"a": deep}
    reader = AnswerReader()
    reader.take({"usage": deep, "choices": []})
    assert json.dumps(dict(reader.so_far().usage)).count("a") == 8


def test_the_key_stands_in_nothing_that_is_known_of_an_answer():
    reader = AnswerReader(KEY)
    said = {"model": KEY, "provider": f"by {KEY}", "finish_reason": f"x{KEY}"}
    reader.take(json.loads(completion("words", **said)))
    assert KEY not in repr(reader.so_far())
