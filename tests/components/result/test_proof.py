"""What an API tells of an answer afterwards, as it stands on the receipt."""

from components.result.card import finished_html
from components.result.proof import generation_html, proof_html
from components.texts import Texts
from services.assistant import Generation
from services.external_api.generation import Tried
from tests.components.result.test_receipt import AUDIO, HOSTILE, Rows, report
from tests.components.result.test_views import HEAD

EN, RU = Texts("en"), Texts("ru")
WHOLE = Generation(
    provider_name="Infermatic",
    num_input_audio_prompt=1,
    num_media_prompt=0,
    native_tokens_prompt=1380,
    native_tokens_completion=25,
    native_tokens_reasoning=5,
    native_tokens_cached=0,
    latency=1250,
    generation_time=1200,
    total_cost=0.0015,
    tried=(Tried("Azure", 429), Tried("Infermatic", 200), Tried("Maker", None)),
)


def test_each_thing_that_was_told_has_its_line():
    assert Rows(generation_html(WHOLE, EN)).rows == {
        "proof.sounds": "1",
        "proof.media": "0",
        "proof.prompt_tokens": "1,380",
        "proof.completion_tokens": "25",
        "proof.reasoning_tokens": "5",
        "proof.cached_tokens": "0",
        "proof.generation_time": "1,200 ms",
        "proof.latency": "1,250 ms",
        "stats.cost": "0.0015 USD",
        "stats.provider": "Infermatic",
        "proof.tried": "Azure (429), Infermatic (200), Maker",
    }


def test_what_was_not_told_is_said_to_be_that():
    rows = Rows(generation_html(Generation(), RU))
    assert set(rows.rows.values()) == {RU("unknown")}
    assert "proof.tried" not in rows.rows


def test_a_strangers_words_are_words():
    hostile = Generation(provider_name=HOSTILE, tried=(Tried(HOSTILE, 200),))
    assert "<img" not in generation_html(hostile, EN)


def test_an_answer_with_a_name_can_be_asked_about():
    card = finished_html(HEAD, report(request=AUDIO, id="gen-1"), EN)
    assert 'data-act="proof" data-generation="gen-1"' in card


def test_one_without_a_name_cannot():
    card = finished_html(HEAD, report(request=AUDIO, id=None), EN)
    assert 'data-act="proof"' not in card


def test_what_came_of_the_last_press_is_said_above_the_next():
    html = proof_html("gen-1", EN, "Try later.")
    assert html.index("Try later.") < html.index("<button")
