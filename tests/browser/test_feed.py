"""No answer is lost: each has a card, and the visitor's own browser keeps it."""

import json
import time

import pytest
from playwright.sync_api import expect

from tests.browser.scripted_api import completion, delta
from tests.browser.steps import PATIENCE_MS, ask, error, open_page, upload, wait_until_done
from tests.clips import clip

#: All that the page has written into the browser.
STORED = """async () => {
    const found = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
    for (const {name} of await indexedDB.databases()) {
        const database = await new Promise((resolve) => {
            const opening = indexedDB.open(name);
            opening.onsuccess = () => resolve(opening.result);
        });
        for (const store of database.objectStoreNames) {
            const all = database.transaction(store).objectStore(store).getAll();
            found.push(await new Promise((resolve) => {
                all.onsuccess = () => resolve(JSON.stringify(all.result));
            }));
        }
        database.close();
    }
    return found.join("\\n");
}"""


#: How many files are kept with the answers.
FILES = """() => new Promise((resolve) => {
    const opening = indexedDB.open("show-and-tell-answers");
    opening.onsuccess = () => {
        const all = opening.result.transaction("media").objectStore("media").getAllKeys();
        all.onsuccess = () => {
            opening.result.close();
            resolve(all.result.length);
        };
    };
})"""


@pytest.fixture
def given(page, scripted_app, api):
    """The page with a clip on it, ready to ask."""
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    expect(page.locator("#ask")).to_be_enabled()
    return page


def before(page):
    """The answers before the newest."""
    return page.locator("#history li")


def opened(item):
    """An earlier answer, opened."""
    item.locator("summary").first.click()
    return item.locator(".card")


def kept(page, words):
    """Wait until the browser has written these words down."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while words not in page.evaluate(STORED):
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def ended(page, words):
    """Wait until the newest card is over and has these words."""
    card = page.locator("#newest .card:not([data-state=running])")
    expect(card).to_contain_text(words)


REFUSED = {
    "a key that is not taken": (401, "KeyRejected"),
    "no credit": (402, "OutOfCredit"),
    "too many": (429, "Busy"),
}


@pytest.mark.parametrize(("status", "name"), REFUSED.values(), ids=REFUSED)
def test_a_run_that_is_refused_is_a_card_and_touches_no_other(given, api, status, name):
    api.script = lambda handler: handler.answer_json(completion("the first answer"))
    ask(given)
    wait_until_done(given)
    api.script = lambda handler: handler.answer_json({"error": {"message": "no"}}, status)
    given.locator("#ask").click()
    expect(error(given, name)).to_be_visible()
    expect(before(given)).to_have_count(1)
    expect(opened(before(given).first)).to_contain_text("the first answer")


def test_answers_are_there_again_after_a_reload_and_the_question_too(given, api):
    api.script = lambda handler: handler.answer_json(completion("the first answer"))
    given.locator("#prompt textarea").fill("Who speaks?")
    ask(given)
    wait_until_done(given)
    kept(given, '"state":"done"')
    given.reload()
    expect(before(given)).to_have_count(1)
    expect(before(given).first).to_contain_text("Who speaks?")
    expect(opened(before(given).first)).to_contain_text("the first answer")
    expect(given.locator("#prompt textarea")).to_have_value("Who speaks?")


def test_what_came_before_the_page_was_left_is_kept_and_said_to_be_incomplete(given, api):
    def endless(handler):
        def payloads():
            yield delta("half of it")
            api.hung_up.wait(PATIENCE_MS / 1000)

        handler.stream(payloads())

    api.script = endless
    ask(given)
    expect(given.locator("#answer")).to_contain_text("half of it")
    kept(given, "half of it")
    given.reload()
    expect(before(given)).to_have_count(1)
    card = opened(before(given).first)
    expect(card).to_contain_text("half of it")
    expect(card).to_contain_text("The page was left before this answer was complete")
    api.hung_up.set()


def test_answers_are_found_by_their_words_and_can_be_deleted(given, api):
    words = iter(["about cats", "about dogs", "about birds"])
    api.script = lambda handler: handler.answer_json(completion(next(words)))
    for word in ("cats", "dogs", "birds"):
        given.locator("#ask:not([disabled])").click()
        ended(given, word)
    expect(before(given)).to_have_count(2)
    given.get_by_role("searchbox").fill("CATS")
    expect(before(given).filter(visible=True)).to_have_count(1)
    card = opened(before(given).filter(visible=True))
    expect(card).to_contain_text("about cats")
    card.get_by_role("button", name="Delete").click()
    expect(before(given)).to_have_count(1)
    kept(given, "about birds")
    given.reload()
    expect(before(given)).to_have_count(2)
    given.get_by_role("button", name="Delete all").click()
    given.get_by_role("button", name="Press again to delete 2").click()
    expect(before(given)).to_have_count(0)
    given.reload()
    expect(given.locator("#history .history")).to_be_attached()
    expect(before(given)).to_have_count(0)


def test_an_answer_can_be_downloaded_as_what_one_likes(given, api, tmp_path):
    api.script = lambda handler: handler.answer_json(
        completion("[00:00] Many of our old friends\n[00:02] came to the party.")
    )
    ask(given)
    wait_until_done(given)
    files = {}
    for kind in ("txt", "md", "srt", "vtt", "json", "html"):
        if given.locator("#newest .menu").get_attribute("open") is None:
            given.locator("#newest .menu summary").click()
        with given.expect_download() as download:
            given.locator(f'#newest [data-kind="{kind}"]').click()
        files[kind] = tmp_path / f"answer.{kind}"
        download.value.save_as(files[kind])
        assert download.value.suggested_filename.endswith(f".{kind}")
    assert "came to the party." in files["txt"].read_text("utf-8")
    assert "00:00:02,000 -->" in files["srt"].read_text("utf-8")
    assert files["vtt"].read_text("utf-8").startswith("WEBVTT")
    saved = json.loads(files["json"].read_text("utf-8"))
    assert "Many of our old friends" in saved["report"]["text"]
    offline = given.context.new_page()
    offline.goto(files["html"].as_uri())
    expect(offline.locator("body")).to_contain_text("came to the party.")
    expect(offline.locator("button").filter(visible=True)).to_have_count(2)  # the two times


def test_times_stand_beside_a_player_and_a_press_seeks(given, api):
    api.script = lambda handler: handler.answer_json(
        completion("[00:00] Many of our old friends\n[00:02] came to the party.\n[00:09] Bye.")
    )
    ask(given)
    wait_until_done(given)
    lines = given.locator("#newest .timed li")
    expect(lines).to_have_count(3)
    expect(lines.last).to_contain_text("past the end")
    given.wait_for_function("document.querySelector('.timed audio').readyState > 0")
    lines.nth(1).get_by_role("button").click()
    expect(lines.nth(1)).to_have_attribute("aria-current", "true")
    assert given.evaluate("document.querySelector('.timed audio').currentTime") >= 2


@pytest.mark.parametrize(("around", "is_there_twice"), [("", False), ("\n\nA summary.", True)])
def test_words_that_have_their_times_are_not_there_twice(given, api, around, is_there_twice):
    told = f"[00:00] Many of our old friends\n[00:02] came to the party.{around}"
    api.script = lambda handler: handler.answer_json(completion(told))
    ask(given)
    wait_until_done(given)
    expect(given.locator("#newest .timed li")).to_have_count(2)
    expect(given.locator("#answer")).to_be_visible(visible=is_there_twice)
    given.get_by_role("button", name="Big letters").click()
    expect(given.locator("#answer")).to_be_visible()


def test_a_question_may_follow_an_answer_about_the_same_media(given, api):
    words = iter(["Five people.", "They sing."])
    api.script = lambda handler: handler.answer_json(completion(next(words)))
    given.locator("#prompt textarea").fill("How many?")
    ask(given)
    wait_until_done(given)
    given.get_by_role("button", name="Follow up").click()
    expect(given.locator("#sending")).to_contain_text("follows 1 earlier question")
    expect(given.locator("#afresh")).to_be_visible()
    given.locator("#prompt textarea").fill("What do they do?")
    ask(given)
    ended(given, "They sing.")
    first, second = api.requests
    *earlier, asked = second["messages"]
    assert earlier[:1] == first["messages"]
    assert earlier[1]["content"] == "Five people."
    assert "What do they do?" in json.dumps(asked)
    given.locator("#afresh").click()
    expect(given.locator("#afresh")).to_be_hidden()
    expect(given.locator("#sending")).not_to_contain_text("follows")


def test_an_answer_whose_media_are_kept_can_be_followed_up_after_a_reload(given, api):
    words = iter(["Five people.", "They sing."])
    api.script = lambda handler: handler.answer_json(completion(next(words)))
    given.locator("#prompt textarea").fill("How many?")
    ask(given)
    wait_until_done(given)
    given.locator("#history label input").check()
    kept(given, "party.mp3")
    given.reload()
    card = opened(before(given).first)
    card.get_by_role("button", name="Follow up").click()
    expect(given.locator("#sending")).to_contain_text("follows 1 earlier question")
    given.locator("#prompt textarea").fill("What do they do?")
    ask(given)
    ended(given, "They sing.")
    first, second = api.requests
    assert second["messages"][0] == first["messages"][0]
    assert "What do they do?" in json.dumps(second["messages"][-1])


def test_media_are_kept_only_where_that_is_wanted_and_go_with_the_wish(given, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    ask(given)
    wait_until_done(given)
    kept(given, "words")
    assert given.evaluate(FILES) == 0
    given.locator("#history label input").check()
    given.wait_for_function(f"({FILES})().then((count) => count === 1)")
    given.locator("#history label input").uncheck()
    given.wait_for_function(f"({FILES})().then((count) => count === 0)")


def test_the_words_fill_the_screen_for_a_room_to_read_and_escape_ends_that_alone(given, api):
    def slow(handler):
        def payloads():
            yield delta("words for the room")
            api.over.wait(PATIENCE_MS / 1000)

        handler.stream(payloads())

    api.script = slow
    ask(given)
    answer = given.locator("#answer")
    expect(answer).to_contain_text("words for the room")
    given.get_by_role("button", name="Big letters").click()
    box, size = answer.bounding_box(), given.viewport_size
    assert (box["width"], box["height"]) == (size["width"], size["height"])
    given.keyboard.press("Escape")
    assert answer.bounding_box()["height"] < size["height"]
    expect(given.locator("#stop")).to_be_enabled()
    api.over.set()


def test_a_key_is_in_nothing_that_the_browser_keeps(given, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    given.get_by_text("Connection and key").click()
    given.locator("#api-key input").fill("ak_canary_of_a_visitor")
    given.locator("#api-key input").blur()
    ask(given)
    wait_until_done(given)
    stored = given.evaluate(STORED)
    assert "words" in stored
    assert "ak_canary" not in stored
