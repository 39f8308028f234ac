"""What stands on the page as one value, whichever component holds it."""

import dataclasses
from pathlib import Path

import gradio as gr
import pytest
from pydantic import SecretStr

from components.form import FIELDS, Form
from components.question import OTHER, TASKS
from services.assistant import Ask, Fit, LocalFile, Options, RawPcm, Turn, VideoLink
from services.errors import BadOption, BadTrim

FULL = {
    "record": "/tmp/r.wav",
    "audio_file": "/tmp/a.mp3",
    "video": "/tmp/v.mp4",
    "video_url": "https://youtu.be/1",
}
RECORDING = LocalFile(Path("/tmp/r.wav"))
SOUND = LocalFile(Path("/tmp/a.mp3"))
LINK = VideoLink("https://v.example/1")
FILM = LocalFile(Path("/tmp/v.mp4"))

#: Each field → what a person sees it as: the kind of component, and its label.
SEEN = {
    "source": (gr.Radio, "source.label"),
    "record": (gr.Audio, "record.label"),
    "audio_file": (gr.File, "audio_file.label"),
    "pcm": (gr.Radio, "raw.format"),
    "rate": (gr.Dropdown, "raw.rate"),
    "channels": (gr.Radio, "raw.channels"),
    "video": (gr.Video, "video.label"),
    "video_url": (gr.Textbox, "video_url.label"),
    "fit": (gr.Radio, "fit.label"),
    "track": (gr.Radio, "track.label"),
    "trim_from": (gr.Textbox, "trim.from"),
    "trim_to": (gr.Textbox, "trim.to"),
    "fitted": (gr.Textbox, None),
    "found": (gr.Textbox, None),
    "earlier": (gr.Textbox, None),
    "own_words": (gr.Textbox, None),
    "other_model": (gr.Textbox, "model.other_label"),
    "fallback_model": (gr.Textbox, None),
    "task": (gr.Radio, "task.label"),
    "prompt": (gr.Textbox, "prompt.label"),
    "model": (gr.Dropdown, "model.label"),
    "compare": (gr.Dropdown, "compare.models"),
    "repeats": (gr.Radio, "compare.repeats"),
    "reference": (gr.Textbox, "compare.reference"),
    "blind": (gr.Checkbox, "compare.blind"),
    "again": (gr.Textbox, None),
    "api_key": (gr.Textbox, "connection.key"),
    "system_prompt": (gr.Textbox, "options.system_prompt"),
    "temperature": (gr.Textbox, "options.temperature"),
    "max_tokens": (gr.Textbox, "options.max_tokens"),
    "reasoning_effort": (gr.Dropdown, "options.reasoning_effort"),
    "json_schema": (gr.Textbox, "options.json_schema"),
    "voice": (gr.Dropdown, "options.voice"),
    "endpoint": (gr.Dropdown, "options.endpoint"),
    "echoes": (gr.Checkbox, "options.echo"),
}


def test_every_field_of_the_form_stands_on_the_page_once(page):
    assert sorted(page.fields) == sorted(FIELDS) == sorted(SEEN)


def test_every_option_can_be_set_on_the_page(page):
    assert {one.name for one in dataclasses.fields(Options)} <= set(page.fields)


@pytest.mark.parametrize("name", SEEN)
def test_a_field_is_what_a_person_sees_it_as(page, name):
    """Two that change places, in whatever way, are noticed here."""
    kind, label = SEEN[name]
    component = page.fields[name]
    assert type(component) is kind
    assert getattr(getattr(component, "label", None), "key", None) == label


@pytest.mark.parametrize("name", SEEN)
def test_what_stands_in_a_component_is_read_into_its_field(page, name):
    form = Form.read({page.fields[name]: "something"})
    is_option = name in {one.name for one in dataclasses.fields(Options)}
    given = {name: "something"}
    assert form == Form(**({"option_values": given} if is_option else given))


def test_what_is_empty_has_its_default(page):
    assert Form.read(page.values()) == Form()
    assert Form.read(dict.fromkeys(page.fields.values(), "")) == Form()


@pytest.mark.parametrize(
    "handler",
    ["ask", "anyway", "forecast", "media_changed", "kind_changed", "samples_described"],
)
def test_a_handler_gets_all_fields_by_their_component_and_not_in_an_order(page, handler):
    for listener in page.listeners(handler):
        assert listener.inputs_as_dict
        assert set(listener.inputs) == set(page.fields.values())


@pytest.mark.parametrize(
    ("buttons", "handler"),
    [(("ask", "retry"), "ask"), (("anyway",), "anyway"), (("stop",), "stopped")],
    ids=["ask", "anyway", "stop"],
)
def test_each_button_does_what_it_says(page, buttons, handler):
    targets = {target for fn in page.listeners(handler) for target in fn.targets}
    assert targets == {(page.by_id[button]._id, "click") for button in buttons}


# --- the media in front -----------------------------------------------------


@pytest.mark.parametrize(
    ("source", "media", "kind"),
    [
        ("record", RECORDING, "audio"),
        ("audio_file", SOUND, "audio"),
        ("video", VideoLink("https://youtu.be/1"), "video"),
    ],
)
def test_only_the_input_in_front_counts(source, media, kind):
    form = Form(source=source, **FULL)
    assert (form.media, form.kind) == (media, kind)


@pytest.mark.parametrize(
    ("url", "media"),
    [
        (" https://youtu.be/2 \n", VideoLink("https://youtu.be/2")),
        ("no link", VideoLink("no link")),  # refused later, with words
        ("", FILM),
        ("  ", FILM),
    ],
    ids=["link", "not a link", "empty", "blank"],
)
def test_a_link_goes_before_a_file(url, media):
    assert Form(source="video", video="/tmp/v.mp4", video_url=url).media == media


@pytest.mark.parametrize("source", ["record", "audio_file", "video"])
def test_an_empty_input_gives_nothing_whatever_the_others_hold(source):
    held = FULL | {source: None} | ({"video_url": ""} if source == "video" else {})
    form = Form(source=source, **held)
    assert (form.media, form.media_id) == (None, "")


@pytest.mark.parametrize("pcm", ["pcm16", "pcm24"])
def test_bare_samples_are_read_as_chosen(pcm):
    form = Form(source="audio_file", audio_file="/tmp/a.raw", pcm=pcm, rate="8000", channels=2)
    assert form.media == LocalFile(Path("/tmp/a.raw"), "audio", RawPcm(pcm, 8_000, 2))


def test_the_choice_of_samples_does_not_touch_another_file():
    assert Form(source="audio_file", audio_file="/tmp/a.mp3", pcm="pcm24").media == SOUND


@pytest.mark.parametrize("source", ["audio_file", "video"])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_what_a_file_was_found_to_be_counts_wherever_it_was_given(source, kind):
    form = Form(source=source, **{source: "/tmp/a b"}, found=f"{kind} /tmp/a b")
    assert form.kind == kind
    assert form.media == LocalFile(Path("/tmp/a b"))


def test_what_another_file_was_found_to_be_does_not_count():
    form = Form(source="audio_file", audio_file="/tmp/new", found="video /tmp/old")
    assert form.kind == "audio"


@pytest.mark.parametrize("only", ["audio", "video"])
def test_what_a_file_is_to_be_sent_as_goes_before_what_it_is(only):
    other = {"audio": "video", "video": "audio"}[only]
    form = Form(source="video", video="/tmp/v", only=only, found=f"{other} /tmp/v")
    assert (form.kind, form.media) == (only, LocalFile(Path("/tmp/v"), only))


@pytest.mark.parametrize(
    ("form", "about"),
    [
        (Form(source="audio_file", audio_file="/tmp/x/my song.mp3"), "my song.mp3"),
        (Form(source="video", video_url="https://v.example/1"), "https://v.example/1"),
        (Form(record="/tmp/x/audio.wav"), ""),
        (Form(), ""),
    ],
    ids=["a file", "a link", "a recording", "nothing"],
)
def test_media_is_called_what_the_visitor_calls_it(form, about):
    assert form.about == about


def test_a_model_that_is_not_among_the_choices_is_the_one_that_was_typed():
    assert Form(model=OTHER, other_model=" maker/new ").ask().model == "maker/new"
    assert Form(model="maker/listed", other_model="maker/new").ask().model == "maker/listed"


TURNS = '{"media": "/tmp/r.wav", "turns": [{"question": "What?", "answer": "This."}]}'


def test_a_question_follows_those_about_the_same_media():
    ask = Form(record="/tmp/r.wav", earlier=TURNS).ask()
    assert ask.earlier == (Turn("What?", "This."),)


@pytest.mark.parametrize(
    ("record", "earlier"),
    [
        ("/tmp/other.wav", TURNS),
        (None, TURNS.replace("/tmp/r.wav", "")),
        ("/tmp/r.wav", "{"),
        ("/tmp/r.wav", "[1]"),
        ("/tmp/r.wav", ""),
    ],
    ids=["other media", "no media", "no JSON", "no conversation", "nothing"],
)
def test_a_question_follows_no_others(record, earlier):
    assert Form(record=record, earlier=earlier).conversation == ()


# --- what is asked ----------------------------------------------------------


def test_the_form_makes_the_question():
    form = Form(
        source="audio_file",
        audio_file="/tmp/a.mp3",
        fitted="/tmp/a.mp3",
        trim_from="0:10",
        trim_to="1:00",
        prompt="What?",
        model=" maker/model ",
        api_key=" ak_mine ",
        option_values={
            "system_prompt": "Be brief.",
            "temperature": " 0,5 ",
            "max_tokens": "100",
            "reasoning_effort": "low",
        },
    )
    ask = form.ask(anyway=True)
    assert ask == Ask(
        SOUND,
        "What?",
        "maker/model",
        Options("Be brief.", 0.5, 100, "low"),
        fit=Fit(start_s=10.0, end_s=60.0),
    )
    assert ask.api_key == SecretStr("ak_mine")
    assert ask.anyway


@pytest.mark.parametrize(
    ("task", "endpoint"),
    [("transcribe", "audio/transcriptions"), *((task, None) for task in TASKS[1:])],
)
def test_what_a_sound_is_sent_to_is_chosen_for_the_transcription_alone(task, endpoint):
    form = Form(record="/tmp/r.wav", task=task, endpoint="audio/transcriptions")
    assert form.ask().endpoint == endpoint


@pytest.mark.parametrize("echoes", [True, False])
def test_a_router_is_asked_to_echo_where_that_is_wanted(echoes):
    assert Form(record="/tmp/r.wav", echoes=echoes).ask().echoes is echoes


@pytest.mark.parametrize("key", ["", "  "])
def test_without_a_key_there_is_none(key):
    assert Form(api_key=key).ask().api_key is None


TRIMMED = {"fit": "speech", "trim_from": "5", "trim_to": "9"}


def test_what_was_chosen_for_the_media_in_front_holds():
    form = Form(source="video", video="/tmp/v.mp4", fitted="/tmp/v.mp4", **TRIMMED)
    ask = form.ask()
    assert ask.media == LocalFile(Path("/tmp/v.mp4"), "audio")
    assert ask.fit == Fit(5.0, 9.0, speech=True)


def test_the_sound_track_that_was_chosen_is_asked_about():
    form = Form(source="video", video="/tmp/v.mp4", fitted="/tmp/v.mp4", track="2")
    assert form.ask().media == LocalFile(Path("/tmp/v.mp4"), track=2)


def test_a_sound_track_that_was_chosen_in_another_film_is_not():
    form = Form(source="video", video="/tmp/v.mp4", fitted="/tmp/old.mp4", track="2")
    assert form.ask().media == FILM


@pytest.mark.parametrize(
    "now",
    [
        pytest.param({"source": "video", "video": "/tmp/other.mp4"}, id="another film"),
        pytest.param({"source": "record", "record": "/tmp/r.wav"}, id="another input"),
        pytest.param({"source": "video", "video_url": "https://v.example/1"}, id="a link"),
        pytest.param({"source": "audio_file", "audio_file": None}, id="nothing"),
    ],
)
def test_what_was_chosen_for_other_media_goes_with_it(now):
    ask = Form(fitted="/tmp/v.mp4", **TRIMMED, **now).ask()
    assert ask.fit == Fit()
    assert not ask.in_pieces
    assert ask.media in (LocalFile(Path("/tmp/other.mp4")), RECORDING, LINK, None)


def test_pieces_chosen_for_other_media_are_not_cut():
    form = Form(source="record", record="/tmp/r.wav", fitted="/tmp/old.wav", fit="pieces")
    assert not form.ask().in_pieces


def test_a_link_is_not_cut_into_pieces():
    url = "https://v.example/1"
    assert not Form(source="video", video_url=url, fitted=url, fit="pieces").ask().in_pieces


@pytest.mark.parametrize("times", [("x", ""), ("9", "5"), ("", "1:75"), ("1:60:00", "")])
def test_times_that_are_none_are_a_bad_trim(times):
    start, end = times
    form = Form(record="/tmp/r.wav", fitted="/tmp/r.wav", trim_from=start, trim_to=end)
    with pytest.raises(BadTrim):
        form.ask()


def test_times_that_are_none_harm_no_other_media():
    assert Form(record="/tmp/r.wav", fitted="/tmp/old.wav", trim_from="x").ask().fit == Fit()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperature", value) for value in ("warm", "nan", "-inf", "1e400", "-1", "9" * 20)),
        *(
            ("max_tokens", value)
            for value in ("1.5", "inf", "nan", "-1", "0", "9" * 20, "9" * 5000)
        ),
        ("reasoning_effort", "enormous"),
    ],
)
def test_an_option_that_cannot_be_understood_is_named(name, value):
    with pytest.raises(BadOption) as wrong:
        Form(option_values={name: value}).ask()
    assert wrong.value.facts == {"option": name}


def test_neither_key_nor_words_show_in_a_repr():
    private = {"system_prompt": "private"}
    form = Form(prompt="a private question", api_key="ak_private", option_values=private)
    assert "private" not in repr(form)


@pytest.mark.parametrize(
    ("compare", "models"),
    [
        ([], ("m",)),
        (["a", "m", "b", "a"], ("m", "a", "b")),
        ([""], ("m",)),
        ([str(number) for number in range(9)], ("m", "0", "1", "2", "3", "4")),
    ],
    ids=["none", "some twice", "empty", "too many"],
)
def test_models_are_compared_with_the_chosen_one_each_once(compare, models):
    form = Form(model="m", compare=compare, repeats=2)
    assert (form.models, form.calls) == (models, 2 * len(models))
