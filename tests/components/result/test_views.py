"""What the page shows while a question is being answered."""

import asyncio
import contextlib
import dataclasses
import re
from datetime import UTC, datetime
from typing import get_args

import pytest
from markupsafe import Markup

from components.result.card import Head
from components.result.views import Fallback, stopped, views
from components.status import fault_sentences
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
    Sound,
    Thought,
)
from services.assistant.quality import Warned
from services.assistant.report import RunTimings
from tests.clock import run_at_once

EN = Texts("en")
HEAD = Head("1", datetime(2026, 11, 26, 14, 2, tzinfo=UTC), "a.mp3", "What is said?", "maker/model")
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


#: The pieces of a card, by what stands before and behind each of them.
PIECES = {
    "thought": r'<div id="thought">(.*?)</div>\n<section',
    "answer": r'<section id="answer"[^>]*>(.*?)</section>',
    "mark": r'<div id="mark">(.*?)</div>\n',
    "fault": r'<div class="fault">(.*?)</div>\n<div id="extras"',
    "extras": r'<div id="extras">(.*?)</div>\n<div class="acts"',
    "facts": r'<details class="facts"[^>]*>(.*?)</details>\n</article>',
}


def piece(view, name):
    """A piece of a view's card."""
    return re.search(PIECES[name], view.card, re.DOTALL)[1].strip()


def pieces(seen, name):
    """A piece of the card in each view, without repetitions."""
    return list(dict.fromkeys(piece(view, name) for view in seen))


def views_of(*script, texts=EN):
    """All views of a run."""
    seen = []

    async def test():
        run = Scripted(*script).run
        async with contextlib.aclosing(views(run, HEAD, texts)) as shown:
            seen.extend([view async for view in shown])

    run_at_once(test())
    return seen


GOOD = (Progress("inspect"), 1, WAITING, 1, Delta("Hello"), 1, Delta(" world"), 1, REPORT)


def test_the_first_view_is_a_card_with_nothing_but_the_question():
    first = views_of(*GOOD)[0]
    assert first.state == "running"
    assert "<h2>What is said?</h2>" in first.card
    assert {name: piece(first, name) for name in PIECES if name != "facts"} == dict.fromkeys(
        set(PIECES) - {"facts"}, ""
    )
    assert 'data-stage="inspect"' in first.status


def test_all_views_of_a_run_are_of_one_card():
    assert {re.search(r'data-id="(.*?)"', view.card)[1] for view in views_of(*GOOD)} == {"1"}


def test_a_card_says_whether_it_is_still_being_written():
    *middle, last = views_of(*GOOD)
    assert all('aria-busy="true"' in view.card for view in middle)
    assert 'aria-busy="false"' in last.card


def test_the_last_view_is_the_report():
    last = views_of(*GOOD)[-1]
    assert (piece(last, "answer"), piece(last, "mark")) == ("<p>Hello world</p>", "")
    assert "maker/model" in piece(last, "facts")
    assert "https://v.example/1" in piece(last, "facts")
    assert 'data-stage="done"' in last.status
    assert last.state == "rest"


def test_words_are_added_as_they_come():
    assert pieces(views_of(*GOOD), "answer") == ["", "<p>Hello</p>", "<p>Hello world</p>"]


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
    *middle, last = views_of(*GOOD)
    for view in middle:
        assert (EN("mark.incomplete") in piece(view, "mark")) == (piece(view, "answer") != "")
    assert piece(last, "mark") == ""


@pytest.mark.parametrize("warning", get_args(Warned))
def test_what_should_be_known_of_an_answer_stands_at_its_end(warning):
    *_, last = views_of(dataclasses.replace(REPORT, warnings=(warning,)))
    assert EN(f"mark.{warning}", model="maker/model", asked="maker/model") in piece(last, "mark")


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_model_than_asked_for_is_named_at_the_end(language):
    other = dataclasses.replace(REPORT, model="maker/other", warnings=("another_model",))
    *_, last = views_of(other, texts=Texts(language))
    assert "maker/other" in piece(last, "mark")
    assert "maker/model" in piece(last, "mark")


# --- thoughts, and what an answer has besides ------------------------------

THOUGHTFUL = dataclasses.replace(REPORT, extras=Extras(reasoning="Hm. Well."))
THINKING = Progress("think", limit_s=300)


def test_thoughts_are_shown_as_they_come_and_never_as_the_answer():
    script = (WAITING, THINKING, Thought("Hm. "), 1, Thought("Well."), 1, Delta("Hello"), 1)
    *middle, last = views_of(*script, THOUGHTFUL)[1:]
    thoughts = [thought for thought in pieces(middle, "thought") if thought]
    assert [
        EN("thought.title", letters=str(count)) in shown
        for count, shown in zip((3, 9), thoughts, strict=True)
    ] == [True] * 2
    assert "Hm. Well." in thoughts[-1]
    assert pieces(middle, "answer") == ["", "<p>Hello</p>"]
    assert "Hm. Well." in piece(last, "thought")
    assert "Hm." not in piece(last, "answer")


def test_while_a_model_thinks_the_status_says_so_and_nothing_is_incomplete():
    shown = [
        view
        for view in views_of(WAITING, THINKING, Thought("Hm."), 1, THOUGHTFUL)[1:-1]
        if piece(view, "thought")
    ]
    assert shown
    for view in shown:
        assert 'data-stage="think"' in view.status
        assert piece(view, "mark") == ""


def test_thoughts_of_a_run_that_fails_stay():
    extras = Extras(reasoning="Hm.")
    spent = failed(errors.LimitReached(), Bill(answered=1), extras=extras)
    seen = views_of(WAITING, Thought("Hm."), spent)
    assert "Hm." in piece(seen[-1], "thought")


def test_thoughts_that_come_fast_share_a_view():
    burst = [step for number in range(300) for step in (Thought(f"{number} "), 0.001)]
    assert len(views_of(WAITING, *burst, REPORT)) <= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_without_words_says_where_to_look(language):
    texts = Texts(language)
    spoken = dataclasses.replace(
        REPORT, text="", extras=Extras(sounds=("data:audio/wav;base64,x",))
    )
    *_, last = views_of(WAITING, 1, spoken, texts=texts)
    assert texts("answer.wordless") in piece(last, "answer")
    assert '<audio class="preview" controls' in piece(last, "extras")


def test_a_sound_that_came_before_a_failure_can_be_heard():
    extras = Extras(sounds=("data:audio/wav;base64,x",), refusal="No.", tools=("add",))
    *_, last = views_of(WAITING, failed(errors.ConnectionLost(), Bill(open=1), extras=extras))
    assert "<audio" in piece(last, "extras")
    assert "No." not in piece(last, "extras")
    assert "add" not in piece(last, "extras")


# --- what is offered after a failure ----------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_the_api_offers_instead_can_be_asked_by_a_press(language):
    texts = Texts(language)
    fault = errors.NotFound("gone", status=404, fallback_models="maker/other maker/third")
    *_, last = views_of(WAITING, failed(fault, Bill(refused=1)), texts=texts)
    assert last.fallback == Fallback("maker/other", texts("fallback.button", model="maker/other"))
    assert "maker/other, maker/third" in piece(last, "fault")


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


def test_the_clock_is_shown_every_second_while_nothing_happens():
    middle = views_of(WAITING, 3.5, REPORT)[1:-1]
    assert len(middle) >= 3
    for view in middle:
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
    report = dataclasses.replace(report, text="Hel")
    *_, last = views_of(WAITING, 1, Delta("Hel"), 1, report, texts=texts)
    assert piece(last, "answer") == "<p>Hel</p>"
    assert texts("mark.incomplete") in piece(last, "mark")
    assert f'data-error="{report.fault.name}"' in piece(last, "fault")
    assert texts(f"error.{report.fault.name}.next") in piece(last, "fault")
    assert last.state == state


@pytest.mark.parametrize(("report", "_"), OFFERED.values(), ids=OFFERED)
def test_what_went_wrong_is_news_and_the_card_has_the_rest(report, _):
    *_, last = views_of(WAITING, report)
    told = Markup.escape(fault_sentences(report.fault, EN)[0])
    assert told in last.status
    assert "data-error" not in last.status


def test_a_failure_shows_what_was_sent_and_where_the_time_went():
    cut = failed(
        errors.TimedOut(limit_s=300), Bill(open=1), request=LINK, text="Hel", model="maker/model"
    )
    *_, last = views_of(WAITING, Delta("Hel"), 1, cut)
    assert piece(last, "answer") == "<p>Hel</p>"
    assert "maker/model" in piece(last, "facts")
    assert "https://v.example/1" in piece(last, "facts")
    assert 'data-error="TimedOut"' in piece(last, "fault")


def test_where_nothing_was_sent_there_is_no_receipt():
    *_, last = views_of(WAITING, failed(errors.ConnectionFailed()))
    assert '<details class="facts" hidden>' in last.card


def test_pieces_that_were_answered_and_so_billed_are_said_to_be_kept():
    many = dataclasses.replace(LINK, pieces=6)
    report = failed(errors.UnreadableFile(), Bill(answered=6), request=many, kept_pieces=6)
    *_, last = views_of(WAITING, report)
    assert EN("billed.answered", answered="6") in piece(last, "fault")
    assert EN("billed.kept", kept="6") in piece(last, "fault")
    assert EN("billed.nothing_sent") not in piece(last, "fault")


def test_pieces_of_an_earlier_run_are_said_to_be_kept_too():
    report = failed(errors.OutOfCredit(status=402), Bill(refused=1), request=LINK, kept_pieces=3)
    *_, last = views_of(WAITING, report)
    assert EN("billed.kept", kept="3") in piece(last, "fault")


def test_where_no_word_came_it_is_not_said_to_be_on_its_way():
    *_, last = views_of(WAITING, 1, failed(errors.LimitReached(), Bill(answered=1)))
    assert 'data-state="failed"' in last.card
    assert (piece(last, "answer"), piece(last, "mark")) == ("", "")


def test_words_right_before_a_failure_are_shown():
    lost = failed(errors.ConnectionLost(), Bill(open=1), text="Hel")
    *_, last = views_of(WAITING, Delta("Hel"), lost)
    assert piece(last, "answer") == "<p>Hel</p>"


def test_closing_the_views_ends_the_run():
    scripted = Scripted(WAITING, Delta("Hel"), 1000)

    async def test():
        run = views(scripted.run, HEAD, EN)
        await anext(run)
        await anext(run)
        await run.aclose()
        assert scripted.closed

    run_at_once(test())


def test_cancelling_who_waits_for_a_view_ends_the_run_and_shows_nothing_more():
    scripted = Scripted(WAITING, Delta("Hel"), 1000)
    seen = []

    async def test():
        async for view in views(scripted.run, HEAD, EN):
            seen.append(view)
            if piece(view, "answer"):
                asyncio.current_task().cancel()

    with pytest.raises(asyncio.CancelledError):
        run_at_once(test())
    assert scripted.closed
    assert piece(seen[-1], "answer") == "<p>Hel</p>"


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
    view = stopped(HEAD, report, texts)
    assert texts(key, kept="2") in piece(view, "fault")
    assert view.state == "rest"
    assert 'data-state="stopped"' in view.card
    assert ("hidden" in view.card) == (report.request is None)


def test_the_words_that_came_before_stop_stay():
    report = failed(errors.Stopped(), Bill(open=1), request=LINK, text="Hel")
    assert piece(stopped(HEAD, report, EN), "answer") == "<p>Hel</p>"


def test_an_answer_that_was_complete_before_stop_came_is_one():
    view = stopped(HEAD, REPORT, EN)
    assert 'data-state="done"' in view.card
    assert piece(view, "answer") == "<p>Hello world</p>"


def test_where_nothing_ran_stop_says_that_it_stopped_and_leaves_the_card_alone():
    view = stopped(None, None, EN)
    assert "Stopped." in view.status
    assert view.card is None


def test_what_is_spoken_can_be_heard_as_soon_as_it_begins():
    async def run(tell):
        tell(Delta("Hel"))
        await asyncio.sleep(1)
        tell(Sound(b"RIFF", "audio/wav"))
        await asyncio.sleep(1)
        return REPORT

    cards = []

    async def test():
        cards.extend([one.card async for one in views(run, HEAD, EN)])

    run_at_once(test())
    before, *_, while_spoken, done = cards
    assert "<audio" not in before
    assert 'src="spoken?of=1"' in while_spoken
    assert "data-live" in while_spoken
    assert "spoken?of" not in done
