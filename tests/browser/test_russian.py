"""The Russian page: no English sentence is left on it."""

import re

import pytest
from playwright.sync_api import expect

from components.texts import strings
from tests.browser.steps import ask, choose_tab, open_page, record, upload, wait_until_done
from tests.clips import clip

pytestmark = pytest.mark.browser_context_args(locale="ru-RU")

#: Everything a person sees or hears read out, but the words of the answer.
VISIBLE = """() => {
    const texts = [];
    const shown = (element) => element.getClientRects().length > 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!["SCRIPT", "STYLE"].includes(parent.tagName) && shown(parent)
            && !parent.closest("#answer")) texts.push(walker.currentNode.nodeValue.trim());
    }
    for (const name of ["placeholder", "title", "aria-label"])
        for (const element of document.querySelectorAll(`[${name}]`))
            if (shown(element)) texts.push(element.getAttribute(name));
    return texts.filter((text) => text);
}"""

#: Two English words side by side make a sentence, unless they are a name.
SENTENCE = re.compile(r"\b[A-Za-z]{2,}[ ,]+[a-z]{2,}\b")
NAMES = ("Fake Default Audio Input", "Fake Audio Input")


def english_left(page) -> list[str]:
    return [
        text
        for text in page.evaluate(VISIBLE)
        if SENTENCE.search(text) and not text.startswith(NAMES)
    ]


def test_no_english_sentence_is_left_before_during_and_after_a_recording(page, offline_app):
    open_page(page, offline_app.url)
    assert english_left(page) == []
    microphone = page.locator("#record")
    microphone.locator("button.record-button").click()
    expect(microphone.locator("button.stop-button")).to_be_visible()
    assert english_left(page) == []
    page.wait_for_timeout(4500)  # the silence before the words alone would not be sent
    microphone.locator("button.stop-button").click()
    ask(page)
    wait_until_done(page)
    assert english_left(page) == []


def test_the_button_says_what_a_press_does(page, offline_app):
    open_page(page, offline_app.url)
    expect(page.locator("#record .record-button")).to_have_text(strings("ru")["record.tab"])


def test_no_english_sentence_is_left_on_the_other_tabs(page, offline_app):
    open_page(page, offline_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    expect(page.locator("#ask")).to_be_enabled()
    assert english_left(page) == []
    choose_tab(page, "video")
    assert english_left(page) == []
    page.get_by_text("Подключение и ключ").click()
    expect(page.locator("#api-key")).to_be_visible()
    assert english_left(page) == []
    page.get_by_label("Снять камерой").click()
    expect(page.get_by_text("Нажмите, чтобы включить камеру")).to_be_visible()
    assert english_left(page) == []


def test_the_check_itself_sees_english():
    assert SENTENCE.search("Click to Access Webcam")
    assert not SENTENCE.search("Запросы идут на api.example.org")


def test_the_default_prompts_are_the_guides(page, offline_app):
    open_page(page, offline_app.url)
    prompt = page.locator("#prompt textarea")
    expect(prompt).to_have_value("Транскрибируй это аудио на русском языке")
    choose_tab(page, "video")
    expect(prompt).to_have_value("Опиши, что происходит в этом видео")


def test_errors_are_russian(page, offline_app, tmp_path):
    text = tmp_path / "notes.mp3"
    text.write_text("just words")
    open_page(page, offline_app.url)
    upload(page, "audio-file", text)
    ask(page)
    expect(page.locator("#newest [role=alert]")).to_contain_text("Ваша запись и ваш вопрос")
    assert english_left(page) == []


def test_a_question_in_russian_gets_its_facts_in_russian(page, offline_app):
    open_page(page, offline_app.url)
    record(page, 4.5)  # the silence before the words alone would not be sent
    ask(page)
    wait_until_done(page)
    expect(page.locator("#answer")).to_contain_text("офлайн-API")
