"""What is taken from chat completions and error bodies, beyond what ``faults`` shows."""

import json
import math

import pytest

from services import errors
from services.external_api.answer import AnswerReader
from tests.capture import HELLO, completion, delta

STOP = delta("", finish_reason="stop")
KEY = "ak_canary-0123456789"


def read(*payloads):
    """The texts that ``payloads`` add, and what is known once the end was announced."""
    reader = AnswerReader()
    added = [*(reader.take(payload) for payload in payloads), reader.rest()]
    reader.end()
    return [one.text for one in added], reader.finished()


def test_texts_come_out_as_they_were_put_in():
    texts, _ = read(delta(" Hel"), delta("lo \n"), delta("мир"), STOP)
    assert texts == [" Hel", "lo \n", "мир", "", ""]


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
        {"choices": [], "usage": usage, "processing_time_ms": 12, "language": "ru"},
    )
    assert completed.model == "maker/model"
    assert completed.provider == "Maker"
    assert completed.finish_reason == "stop"
    assert completed.usage == usage
    assert completed.server_ms == 12
    assert completed.language == "ru"


def test_what_was_not_said_is_unknown_and_not_zero():
    _, completed = read(delta("Hi"))
    assert (completed.model, completed.provider, completed.finish_reason) == (None, None, None)
    assert (completed.usage, completed.server_ms, completed.language) == (None, None, None)


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


@pytest.mark.parametrize(("announced", "reason"), [(True, None), (False, "stop"), (True, "stop")])
def test_an_answer_is_over_when_its_end_is_announced_or_it_has_a_reason(announced, reason):
    reader = AnswerReader()
    reader.take(delta("Hi", finish_reason=reason))
    if announced:
        reader.end()
    assert reader.finished().finish_reason == reason


def test_an_answer_that_just_stops_is_incomplete():
    reader = AnswerReader()
    reader.take(delta("Hi"))
    with pytest.raises(errors.IncompleteAnswer):
        reader.finished()


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_an_answer_without_words_is_empty(text):
    reader = AnswerReader()
    reader.take(delta(text, finish_reason="stop"))
    reader.rest()
    with pytest.raises(errors.EmptyAnswer) as empty:
        reader.finished()
    assert empty.value.facts == {"finish_reason": "stop"}


def test_the_id_of_an_answer_is_kept():
    _, completed = read(delta("Hi", id="gen-1"), STOP)
    assert completed.id == "gen-1"


@pytest.mark.parametrize(
    ("header", "usage", "known"),
    [
        pytest.param("0.00128", None, {"cost": 0.00128}, id="no usage"),
        pytest.param("0.5", {"prompt_tokens": 7}, {"prompt_tokens": 7, "cost": 0.5}, id="no cost"),
        pytest.param("0.5", {"cost": "0.25"}, {"cost": "0.25"}, id="a cost of its own"),
        pytest.param("0.5", {"cost": 0}, {"cost": 0}, id="a cost of its own that is nothing"),
        pytest.param("0.5", {"cost": None}, {"cost": 0.5}, id="a cost that is null"),
        pytest.param("0.0", None, None, id="a zero, which nobody counted"),
        pytest.param("", None, None, id="no header"),
        pytest.param("free", None, None, id="words"),
    ],
)
def test_the_cost_of_a_header_counts_where_the_usage_has_none(header, usage, known):
    reader = AnswerReader()
    reader.priced(header)
    reader.take(delta("Hi", usage=usage, finish_reason="stop"))
    assert reader.finished().usage == known


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


def test_the_usage_of_an_answer_is_what_json_makes_of_it():
    _, completed = read(delta("Hi", usage={"cost": 1, "prompt_tokens_details": {"a": [None]}}))
    assert type(completed.usage) is dict
    assert json.loads(json.dumps(completed.usage)) == completed.usage
