"""A sound that is written down: chosen, asked for, its words lit, and told on the receipt."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.scenes import ready
from tests.browser.scripted_api import completion
from tests.browser.steps import ask, open_fold, row, unfold_code, wait_until_done
from tests.clips import SENTENCES

SENTENCE = SENTENCES["party.mp3"]


def choose(page, choice):
    """Open the options and choose how a sound is transcribed."""
    if not page.locator("#endpoint").is_visible():
        open_fold(page, "options")
    page.locator("#endpoint input").click()
    page.get_by_role("option", name=choice).click()


@pytest.fixture
def written(page, offline_app):
    """A page with a sound that the offline API has written down."""
    ready(page, offline_app.url)
    choose(page, "transcription, with word times")
    ask(page)
    wait_until_done(page)
    return page


def test_each_word_is_lit_while_it_is_said(written):
    words = written.locator("#newest .timed li span[data-start]")
    expect(words).to_have_count(len(SENTENCE.split()))
    expect(written.locator("#newest .timed")).to_contain_text(f"{SENTENCE}.")
    written.wait_for_function("document.querySelector('.timed audio').readyState > 0")
    player = written.locator("#newest .timed audio")
    for number in (0, 4, 8):
        word = words.nth(number)
        middle = word.evaluate("({dataset}) => (+dataset.start + +dataset.end) / 2")
        player.evaluate("(player, at) => { player.currentTime = at; }", middle)
        expect(word).to_have_attribute("aria-current", "true")
        expect(written.locator("#newest .timed span[aria-current]")).to_have_count(1)


def test_the_words_are_followed_while_they_are_played(written):
    seen = written.evaluate(
        """async () => {
            const player = document.querySelector("#newest .timed audio");
            player.muted = true;
            const seen = new Set();
            new MutationObserver((changes) => {
                for (const { target } of changes)
                    if (target.matches("span[aria-current]")) seen.add(target.textContent.trim());
            }).observe(document.querySelector("#newest .timed ol"), {
                attributes: true, attributeFilter: ["aria-current"], subtree: true,
            });
            await player.play();
            await new Promise((ended) => player.addEventListener("ended", ended));
            return [...seen];
        }"""
    )
    # A word that is over within a frame or two of a busy machine may be missed.
    assert len(seen) >= len(SENTENCE.split()) - 2


def test_the_receipt_says_which_way_it_went(written):
    expect(row(written, "receipt.endpoint")).to_have_text(
        "/audio/transcriptions: the sound alone, without the question"
    )
    expect(row(written, "stats.language")).to_have_text("english")
    expect(row(written, "stats.seconds")).to_contain_text("sec")
    expect(written.locator("#newest [data-fact=heard]")).to_have_text("heard ✓")


def test_it_can_be_kept_as_subtitles_and_its_code_sends_it_again(written):
    record = json.loads(written.locator("#newest .card").get_attribute("data-record"))
    assert SENTENCE in record["exports"]["srt"]
    assert "/audio/transcriptions" in record["exports"]["md"]
    code = unfold_code(written).locator("pre").first
    expect(code).to_contain_text("/audio/transcriptions")
    expect(code).to_contain_text('"timestamp_granularities":["segment","word"]')


def test_where_the_api_cannot_the_model_is_asked_and_the_receipt_says_so(page, scripted_app, api):
    asked = []

    def script(handler):
        asked.append(handler.path)
        if handler.path.endswith("/transcriptions"):
            handler.answer_json({"error": {"message": "no such route"}}, 404)
        else:
            handler.answer_json(completion("Many friends."))

    api.script = script
    ready(page, scripted_app.url)
    choose(page, "transcription, with word times")
    ask(page)
    wait_until_done(page)
    expect(page.locator("#answer")).to_contain_text("Many friends.")
    expect(row(page, "receipt.endpoint")).to_contain_text(
        "/chat/completions instead of /audio/transcriptions"
    )
    # The app may have found out in another test that there is no such endpoint.
    assert asked[-1] == "/api/v1/chat/completions"


def test_another_task_asks_the_model(page, scripted_app, api):
    paths = []

    def script(handler):
        paths.append(handler.path)
        handler.answer_json(completion("A party."))

    api.script = script
    ready(page, scripted_app.url)
    choose(page, "transcription, with word times")
    page.locator("#task").get_by_text("Summarise").click()
    expect(page.locator("#prompt textarea")).to_have_value(
        "Summarise this audio in a few sentences"
    )
    ask(page)
    wait_until_done(page)
    assert paths == ["/api/v1/chat/completions"]
