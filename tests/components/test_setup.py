"""A link, and what a tab remembers, set the page up; whatever is wrong in them is left out."""

from urllib.parse import parse_qs, urlsplit

import pytest

from components.form import Form
from components.question import OTHER
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


@pytest.mark.parametrize(
    ("form", "query"),
    [
        (Form(), "input=record&task=transcribe&lang=en"),
        (
            Form(source="audio_file", model="maker/model"),
            "input=file&task=transcribe&model=maker/model&lang=en",
        ),
        (Form(source="video", task="describe"), "input=film&task=describe&lang=en"),
        (
            Form(source="video", task="describe", video_url="https://v.example/1"),
            "input=link&task=describe&lang=en",
        ),
        (
            Form(task="own", prompt="Who & why?"),
            "input=record&task=own&prompt=Who%20%26%20why%3F&lang=en",
        ),
        (Form(prompt="Write it down", task="transcribe"), "input=record&task=transcribe&lang=en"),
        (
            Form(model=OTHER, other_model="maker/typed"),
            "input=record&task=transcribe&model=maker/typed&lang=en",
        ),
    ],
    ids=["empty", "file", "film", "link", "own words", "a task's words", "typed model"],
)
def test_a_link_is_made_of_what_stands_on_the_page(form, query):
    assert Setup.of(form).link("https://p.example/app", "en") == f"https://p.example/app?{query}"


def test_a_page_that_a_link_sets_up_is_as_the_one_that_made_it():
    form = Form(source="video", task="own", prompt="Кто говорит?", model="maker/model")
    query = parse_qs(urlsplit(Setup.of(form).link("https://p.example", "ru")).query)
    assert Setup.read({name: value for name, (value,) in query.items()}, "").on(Form()) == form


def test_a_link_holds_no_key_and_no_media():
    form = Form(
        record="/media/voice.wav", video_url="https://v.example/secret", api_key="ak_canary"
    )
    link = Setup.of(form).link("https://p.example", "en")
    assert not [one for one in ("canary", "secret", "voice") if one in link]
