"""Language and colours by hand, on the real page."""

from playwright.sync_api import expect

from components.shell import gradios
from components.texts import strings
from tests.browser.steps import choose_tab, open_page

NAMED = set(gradios._NAMES.read_text("utf-8").split())
EN, RU = strings("en"), strings("ru")


def test_another_language_is_that_of_gradio_the_server_and_the_prompt(page, offline_app):
    open_page(page, offline_app.url)
    page.locator("#language [lang=ru]").click()
    expect(page.locator("#ask")).to_have_text(RU["ask.button"])
    expect(page.locator("#status")).to_contain_text(RU["status.no_media"])
    expect(page.locator("#prompt textarea")).to_have_value(RU["prompt.audio.transcribe"])
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    page.goto(f"{offline_app.url}/?lang=en")
    expect(page.locator("#ask")).to_have_text(EN["ask.button"])
    expect(page.locator("#status")).to_contain_text(EN["status.no_media"])
    expect(page.locator("#prompt textarea")).to_have_value(EN["prompt.audio.transcribe"])


def test_ones_own_words_outlive_another_language(page, offline_app):
    open_page(page, offline_app.url)
    page.locator("#prompt textarea").fill("How many dogs?")
    expect(page.locator("#task input").last).to_be_checked()
    page.locator("#language [lang=ru]").click()
    expect(page.locator("#ask")).to_have_text(RU["ask.button"])
    expect(page.locator("#prompt textarea")).to_have_value("How many dogs?")


def test_chosen_colours_come_at_once_and_again(page, offline_app):
    open_page(page, offline_app.url)
    expect(page.locator("body.dark")).to_have_count(0)
    page.locator("#theme").select_option("dark")
    expect(page.locator("body.dark")).to_have_count(1)
    page.emulate_media(color_scheme="dark")
    page.locator("#theme").select_option("light")
    expect(page.locator("body.dark")).to_have_count(0)
    page.goto(f"{offline_app.url}/?__theme=dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    expect(page.locator("#theme")).to_have_value("light")
    expect(page.locator("body.dark")).to_have_count(0)
    page.locator("#theme").select_option("auto")
    expect(page.locator("body.dark")).to_have_count(1)


def test_the_page_loads_nothing_of_gradios_that_is_not_named_in_its_head(page, offline_app):
    asked, errors = [], []
    page.on("request", lambda one: asked.append(one.url.rpartition("/")[2]))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
    open_page(page, offline_app.url)
    choose_tab(page, "video")
    assert [name for name in asked if name.endswith(".css") and name not in NAMED] == ["gradio.css"]
    assert {name for name in asked if name.endswith(".js")} - NAMED == {
        "page.js",
        "iframeResizer.contentWindow.min.js",
        "share-worker.js",
        "share.js",
    } & set(asked)
    assert errors == []
    expect(page.locator("#skeleton")).to_be_hidden()


def test_a_copied_link_opens_the_page_as_it_was(page, offline_app):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, offline_app.url)
    choose_tab(page, "video")
    expect(page.locator("#prompt textarea")).to_have_value(EN["prompt.video.describe"])
    page.locator("#prompt textarea").fill("How many dogs & cats?")
    expect(page.locator("#task input").last).to_be_checked()
    page.locator("#setup-make").click()
    expect(page.locator("#setup-qr .said")).to_have_text(EN["setup.copied"])
    expect(page.locator("#setup-qr svg")).to_be_in_viewport()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.locator("#setup-link textarea").input_value()
    page.evaluate("sessionStorage.clear()")
    open_page(page, link)
    expect(page.locator("#prompt textarea")).to_have_value("How many dogs & cats?")
    expect(page.locator("#video")).to_be_visible()
