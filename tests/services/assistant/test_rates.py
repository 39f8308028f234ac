"""How many tokens a model makes of a second is learnt from its answers."""

from dataclasses import replace

import pytest

from services.assistant import Options, Report
from services.assistant.cost import Rate
from services.assistant.rates import Rates
from services.assistant.report import Fault, RunTimings
from services.assistant.sent_request import SentRequest
from services.external_api.bill import Bill

ANSWER = Report(
    text="Hello",
    asked_model="maker/ears",
    options=Options(),
    model="maker/ears",
    provider=None,
    finish_reason="stop",
    usage={"prompt_tokens": 130, "prompt_tokens_details": {"audio_tokens": 125}},
    timings_ms=RunTimings(None, None, None, None, None, 1.0, None),
    request=SentRequest("input_audio", format="mp3", duration_s=10.0),
    bill=Bill(answered=1),
)


@pytest.mark.parametrize(
    ("model", "kind", "rate"),
    [
        ("google/gemini-2.5-flash", "audio", Rate(32, 32)),
        ("openai/gpt-4o-audio-preview", "audio", Rate(10, 10)),
        ("mistralai/voxtral-small-24b-2507", "audio", Rate(12.5, 12.5)),
        ("openai/gpt-4o", "video", None),
        ("maker/ears", "audio", None),
    ],
)
def test_before_any_answer_the_makers_are_believed(model, kind, rate):
    assert Rates().of(model, kind) == rate


def test_an_answer_tells_how_many_it_were():
    rates = Rates()
    rates.learn(ANSWER)
    assert rates.of("maker/ears", "audio") == Rate(12.5, 12.5)
    assert rates.of("maker/ears", "video") is None


def test_what_was_seen_goes_before_what_the_maker_says():
    rates = Rates()
    rates.learn(replace(ANSWER, asked_model="google/gemini-2.5-flash"))
    assert rates.of("google/gemini-2.5-flash", "audio") == Rate(12.5, 12.5)


def test_several_answers_make_a_range():
    rates = Rates()
    longer = replace(ANSWER.request, duration_s=12.5)
    for one in (ANSWER, replace(ANSWER, request=longer)):
        rates.learn(one)
    assert rates.of("maker/ears", "audio") == Rate(10, 12.5)


@pytest.mark.parametrize(
    "told",
    [
        replace(ANSWER, fault=Fault("TimedOut")),
        replace(ANSWER, warnings=("another_model",)),
        replace(ANSWER, usage=None),
        replace(ANSWER, request=None),
        replace(ANSWER, request=replace(ANSWER.request, duration_s=None)),
        replace(ANSWER, request=replace(ANSWER.request, turns=2)),
    ],
    ids=["failed", "another model", "no usage", "nothing sent", "no length", "a follow-up"],
)
def test_what_tells_nothing_of_the_model_teaches_nothing(told):
    rates = Rates()
    rates.learn(told)
    assert rates.of("maker/ears", "audio") is None
