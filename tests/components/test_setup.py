"""A link, and what a tab remembers, set the page up; whatever is wrong in them is left out."""

import pytest

from components.form import Form
from components.setup import Setup


def test_a_link_sets_the_input_the_task_the_words_and_the_model():
    link = {"input": "file", "task": "own", "prompt": "Who speaks?", "model": "maker/model"}
    form = Setup.read(link, "").on(Form())
    assert form == Form(source="audio_file", task="own", prompt="Who speaks?", model="maker/model")


@pytest.mark.parametrize(
    ("name", "source"),
    [("record", "record"), ("file", "audio_file"), ("film", "video"), ("link", "video")],
)
def test_each_input_has_a_name_for_links(name, source):
    assert Setup.read({"input": name}, "").source == source


def test_words_in_a_link_are_a_task_of_ones_own():
    assert Setup.read({"prompt": "Who speaks?"}, "").task == "own"


def test_a_link_goes_before_what_the_tab_remembers():
    left = '{"task": "own", "prompt": "Before?", "model": "maker/before"}'
    setup = Setup.read({"model": "maker/linked"}, left)
    assert (setup.model, setup.prompt) == ("maker/linked", "Before?")


@pytest.mark.parametrize(
    "link",
    [{"task": "delete everything"}, {"input": "disk"}, {"prompt": "x" * 20_001}, {"api_key": "ak"}],
    ids=["no task", "no input", "too long", "a key"],
)
def test_what_no_link_may_set_is_left_out(link):
    assert Setup.read(link, "").on(Form()) == Form()


@pytest.mark.parametrize("left", ["", "{", "null", "[]", '{"task": 5}', '{"api_key": "ak"}'])
def test_a_memory_that_is_none_sets_nothing(left):
    assert Setup.read({}, left).on(Form()) == Form()


def test_what_is_wrong_in_a_link_does_not_spoil_the_rest():
    link = {"task": "sing", "model": "maker/model"}
    assert Setup.read(link, "").on(Form()) == Form(model="maker/model")
