"""Tasks and the words they stand for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from components.question import TASKS, model_update, prompt_for, task_after
from components.texts import LANGUAGES, Texts
from services.external_api.catalogue import Model


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


class Known:
    """One model of which the API has said this."""

    def __init__(self, model, fits=True):
        self.model, self.fits = model, lambda kind, one: fits
        self.described = lambda one: model
        self.hears = lambda one: None


def first_label(model, kind="audio", fits=True, language="en"):
    update = model_update([model.id], "", Known(model, fits), kind, Texts(language))
    return update["choices"][0][0]


NAMED = Model("maker/ears-1", "Maker: Ears 1", None)


def test_a_model_is_found_by_its_name_and_by_its_id():
    assert first_label(NAMED) == "Maker: Ears 1 · maker/ears-1"
    assert first_label(replace(NAMED, name=NAMED.id)) == "maker/ears-1"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "(does not hear)"), ("ru", "(не слышит)")],
)
def test_of_a_model_that_takes_no_sound_it_is_said(language, words):
    assert first_label(NAMED, fits=False, language=language).endswith(words)


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "(retired on {day})"), (0, "(retired on {day})"), (1, "(until {day})")]
)
def test_of_a_model_that_is_taken_away_the_day_is_said(days, words):
    day = datetime.now(UTC).date() + timedelta(days=days)
    label = first_label(replace(NAMED, ends=day))
    assert label.endswith(words.format(day=Texts("en").day(day)))
