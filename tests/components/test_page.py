"""Who listens to whom, and what is on the page before anything was given."""

import inspect

import gradio as gr
import pytest

from components.form import field_of
from components.page import KEPT_S
from components.question import TAKE_JS

SOURCES = {
    ("source", "change"),
    ("record", "change"),
    ("audio-file", "change"),
    ("video", "change"),
    ("video-url", "change"),
}
SAMPLES = {("pcm", "input"), ("rate", "input"), ("channels", "input")}
BUTTONS = {"ask", "stop", "retry", "anyway", "fallback", "fallback-model"}
#: The handlers that ask.
RUNS = ("ask", "anyway", "fallback", "again")
RUN = BUTTONS | {"status", "newest"}

#: The handlers that ask about many files, and what they change.
BATCHES = ("all_asked", "rest_asked", "failed_asked", "unsure_asked")
MANY = {"many"} | {
    f"many-{one}"
    for one in (
        *("given", "start", "stop", "resume", "failed", "unsure"),
        *("download", "another", "delete", "saved", "outcome", "token"),
    )
}

#: Each handler → what it is called for, and what it may change.
WIRED = {
    "opened": (set(), {"source", "task", "prompt", "model", "compare", "status", "payer"}),
    "came_back": ({("came-back", "change")}, {"came-back", "connection", "api-key", "payer"}),
    "kind_changed": (
        {("source", "input"), ("found", "change")},
        {"suggested", "model", "compare", "preview"},
    ),
    "conversation_changed": ({("earlier", "change")}, {"task", "prompt", "afresh"}),
    "link_made": (set(), {"setup-link", "setup-qr"}),
    "afresh": ({("afresh", "click")}, {"earlier"}),
    "model_chosen": ({("model", "change")}, {"other-model"}),
    "media_changed": (
        SOURCES,
        {
            *("ask", "status", "retry", "anyway", "fallback"),
            *("fit", "track", "trim-from", "trim-to", "fitted"),
        },
    ),
    "task_chosen": ({("task", "input")}, {"prompt", "own-words"}),
    "prompt_changed": ({("prompt", "change")}, {"task"}),
    "audio_file_arrived": ({("audio-file", "change")}, {"raw", "pcm", "preview"}),
    "samples_described": (SAMPLES, {"preview"}),
    "film_arrived": ({("video", "change")}, {"video-url"}),
    "forecast": (
        SAMPLES
        | {("fitted", "change")}
        | {("model", "change"), ("earlier", "change"), ("fit", "input"), ("track", "input")}
        | {("compare", "change"), ("repeats", "change")}
        | {(field, event) for field in ("trim-from", "trim-to") for event in ("blur", "submit")},
        {"sending", "ask", "plan", "fit", "track", "found"},
    ),
    "ask": ({("ask", "click"), ("retry", "click")}, RUN),
    "anyway": ({("anyway", "click")}, RUN),
    "again": ({("again", "change")}, RUN),
    "fallback": ({("fallback", "click")}, RUN | {"model", "other-model"}),
    "stopped": ({("stop", "click")}, RUN),
    "hear": ({("hear", "click")}, {"heard", "model", "compare"}),
    "prove": ({("proof", "change")}, {"proof-told"}),
    "files_given": ({("many-files", "change")}, {"many-start"}),
    "priced": ({("many-files", "change"), ("model", "change")}, {"many-price"}),
    "all_asked": ({("many-start", "click")}, MANY),
    "rest_asked": ({("many-resume", "click")}, MANY),
    "failed_asked": ({("many-failed", "click")}, MANY),
    "unsure_asked": ({("many-unsure", "click")}, MANY),
    "found_again": (set(), MANY),
    "earlier_chosen": ({("many-earlier", "input")}, MANY),
    "batch_stopped": ({("many-stop", "click")}, {"many-stop"}),
    "saved": ({("many-download", "click")}, {"many-saved"}),
    "deleted": ({("many-delete", "click")}, MANY),
    "put_away": ({("many-another", "click")}, MANY | {"many-files"}),
    "earlier_told": (
        {("many-known", "change"), ("many-token", "change"), ("many-earlier", "input")},
        {"many-earlier"},
    ),
}


@pytest.mark.parametrize("name", WIRED)
def test_a_handler_is_called_for_what_concerns_it_and_changes_what_it_may(page, name):
    (listener,) = page.listeners(name)
    called = {
        (page.blocks.blocks[target].elem_id, event)
        for target, event in listener.targets
        if target in page.blocks.blocks and event != "load"
    }
    assert (called, {block.elem_id for block in listener.outputs}) == WIRED[name]


def test_another_kind_brings_its_words_and_its_models_once_they_are_known(page):
    (changed,), (models, first) = page.listeners("kind_changed"), page.listeners("models_arrived")
    assert first.trigger_after == page.listeners("opened")[0]._id
    taken = page.blocks.fns[models.trigger_after]
    assert (taken.trigger_after, taken.js) == (changed._id, TAKE_JS)
    assert [one.elem_id for one in taken.outputs] == ["prompt", "task"]
    assert [one.elem_id for one in models.outputs] == ["model", "compare"]


def test_what_has_several_words_writes_no_field_before_it_waits(page):
    """With the end Gradio writes the last word once more, over what was typed since."""
    # The one that a run offers is none that a visitor chooses.
    form = {one for name, one in page.fields.items() if name != "fallback_model"}
    several = {
        fn.fn.__name__: {field_of(one) for one in fn.outputs if one in form}
        for fn in page.blocks.fns.values()
        if inspect.isasyncgenfunction(fn.fn) and form.intersection(fn.outputs)
    }
    assert several == {
        "came_back": {"api_key"},  # with its last word, after which it ends
        "forecast": {"fit", "track", "found"},  # so do these
        "hear": {"model", "compare"},
        "fallback": {"model", "other_model"},  # with its first word of many
    }


@pytest.mark.parametrize("name", ["kind_changed", "media_changed", "samples_described", "forecast"])
def test_of_events_that_follow_each_other_fast_the_last_one_counts(page, name):
    (listener,) = page.listeners(name)
    assert listener.trigger_mode == "always_last"


def test_what_is_left_is_told_at_first_with_another_key_and_after_each_run(page):
    every = page.listeners("allowance")
    assert {block.elem_id for one in every for block in one.outputs} == {"allowance"}
    called = {
        (page.blocks.blocks[target].elem_id if target in page.blocks.blocks else "", event)
        for one in every
        for target, event in one.targets
    }
    assert {event for _, event in called} >= {"load", "change"}
    ends = {page.listeners(name)[0]._id for name in (*RUNS, *BATCHES, "stopped", "hear")}
    assert {one.trigger_after for one in every} == ends | {None}


def test_who_pays_is_told_with_another_key_and_after_each_run(page):
    changed, *after = page.listeners("key_changed")
    assert [(page.blocks.blocks[target].elem_id, event) for target, event in changed.targets] == [
        ("api-key", "change")
    ]
    assert changed.trigger_mode == "always_last"
    ends = {page.listeners(name)[0]._id for name in (*RUNS, *BATCHES, "stopped", "hear")}
    assert {one.trigger_after for one in after} == ends
    assert {block.elem_id for one in (changed, *after) for block in one.outputs} == {"payer"}


def test_stop_ends_whatever_runs(page):
    (stopped,) = page.listeners("stopped")
    runs = [page.listeners(name)[0]._id for name in RUNS]
    (cancelling,) = [fn for fn in page.blocks.fns.values() if fn.cancels]
    assert sorted(cancelling.cancels) == sorted(runs)
    assert cancelling.targets == stopped.targets


def test_nothing_but_the_endpoints_is_for_programs(page):
    public = [fn.api_name for fn in page.blocks.fns.values() if fn.api_visibility == "public"]
    assert public == ["ask_audio", "ask_video", "ask_many"]


@pytest.mark.parametrize(
    "name",
    [
        *("raw", "preview", "fit", "fitted", "retry", "anyway", "fallback", "fallback-model"),
        *("many-stop", "many-resume", "many-failed", "many-unsure", "many-download"),
        *("many-delete", "many-token"),
    ],
)
def test_what_there_is_no_use_for_yet_is_hidden(page, name):
    assert page.by_id[name].visible is False


@pytest.mark.parametrize("name", ["ask", "stop", "many-start"])
def test_before_there_is_anything_to_ask_about_ask_and_stop_sleep(page, name):
    assert page.by_id[name].interactive is False


def test_a_model_is_found_by_typing_and_a_half_typed_one_is_none(page):
    assert page.by_id["model"].get_config()["allow_custom_value"] is False


def test_a_model_that_the_browser_still_has_is_not_refused(page):
    assert page.by_id["model"].preprocess("maker/before") == "maker/before"


def test_uploads_are_looked_through_more_often_than_they_get_old(page):
    often_s, old_s = page.blocks.delete_cache
    assert (often_s, old_s) == KEPT_S
    assert often_s < old_s


def test_every_choice_has_a_value_that_can_be_chosen(page):
    """Gradio refuses whatever is asked while one has not: nobody need see it."""
    radios = [block for block in page.blocks.blocks.values() if isinstance(block, gr.Radio)]
    assert len(radios) > 2
    for radio in radios:
        assert radio.value in [value for _, value in radio.choices], radio.elem_id
