"""One thumb, large letters, and colours that the system forces on the page."""

import pytest
from playwright.sync_api import expect

from tests.browser.scenes import WIDE, ready, says
from tests.browser.steps import ask, is_wide, open_page, unfold, unfold_code, wait_until_done

PHONE = {"width": 390, "height": 844}
#: Apple's and Google's guides want 44 px and 48 dp; WCAG 2.2 (2.5.8) lets a link within a
#: sentence be as low as its line.
LEAST_PX = 44
#: iOS enlarges the page around a field whose letters are smaller.
FIELD_PX = 16

#: What can be pressed and is lower or narrower than a thumb wants, and what can be written in.
SMALL = """(least) => {
    const shown = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const found = [];
    const all = "button, select, summary, a[href], [role=option], label:has(input)";
    for (const one of document.querySelectorAll(all)) {
        if (!shown(one) || one.disabled || one.closest("p, #answer")) continue;
        const {width, height, right, left} = one.getBoundingClientRect();
        if (width < 2 || height < 2) continue;  // for screen readers alone
        if (height < least - 0.5 || width < least - 0.5) {
            const name = one.getAttribute("aria-label") ?? one.textContent.trim();
            const at = one.id || one.className || one.closest("[id]")?.id;
            found.push(`${name} (${at}): ${width.toFixed()} × ${height.toFixed()}`);
        }
    }
    return found;
}"""
FIELDS = """(least) => [...document.querySelectorAll(
    "textarea, select, input:not([type=radio], [type=checkbox], [type=file], [type=range])"
)].filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < least)
    .map((one) => `${one.closest("[id]")?.id}: ${getComputedStyle(one).fontSize}`)"""


@pytest.fixture
def phone(browser):
    """A telephone's page."""
    with browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, locale="en-US"
    ) as context:
        yield context.new_page()


def test_all_that_can_be_pressed_is_large_enough_for_a_thumb(phone, scripted_app, api):
    api.script = says(WIDE)
    open_page(phone, scripted_app.url)
    expect(phone.locator(".tries button")).to_have_count(3)
    small = {"empty": phone.evaluate(SMALL, LEAST_PX)}
    ready(phone, scripted_app.url)
    small["ready"] = phone.evaluate(SMALL, LEAST_PX)
    ask(phone)
    wait_until_done(phone)
    unfold(phone)
    small["done"] = phone.evaluate(SMALL, LEAST_PX)
    unfold_code(phone)
    small["code"] = phone.evaluate(SMALL, LEAST_PX)
    assert small == {"empty": [], "ready": [], "done": [], "code": []}
    assert not is_wide(phone)


def test_no_field_makes_a_telephone_enlarge_the_page(phone, scripted_app, api):
    api.script = says("words")
    ready(phone, scripted_app.url)
    for folded in ("Send only a part of it", "Options", "Connection and key"):
        phone.get_by_text(folded).click()
    ask(phone)
    wait_until_done(phone)
    assert phone.evaluate(FIELDS, FIELD_PX) == []


def test_at_twice_the_size_all_is_there_and_nothing_is_scrolled_sideways(
    browser, scripted_app, api
):
    """A browser that enlarges a page to 200 % shows it half as many pixels, each twice as large."""
    api.script = says(WIDE)
    with browser.new_context(
        viewport={"width": 640, "height": 400}, device_scale_factor=2
    ) as context:
        page = ready(context.new_page(), scripted_app.url)
        for shown in ("#source", "#task", "#prompt textarea", "#model input", "#ask", "#stop"):
            expect(page.locator(shown)).to_be_in_viewport()
        ask(page)
        wait_until_done(page)
        assert not is_wide(page)


@pytest.mark.parametrize("group", ["#source", "#task"])
def test_in_forced_colours_the_chosen_one_can_be_told(browser, scripted_app, group):
    with browser.new_context(forced_colors="active") as context:
        page = context.new_page()
        open_page(page, scripted_app.url)
        looks = page.locator(f"{group} label").evaluate_all(
            """(all) => all.map((one) => {
                const look = getComputedStyle(one);
                return [look.backgroundColor, look.color, look.outlineStyle, look.borderTopWidth];
            })"""
        )
        chosen = page.locator(f"{group} label").evaluate_all(
            "(all) => all.map((one) => one.querySelector('input').checked)"
        )
        [mark] = [look for look, is_chosen in zip(looks, chosen, strict=True) if is_chosen]
        assert looks.count(mark) == 1
