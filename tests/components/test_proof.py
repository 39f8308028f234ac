"""A press asks what the API counted: of answers of this visit alone, with their own key."""

import json
from dataclasses import replace

import pytest
from pydantic import SecretStr

from components.result.proof import generation_html
from components.texts import Texts
from services.assistant import Generation
from services.errors import Busy, KeyRejected, NotFound
from tests.components.pages import REPORT, visitor

pytestmark = pytest.mark.anyio

EN = Texts("en")
NAMED = replace(REPORT, id="gen-1")


async def ask(page, name="ann", **given):
    """Have ``name`` get an answer that the API calls gen-1."""
    page.assistant.report = NAMED
    await page.updates(
        "ask", visitor(name=name), source="audio_file", audio_file="/tmp/a.mp3", prompt="?", **given
    )


async def press(page, wanted, name="ann", **given):
    """What a press of ``name``'s comes to."""
    text = wanted if isinstance(wanted, str) else json.dumps(wanted)
    (listener,) = page.listeners("prove")
    values = page.values(**given) | {page.by_id["proof"]: text}
    updates = await listener.fn(values, visitor(name=name))
    return updates[page.by_id["proof-told"]]


WANTED = {"card": "c1", "generation": "gen-1", "at": 1}


async def test_what_was_told_is_shown_on_the_card(page, assistant):
    await ask(page)
    told = json.loads(await press(page, WANTED))
    assert told == {
        "card": "c1",
        "html": str(generation_html(Generation(num_input_audio_prompt=1), EN)),
    }
    assert assistant.generations.asked == [("gen-1", None)]


async def test_an_answer_of_ones_own_key_is_asked_about_with_it(page, assistant):
    await ask(page, api_key="ak_mine")
    await press(page, WANTED, api_key="ak_mine")
    assert assistant.generations.asked == [("gen-1", SecretStr("ak_mine"))]


async def test_one_of_the_hosts_key_is_asked_about_with_that(page, assistant):
    await ask(page)
    await press(page, WANTED, api_key="ak_mine")
    assert assistant.generations.asked == [("gen-1", None)]


async def test_without_the_key_that_paid_nobody_is_asked(page, assistant):
    await ask(page, api_key="ak_mine")
    told = json.loads(await press(page, WANTED))
    assert EN("error.MissingKey.what") in told["html"]
    assert assistant.generations.asked == []


@pytest.mark.parametrize("wanted", [WANTED, WANTED | {"generation": "gen-2"}])
async def test_a_strangers_answer_is_not_asked_about(page, assistant, wanted):
    await ask(page)
    told = json.loads(await press(page, wanted, "bob" if wanted is WANTED else "ann"))
    assert EN("proof.strange") in told["html"]
    assert "<button" not in told["html"]
    assert assistant.generations.asked == []


@pytest.mark.parametrize(
    "wanted",
    ["", "{", "[]", "7", {"card": "c1"}, {"card": "c" * 101, "generation": "gen-1"}]
    + [{"card": "c1", "generation": one} for one in ("", "g" * 201, 7, None)],
    ids=str,
)
async def test_what_is_no_such_wish_comes_to_nothing(page, assistant, wanted):
    await ask(page)
    assert not isinstance(await press(page, wanted), str)
    assert assistant.generations.asked == []


@pytest.mark.parametrize(
    ("answer", "words", "is_offered_again"),
    [
        (None, EN("proof.none"), False),
        (NotFound("Generation gen-1 not found", status=404), EN("proof.unknown"), True),
        (Busy(status=429), EN("error.Busy.what", status=429), True),
        (KeyRejected(status=401), EN("error.KeyRejected.what", status=401), True),
    ],
    ids=["none here", "not known", "busy", "no key"],
)
async def test_what_it_came_to_is_said(page, assistant, answer, words, is_offered_again):
    await ask(page)
    assistant.generations.answer = answer
    html = json.loads(await press(page, WANTED))["html"]
    assert words in html
    assert ("<button" in html) == is_offered_again


def test_several_may_be_asked_about_at_once(page):
    (listener,) = page.listeners("prove")
    assert listener.trigger_mode == "multiple"
