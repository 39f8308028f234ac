"""Each example is heard rightly by the built-in API."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

import components.examples
from tests.browser.steps import ask, open_page, upload, wait_until_done
from tests.clips import words_missing

FILES = Path(components.examples.__file__).parent / "files"
#: File name → the tab it goes to, and what is said in it.
SAID = {
    "speech-en.mp3": (
        "audio-file",
        (
            "A good question is worth more than a quick answer. "
            "Ask it aloud, and see what the model heard"
        ),
    ),
    "speech-ru.mp3": (
        "audio-file",
        "Завтра утром мы поедем на море. Возьмите с собой воду и фотоаппарат",
    ),
    "film.mp4": ("video", "The orange ball rolls to the right, and then it comes back"),
}


@pytest.mark.parametrize("name", SAID)
def test_every_word_of_an_example_comes_back(page, offline_app, name):
    tab, said = SAID[name]
    open_page(page, offline_app.url)
    upload(page, tab, FILES / name)
    ask(page)
    wait_until_done(page)
    answer = page.locator("#answer")
    expect(answer).not_to_be_empty()
    assert words_missing(answer.inner_text(), said) == 0
