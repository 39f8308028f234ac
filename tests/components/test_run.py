"""What the page shows while a question is being answered."""

import asyncio
import contextlib
import logging

import gradio as gr
import pytest

from components.run import stopped, views
from components.texts import LANGUAGES, Texts
from services import errors
from services.assistant import Ask, Partial, Progress, Report, RunTimings, SentRequest, VideoLink
from services.external_api.answer import Completion
from services.external_api.exchange import Timings
from tests.clock import run_at_once

EN = Texts("en")
ASK = Ask(VideoLink("https://v.example/1"), "What?", "maker/model")
REPORT = Report(
    "Hello world",
    Completion("maker/model", None, "stop", None, None),
    RunTimings(0.0, Timings(1, 1, 1, 1), 4, None),
    SentRequest("video_url", None, None, "https://v.example/1", None, None, None, None),
)
WAITING = Progress("wait", limit_s=300)
SKIPPED = gr.skip()
AWAKE, ASLEEP = gr.update(interactive=True), gr.update(interactive=False)


class Scripted:
    """An assistant that does what it is told: events, pauses in seconds, an error."""

    def __init__(self, *script):
        self._script = script
        self.closed = False

    async def run(self, ask):
        assert ask is ASK
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


def views_of(*script, texts=EN):
    """All views of a run: lists of answer, stats, receipt, status, Ask and Stop."""
    seen = []

    async def test():
        async with contextlib.aclosing(views(Scripted(*script), ASK, texts)) as run:
            seen.extend([view async for view in run])

    run_at_once(test())
    assert all(len(view) == 6 for view in seen)
    return seen


GOOD = (Progress("inspect"), 1, WAITING, 1, Partial("Hello"), 1, Partial(" world"), 1, REPORT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_view_clears_the_page_and_swaps_ask_for_stop(language):
    texts = Texts(language)
    answer, stats, receipt, status, ask, stop = views_of(*GOOD, texts=texts)[0]
    assert answer == texts("answer.empty")
    assert texts("stats.empty") in stats
    assert texts("receipt.empty") in receipt
    assert 'data-stage="inspect"' in status
    assert (ask, stop) == (ASLEEP, AWAKE)


def test_the_last_view_is_the_report_and_swaps_stop_for_ask():
    answer, stats, receipt, status, ask, stop = views_of(*GOOD)[-1]
    assert answer == "Hello world"
    assert "maker/model" in stats
    assert "https://v.example/1" in receipt
    assert 'data-stage="done"' in status
    assert (ask, stop) == (AWAKE, ASLEEP)


def test_words_are_added_as_they_come_and_the_rest_is_left_alone():
    middle = views_of(*GOOD)[1:-1]
    answers = [view[0] for view in middle if view[0] != SKIPPED]
    assert answers == ["Hello", "Hello world"]
    for view in middle:
        assert [view[1], view[2], view[4], view[5]] == [SKIPPED] * 4


def test_the_clock_is_shown_every_second_while_nothing_happens():
    middle = views_of(WAITING, 3.5, REPORT)[1:-1]
    assert len(middle) >= 3
    for answer, *_, status, _, _ in middle:
        assert answer == SKIPPED
        assert "of at most 300 sec" in status


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
    "error", [errors.NoMedia(), errors.Busy("out of GPUs", status=503)], ids=["ours", "the API's"]
)
def test_a_failure_keeps_what_came_and_lets_ask_again(error, language):
    texts = Texts(language)
    seen = views_of(WAITING, 1, Partial("Hel"), 1, error, texts=texts)
    assert "Hel" in [view[0] for view in seen]
    *kept, status, ask, stop = seen[-1]
    assert kept == [SKIPPED] * 3
    assert f'data-error="{type(error).__name__}"' in status
    assert texts(f"error.{type(error).__name__}.next") in status
    assert (ask, stop) == (AWAKE, ASLEEP)


def test_words_right_before_a_failure_are_shown():
    seen = views_of(WAITING, Partial("Hel"), errors.ConnectionLost())
    assert "Hel" in [view[0] for view in seen]


def test_an_unexpected_error_is_ours_and_its_message_goes_nowhere(caplog):
    caplog.set_level(logging.DEBUG)
    seen = views_of(WAITING, 1, ValueError("Bearer ak_canary in diary.mp3"))
    status, ask, stop = seen[-1][3:]
    assert 'data-error="AppFailed"' in status
    assert (ask, stop) == (AWAKE, ASLEEP)
    assert "canary" not in f"{seen} {caplog.text}"
    assert "ValueError" in caplog.text


def test_a_known_error_is_not_logged(caplog):
    views_of(errors.NoMedia())
    assert caplog.text == ""


def test_closing_the_views_ends_the_run():
    assistant = Scripted(WAITING, Partial("Hel"), 1000)

    async def test():
        run = views(assistant, ASK, EN)
        await anext(run)
        await anext(run)
        await run.aclose()
        assert assistant.closed

    run_at_once(test())


def test_cancelling_who_waits_for_a_view_ends_the_run_and_shows_nothing_more():
    assistant = Scripted(WAITING, Partial("Hel"), 1000)
    seen = []

    async def test():
        async for view in views(assistant, ASK, EN):
            seen.append(view)
            if view[0] == "Hel":
                asyncio.current_task().cancel()

    with pytest.raises(asyncio.CancelledError):
        run_at_once(test())
    assert assistant.closed
    assert seen[-1][0] == "Hel"


@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_says_that_it_stopped_and_lets_ask_again(language):
    texts = Texts(language)
    status, ask, stop = stopped(texts)
    assert texts("status.stopped") in status
    assert (ask, stop) == (AWAKE, ASLEEP)
