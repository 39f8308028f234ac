"""What an answer has besides its words, as the page shows it."""

import re

import pytest

from components.result.extras import extras_html, thought_html
from components.texts import LANGUAGES, Texts
from services.assistant import Extras
from services.external_api.extras import Citation

EN = Texts("en")
HOSTILE = """<img src=x onerror="alert(1)">&amp;'"</div><script>alert(2)</script>"""
ALL = Extras(
    refusal="I will not say more.",
    transcript="It is five.",
    sounds=("data:audio/wav;base64,UklG",),
    images=("data:image/png;base64,iVBO",),
    elsewhere=("https://pictures.example/1.png",),
    unshown=2,
    tools=("look_up", "add"),
    citations=(Citation("https://a.example/x?y=1", "A title"), Citation("https://b.example")),
)


def kinds(shown):
    return re.findall(r'data-extra="(\w+)"', shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_there_is_has_its_place_and_its_words(language):
    shown = extras_html(ALL, Texts(language))
    assert kinds(shown) == [
        *("refusal", "sound", "transcript", "image", "elsewhere", "unshown", "tools", "citations")
    ]
    for text in ("I will not say more.", "It is five.", "look_up, add", "A title"):
        assert text in shown
    assert not re.search(r"[{}]", shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_there_is_not_has_none(language):
    assert extras_html(Extras(reasoning="Hm."), Texts(language)) == ""


def test_a_sound_can_be_played_and_a_picture_seen_where_they_are():
    shown = extras_html(ALL, EN)
    assert re.findall(r'src="([^"]*)"', shown) == [*ALL.sounds, *ALL.images]
    assert f'alt="{EN("extra.image")}"' in shown


def test_an_address_of_elsewhere_can_be_read_and_not_followed():
    shown = extras_html(ALL, EN)
    assert "https://pictures.example/1.png" in shown
    assert "https://a.example/x?y=1" in shown
    assert "<a " not in shown
    assert "href" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_an_answer_says_becomes_markup(language):
    texts = Texts(language)
    hostile = Extras(
        refusal=HOSTILE,
        transcript=HOSTILE,
        elsewhere=(HOSTILE,),
        tools=(HOSTILE,),
        citations=(Citation(HOSTILE, HOSTILE),),
    )
    plain = Extras("", "x", "x", elsewhere=("x",), tools=("x",), citations=(Citation("x", "x"),))

    def tags(shown):
        return re.findall(r"<(/?\w+)", shown)

    assert tags(extras_html(hostile, texts)) == tags(extras_html(plain, texts))
    assert tags(thought_html(HOSTILE, texts)) == tags(thought_html("x", texts))


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Thinking, 1,200 characters"), ("ru", "Размышления, знаков: 1\xa0200")],
)
def test_a_thought_is_folded_up_under_its_length(language, title):
    shown = thought_html("x" * 1200, Texts(language))
    assert f"<summary>{title}</summary>" in shown
    assert "<details data-thought>" in shown


@pytest.mark.parametrize("text", ["", " \n"])
def test_of_no_thought_nothing_is_shown(text):
    assert thought_html(text, EN) == ""
