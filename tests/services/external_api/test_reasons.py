"""Words are found in error bodies of any shape; beyond what ``faults.reasons`` shows."""

import json

import pytest

from services.external_api.reasons import Reason, reason_in, reason_of


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
            "no: why: Нет",
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
def test_the_reason_is_the_message_of_an_error_body(payload, message):
    assert reason_of(payload).said == message


def test_what_the_api_says_of_asking_again_is_known():
    availability = {
        "code": "model_overloaded",
        "retryable": True,
        "retry_after": "12.5",
        "fallback_models": ["a/b", "c/d"],
    }
    body = {"error": {"message": "no", "code": 503, "availability": availability}}
    assert reason_of(body) == Reason("no", frozenset({"503"}), True, 12.5, ("a/b", "c/d"))


@pytest.mark.parametrize(
    "availability",
    [
        None,
        [],
        "soon",
        {"retryable": "yes", "retry_after": [], "fallback_models": "a/b"},
        {"retryable": 1, "retry_after": True, "fallback_models": [None, 7, "", "a b", "\n"]},
    ],
    ids=repr,
)
def test_what_it_says_in_another_shape_is_not(availability):
    assert reason_of({"error": {"message": "no", "availability": availability}}) == Reason("no")


def test_its_own_names_for_an_error_are_known_in_lower_case():
    body = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "type": ["x"]}, "type": "Bad"}
    assert reason_of(body).kinds == {"400", "invalid_argument", "bad"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"too bad", ""),
        (b'{"error": {"message": "too bad", "input": "AAAA', "too bad"),
        (b"{'detail': 'too bad'}", "too bad"),
        (b'{"error": {"message": "it is \\"bad\\"", "x', 'it is "bad"'),
        (b'[{"msg": "too bad"', "too bad"),
        (b'{"error": {"message": "too', ""),
        (b"{" * 60_000, ""),
        (b'{"message":' * 20_000, ""),
        (b'{"message":"' * 20_000, ""),
    ],
    ids=["words", "cut", "Python", "escapes", "a list", "amid words", "deep", "keys", "quotes"],
)
@pytest.mark.timeout(10)
def test_what_was_cut_off_or_is_broken_still_says_what_it_can(body, words):
    assert reason_in(body, is_text=False).said == words


def test_plain_words_count_where_the_body_is_said_to_be_words():
    assert reason_in(b"too bad", is_text=True).said == "too bad"


@pytest.mark.parametrize(
    "text",
    ["{" * 5000, "[{" * 5000, "{'a': " * 5000, '{"a":' * 5000, "<html>" * 5000, "<p" * 30_000],
    ids=lambda text: text[:6],
)
@pytest.mark.timeout(10)
def test_no_message_takes_long_to_look_through(text):
    reason_of({"error": {"message": text}})


def test_json_that_lies_deep_is_looked_at_as_far_as_it_is_sensible():
    deep = {"message": "too bad"}
    for _ in range(200):
        deep = {"error": deep}
    assert reason_of(deep).said == ""
    wrapped = "too bad"
    for _ in range(30):
        wrapped = json.dumps({"message": wrapped})[:20_000]
    assert "{" not in reason_of({"error": wrapped}).said
