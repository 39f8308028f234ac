"""The page without a mouse, and for a room."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scenes import begins, ready, says
from tests.browser.steps import open_page, wait_until_done


@pytest.fixture
def given(page, scripted_app, api):
    return ready(page, scripted_app.url)


def focused(page: Page) -> str:
    """What has the focus: its id, or its class, or its element's name."""
    name = page.evaluate(
        "(({ id, className, nodeName }) => id || className || nodeName)(document.activeElement)"
    )
    return str(name)


def is_outlined(page: Page) -> bool:
    """Whether one sees what has the focus, at itself or at its label."""
    return bool(
        page.evaluate(
            """() => document.activeElement.matches("audio, video") // draws its own, inside
                || [document.activeElement, document.activeElement.closest("label")].some(
                (one) => one && parseFloat(getComputedStyle(one).outlineWidth) >= 2
                    && getComputedStyle(one).outlineStyle !== "none")"""
        )
    )


def test_from_a_file_to_its_answer_by_tab_alone(given, api):
    api.script = says("Five words.")
    given.locator("#source input:checked").focus()
    seen = []
    for _ in range(25):
        given.keyboard.press("Tab")
        seen.append(focused(given))
        assert seen[-1] != "BODY"
        assert is_outlined(given), seen
        if seen[-1] == "ask":
            break
    assert seen[-1] == "ask"
    given.keyboard.press("Enter")
    wait_until_done(given)
    expect(given.locator("#answer")).to_have_text("Five words.")


def test_ctrl_enter_asks_and_the_focus_stays_where_one_writes(given, api):
    api.script = says("Five words.")
    given.locator("#prompt textarea").focus()
    given.keyboard.press("Control+Enter")
    wait_until_done(given)
    assert given.evaluate("document.activeElement.matches('#prompt textarea')")


def test_the_focus_goes_from_ask_to_stop_and_back(given, api):
    api.script = begins(api, "Five")
    given.locator("#ask").focus()
    given.keyboard.press("Enter")
    expect(given.locator("#stop")).to_be_focused()
    expect(given.locator("#answer")).to_contain_text("Five")
    given.keyboard.press("Enter")
    expect(given.locator("#ask")).to_be_focused()
    expect(given.locator("#newest .card")).to_have_attribute("data-state", "stopped")


def test_the_focus_goes_from_record_to_stop_and_on(page, scripted_app):
    open_page(page, scripted_app.url)
    page.locator("#record .record-button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#record .stop-button")).to_be_focused()
    page.wait_for_timeout(700)
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_be_focused()


def test_tasks_and_inputs_are_a_group_each_with_a_name(given):
    for name, count in (("Task", 5), ("What to ask about", 3)):
        group = given.get_by_role("radiogroup", name=name)
        radios = group.get_by_role("radio")
        expect(radios).to_have_count(count)
        names = radios.evaluate_all("all => [...new Set(all.map(({ name }) => name))]")
        assert len(names) == 1
    given.locator("#task input:checked").focus()
    given.keyboard.press("ArrowRight")
    expect(given.locator("#task input").nth(1)).to_be_checked()


def test_a_half_typed_model_is_never_sent(given, api):
    chosen = given.locator("#model input").input_value()
    api.script = says("Five words.")
    given.locator("#model input").click()
    given.keyboard.type("gemini-2.5")
    given.keyboard.press("Enter")
    given.locator("#ask").click()
    wait_until_done(given)
    known = {chosen, "google/gemini-2.5-flash"}
    assert api.requests[-1]["model"] in known


def test_big_letters_cover_the_screen_and_escape_only_closes_them(given, api):
    api.script = begins(api, "Five")
    given.locator("#ask").click()
    expect(given.locator("#answer")).to_contain_text("Five")
    button = given.locator("#newest [data-act=room]")
    button.click()
    box = given.locator("#answer").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (
        0,
        0,
        *given.viewport_size.values(),
    )
    size = given.locator("#answer p").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 32
    given.keyboard.press("Escape")
    expect(button).to_be_focused()
    assert given.locator("#answer").bounding_box() != box
    api.over.set()
    wait_until_done(given)
    expect(given.locator("#answer")).to_contain_text("And no more.")
