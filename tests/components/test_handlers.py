"""What happens when something on the page is chosen, given or asked."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import gradio as gr
import pytest

from components.fitting import AS_IS
from components.question import OTHER, suggestion
from components.result.card import Head
from components.texts import LANGUAGES, Texts
from services import errors
from services.assistant import Assistant, RawPcm
from services.assistant.allowance import Left
from tests.components.pages import REPORT, Noting, visitor

pytestmark = pytest.mark.anyio

EN = Texts("en")
HEAD = Head("1", datetime.now(UTC), "", "What?", "m")


async def opened(page, request, left=""):
    """How the page is set up when it opens, by the ids of its components."""
    first = await page.listeners("opened")[0].fn(left, request)
    return {block.elem_id: value for block, value in first.items()}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_opens_with_the_guides_models(page, language):
    texts = Texts(language)
    first = await opened(page, visitor(language))
    assert (first["source"], first["task"]) == (gr.skip(), "transcribe")
    assert first["prompt"] == texts("prompt.audio.transcribe")
    assert first["model"]["value"] == "maker/audio"
    other = (texts("model.other"), OTHER)
    both = [(one, one) for one in ("maker/audio", "maker/both")]
    assert first["model"]["choices"] == [*both, other]


async def test_the_page_gets_the_other_models_when_they_come(page):
    (later,) = await page.updates("models_arrived", source="record", model="maker/audio")
    assert set(later) == {"model", "compare"}
    assert later["model"]["choices"] == [
        ("maker/both", "maker/both"),
        ("maker/audio", "maker/audio"),
        (EN("model.unknown.audio", model="maker/new"), "maker/new"),
        (EN("model.other"), OTHER),
    ]
    assert "value" not in later["model"]


async def test_the_page_opens_as_a_link_says(page):
    link = visitor(query={"input": "film", "task": "summarise", "model": "maker/both"})
    first = await opened(page, link)
    assert (first["source"], first["task"]) == ("video", "summarise")
    assert first["prompt"] == EN("prompt.video.summarise")
    assert first["model"]["value"] == "maker/both"


async def test_a_model_of_a_link_stands_there_before_the_api_has_told_of_it(page):
    first = await opened(page, visitor(query={"model": "maker/new"}))
    assert first["model"]["value"] == "maker/new"
    assert [one for _, one in first["model"]["choices"]][-2:] == ["maker/new", OTHER]
    (later,) = await page.updates("models_arrived", source="record", model="maker/new")
    assert "value" not in later["model"]


async def test_a_model_of_a_link_that_the_api_does_not_have_goes_when_it_has_told(page):
    first = await opened(page, visitor(query={"model": "maker/none"}))
    assert first["model"]["value"] == "maker/none"
    (later,) = await page.updates("models_arrived", source="record", model="maker/none")
    assert later["model"]["value"] == "maker/both"


async def linked(page, language, **given):
    """What a press on the button of links shows, by its id."""
    values = page.values(**given) | {page.by_id["setup-base"]: "https://p.example/"}
    shown = await page.listeners("link_made")[0].fn(values, visitor(language))
    return {block.elem_id: value for block, value in shown.items()}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_link_to_what_stands_on_the_page_is_made_with_its_picture(page, language):
    link = await linked(page, language, task="own", prompt="Who?", model="maker/both")
    query = "input=record&task=own&prompt=Who%3F&model=maker/both"
    assert link["setup-link"]["value"] == f"https://p.example/?{query}&lang={language}"
    picture = link["setup-qr"]["value"]
    assert picture.count("<svg") == 1
    assert Texts(language)("setup.holds") in picture


async def test_a_link_that_no_picture_can_hold_says_so(page):
    link = await linked(page, "en", task="own", prompt="x" * 3000)
    assert link["setup-link"]["visible"]
    assert "<svg" not in link["setup-qr"]["value"]
    assert EN("setup.long") in link["setup-qr"]["value"]


async def test_a_page_that_is_loaded_again_has_the_question_that_stood_there(page):
    left = '{"task": "own", "prompt": "Who speaks?", "model": "maker/both"}'
    first = await opened(page, visitor(), left)
    assert (first["task"], first["prompt"]) == ("own", "Who speaks?")
    assert first["model"]["value"] == "maker/both"


async def test_the_models_of_another_input_do_not_wait_for_the_api(page):
    (named,) = await page.updates("kind_changed", source="video", task="transcribe")
    assert named["suggested"] == suggestion("", EN("prompt.video.describe"), "describe")
    assert named["model"]["value"] == "maker/video"


async def test_a_file_that_turns_out_to_be_a_film_is_asked_about_as_one(page):
    given = {"source": "audio_file", "audio_file": "/tmp/f", "found": "video /tmp/f"}
    (named,) = await page.updates("kind_changed", task="transcribe", **given)
    assert json.loads(named["suggested"])["of"] == "describe"
    assert named["model"]["value"] == "maker/video"
    assert named["preview"]["value"].startswith("<video ")


@pytest.mark.parametrize(("model", "is_shown"), [(OTHER, True), ("maker/both", False)])
async def test_a_model_that_is_none_of_the_choices_can_be_typed(page, model, is_shown):
    (updates,) = await page.updates("model_chosen", model=model)
    assert updates == {"other-model": gr.update(visible=is_shown)}


async def test_ones_own_words_survive_another_input(page):
    given = {"task": "own", "prompt": "Who speaks?", "model": "maker/both"}
    (named,) = await page.updates("kind_changed", source="video", **given)
    assert named["suggested"] == suggestion("Who speaks?", "Who speaks?", "own")
    assert "value" not in named["model"]


async def test_new_media_wakes_ask_and_lets_go_of_what_was_chosen_for_the_old(page):
    (updates,) = await page.updates(
        "media_changed", record="/tmp/new.wav", fitted="/tmp/old.wav", fit="pieces", trim_from="5"
    )
    assert updates["ask"] == gr.update(interactive=True)
    assert updates["fit"] == AS_IS
    assert updates["trim-from"] == ""
    assert updates["fitted"] == "/tmp/new.wav"


async def test_a_time_is_not_taken_away_that_may_be_typed_by_now(page):
    given = {"record": "/tmp/new.wav", "fitted": "/tmp/old.wav"}
    (updates,) = await page.updates("media_changed", **given)
    assert (updates["trim-from"], updates["trim-to"]) == (gr.skip(), gr.skip())


async def test_what_was_chosen_stays_while_the_media_does(page):
    (updates,) = await page.updates("media_changed", record="/tmp/a.wav", fitted="/tmp/a.wav")
    assert updates == {"status": gr.skip()}


async def test_without_media_ask_sleeps(page):
    (updates,) = await page.updates("media_changed", fitted="/tmp/a.wav")
    assert updates["ask"] == gr.update(interactive=False)


async def test_other_media_leave_alone_what_a_run_shows(page):
    sessions = page.listeners("media_changed")[0].fn.__self__._sessions
    given = {"record": "/tmp/new.wav", "fitted": "/tmp/old.wav"}
    sessions.asks("ann", HEAD)
    sessions.has_shown("ann")
    (updates,) = await page.updates("media_changed", **given)
    assert {"ask", "status", "retry", "anyway", "fallback"} < set(updates)
    sessions.asks("ann", HEAD)
    (updates,) = await page.updates("media_changed", **given)
    assert updates["fitted"] == "/tmp/new.wav"
    assert not {"ask", "status", "retry", "anyway", "fallback"} & set(updates)
    sessions.has_shown("ann")


async def test_a_model_that_does_not_take_it_is_marked(page):
    (updates,) = await page.updates("models_arrived", source="video")
    marked = (EN("model.unfit.video", model="maker/video"), "maker/video")
    assert marked in updates["model"]["choices"]


# --- the words, and the file that came --------------------------------------


@pytest.mark.parametrize(("source", "kind"), [("record", "audio"), ("video", "video")])
async def test_a_task_brings_its_words(page, source, kind):
    (updates,) = await page.updates("task_chosen", source=source, task="summarise")
    assert updates == {"prompt": EN(f"prompt.{kind}.summarise"), "own-words": ""}


async def test_ones_own_words_come_back_with_their_task(page):
    (updates,) = await page.updates("task_chosen", task="summarise", prompt="Who speaks?")
    assert updates == {"prompt": EN("prompt.audio.summarise"), "own-words": "Who speaks?"}
    given = {"prompt": updates["prompt"], "own_words": updates["own-words"]}
    (updates,) = await page.updates("task_chosen", task="own", **given)
    assert updates == {"prompt": "Who speaks?", "own-words": "Who speaks?"}


async def test_words_that_are_just_being_written_are_not_overwritten(page):
    given = {"source": "video", "task": "transcribe", "prompt": "Who sp"}
    (updates,) = await page.updates("kind_changed", **given)
    assert updates["suggested"] == suggestion("Who sp", "Who sp", "own")


async def test_words_of_ones_own_are_a_task_of_ones_own(page):
    (updates,) = await page.updates("prompt_changed", task="transcribe", prompt="Who speaks?")
    assert updates == {"task": "own"}


@pytest.mark.parametrize(
    ("task", "prompt"),
    [("transcribe", EN("prompt.audio.transcribe")), ("own", "Who speaks?")],
    ids=["the task's words", "one's own"],
)
async def test_words_that_the_task_stands_for_leave_it_alone(page, task, prompt):
    (updates,) = await page.updates("prompt_changed", task=task, prompt=prompt)
    assert updates == {"task": gr.skip()}


async def test_a_new_film_takes_the_place_of_an_old_link(page):
    (updates,) = await page.updates("film_arrived", video="/tmp/v.mp4", video_url="https://v/1")
    assert updates == {"video-url": ""}


async def test_a_film_that_is_taken_away_leaves_the_link(page):
    (updates,) = await page.updates("film_arrived", video_url="https://v/1")
    assert updates == {"video-url": gr.skip()}


async def test_a_sound_file_can_be_listened_to(page):
    (updates,) = await page.updates("audio_file_arrived", audio_file="/tmp/a.mp3")
    assert updates["raw"] == gr.update(visible=False)
    assert updates["preview"]["visible"]
    assert "gradio_api/file=/tmp/a.mp3" in updates["preview"]["value"]


async def test_of_bare_samples_it_is_asked_what_they_are(page, assistant):
    (updates,) = await page.updates("audio_file_arrived", audio_file="/tmp/a.pcm24", pcm="pcm16")
    assert updates["raw"] == gr.update(visible=True)
    assert updates["pcm"] == gr.update(value="pcm24")
    assert [media.raw for media in assistant.previewed] == [RawPcm("pcm24")]
    assert "data:audio/wav;base64," in updates["preview"]["value"]


async def test_without_a_sound_file_there_is_nothing_to_describe_and_to_listen_to(page):
    (updates,) = await page.updates("audio_file_arrived")
    assert updates["raw"] == gr.update(visible=False)
    assert updates["preview"] == gr.update(visible=False, value="")


async def test_bare_samples_are_listened_to_as_they_are_described(page, assistant):
    given = {"pcm": "pcm24", "rate": "8000", "channels": 2}
    (updates,) = await page.updates("samples_described", audio_file="/tmp/a.raw", **given)
    assert [media.raw for media in assistant.previewed] == [RawPcm("pcm24", 8000, 2)]
    assert updates["preview"]["visible"]


async def test_another_file_is_not_listened_to_anew_for_what_samples_are(page, assistant):
    (updates,) = await page.updates("samples_described", audio_file="/tmp/a.mp3", rate="8000")
    assert updates == {"preview": gr.skip()}
    assert assistant.previewed == []


def test_the_noting_assistant_offers_what_the_real_one_does():
    names = {name for name in vars(Noting) if not name.startswith("_")}
    assert names - {"asked", "foretold", "forecasts", "previewed"} <= set(dir(Assistant))


@pytest.mark.parametrize(
    ("given", "allowed", "words"),
    [
        ({}, None, None),
        ({}, Left(3, 10, 60.0), "3 of 10 left today"),
        ({"api_key": "ak_own"}, Left(3, 10, 60.0), "Your own key pays"),
    ],
    ids=["nothing is counted", "the host pays", "own key"],
)
async def test_who_pays_and_what_is_left_stands_on_the_page(page, given, allowed, words):
    page.assistant.allowed = allowed
    (updates,) = await page.updates("allowance", **given)
    assert updates == {"allowance": f'<p class="plain">{words}</p>' if words else ""}


async def test_what_the_answers_of_a_tab_have_cost_stands_beside_it(page):
    page.assistant.allowed = Left(3, 10, 60.0)
    page.assistant.report = replace(REPORT, usage={"cost": 0.0012})
    await page.updates("ask", record="speech.wav")
    (updates,) = await page.updates("allowance")
    assert "3 of 10 left today ·\n$0.0012 here" in updates["allowance"]


async def test_that_nobody_can_tell_what_is_left_stands_there_too(page, monkeypatch):
    async def away(_):
        raise errors.LimitsAway

    monkeypatch.setattr(page.assistant, "left", away)
    (updates,) = await page.updates("allowance")
    assert EN("error.LimitsAway.what").replace("'", "&#39;") in updates["allowance"]
