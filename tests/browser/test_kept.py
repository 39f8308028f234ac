"""No recording is lost: it is in the visitor's own browser until it has its answer."""

import contextlib
import time

from playwright.sync_api import Error, Locator, Page, expect

from components.texts import strings
from tests.browser.conftest import MISHEARD, SPOKEN_S, SPOKEN_WORDS, running_app
from tests.browser.devices import start, stop
from tests.browser.steps import (
    PATIENCE_MS,
    ask,
    choose_tab,
    error,
    open_page,
    record,
    stage,
    wait_until_done,
)
from tests.clips import words_missing

EN = strings("en")


def offers(page: Page) -> Locator:
    """The recordings that the page offers."""
    return page.locator("#kept li")


def press(page: Page, action: str) -> None:
    """Do something with the recording that is offered."""
    offers(page).locator(f'[data-action="{action}"]').click()


def kept_chunks(page: Page) -> int:
    """How many writes have been made of what is recorded."""
    return page.evaluate("""async () => {
        const opening = indexedDB.open("show-and-tell", 1);
        const database = await new Promise((resolve) => {
            opening.onsuccess = () => resolve(opening.result);
        });
        const counting = database.transaction("chunks").objectStore("chunks").count();
        const count = await new Promise((resolve) => {
            counting.onsuccess = () => resolve(counting.result);
        });
        database.close();
        return count;
    }""")


def wait_for_chunks(page: Page, count: int) -> None:
    """Wait until a recording was written that often."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while kept_chunks(page) < count:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)  # a promise in wait_for_function is not waited for


def leave(page: Page, url: str) -> None:
    """Leave the page although it asks whether one wants to."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(url)


def test_a_recording_that_a_reload_broke_off_is_offered_and_can_be_asked_about(page, offline_app):
    open_page(page, offline_app.url)
    start(page)
    wait_for_chunks(page, int(SPOKEN_S))
    leave(page, offline_app.url)
    expect(offers(page)).to_have_count(1)
    expect(offers(page)).to_contain_text("Recording of")
    press(page, "ask")
    wait_until_done(page)
    assert words_missing(page.locator("#answer").inner_text(), SPOKEN_WORDS) <= MISHEARD


def test_what_was_answered_is_deleted_and_the_page_says_so(page, offline_app):
    open_page(page, offline_app.url)
    record(page, 2)
    ask(page)
    wait_until_done(page)
    expect(page.locator("#kept")).to_contain_text(EN["kept.answered"])
    assert kept_chunks(page) == 0
    page.reload()
    expect(page.locator("#kept .kept")).to_be_attached()
    expect(offers(page)).to_have_count(0)


def test_what_lies_ready_outlives_a_reload_and_is_not_offered_before(page, offline_app):
    open_page(page, offline_app.url)
    record(page, 2)
    expect(page.locator("#ask")).to_be_enabled()
    expect(offers(page)).to_have_count(0)
    page.reload()
    expect(offers(page)).to_have_count(1)


def test_what_is_cleared_is_offered(page, offline_app):
    open_page(page, offline_app.url)
    record(page, 2)
    expect(page.locator("#record #waveform")).to_be_visible()
    page.locator("#record .top-panel button").last.click()
    expect(offers(page)).to_have_count(1)


def test_a_crash_costs_no_more_than_the_last_second(page, offline_app):
    open_page(page, offline_app.url)
    start(page)
    wait_for_chunks(page, 3)
    # Not before it has crashed: the next page may be given the same process, and go with it.
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    again = page.context.new_page()
    open_page(again, offline_app.url)
    expect(offers(again)).to_have_count(1)
    press(again, "ask")
    wait_until_done(again)


def test_a_closed_tab_loses_nothing(page, offline_app):
    open_page(page, offline_app.url)
    start(page)
    wait_for_chunks(page, 2)
    page.close()
    again = page.context.new_page()
    open_page(again, offline_app.url)
    expect(offers(again)).to_have_count(1)


def test_a_server_that_was_started_anew_still_gets_the_recording(page, tmp_path):
    with running_app(tmp_path, {}) as app:
        open_page(page, app.url)
        record(page, 2)
        expect(page.locator("#ask")).to_be_enabled()
    # The page would load itself anew once the server is there: not while the test does so.
    page.goto("about:blank")
    with running_app(tmp_path, {}, port=int(app.url.rpartition(":")[2])) as again:
        open_page(page, again.url)
        press(page, "ask")
        wait_until_done(page)


def test_a_refused_question_keeps_the_recording(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json({"error": {"message": "empty"}}, 402)
    open_page(page, scripted_app.url)
    record(page, 2)
    ask(page)
    expect(error(page, "OutOfCredit")).to_be_visible()
    page.reload()
    expect(offers(page)).to_have_count(1)


def test_another_tab_does_not_offer_what_is_being_recorded(page, offline_app):
    open_page(page, offline_app.url)
    start(page)
    wait_for_chunks(page, 1)
    other = page.context.new_page()
    open_page(other, offline_app.url)
    expect(other.locator("#kept .kept")).to_be_attached()
    expect(offers(other)).to_have_count(0)


def test_who_leaves_while_it_records_is_asked(page, offline_app):
    open_page(page, offline_app.url)
    start(page)
    wait_for_chunks(page, 1)
    kinds = []
    page.on("dialog", lambda dialog: (kinds.append(dialog.type), dialog.accept()))
    page.goto("about:blank")
    assert kinds == ["beforeunload"]


def test_a_kept_recording_can_be_downloaded_and_deleted(page, offline_app, tmp_path):
    open_page(page, offline_app.url)
    record(page, 2)
    expect(page.locator("#record #waveform")).to_be_visible()
    page.reload()
    with page.expect_download() as download:
        press(page, "download")
    assert download.value.suggested_filename.startswith("recording-")
    path = tmp_path / "kept.webm"
    download.value.save_as(path)
    assert path.read_bytes()[:4] == b"\x1a\x45\xdf\xa3"  # Matroska's first bytes
    press(page, "delete")
    expect(offers(page)).to_have_count(0)
    assert kept_chunks(page) == 0


def test_a_film_is_kept_as_well(page, offline_app):
    open_page(page, offline_app.url)
    choose_tab(page, "video")
    page.locator("#video [data-testid=source-select] button").nth(1).click()
    page.get_by_text("Click to Access Webcam").click()
    page.locator("#video button.capture-button, #video button[aria-label*=ecord]").first.click()
    wait_for_chunks(page, 2)
    leave(page, offline_app.url)
    expect(offers(page)).to_contain_text("Film of")
    press(page, "ask")
    wait_until_done(page)


# Presses that come too early.


def test_two_presses_on_record_make_one_recording(page, offline_app):
    page.add_init_script("""
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.asked = 0;
        navigator.mediaDevices.getUserMedia = (wanted) => {
            window.asked += 1;
            return ask(wanted);
        };
    """)
    open_page(page, offline_app.url)
    page.evaluate("""async () => {
        const button = document.querySelector("#record .record-button");
        button.click();
        await new Promise((resolve) => setTimeout(resolve, 60));
        button.click();
    }""")
    wait_for_chunks(page, 2)
    assert page.evaluate("window.asked") == 1
    stop(page)
    ask(page)
    wait_until_done(page)


def test_stop_at_once_makes_a_recording_that_can_be_asked_about(page, offline_app):
    open_page(page, offline_app.url)
    start(page)
    stop(page)
    expect(page.locator("#ask")).to_be_enabled()
    ask(page)
    expect(stage(page, "done").or_(error(page, "SilentRecording"))).to_be_visible()


def test_a_question_of_the_browser_that_nobody_answers_is_pointed_out(page, offline_app):
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => new Promise(() => {});")
    open_page(page, offline_app.url)
    start(page)
    note = page.locator('#microphone-doctor [data-trouble="unanswered"]')
    expect(note).to_contain_text(EN["microphone.unanswered.next"])
