"""Tasks and the words they stand for."""

import pytest

from components.question import TASKS, prompt_for, task_after
from components.texts import LANGUAGES, Texts


@pytest.mark.parametrize(
    ("language", "kind", "task", "words"),
    [
        # The guide's own prompts.
        ("ru", "audio", "transcribe", "Транскрибируй это аудио на русском языке"),
        ("ru", "video", "describe", "Опиши, что происходит в этом видео"),
        ("en", "audio", "transcribe", "Transcribe this audio in the language that is spoken"),
        ("en", "video", "describe", "Describe what happens in this video"),
    ],
)
def test_the_default_prompts_are_the_guides(language, kind, task, words):
    assert prompt_for(Texts(language), kind, task) == words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_every_task_but_ones_own_has_its_own_words(language, kind):
    prompts = {task: prompt_for(Texts(language), kind, task) for task in TASKS}
    assert prompts.pop("own") == ""
    assert all(prompts.values())
    assert len(set(prompts.values())) == len(prompts)


@pytest.mark.parametrize(
    ("task", "kind", "after"),
    [
        ("transcribe", "audio", "transcribe"),
        ("transcribe", "video", "describe"),
        ("describe", "audio", "transcribe"),
        ("describe", "video", "describe"),
        ("translate", "video", "translate"),
        ("summarise", "audio", "summarise"),
        ("own", "audio", "own"),
        ("own", "video", "own"),
    ],
)
def test_only_the_other_kinds_default_gives_way(task, kind, after):
    assert task_after(task, kind) == after
