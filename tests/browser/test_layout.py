"""Ask never moves and never leaves the screen, and nothing is wider than the screen."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.devices import face_camera
from tests.browser.scripted_api import completion, delta
from tests.browser.steps import (
    PATIENCE_MS,
    ask,
    choose_tab,
    error,
    is_wide,
    open_page,
    upload,
    wait_until_done,
)
from tests.clips import clip

SCREENS = [(1280, 800), (1280, 720), (844, 390), (390, 844), (360, 640), (320, 568)]
#: An answer that is as wide as answers get.
WIDE = "\n\n".join(
    [
        "| " + " | ".join(f"column {number}" for number in range(20)) + " |",
        "```\n" + "a line of code that does not end " * 12 + "\n```",
        "w" * 300,
    ]
).replace("|\n\n```", "|\n|" + "---|" * 20 + "\n\n```")
#: Notes how much has moved that nobody asked to move, and what that was.
SHIFTED = """() => {
    window.shifted = [];
    const named = ({node}) => node?.closest?.("[id]")?.id ?? node?.nodeName;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries())
            if (!one.hadRecentInput) window.shifted.push([one.value, ...one.sources.map(named)]);
    }).observe({type: "layout-shift", buffered: true});
}"""


def place_of_ask(page):
    """Where Ask is; all of it is on the screen."""
    box, screen = page.locator("#ask").bounding_box(), page.viewport_size
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= screen["height"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= screen["width"]
    return box


def refuse_late(handler):
    """What comes within half a second of a press counts as asked for."""
    time.sleep(0.8)
    handler.answer_json({"error": {"message": "no " * 400}}, 500)


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_ask_stays_where_it_is_whatever_happens(browser, scripted_app, api, width, height):
    def script(handler):
        def payloads():
            yield delta("first words\n\n")
            api.over.wait(PATIENCE_MS / 1000)
            yield delta(WIDE)
            yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

        handler.stream(payloads())

    api.script = script
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.add_init_script(f"({SHIFTED})()")
        open_page(page, scripted_app.url)
        # What Gradio builds one after the other while it loads is another matter.
        expect(page.locator(".tries button")).to_have_count(3)
        places = [place_of_ask(page)]
        choose_tab(page, "audio-file")  # which a person does, and expects to see
        page.evaluate("window.shifted = []")
        upload(page, "audio-file", clip("party.mp3"))
        expect(page.locator("#sending")).to_contain_text("of sound")
        places.append(place_of_ask(page))
        ask(page)
        expect(page.locator("#answer")).to_contain_text("first words")
        places.append(place_of_ask(page))
        api.over.set()
        wait_until_done(page)
        places.append(place_of_ask(page))
        assert not is_wide(page)
        api.script = refuse_late
        page.locator("#ask").click()
        expect(error(page, "ProviderFailed")).to_be_visible()
        places.append(place_of_ask(page))
        assert not is_wide(page)
        assert places == [places[0]] * 5
        shifted = page.evaluate("window.shifted")
        assert sum(value for value, *_ in shifted) < 0.1, shifted


def test_ask_stays_where_it_is_while_one_records(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    open_page(page, scripted_app.url)
    places = [place_of_ask(page)]
    page.locator("#record button.record-button").click()
    expect(page.get_by_role("meter")).to_be_visible()
    places.append(place_of_ask(page))
    page.wait_for_timeout(1000)  # here only the clock says when
    page.locator("#record button.stop-button").click()
    expect(page.locator("#ask")).to_be_enabled()
    places.append(place_of_ask(page))
    assert places == [places[0]] * 3


def test_the_first_words_are_in_view_as_soon_as_they_come(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    ask(page)
    wait_until_done(page)
    expect(page.locator("#answer")).to_be_in_viewport(ratio=1)


def test_a_half_typed_model_is_never_sent(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    chosen = page.locator("#model input")
    expect(chosen).not_to_have_value("")
    chosen.click()
    options = page.locator("[role=option]")
    expect(options.first).to_be_visible()
    listed = options.all_inner_texts()
    page.keyboard.type("gemini-2.5")
    page.keyboard.press("Enter")
    page.locator("#prompt textarea").click()
    ask(page)
    wait_until_done(page)
    (request,) = api.requests
    assert request["model"] == chosen.input_value()
    assert request["model"] in [one.replace("✓", "").strip() for one in listed]


def test_a_model_that_is_not_listed_can_be_typed_on_purpose(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    page.locator("#model input").click()
    page.get_by_role("option", name="Another model…").click()
    page.locator("#other-model :is(input, textarea)").fill("maker/unlisted")
    page.locator("#other-model :is(input, textarea)").blur()
    ask(page)
    wait_until_done(page)
    assert [request["model"] for request in api.requests] == ["maker/unlisted"]


@pytest.mark.parametrize("width", [1280, 700, 390])
def test_the_whole_picture_of_the_camera_is_in_its_place(page, offline_app, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, offline_app.url)
    face_camera(page)
    page.get_by_text("Click to Access Webcam").click()
    picture = page.locator("#video video")
    page.wait_for_function("document.querySelector('#video video')?.videoWidth > 0")
    place, inside = page.locator("#video").bounding_box(), picture.bounding_box()
    assert inside["y"] >= place["y"]
    assert inside["y"] + inside["height"] <= place["y"] + place["height"]
