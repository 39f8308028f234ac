"""Whether a model hears is tried with a clip of which the words are known."""

from dataclasses import replace

import pytest

from components.hearing import CLIP, SAID, WORDS, hears_of, outcome_words
from components.texts import Texts
from services.assistant import Fault, Hears
from tests.clips import SENTENCES, clip
from tests.services.assistant.test_rates import ANSWER

pytestmark = pytest.mark.anyio

EN = Texts("en")
HEARD = replace(ANSWER, text="many of our old friends came to the party", usage={"cost": 0.0001})
DEAF = replace(ANSWER, text="Hello there!", usage={"prompt_tokens": 14}, warnings=("unheard",))


def test_the_clip_is_ours_and_its_words_are_known():
    assert CLIP.read_bytes() == clip("party.mp3").read_bytes()
    assert (SENTENCES["party.mp3"] + ".", 9) == (SAID, WORDS)


@pytest.mark.parametrize(
    ("report", "hears"),
    [
        (HEARD, Hears(9, 9)),
        (replace(HEARD, text="Many of our gold friends came to a party."), Hears(7, 9)),
        (
            replace(HEARD, text="I cannot listen to audio, as I am a model of language alone."),
            Hears(0, 9),
        ),
        (DEAF, Hears(0, 9)),
        (replace(HEARD, fault=Fault("TimedOut", {"limit_s": 300})), None),
    ],
    ids=["all", "most", "none", "no token of sound", "no answer"],
)
def test_the_words_that_are_right_are_counted(report, hears):
    assert hears_of(report) == hears


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (HEARD, "maker/ears: 0 of 9 words wrong, cost 0.0001 USD, 0.01 sec."),
        (DEAF, "maker/ears does not hear: 14 tokens, none of them of sound."),
        (replace(HEARD, usage=None), "0 of 9 words wrong, cost not reported"),
        (
            replace(HEARD, fault=Fault("NoPrompt")),
            EN("error.NoPrompt.what"),
        ),
    ],
)
def test_what_it_has_shown_is_said_in_a_sentence(report, words):
    assert words in outcome_words(report, EN)


async def test_one_press_sends_the_clip_to_the_chosen_model(page):
    page.assistant.report = HEARD
    first, last = await page.updates("hear", model="maker/both", record="/tmp/a.wav", prompt="X")
    (ask,) = page.assistant.asked
    assert (ask.media.path, ask.model) == (CLIP, "maker/both")
    assert ask.prompt == EN("prompt.audio.transcribe")
    assert EN("hearing.asked") in first["heard"]
    assert "0 of 9 words wrong" in last["heard"]


async def test_what_it_has_shown_stays_beside_the_models_name(page):
    page.assistant.report = HEARD
    *_, last = await page.updates("hear", model="maker/both")
    assert ("maker/both · heard 9 of 9", "maker/both") in last["model"]["choices"]
    assert ("maker/both · heard 9 of 9", "maker/both") in last["compare"]["choices"]
