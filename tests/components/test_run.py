"""What the page shows while a question is being answered."""

import asyncio
import contextlib
import dataclasses
import logging
from typing import get_args

import gradio as gr
import pytest
from components.run import stopped, views
from services.hearing import Warned

from components.texts import LANGUAGES, Texts
from services import errors
from services.assistant import Kept, Partial, Progress, Report, RunTimings, SentRequest
from services.external_api.answer import Completion
from services.external_api.exchange import Timings
from tests.clock import run_at_once

EN = Texts("en")
REPORT = Report(
    "Hello world",
    Completion("maker/model", None, "stop", None, None),
    RunTimings(0.0, Timings(1, 1, 1, 1), 4, None),
    SentRequest("video_url", None, None, "https://v.example/1", None, None, None, None),
)
WAITING = Progress("wait", limit_s=300)
SKIPPED = gr.skip()
AWAKE, ASLEEP = gr.update(interactive=True), gr.update(interactive=False)
SHOWN, HIDDEN = gr.update(visible=True), gr.update(visible=False)


class Scripted:
    """A run that does what it is told: events, pauses in seconds, an error."""

    def __init__(self, *script):
        self._script = script
        self.closed = False

    async def events(self):
        try:
            for step in self._script:
                if isinstance(step, int | float):
                    await asyncio.sleep(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            self.closed = True


def views_of(*script, texts=EN, again=False):
    """All views of a run."""
    seen = []

    async def test():
        events = Scripted(*script).events()
        async with contextlib.aclosing(views(events, texts, again=again)) as run:
            seen.extend([view async for view in run])

    run_at_once(test())
    return seen


def buttons_of(view):
    return view.ask, view.stop, view.retry, view.anyway


GOOD = (Progress("inspect"), 1, WAITING, 1, Partial("Hello"), 1, Partial(" world"), 1, REPORT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_view_clears_the_page_and_swaps_ask_for_stop(language):
    texts = Texts(language)
    first = views_of(*GOOD, texts=texts)[0]
    assert (first.answer, first.mark) == (texts("answer.empty"), "")
    assert texts("stats.empty") in first.stats
    assert texts("receipt.empty") in first.receipt
    assert 'data-stage="inspect"' in first.status
    assert buttons_of(first) == (ASLEEP, AWAKE, HIDDEN, HIDDEN)


def test_the_last_view_is_the_report_and_swaps_stop_for_ask():
    last = views_of(*GOOD)[-1]
    assert (last.answer, last.mark) == ("Hello world", "")
    assert "maker/model" in last.stats
    assert "https://v.example/1" in last.receipt
    assert 'data-stage="done"' in last.status
    assert buttons_of(last) == (AWAKE, ASLEEP, HIDDEN, HIDDEN)


def test_words_are_added_as_they_come_and_the_rest_is_left_alone():
    middle = views_of(*GOOD)[1:-1]
    answers = [view.answer for view in middle if view.answer != SKIPPED]
    assert answers == ["Hello", "Hello world"]
    for view in middle:
        assert [view.stats, view.receipt, view.kept, *buttons_of(view)] == [SKIPPED] * 7


def test_an_answer_is_marked_as_incomplete_until_its_end_has_come():
    marks = [view.mark for view in views_of(*GOOD)]
    first, *middle, last = [mark for mark in marks if mark != SKIPPED]
    assert (first, last) == ("", "")
    assert len(middle) == 2
    assert all(EN("mark.incomplete") in mark for mark in middle)


@pytest.mark.parametrize("warning", get_args(Warned))
def test_what_should_be_known_of_an_answer_stands_at_its_end(warning):
    *_, last = views_of(dataclasses.replace(REPORT, warnings=(warning,)))
    assert EN(f"mark.{warning}") in last.mark


def test_a_retry_leaves_the_words_of_the_run_before_until_it_has_its_own():
    seen = views_of(WAITING, 2, Partial("new"), 1, REPORT, again=True)
    assert (seen[0].answer, seen[0].mark) == (SKIPPED, SKIPPED)
    assert next(view.answer for view in seen if view.answer != SKIPPED) == "new"


def test_a_retry_that_fails_at_once_leaves_the_words_and_their_mark():
    seen = views_of(WAITING, errors.ConnectionFailed(), again=True)
    assert all((view.answer, view.mark) == (SKIPPED, SKIPPED) for view in seen)


def test_the_clock_is_shown_every_second_while_nothing_happens():
    middle = views_of(WAITING, 3.5, REPORT)[1:-1]
    assert len(middle) >= 3
    for view in middle:
        assert view.answer == SKIPPED
        assert "of at most 300 sec" in view.status


def test_words_that_come_fast_share_a_view():
    burst = [step for number in range(300) for step in (Partial(f"{number} "), 0.001)]
    seen = views_of(WAITING, *burst, REPORT)
    assert len(seen) <= 8


def test_a_long_answer_is_shown_less_often():
    def shown(letters):
        script = [step for _ in range(100) for step in (0.05, Partial("x"))]
        return len(views_of(WAITING, Partial("x" * letters), *script, REPORT))

    assert shown(100_000) < shown(1) / 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("error", "offered"),
    [
        pytest.param(errors.NoMedia(), (HIDDEN, HIDDEN), id="ours"),
        pytest.param(errors.Busy("out of GPUs", status=503), (SHOWN, HIDDEN), id="the API's"),
        pytest.param(errors.SilentRecording(), (HIDDEN, SHOWN), id="silence"),
    ],
)
def test_a_failure_keeps_what_came_and_offers_what_helps(error, offered, language):
    texts = Texts(language)
    seen = views_of(WAITING, 1, Partial("Hel"), 1, error, texts=texts)
    assert "Hel" in [view.answer for view in seen]
    last = seen[-1]
    assert last[:5] == (SKIPPED,) * 5
    assert f'data-error="{type(error).__name__}"' in last.status
    assert texts(f"error.{type(error).__name__}.next") in last.status
    assert buttons_of(last) == (AWAKE, ASLEEP, *offered)


def test_a_failure_shows_what_was_sent_and_where_the_time_went():
    cut = dataclasses.replace(REPORT, text="Hel", is_complete=False)
    *_, last = views_of(WAITING, Partial("Hel"), 1, cut, errors.TimedOut(limit_s=300))
    assert (last.answer, last.mark) == (SKIPPED, SKIPPED)
    assert "maker/model" in last.stats
    assert "https://v.example/1" in last.receipt
    assert 'data-error="TimedOut"' in last.status


def test_pieces_with_their_answers_are_kept_for_a_retry_until_the_end():
    kept = Kept(("about",), {})
    cut = dataclasses.replace(REPORT, is_complete=False, kept=kept)
    assert views_of(WAITING, 1, cut, errors.ConnectionLost())[-1].kept == kept
    assert views_of(*GOOD)[-1].kept == Kept()


def test_words_right_before_a_failure_are_shown():
    seen = views_of(WAITING, Partial("Hel"), errors.ConnectionLost())
    assert "Hel" in [view.answer for view in seen]


def test_an_unexpected_error_is_ours_and_its_message_goes_nowhere(caplog):
    caplog.set_level(logging.DEBUG)
    seen = views_of(WAITING, 1, ValueError("Bearer ak_canary in diary.mp3"))
    assert 'data-error="AppFailed"' in seen[-1].status
    assert buttons_of(seen[-1]) == (AWAKE, ASLEEP, SHOWN, HIDDEN)
    assert "canary" not in f"{seen} {caplog.text}"
    assert "ValueError" in caplog.text


def test_a_known_error_is_not_logged(caplog):
    views_of(errors.NoMedia())
    assert caplog.text == ""


def test_closing_the_views_ends_the_run():
    scripted = Scripted(WAITING, Partial("Hel"), 1000)

    async def test():
        run = views(scripted.events(), EN)
        await anext(run)
        await anext(run)
        await run.aclose()
        assert scripted.closed

    run_at_once(test())


def test_cancelling_who_waits_for_a_view_ends_the_run_and_shows_nothing_more():
    scripted = Scripted(WAITING, Partial("Hel"), 1000)
    seen = []

    async def test():
        async for view in views(scripted.events(), EN):
            seen.append(view)
            if view.answer == "Hel":
                asyncio.current_task().cancel()

    with pytest.raises(asyncio.CancelledError):
        run_at_once(test())
    assert scripted.closed
    assert seen[-1].answer == "Hel"


@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_says_that_it_stopped_and_lets_ask_again(language):
    texts = Texts(language)
    view = stopped(texts)
    assert texts("status.stopped") in view.status
    assert buttons_of(view) == (AWAKE, ASLEEP, HIDDEN, HIDDEN)
    assert view[:5] == (SKIPPED,) * 5
