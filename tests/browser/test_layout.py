"""Where things stand: Ask never moves, and nothing is wider than the screen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scenes import WIDE, begins, ready, refuses
from tests.browser.steps import PATIENCE_MS, ask, error, open_page, upload, wait_until_done
from tests.clips import clip

SCREENS = [(1280, 800), (1280, 720), (844, 390), (390, 844), (360, 640), (320, 568)]

#: Sums up what moves without anybody's doing.
SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) {
            if (one.hadRecentInput) continue;
            window.shifts.push([one.value, one.sources.map(({ node }) =>
                node?.id || node?.className || node?.nodeName)]);
        }
    }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(params=SCREENS, ids=lambda size: "x".join(map(str, size)))
def screen(request, page):
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    page.add_init_script(SHIFTS)
    return page


def place(page: Page, selector: str = "#ask") -> tuple[float, ...]:
    """Where it is: left, top, width, height; all of it on the screen."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    size = page.viewport_size
    assert size is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    return tuple(round(box[one], 1) for one in ("x", "y", "width", "height"))


def assert_nothing_is_too_wide(page: Page) -> None:
    """Nothing that scrolls up and down scrolls sideways too."""
    wide = page.evaluate(
        """() => [document.scrollingElement, document.querySelector("#flow")]
            .filter((one) => one.scrollWidth > one.clientWidth)
            .map(({ id, scrollWidth, clientWidth }) => [id, scrollWidth, clientWidth])"""
    )
    assert wide == []


def test_ask_stands_still_whatever_happens(screen, scripted_app, api):
    page = screen
    open_page(page, scripted_app.url)
    there = place(page)
    assert_nothing_is_too_wide(page)

    def is_as_before() -> None:
        assert place(page) == there
        place(page, "#stop")
        assert_nothing_is_too_wide(page)

    upload(page, "audio-file", clip("party.mp3"))
    expect(page.locator("#ask")).to_be_enabled(timeout=PATIENCE_MS)
    is_as_before()
    api.script = begins(api, WIDE)
    ask(page)
    expect(page.locator("#answer table")).to_be_visible()
    is_as_before()
    api.over.set()
    wait_until_done(page)
    is_as_before()
    page.locator("#model input").click()
    expect(page.locator("[role=option]").first).to_be_visible()
    is_as_before()
    page.keyboard.press("Escape")
    api.script = refuses()
    ask(page)
    expect(error(page, "KeyRejected")).to_be_attached(timeout=PATIENCE_MS)
    is_as_before()
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) < 0.1, shifts


def test_the_list_of_models_is_on_the_screen_and_can_be_read(screen, scripted_app):
    page = screen
    open_page(page, scripted_app.url)
    page.locator("#model input").click()
    options = page.locator("#model [role=option]")
    expect(options.first).to_be_visible()
    place(page, "#model ul.options")
    assert options.first.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_a_wide_table_scrolls_in_its_own_box_and_keeps_its_words_whole(page, scripted_app, api):
    page.set_viewport_size({"width": 390, "height": 844})
    ready(page, scripted_app.url)
    api.script = begins(api, WIDE)
    api.over.set()
    ask(page)
    wait_until_done(page)
    for selector in ("#answer .wide", "#answer pre"):
        one = page.locator(selector)
        assert one.evaluate("one => one.scrollWidth > one.clientWidth"), selector
    cell = page.locator("#answer td").first
    # "a longer cell": three words, in three lines at most.
    assert cell.evaluate(
        "one => one.clientHeight < 4.5 * parseFloat(getComputedStyle(one).fontSize) * 1.6"
    )
