"""Whatever an answer carries besides its words, and what is offered instead of an answer."""

import base64
import re
import struct
import zlib

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import running_app
from tests.browser.scripted_api import ScriptedApi, completion, delta
from tests.browser.steps import (
    PATIENCE_MS,
    ask,
    error,
    open_page,
    row,
    stage,
    upload,
    wait_until_done,
)
from tests.clips import clip


@pytest.fixture
def given(page, scripted_app, api):
    """The page with a clip on it, ready to ask."""
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    expect(page.locator("#ask")).to_be_enabled()
    return page


def chunk(**parts):
    return {"choices": [{"index": 0, "delta": parts}]}


def end(reason="stop"):
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def message(**parts):
    return {"choices": [{"message": {"content": None, **parts}, "finish_reason": "stop"}]}


def png():
    """A red picture of 16 by 16."""

    def part(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    rows = (b"\0" + b"\xc8\x10\x10" * 16) * 16
    size = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(part(*one) for one in parts)


def b64(data):
    return base64.b64encode(data).decode()


def test_thoughts_grow_folded_up_and_stay_as_they_were_unfolded(given, api):
    def thinking(handler):
        def payloads():
            yield chunk(reasoning="Somebody <b>counts</b>. ")
            assert api.over.wait(PATIENCE_MS / 1000)
            api.over.clear()
            yield chunk(reasoning="One, two.")
            assert api.over.wait(PATIENCE_MS / 1000)
            yield from (delta("They count."), end())

        handler.stream(payloads())

    api.script = thinking
    thought, title = given.locator("#thought"), given.locator("#thought summary")
    ask(given)
    expect(title).to_have_text("Thinking, 23 characters")
    expect(stage(given, "think")).to_contain_text("The model is thinking")
    expect(thought.locator("div[tabindex]")).to_be_hidden()
    title.click()
    expect(thought).to_contain_text("Somebody <b>counts</b>.")
    api.over.set()
    expect(title).to_have_text("Thinking, 33 characters")
    expect(thought.locator("div[tabindex]")).to_be_visible()
    expect(thought).to_contain_text("One, two.")
    api.over.set()
    wait_until_done(given)
    expect(given.locator("#answer")).to_contain_text("They count.")
    expect(given.locator("#answer")).not_to_contain_text("Somebody")
    expect(thought.locator("div[tabindex]")).to_be_visible()


def test_thoughts_of_the_answer_before_are_gone_with_it(given, api):
    answers = iter([message(content="<think>Hm.</think>One."), completion("Two.")])
    api.script = lambda handler: handler.answer_json(next(answers))
    ask(given)
    wait_until_done(given)
    expect(given.locator("#thought summary")).to_be_visible()
    expect(given.locator("#answer")).to_contain_text("One.")
    ask(given)
    expect(given.locator("#answer")).to_contain_text("Two.")
    expect(given.locator("#thought")).to_be_hidden()


def test_a_refusal_is_told_and_no_retry_is_offered_that_would_be_paid_for(given, api):
    api.script = lambda handler: handler.stream(
        iter([chunk(refusal="I cannot <i>help</i> "), chunk(refusal="with that."), end()])
    )
    ask(given)
    refused = error(given, "ModelRefused")
    expect(refused).to_contain_text("The model refused to answer.")
    expect(refused).to_contain_text("I cannot <i>help</i> with that.")
    expect(given.locator("#retry")).to_be_hidden()
    expect(given.locator("#ask")).to_be_enabled()


def test_the_sound_of_an_answer_can_be_played(given, api):
    half_a_second = b"\x10\x20" * 12_000
    api.script = lambda handler: handler.stream(
        iter(
            [
                chunk(content=None, audio={"id": "a", "transcript": "It is "}),
                chunk(audio={"data": b64(half_a_second[:10_001])}),
                chunk(audio={"transcript": "five.", "data": b64(half_a_second[10_001:])}),
                end(),
            ]
        )
    )
    ask(given)
    wait_until_done(given)
    expect(given.locator("#answer")).to_contain_text("It is five.")
    player = given.locator("#extras audio")
    expect(player).to_be_visible()
    given.wait_for_function("document.querySelector('#extras audio').readyState > 0")
    assert player.evaluate("one => one.duration") == pytest.approx(0.5, abs=0.01)


def test_pictures_of_an_answer_are_shown_and_those_of_elsewhere_are_not_loaded(given, api):
    elsewhere = f"{api.origin}/picture.png"
    pictures = [f"data:image/svg+xml;base64,{b64(png())}", elsewhere]
    images = [{"type": "image_url", "image_url": {"url": url}} for url in pictures]
    api.script = lambda handler: handler.answer_json(message(images=images))
    called = []
    given.on("request", lambda request: called.append(request.url))
    ask(given)
    wait_until_done(given)
    expect(given.locator("#answer")).to_contain_text("This answer has no words.")
    picture = given.locator("#extras img")
    expect(picture).to_have_count(1)
    assert picture.evaluate("one => one.naturalWidth") == 16
    expect(given.locator("#extras")).to_contain_text(elsewhere)
    assert elsewhere not in called


def test_tools_and_sources_are_named(given, api):
    cited = {"url": "https://a.example/?x=1&y=2", "title": "<b>A</b>"}
    source = {"type": "url_citation", "url_citation": cited}
    calls = [{"function": {"name": "look_up", "arguments": "{}"}}]
    api.script = lambda handler: handler.answer_json(
        message(content="Five.", tool_calls=calls, annotations=[source])
    )
    ask(given)
    wait_until_done(given)
    expect(given.locator("#extras")).to_contain_text("https://a.example/?x=1&y=2")
    expect(given.locator("#extras")).to_contain_text("<b>A</b>")
    expect(given.locator("#extras")).to_contain_text("look_up")
    expect(given.locator("#extras a")).to_have_count(0)


def test_one_press_asks_the_model_that_the_api_offers_instead(given, api):
    offered = {"fallback_models": ["maker/next", "maker/third"]}
    gone = {"message": "retired", "availability": offered}

    def script(handler):
        if api.requests[-1]["model"] == "maker/next":
            handler.answer_json(completion("all is well", model="maker/next"))
        else:
            handler.answer_json({"error": gone}, 404)

    api.script = script
    ask(given)
    expect(error(given, "NotFound")).to_contain_text("maker/next, maker/third")
    assert len(api.requests) == 1
    button = given.locator("#fallback")
    expect(button).to_have_text("Ask maker/next")
    button.click()
    wait_until_done(given)
    expect(given.locator("#answer")).to_contain_text("all is well")
    expect(given.locator("#model input")).to_have_value(re.compile("^Another"))
    expect(given.locator("#other-model textarea, #other-model input")).to_have_value("maker/next")
    expect(button).to_be_hidden()
    first, second = api.requests
    assert second == first | {"model": "maker/next"}


def test_an_answer_of_another_model_says_so(given, api):
    api.script = lambda handler: handler.answer_json(completion("words", model="maker/other"))
    ask(given)
    wait_until_done(given)
    expect(given.locator("#mark")).to_contain_text("Another model answered: maker/other.")
    expect(row(given, "stats.model")).to_have_text("maker/other")


def test_a_model_that_cannot_hear_is_said_not_to(given, api):
    api.script = lambda handler: handler.answer_json(
        {"error": {"message": "audio input is not supported", "code": 500}}, 500
    )
    ask(given)
    deaf = error(given, "CannotHear")
    expect(deaf).to_contain_text("This model cannot hear")
    expect(deaf).to_contain_text("it should not be billed")
    expect(given.locator("#retry")).to_be_hidden()


def test_of_listed_models_the_guides_come_first_and_the_others_are_marked(page, tmp_path):
    ids = ("maker/unheard-of", "google/gemini-2.5-flash", "an/embedding")
    listed = {"object": "list", "data": [{"id": one, "object": "model"} for one in ids]}
    with ScriptedApi(catalogue=listed) as api:
        api.script = lambda handler: handler.answer_json(completion("words"))
        environ = {"EXTERNAL_API_BASE_URL": api.base_url, "EXTERNAL_API_KEY": api.key}
        with running_app(tmp_path, environ) as app:
            open_page(page, app.url)
            chosen = page.locator("#model input")
            expect(chosen).to_have_value("google/gemini-2.5-flash")
            upload(page, "audio-file", clip("party.mp3"))
            chosen.click()
            marked = page.locator("[role=option]")
            expect(marked).to_have_count(4)  # the last is another one, to be typed
            expect(marked.nth(1)).to_contain_text("an/embedding (not known whether it hears)")
            marked.nth(2).click()
            ask(page)
            wait_until_done(page)
    assert [request["model"] for request in api.requests] == ["maker/unheard-of"]
