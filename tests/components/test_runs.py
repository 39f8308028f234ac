"""What happens when something is asked, of one model or of several, asked again, or stopped."""

import asyncio
import html
import json
import re
from dataclasses import replace

import pytest

from components.comparing import SIDE_BY_SIDE
from components.question import OTHER
from components.texts import Texts
from services.assistant import Fault, Sound
from tests.components.pages import REPORT, visitor

pytestmark = pytest.mark.anyio

EN = Texts("en")
ONE = {"record": "/tmp/a.wav"}
COMPARED = ONE | {"model": "a/one", "compare": ["b/two", "a/one", "c/three"]}


async def test_ask_sends_what_stands_on_the_page(page, assistant):
    updates = await page.updates("ask", record="/tmp/a.wav", prompt="What?", model="m")
    (ask,) = assistant.asked
    assert (str(ask.media.path), ask.prompt, ask.model, ask.anyway) == (
        "/tmp/a.wav",
        "What?",
        "m",
        False,
    )
    assert "<p>Hello</p>" in updates[-1]["newest"]


async def test_anyway_sends_what_cannot_be_heard(page, assistant):
    await page.updates("anyway", record="/tmp/a.wav")
    assert assistant.asked[0].anyway


async def test_every_view_of_a_run_sets_all_the_buttons(page):
    for updates in await page.updates("ask", record="/tmp/a.wav"):
        assert {"ask", "stop", "retry", "anyway", "status"} <= set(updates)


@pytest.mark.parametrize(
    ("handler", "running"), [("ask", True), ("stopped", False)], ids=["running", "at rest"]
)
async def test_while_a_run_goes_on_stop_is_awake_and_ask_is_not(page, handler, running):
    if handler == "stopped":
        first, again = [one async for one in page.listeners("stopped")[0].fn(visitor())]
        assert first == again
        updates = {block.elem_id: value for block, value in first.items()}
    else:
        updates = (await page.updates("ask", record="/tmp/a.wav"))[0]
    assert updates["stop"]["interactive"] is running
    assert updates["ask"]["interactive"] is not running


async def test_each_run_has_a_card_of_its_own(page):
    first, second = [(await page.updates("ask", record="/tmp/a.wav"))[0] for _ in range(2)]
    cards = [re.search(r'data-id="(\w+)"', one["newest"])[1] for one in (first, second)]
    assert cards[0] != cards[1]


async def test_what_cannot_be_understood_is_told_and_nothing_is_asked(page, assistant):
    given = {"record": "/tmp/a.wav", "fitted": "/tmp/a.wav", "trim_from": "x"}
    (updates,) = await page.updates("ask", **given)
    assert 'data-error="BadTrim"' in updates["newest"]
    assert updates["ask"]["interactive"]
    assert assistant.asked == []


@pytest.mark.parametrize(
    ("given", "place"),
    [(ONE, "result/views.py progress_html"), (COMPARED, "result/comparison.py row_of")],
    ids=["one answer", "a comparison"],
)
async def test_a_bug_in_what_is_shown_does_not_leave_the_page_at_work(
    page, monkeypatch, caplog, given, place
):
    def explode(*_):
        raise KeyError("ak_canary")

    file, name = place.split()
    monkeypatch.setattr(f"components.{file.removesuffix('.py').replace('/', '.')}.{name}", explode)
    *_, last = await page.updates("ask", **given)
    assert 'data-error="AppFailed"' in last["newest"]
    assert last["ask"]["interactive"]
    assert f"components/{file}:" in caplog.text
    assert "canary" not in f"{last} {caplog.text}"


async def test_an_answer_that_was_paid_for_is_shown_whatever_its_cards_come_to(page, monkeypatch):
    def explode(*_):
        raise KeyError("ak_canary")

    monkeypatch.setattr("components.result.card.warnings_html", explode)
    *_, last = await page.updates("ask", record="/tmp/a.wav")
    assert ">Hello</p>" in last["newest"]
    assert EN("billed.answered", answered="1") in last["newest"]


async def test_one_press_asks_the_model_that_the_api_offered_instead(page, assistant):
    given = {"record": "/tmp/a.wav", "model": "maker/gone", "fallback_model": "maker/other"}
    first, *views = await page.updates("fallback", **given)
    assert first == {"model": OTHER, "other-model": "maker/other"}
    assert [ask.model for ask in assistant.asked] == ["maker/other"]
    assert "<p>Hello</p>" in views[-1]["newest"]


async def test_one_that_is_to_be_chosen_is_chosen(page):
    given = {"record": "/tmp/a.wav", "model": "maker/gone", "fallback_model": "maker/both"}
    first, *_ = await page.updates("fallback", **given)
    assert first == {"model": "maker/both"}


async def test_several_models_are_asked_the_same(page, assistant):
    *_, last = await page.updates("ask", prompt="What?", **COMPARED)
    assert sorted(ask.model for ask in assistant.asked) == ["a/one", "b/two", "c/three"]
    assert {(ask.prompt, str(ask.media.path)) for ask in assistant.asked} == {
        ("What?", "/tmp/a.wav")
    }
    assert last["newest"].count("<p>Hello</p>") == 3
    assert "Done: 3 of 3 answered." in last["status"]


async def test_each_is_asked_as_often_as_wanted(page, assistant):
    await page.updates("ask", repeats=3, **COMPARED)
    assert len(assistant.asked) == 9


async def test_no_more_are_under_way_than_there_are_places(page, assistant, monkeypatch):
    places = []

    async def run(ask, tell, **more):
        places.append(len(places))
        most.append(len(places))
        await asyncio.sleep(0)
        places.pop()
        return REPORT

    most = []
    monkeypatch.setattr(assistant, "run", run)
    await page.updates("ask", repeats=5, **COMPARED)
    assert (len(most), max(most)) == (15, SIDE_BY_SIDE)


async def test_several_can_be_stopped_with_what_had_come(page, assistant, monkeypatch):
    async def run(ask, tell, **more):
        if ask.model != "a/one":
            await asyncio.Event().wait()
        answered.set()
        return REPORT

    answered = asyncio.Event()
    monkeypatch.setattr(assistant, "run", run)
    asking = asyncio.create_task(page.updates("ask", **COMPARED))
    await answered.wait()
    stopped = page.listeners("stopped")[0].fn(visitor())
    updates = {block.elem_id: value for block, value in (await anext(stopped)).items()}
    await asyncio.gather(asking, stopped.aclose(), return_exceptions=True)
    assert "<p>Hello</p>" in updates["newest"]
    assert updates["newest"].count('data-error="Stopped"') == 2
    assert updates["ask"]["interactive"]


def failing(assistant, monkeypatch, *models):
    """From now on ``models`` fail."""

    async def run(ask, tell, **more):
        assistant.asked.append(ask)
        fault = Fault("TimedOut", {"limit_s": 300}) if ask.model in models else None
        return replace(REPORT, asked_model=ask.model, fault=fault)

    monkeypatch.setattr(assistant, "run", run)


def said_of(updates, media):
    """What a browser says of the comparison that it shows, to have it asked again."""
    record = html.unescape(re.findall(r'data-record="([^"]+)"', updates["newest"])[-1])
    compared = json.loads(json.loads(record)["exports"]["json"])
    return json.dumps({"media": media, "compared": compared})


async def test_what_failed_in_a_comparison_is_asked_again_and_nothing_else(
    page, assistant, monkeypatch
):
    assistant.models.names["b/two"] = "The two"
    failing(assistant, monkeypatch, "b/two")
    *_, last = await page.updates("ask", prompt="What?", **COMPARED)
    failing(assistant, monkeypatch)
    assistant.asked.clear()
    again = said_of(last, "/tmp/a.wav")
    *_, last = await page.updates("again", record="/tmp/a.wav", prompt="Other?", again=again)
    assert [(ask.model, ask.prompt) for ask in assistant.asked] == [("b/two", "What?")]
    assert "Done: 3 of 3 answered." in last["status"]
    assert last["newest"].count("<p>Hello</p>") == 3
    assert 'data-model="b/two">The two</span>' in last["newest"]


@pytest.mark.parametrize("record", ["/tmp/b.wav", None], ids=["other media", "none"])
async def test_of_other_media_nothing_is_asked_again(page, assistant, monkeypatch, record):
    failing(assistant, monkeypatch, "b/two")
    *_, last = await page.updates("ask", **COMPARED)
    assistant.asked.clear()
    assert await page.updates("again", record=record, again=said_of(last, "/tmp/a.wav")) == []
    assert assistant.asked == []


async def test_what_is_said_in_an_answer_is_there_until_its_end(page, assistant, monkeypatch):
    (asks,) = [fn.fn.__self__ for fn in page.listeners("ask")]
    spoken = asks._sessions.spoken
    heard = []

    async def run(ask, tell, **more):
        tell(Sound(b"RIFF", "audio/wav"))
        heard.extend(bytes(one.data) for one in spoken._speeches.values())
        return REPORT

    monkeypatch.setattr(assistant, "run", run)
    await page.updates("ask", prompt="What?", record="/tmp/a.wav")
    assert heard == [b"RIFF"]
    assert spoken._speeches == {}
