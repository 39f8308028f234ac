"""Proof of hearing: a press on the receipt shows what the API counted."""

import pytest
from playwright.sync_api import expect

from tests.browser.scenes import ready
from tests.browser.scripted_api import completion
from tests.browser.steps import (
    ask,
    open_fold,
    open_page,
    row,
    unfold,
    unfold_code,
    wait_until_done,
)
from tests.clips import clip

PRESS = "#newest [data-act=proof]"


def test_the_offline_api_tells_how_many_sounds_it_was_given(page, offline_app):
    ready(page, offline_app.url)
    ask(page)
    wait_until_done(page)
    unfold(page)
    page.locator(PRESS).click()
    proof = page.locator("#newest .proof")
    expect(proof.locator('[data-row="proof.sounds"] dd')).to_have_text("1")
    expect(proof.locator('[data-row="proof.media"] dd')).to_have_text("0")
    expect(proof.locator('[data-row="stats.provider"] dd')).to_have_text("offline")
    expect(page.locator(PRESS)).to_have_count(0)
    # It is kept with its card.
    page.reload()
    page.locator("#history summary").first.click()
    kept = page.locator("#history .card .proof")
    expect(kept.locator('[data-row="proof.sounds"] dd')).to_have_text("1")


@pytest.fixture
def answered(page, scripted_app, api):
    """A page with an answer that has a name, of an API that tells nothing of it."""
    api.script = lambda handler: handler.answer_json(completion("Hello.", id="gen-1"))
    ready(page, scripted_app.url)
    ask(page)
    wait_until_done(page)
    unfold(page)
    return page


def test_an_api_that_tells_nothing_is_said_to(answered):
    answered.locator(PRESS).press("Enter")
    proof = answered.locator("#newest .proof")
    expect(proof).to_have_text("This API tells no more of its answers.", timeout=15_000)
    expect(proof).to_be_focused()


def test_an_earlier_answer_cannot_be_asked_about(answered, scripted_app):
    open_page(answered, scripted_app.url)
    answered.locator("#history summary").first.click()
    card = answered.locator("#history .card")
    card.locator("details.facts > summary").click()
    expect(card.locator("[data-act=proof]")).to_be_hidden()


def test_what_was_passed_on_is_told_where_that_was_asked_for(page, offline_app):
    ready(page, offline_app.url)
    open_fold(page, "options")
    page.locator("#echoes input").check()
    ask(page)
    wait_until_done(page)
    size = -(-clip("party.mp3").stat().st_size // 3) * 4
    expect(row(page, "receipt.passed_media")).to_contain_text(
        "to offline/rough-ears-and-eyes: input_audio mp3"
    )
    expect(row(page, "receipt.passed_media")).to_contain_text(f"{size:,} bytes")
    expect(unfold_code(page).locator("pre").first).to_contain_text("echo_upstream_body")
