"""What another app shares with the page is offered there, and goes nowhere before Ask."""

from playwright.sync_api import Page, expect

from components.texts import strings
from tests.browser.steps import open_page, wait_until_done
from tests.clips import SENTENCES, clip


def share(page: Page, name: str) -> None:
    """Send the page's share address a form with a clip in it, as the system would."""
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.evaluate("""() => {
        const form = Object.assign(document.createElement("form"), {
            id: "sharing", method: "post", action: "share", enctype: "multipart/form-data",
        });
        form.append(Object.assign(document.createElement("input"), {type: "file", name: "media"}));
        document.body.append(form);
    }""")
    page.locator("#sharing input").set_input_files(clip(name))
    with page.expect_navigation():
        page.evaluate("document.querySelector('#sharing').submit()")


def test_a_shared_file_is_offered_and_can_be_asked_about(page, offline_app):
    open_page(page, offline_app.url)
    uploads = []
    page.on("request", lambda one: uploads.append(one.url) if "/upload?" in one.url else None)
    share(page, "party.mp3")
    offer = page.locator("#kept li")
    expect(offer).to_contain_text("Shared: party.mp3, 23.4\N{NO-BREAK SPACE}kB")
    assert page.url == f"{offline_app.url}/"
    assert uploads == []
    offer.locator('[data-action="ask"]').click()
    wait_until_done(page)
    expect(page.locator("#answer")).to_contain_text(SENTENCES["party.mp3"])


def test_without_a_worker_the_page_says_that_nothing_was_kept(page, offline_app):
    open_page(page, f"{offline_app.url}/#not-shared")
    expect(page.locator("#kept")).to_contain_text(strings("en")["kept.unshared"])
