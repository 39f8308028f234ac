"""What the page shows while a question is being answered."""

import asyncio
import contextlib
import dataclasses
from typing import get_args

import pytest

from components.result.views import Fallback, stopped, views
from components.texts import LANGUAGES, Texts
from services import errors
from services.assistant import (
    Bill,
    Delta,
    Extras,
    Fault,
    Options,
    Progress,
    Report,
    SentRequest,
    Thought,
)
from services.assistant.quality import Warned
from services.assistant.report import RunTimings
from tests.clock import run_at_once

EN = Texts("en")
LINK = SentRequest("video_url", link="https://v.example/1")
REPORT = Report(
    text="Hello world",
    asked_model="maker/model",
    options=Options(),
    model="maker/model",
    provider=None,
    finish_reason="stop",
    usage=None,
    timings_ms=RunTimings(0.0, 1, 1, 1, 1, 4, None),
    request=LINK,
    bill=Bill(answered=1),
)
WAITING = Progress("wait", limit_s=300)


def failed(fault, bill=Bill(), **more):  # noqa: B008  # frozen
    """A report of a run that came to nothing more than ``more``."""
    known = {"text": "", "model": None, "request": None} | more
    return dataclasses.replace(REPORT, fault=Fault.of(fault), bill=bill, **known)


class Scripted:
    """A run that does what it is told: events, pauses in seconds, a report."""

    def __init__(self, *script):
        self._script = script
        self.closed = False

    async def run(self, tell):
        try:
            for step in self._script:
                if isinstance(step, int | float):
                    await asyncio.sleep(step)
                elif isinstance(step, Report):
                    return step
                else:
                    tell(step)
        finally:
            self.closed = True


def views_of(*script, texts=EN, again=False):
    """All views of a run."""
    seen = []

    async def test():
        run = Scripted(*script).run
        async with contextlib.aclosing(views(run, texts, again=again)) as shown:
            seen.extend([view async for view in shown])

    run_at_once(test())
    return seen


GOOD = (Progress("inspect"), 1, WAITING, 1, Delta("Hello"), 1, Delta(" world"), 1, REPORT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_view_clears_the_page(language):
    texts = Texts(language)
    first = views_of(*GOOD, texts=texts)[0]
    assert first.state == "running"
    assert (first.answer, first.mark) == (texts("answer.empty"), "")
    assert texts("stats.empty") in first.stats
    assert texts("receipt.empty") in first.receipt
    assert 'data-stage="inspect"' in first.status


def test_the_last_view_is_the_report():
    last = views_of(*GOOD)[-1]
    assert (last.answer, last.mark) == ("Hello world", "")
    assert "maker/model" in last.stats
    assert "https://v.example/1" in last.receipt
    assert 'data-stage="done"' in last.status
    assert last.state == "rest"


def test_words_are_added_as_they_come_and_the_rest_is_left_alone():
    middle = views_of(*GOOD)[1:-1]
    answers = [view.answer for view in middle if view.answer is not None]
    assert answers == ["Hello", "Hello world"]
    assert {(view.stats, view.receipt) for view in middle} == {(None, None)}


@pytest.mark.parametrize(
    "script",
    [
        pytest.param((WAITING, 2, Delta("Hi"), 1, REPORT), id="an answer"),
        pytest.param((WAITING, 2, failed(errors.TimedOut(limit_s=1))), id="a failure"),
    ],
)
def test_every_view_says_whether_the_run_goes_on_so_that_none_may_be_missed(script):
    *middle, last = [view.state for view in views_of(*script)]
    assert set(middle) == {"running"}
    assert last != "running"


def test_an_answer_is_marked_as_incomplete_until_its_end_has_come():
    marks = [view.mark for view in views_of(*GOOD)]
    first, *middle, last = [mark for mark in marks if mark is not None]
    assert (first, last) == ("", "")
    assert len(middle) == 2
    assert all(EN("mark.incomplete") in mark for mark in middle)


@pytest.mark.parametrize("warning", get_args(Warned))
def test_what_should_be_known_of_an_answer_stands_at_its_end(warning):
    *_, last = views_of(dataclasses.replace(REPORT, warnings=(warning,)))
    assert EN(f"mark.{warning}", model="maker/model", asked="maker/model") in last.mark


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_model_than_asked_for_is_named_at_the_end(language):
    other = dataclasses.replace(REPORT, model="maker/other", warnings=("another_model",))
    *_, last = views_of(other, texts=Texts(language))
    assert "maker/other" in last.mark
    assert "maker/model" in last.mark


# --- thoughts, and what an answer has besides ------------------------------

THOUGHTFUL = dataclasses.replace(REPORT, extras=Extras(reasoning="Hm. Well."))
THINKING = Progress("think", limit_s=300)


def test_thoughts_are_shown_as_they_come_and_never_as_the_answer():
    script = (WAITING, THINKING, Thought("Hm. "), 1, Thought("Well."), 1, Delta("Hello"), 1)
    *middle, last = views_of(*script, THOUGHTFUL)[1:]
    thoughts = [view.thought for view in middle if view.thought is not None]
    assert [
        EN("thought.title", letters=str(count)) in shown
        for count, shown in zip((3, 9), thoughts, strict=True)
    ] == [True] * 2
    assert "Hm. Well." in thoughts[-1]
    assert [view.answer for view in middle if view.answer is not None] == ["Hello"]
    assert "Hm. Well." in last.thought
    assert "Hm." not in last.answer


def test_while_a_model_thinks_the_status_says_so_and_nothing_is_incomplete():
    shown = [
        view
        for view in views_of(WAITING, THINKING, Thought("Hm."), 1, THOUGHTFUL)[1:-1]
        if view.thought
    ]
    assert shown
    for view in shown:
        assert 'data-stage="think"' in view.status
        assert view.mark is None


def test_thoughts_of_a_run_that_fails_stay():
    seen = views_of(WAITING, Thought("Hm."), failed(errors.LimitReached(), Bill(answered=1)))
    assert [view.thought is None for view in seen] == [False, False, True]
    assert "Hm." in seen[1].thought


def test_thoughts_that_come_fast_share_a_view():
    burst = [step for number in range(300) for step in (Thought(f"{number} "), 0.001)]
    assert len(views_of(WAITING, *burst, REPORT)) <= 8


def test_an_answer_without_thoughts_takes_those_before_it_away():
    first, *_, last = views_of(WAITING, Delta("Hello"), 1, REPORT)
    assert (first.thought, last.thought) == ("", "")
    assert (first.extras, last.extras) == ("", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_without_words_says_where_to_look(language):
    texts = Texts(language)
    spoken = dataclasses.replace(
        REPORT, text="", extras=Extras(sounds=("data:audio/wav;base64,x",))
    )
    *_, last = views_of(WAITING, 1, spoken, texts=texts)
    assert last.answer == texts("answer.wordless")
    assert '<audio class="preview" controls' in last.extras


def test_a_sound_that_came_before_a_failure_can_be_heard():
    extras = Extras(sounds=("data:audio/wav;base64,x",), refusal="No.", tools=("add",))
    *_, last = views_of(WAITING, failed(errors.ConnectionLost(), Bill(open=1), extras=extras))
    assert "<audio" in last.extras
    assert "No." not in last.extras
    assert "add" not in last.extras


def test_a_failure_with_nothing_besides_leaves_what_there_was():
    *_, last = views_of(WAITING, failed(errors.ConnectionLost(), Bill(open=1)))
    assert last.extras is None


# --- what is offered after a failure ----------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_the_api_offers_instead_can_be_asked_by_a_press(language):
    texts = Texts(language)
    fault = errors.NotFound("gone", status=404, fallback_models="maker/other maker/third")
    *_, last = views_of(WAITING, failed(fault, Bill(refused=1)), texts=texts)
    assert last.fallback == Fallback("maker/other", texts("fallback.button", model="maker/other"))
    assert "maker/other, maker/third" in last.status


def test_without_one_no_other_model_is_offered():
    seen = views_of(WAITING, failed(errors.NotFound("gone", status=404), Bill(refused=1)))
    assert {view.fallback for view in seen} == {None}


LASTING = {
    "a refusal of the model": errors.ModelRefused("No."),
    "a model that cannot hear": errors.CannotHear("no ears"),
    "what the API says is not worth it": errors.Busy("", status=503, retryable=False),
}


@pytest.mark.parametrize("fault", LASTING.values(), ids=LASTING)
def test_where_it_would_come_to_the_same_no_retry_is_offered(fault):
    *_, last = views_of(WAITING, failed(fault, Bill(answered=1), request=LINK))
    assert last.state == "rest"


def test_the_rest_of_the_pieces_is_worth_a_retry_all_the_same():
    report = failed(errors.ModelRefused("No."), Bill(answered=3), request=LINK, kept_pieces=2)
    *_, last = views_of(WAITING, report)
    assert last.state == "failed"


def test_a_retry_leaves_the_words_of_the_run_before_until_it_has_its_own():
    seen = views_of(WAITING, 2, Delta("new"), 1, REPORT, again=True)
    assert (seen[0].answer, seen[0].mark) == (None, None)
    assert next(view.answer for view in seen if view.answer is not None) == "new"


def test_a_retry_that_fails_at_once_leaves_the_words_and_their_mark():
    seen = views_of(WAITING, failed(errors.ConnectionFailed()), again=True)
    assert all((view.answer, view.mark) == (None, None) for view in seen)


def test_the_clock_is_shown_every_second_while_nothing_happens():
    middle = views_of(WAITING, 3.5, REPORT)[1:-1]
    assert len(middle) >= 3
    for view in middle:
        assert view.answer is None
        assert "of at most 300 sec" in view.status


def test_words_that_come_fast_share_a_view():
    burst = [step for number in range(300) for step in (Delta(f"{number} "), 0.001)]
    seen = views_of(WAITING, *burst, REPORT)
    assert len(seen) <= 8


def test_a_long_answer_is_shown_less_often():
    def shown(letters):
        script = [step for _ in range(100) for step in (0.05, Delta("x"))]
        return len(views_of(WAITING, Delta("x" * letters), *script, REPORT))

    assert shown(100_000) < shown(1) / 3


OFFERED = {
    "ours to mend": (failed(errors.NoMedia()), "rest"),
    "the API's": (failed(errors.Busy("out of GPUs", status=503), Bill(refused=1)), "failed"),
    "silence": (failed(errors.SilentRecording()), "poor"),
    "a file of which a part was answered": (
        failed(errors.UnreadableFile(), Bill(answered=2), request=LINK, kept_pieces=2),
        "failed",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("report", "state"), OFFERED.values(), ids=OFFERED)
def test_a_failure_keeps_what_came_and_offers_what_helps(report, state, language):
    texts = Texts(language)
    seen = views_of(WAITING, 1, Delta("Hel"), 1, report, texts=texts)
    assert "Hel" in [view.answer for view in seen]
    last = seen[-1]
    assert (last.answer, last.mark) == (None, None)
    assert f'data-error="{report.fault.name}"' in last.status
    assert texts(f"error.{report.fault.name}.next") in last.status
    assert last.state == state


def test_a_failure_shows_what_was_sent_and_where_the_time_went():
    cut = failed(
        errors.TimedOut(limit_s=300), Bill(open=1), request=LINK, text="Hel", model="maker/model"
    )
    *_, last = views_of(WAITING, Delta("Hel"), 1, cut)
    assert (last.answer, last.mark) == (None, None)
    assert "maker/model" in last.stats
    assert "https://v.example/1" in last.receipt
    assert 'data-error="TimedOut"' in last.status


def test_where_nothing_was_sent_there_is_no_receipt():
    *_, last = views_of(WAITING, failed(errors.ConnectionFailed()))
    assert (last.stats, last.receipt) == (None, None)


def test_pieces_that_were_answered_and_so_billed_are_said_to_be_kept():
    many = dataclasses.replace(LINK, pieces=6)
    report = failed(errors.UnreadableFile(), Bill(answered=6), request=many, kept_pieces=6)
    *_, last = views_of(WAITING, report)
    assert EN("billed.answered", answered="6") in last.status
    assert EN("billed.kept", kept="6") in last.status
    assert EN("billed.nothing_sent") not in last.status


def test_pieces_of_an_earlier_run_are_said_to_be_kept_too():
    report = failed(errors.OutOfCredit(status=402), Bill(refused=1), request=LINK, kept_pieces=3)
    *_, last = views_of(WAITING, report)
    assert EN("billed.kept", kept="3") in last.status


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_no_word_came_it_is_not_said_to_be_on_its_way(language):
    texts = Texts(language)
    *_, last = views_of(WAITING, 1, failed(errors.LimitReached(), Bill(answered=1)), texts=texts)
    assert last.answer == texts("answer.none")


def test_words_right_before_a_failure_are_shown():
    seen = views_of(WAITING, Delta("Hel"), failed(errors.ConnectionLost(), Bill(open=1)))
    assert "Hel" in [view.answer for view in seen]


def test_closing_the_views_ends_the_run():
    scripted = Scripted(WAITING, Delta("Hel"), 1000)

    async def test():
        run = views(scripted.run, EN)
        await anext(run)
        await anext(run)
        await run.aclose()
        assert scripted.closed

    run_at_once(test())


def test_cancelling_who_waits_for_a_view_ends_the_run_and_shows_nothing_more():
    scripted = Scripted(WAITING, Delta("Hel"), 1000)
    seen = []

    async def test():
        async for view in views(scripted.run, EN):
            seen.append(view)
            if view.answer == "Hel":
                asyncio.current_task().cancel()

    with pytest.raises(asyncio.CancelledError):
        run_at_once(test())
    assert scripted.closed
    assert seen[-1].answer == "Hel"


STOPPED = {
    "before anything was sent": (failed(errors.Stopped()), "billed.nothing_sent"),
    "in the middle": (failed(errors.Stopped(), Bill(open=1), request=LINK), "billed.open"),
    "amid pieces": (
        failed(errors.Stopped(), Bill(answered=2, open=1), request=LINK, kept_pieces=2),
        "billed.kept",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("report", "key"), STOPPED.values(), ids=STOPPED)
def test_stop_says_what_may_be_billed_of_what_was_stopped(report, key, language):
    texts = Texts(language)
    view = stopped(report, texts)
    assert texts(key, kept="2") in view.status
    assert view.state == "rest"
    assert (view.answer, view.mark) == (None, None)
    assert (view.receipt is None) == (report.request is None)


def test_where_nothing_ran_stop_says_that_it_stopped():
    assert "Stopped." in stopped(None, EN).status
