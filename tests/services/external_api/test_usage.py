"""What was counted, by our names; what nobody counted is unknown."""

import dataclasses
import math

import pytest

from services.external_api.usage import Usage

#: A name of ours → the ``usage`` that tells it as 7, and what follows the name in it.
TOLD = {
    "prompt_tokens": lambda value: {"prompt_tokens": value},
    "completion_tokens": lambda value: {"completion_tokens": value},
    "total_tokens": lambda value: {"total_tokens": value},
    "audio_tokens": lambda value: {"prompt_tokens_details": {"audio_tokens": value}},
    "video_tokens": lambda value: {"prompt_tokens_details": {"video_tokens": value}},
    "cost": lambda value: {"cost": value},
    "seconds": lambda value: {"seconds": value},
}
#: What transcriptions call the same.
ELSEWHERE = {
    "prompt_tokens": lambda value: {"input_tokens": value},
    "completion_tokens": lambda value: {"output_tokens": value},
    "audio_tokens": lambda value: {"input_token_details": {"audio_tokens": value}},
}
NAMES = [field.name for field in dataclasses.fields(Usage)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [7, 0.25, "7", "0.000123", "1e-05"])
def test_what_was_counted_is_known_by_its_name_and_nothing_else_is(name, value):
    told = dataclasses.asdict(Usage.of(TOLD[name](value)))
    assert told == dict.fromkeys(NAMES) | {name: float(value)}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_transcription_has_other_names_for_the_same(name):
    told = dataclasses.asdict(Usage.of(ELSEWHERE[name](7)))
    assert told == dict.fromkeys(NAMES) | {name: 7.0}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "free",
        "$1",
        "7 ",
        "٧",
        "1_000",
        "nan",
        "inf",
        "1e999",
        "9" * 50,
        True,
        False,
        math.nan,
        math.inf,
        -math.inf,
        10**30,
        1e300,
        10**400,
        [7],
        {"n": 7},
    ],
    ids=lambda value: ascii(value)[:20],
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


@pytest.mark.parametrize("cost", [0, 0.0, "0"])
def test_what_was_free_cost_nothing(cost):
    assert Usage.of({"cost": cost}).cost == 0


def test_a_sound_that_cost_no_tokens_while_others_were_counted_cost_none():
    usage = Usage.of({"prompt_tokens": 7, "prompt_tokens_details": {"audio_tokens": 0}})
    assert usage.audio_tokens == 0


#: Who writes zeros for what was not counted → such a usage, and what is known of it.
UNCOUNTED = {
    "LitServe": (
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        {},
    ),
    "nobody, in detail": (
        {"prompt_tokens": 0, "total_tokens": 0, "prompt_tokens_details": {"audio_tokens": 0}},
        {},
    ),
    "LiteLLM, which guesses the answer's": (
        {"prompt_tokens": 0, "completion_tokens": 10, "total_tokens": 10},
        {"completion_tokens": 10, "total_tokens": 10},
    ),
    "an answer without a token": (
        {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7},
        {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7},
    ),
}


@pytest.mark.parametrize(("told", "known"), UNCOUNTED.values(), ids=UNCOUNTED)
def test_zeros_of_what_nobody_counted_are_unknown(told, known):
    assert dataclasses.asdict(Usage.of(told)) == dict.fromkeys(NAMES) | known
