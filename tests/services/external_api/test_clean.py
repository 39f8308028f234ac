"""What a stranger's server says has no key in it, and no half letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.external_api.clean import Masked, masked, redacted

KEY = "ak_canary-0123456789"


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


@pytest.mark.parametrize("size", range(1, len(KEY) + 1))
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"It is {KEY}, keep it.", "It is …, keep it."),
        (f"{KEY}{KEY}", "……"),
        (f"ak_{KEY}", "ak_…"),
        (f"ak_can {KEY[:-1]}!", f"ak_can {KEY[:-1]}!"),
        ("ak_", "ak_"),
        (f"so {KEY[:-1]}", "so …"),
    ],
    ids=["in words", "twice", "after its beginning", "almost", "as all begin", "broken off"],
)
def test_a_key_in_pieces_is_taken_out_of_a_text(text, shown, size):
    mask = Masked(KEY)
    pieces = [mask.take(text[begin : begin + size]) for begin in range(0, len(text), size)]
    assert "".join([*pieces, mask.rest()]) == shown


def test_what_is_held_of_a_text_is_no_more_than_may_become_the_key():
    mask = Masked(KEY)
    assert mask.take("a cat and ak_") == "a cat and "
    assert mask.take("t") == "ak_t"


@pytest.mark.parametrize("key", ["", "a", "key"])
def test_what_is_too_short_to_be_a_secret_stays(key):
    assert masked("a key for a day", key) == "a key for a day"


@given(st.text("ab", min_size=6, max_size=9), st.lists(st.text("ab", max_size=9), max_size=9))
def test_no_text_has_the_key_however_it_comes(key, pieces):
    mask = Masked(key)
    shown = "".join([*map(mask.take, pieces), mask.rest()])
    assert key not in shown
    assert key in "".join(pieces) or shown == "".join(pieces)
