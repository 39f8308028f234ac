"""What was answered stays: below the newest, after a reload, and in files; a key never does."""

import json
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.scenes import begins, ready, refuses, says
from tests.browser.steps import PATIENCE_MS, ask, error, open_page, wait_until_done

#: All that the page has kept in the browser, as one text.
KEPT = """async () => {
    const kept = [{ ...localStorage }, { ...sessionStorage }];
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            kept.push(await done(database.transaction(store).objectStore(store).getAll()));
        }
        database.close();
    }
    return JSON.stringify(kept);
}"""


def earlier(page: Page) -> Locator:
    """The answers before the newest."""
    return page.locator("#history li")


def answered(page: Page, api, text: str) -> None:
    """Ask, and get ``text``."""
    api.script = says(text)
    ask(page)
    expect(page.locator("#answer")).to_contain_text(text, timeout=PATIENCE_MS)
    wait_until_done(page)


def wait_for_kept(page: Page, words: str, is_there: bool = True) -> None:
    """Wait until ``words`` are kept in the browser, or no longer."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (words in page.evaluate(KEPT)) != is_there:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)  # a promise in wait_for_function is not waited for


@pytest.fixture
def given(page, scripted_app, api):
    return ready(page, scripted_app.url)


def test_an_answer_outlives_the_next_question_a_refusal_and_a_reload(given, api, scripted_app):
    answered(given, api, "The first of them.")
    answered(given, api, "The second of them.")
    expect(earlier(given)).to_have_count(1)
    api.script = refuses()
    ask(given)
    expect(error(given, "KeyRejected")).to_be_visible(timeout=PATIENCE_MS)
    expect(earlier(given)).to_have_count(2)
    open_page(given, scripted_app.url)
    expect(earlier(given)).to_have_count(3)
    given.locator("#history input").fill("FIRST of")
    expect(earlier(given).filter(visible=True)).to_have_count(1)
    earlier(given).filter(visible=True).locator("summary").first.click()
    expect(given.locator("#history .card .answer").filter(visible=True)).to_have_text(
        "The first of them."
    )


def test_what_came_before_a_reload_is_kept_and_marked(given, api, scripted_app):
    api.script = begins(api, "Half of it")
    ask(given)
    expect(given.locator("#answer")).to_contain_text("Half of it", timeout=PATIENCE_MS)
    wait_for_kept(given, "Half of it")
    open_page(given, scripted_app.url)
    api.over.set()
    expect(earlier(given)).to_have_count(1)
    earlier(given).locator("summary").first.click()
    card = given.locator("#history .card")
    expect(card).to_contain_text("Half of it")
    expect(card).to_contain_text("The page was left before this answer was complete.")


def test_one_answer_is_deleted_and_then_all(given, api, scripted_app):
    answered(given, api, "One.")
    answered(given, api, "Two.")
    answered(given, api, "Three.")
    earlier(given).first.locator("summary").first.click()
    given.locator("#history .card [data-act=delete]").click()
    expect(earlier(given)).to_have_count(1)
    wait_for_kept(given, "Two.", is_there=False)
    delete = given.locator("#history").get_by_role("button", name="Delete all")
    delete.click()
    expect(earlier(given)).to_have_count(1)
    given.locator("#history").get_by_role("button", name="Press again to delete 1").click()
    expect(earlier(given)).to_have_count(0)
    given.locator("#newest [data-act=delete]").click()
    expect(given.locator("#newest .card")).to_be_hidden()
    open_page(given, scripted_app.url)
    for words in ("One.", "Two.", "Three."):
        wait_for_kept(given, words, is_there=False)
    expect(earlier(given)).to_have_count(0)


def test_downloads_have_the_words_and_the_page_opens_by_itself(given, api, tmp_path, browser):
    api.script = says("**Five** words <b>of</b> it")
    ask(given)
    wait_until_done(given)
    for kind in ("txt", "md", "json", "html"):
        menu = given.locator("#newest .menu")
        if menu.get_attribute("open") is None:
            menu.locator("summary").click()
        with given.expect_download() as downloading:
            menu.locator(f"[data-kind={kind}]").click()
        path = tmp_path / downloading.value.suggested_filename
        downloading.value.save_as(path)
        assert path.suffix == f".{kind}"
        text = path.read_text()
        assert "Five" in text
        if kind == "json":
            json.loads(text)
    context = browser.new_context(offline=True)
    alone = context.new_page()
    called: list[str] = []
    alone.on("request", lambda request: called.append(request.url))
    alone.goto(path.as_uri())
    expect(alone.locator(".answer")).to_have_text("Five words <b>of</b> it")
    expect(alone.get_by_role("button")).to_have_count(0)
    context.close()
    assert called == [path.as_uri()]


def test_copy_takes_the_words(given, api):
    given.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered(given, api, "Five words of it.")
    given.locator("#newest [data-act=copy]").click()
    expect(given.locator("#newest [data-act=copy]")).to_have_text("Copied")
    assert given.evaluate("navigator.clipboard.readText()") == "Five words of it."


def test_no_key_is_kept_in_the_browser(given, api):
    given.get_by_role("button", name="Connection and key").click()
    given.locator("#api-key input").fill("ak_canary_of_a_visitor")
    answered(given, api, "Five words of it.")
    wait_for_kept(given, "Five words")
    assert "canary" not in given.evaluate(KEPT)
