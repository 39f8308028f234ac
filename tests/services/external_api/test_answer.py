"""What is taken from chat completions and error bodies, beyond what ``faults`` shows."""

import dataclasses
import json
import math

import pytest

from services import errors
from services.external_api.answer import AnswerReader, Usage, redacted, said
from tests.capture import HELLO, completion, delta

STOP = delta("", finish_reason="stop")
KEY = "ak_canary-0123456789"


def read(*payloads):
    """The texts that ``payloads`` add, and what is known once the end was announced."""
    reader = AnswerReader()
    texts = [reader.take(payload) for payload in payloads]
    reader.end()
    return texts, reader.finished()


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
    reader.take(delta(text, finish_reason="length"))
    with pytest.raises(errors.EmptyAnswer) as empty:
        reader.finished()
    assert empty.value.facts == {"finish_reason": "length"}


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


HEX = "0123456789abcdef"
#: Whose → a key of that shape, which is no key.
FOREIGN_KEYS = {
    "ours": f"ak_{HEX}",
    "ours, live": f"ak_live_{HEX}",
    "OpenAI's": f"sk-proj-Ab_-{HEX}T3BlbkFJ-x_y",
    "OpenAI's, old": f"sk-{HEX}{HEX}",
    "OpenRouter's": f"sk-or-v1-{HEX * 4}",
    "Anthropic's": f"sk-ant-api03-{HEX}-_x",
    "in capitals": f"SK-{HEX.upper()}",
    "public": f"pk-lf-{HEX}",
    "Hugging Face's, letters alone": f"hf_{'aBcDeFgHiJkLmNoPq' * 2}",
    "a UUID": "sk-123e4567-e89b-12d3-a456-426614174000",
    "behind Bearer": "Bearer any.old-token",
    "behind bearer, and a line break": "bearer\n abcdefgh",
}
MODEL_IDS = [
    "hf-internal/whisper-tiny",
    "hf-internal-testing/tiny-random-whisper-for-conditional-generation",
    "sk-model_v1.2",
    "maker/sk-model_v1.2",
    "ak-small-24b-2507",
    "pk-1-preview-20260101",
    "mistralai/voxtral-small-24b-2507",
    "openai/gpt-4o-audio-preview",
]


@pytest.mark.parametrize("key", FOREIGN_KEYS.values(), ids=FOREIGN_KEYS)
@pytest.mark.parametrize("around", ["not your key {}!", "{}", "({}).", "key={}, sorry"])
def test_what_looks_like_a_key_is_redacted_too(key, around):
    assert redacted(around.format(key)) == around.format("…")


@pytest.mark.parametrize("name", MODEL_IDS)
def test_the_id_of_a_model_is_not_redacted(name):
    text = f"no such model: {name}"
    assert redacted(text, KEY) == text


@pytest.mark.parametrize("name", MODEL_IDS)
def test_the_very_key_is_redacted_though_it_looks_like_the_id_of_a_model(name):
    assert redacted(f"no such key: {name}", name) == "no such key: …"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sk-" + "a" * 300_000, id="one letter"),
        pytest.param("sk-" + "a-" * 150_000, id="letters"),
        pytest.param("sk-a" * 75_000, id="beginnings"),
        pytest.param("sk-" + "0123abcd-" * 33_000, id="half a UUID"),
        pytest.param("bearer " * 40_000, id="bearer"),
        pytest.param("bearer" + " " * 300_000, id="spaces"),
    ],
)
@pytest.mark.timeout(10)  # in squares of its length it would be hours
def test_no_text_takes_long_to_look_through(text):
    assert len(redacted(text)) <= 600


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


#: A name of ours → the ``usage`` that tells it as 7, and what follows the name in it.
TOLD = {
    "prompt_tokens": lambda value: {"prompt_tokens": value},
    "completion_tokens": lambda value: {"completion_tokens": value},
    "total_tokens": lambda value: {"total_tokens": value},
    "audio_tokens": lambda value: {"prompt_tokens_details": {"audio_tokens": value}},
    "video_tokens": lambda value: {"prompt_tokens_details": {"video_tokens": value}},
    "cost": lambda value: {"cost": value},
}
NAMES = [field.name for field in dataclasses.fields(Usage)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [7, 0, 0.25])
def test_what_was_counted_is_known_by_its_name_and_nothing_else_is(name, value):
    told = dataclasses.asdict(Usage.of(TOLD[name](value)))
    assert told == dict.fromkeys(NAMES) | {name: value}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "value",
    [None, "7", True, False, math.nan, math.inf, -math.inf, 10**30, 1e300, 10**400, [7], {"n": 7}],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_sensible_number_is_unknown_and_never_zero(name, value):
    assert getattr(Usage.of(TOLD[name](value)), name) is None


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens_details": None},
        {"prompt_tokens_details": []},
        {"prompt_tokens_details": "7"},
        {"prompt_tokens_details": {}},
        {"audio_tokens": 7, "video_tokens": 7},
        {"completion_tokens_details": {"audio_tokens": 7}},
    ],
    ids=repr,
)
def test_where_nothing_was_counted_nothing_is_known(usage):
    assert Usage.of(usage) == Usage(None, None, None, None, None, None)


def test_the_usage_of_an_answer_is_what_json_makes_of_it():
    _, completed = read(delta("Hi", usage={"cost": 1, "prompt_tokens_details": {"a": [None]}}))
    assert type(completed.usage) is dict
    assert json.loads(json.dumps(completed.usage)) == completed.usage
