"""What the page opens with after its language was changed."""

import pytest

from components.shell.opening import opening_prompt
from components.texts import Texts


@pytest.mark.parametrize(
    ("left", "opens_with"),
    [
        ("", "Транскрибируй это аудио на русском языке"),
        (
            "Transcribe this audio in the language that is spoken",
            "Транскрибируй это аудио на русском языке",
        ),
        ("Describe what happens in this video", "Транскрибируй это аудио на русском языке"),
        ("Who speaks?", "Who speaks?"),
    ],
)
def test_a_tasks_words_are_in_the_pages_language_and_ones_own_stay(left, opens_with):
    assert opening_prompt(Texts("ru"), "audio", "transcribe", left) == opens_with
