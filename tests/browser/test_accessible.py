"""The page by the rules of accessibility, as axe-core reads them, in all its states."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.scenes import WIDE, begins, ready, refuses, says
from tests.browser.steps import PATIENCE_MS, ask, open_page, unfold, unfold_code

AXE = Path(os.environ.get("NODE_PATH", ".cache/node/node_modules")) / "axe-core/axe.min.js"
pytestmark = pytest.mark.skipif(not AXE.is_file(), reason="there is no axe-core here")

LOOKS = [(locale, scheme) for locale in ("en-US", "ru-RU") for scheme in ("light", "dark")]

#: Rules that are switched off, each with its reason.
OFF: dict[str, str] = {}


@pytest.fixture(params=LOOKS, ids="-".join)
def looked_at(request, browser: Browser, browser_context_args):
    """A page in one of the languages and colours."""
    locale, scheme = request.param
    context = browser.new_context(
        **browser_context_args | {"locale": locale, "color_scheme": scheme}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def violations(page: Page) -> list[str]:
    """What is wrong: a line for each rule and element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        """async (off) => {
            const rules = Object.fromEntries(off.map((id) => [id, { enabled: false }]));
            const { violations } = await axe.run(document, { rules });
            return violations.flatMap(({ id, nodes }) => nodes.map(
                ({ target, any, all, none }) =>
                    [id, target.join(" "), [...any, ...all, ...none][0].message].join(": ")
            ));
        }""",
        list(OFF),
    )
    return list(found)


def test_an_empty_page_offline(looked_at, offline_app):
    open_page(looked_at, offline_app.url)
    expect(looked_at.locator("#api")).to_be_visible()
    assert violations(looked_at) == []


def test_from_a_file_to_its_answer(looked_at, scripted_app, api):
    page = ready(looked_at, scripted_app.url)
    assert violations(page) == []
    api.script = begins(api, WIDE)
    ask(page)
    expect(page.locator("#answer table")).to_be_visible()
    assert violations(page) == []
    page.locator("[data-act=room]").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    api.over.set()
    expect(page.locator("#newest .card")).to_have_attribute("data-state", "done")
    unfold(page)
    unfold_code(page)
    assert violations(page) == []


def test_signing_in_and_a_code_that_nobody_asked_for(looked_at, routed_app, router):
    page = looked_at
    open_page(page, f"{routed_app.url}/?code=stolen")
    expect(page.locator("#payer [data-error]")).to_be_visible()
    assert violations(page) == []
    page.locator("#sign-in button").click()
    expect(page.locator("#payer")).to_contain_text("2027")
    assert violations(page) == []


def test_a_failure_and_the_answers_before_it(looked_at, scripted_app, api):
    page = ready(looked_at, scripted_app.url)
    api.script = says("[00:00] One.\n[00:02] Two.\n\n" + WIDE)
    ask(page)
    expect(page.locator("#newest .card")).to_have_attribute("data-state", "done")
    api.script = refuses()
    ask(page)
    expect(page.locator("#newest .card")).to_have_attribute("data-state", "failed")
    page.locator("#history summary").first.click()
    expect(page.locator("#history .card")).to_be_visible()
    assert violations(page) == []
