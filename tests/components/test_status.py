"""The line that says what is happening, or what went wrong."""

import html
import re

import pytest

from components.status import (
    error_html,
    error_sentences,
    is_worth_a_retry,
    progress_html,
    sentence_html,
)
from components.texts import LANGUAGES, Texts
from services import errors
from services.assistant import Progress

EN = Texts("en")
HOSTILE = '<img src=x onerror="alert(1)"> {facts} </div>'

#: Errors with the facts they are raised with, as many as there are leaves.
ERRORS = [
    errors.FileTooLarge(file_bytes=60_000_000, limit_bytes=52_428_800),
    errors.ClippedRecording(share=0.5),
    errors.TimedOut(limit_s=300),
    errors.WentSilent(limit_s=180),
    errors.ConnectTimedOut(limit_s=10),
    errors.EmptyAnswer(finish_reason="length"),
    *(
        one()
        for one in (
            errors.NoMedia,
            errors.FileGone,
            errors.NoPrompt,
            errors.BadLink,
            errors.BadTrim,
            errors.EmptyFile,
            errors.SilentRecording,
            errors.NotMedia,
            errors.UnreadableFile,
            errors.TooMuchInside,
            errors.NoSound,
            errors.NoPicture,
            errors.MissingKey,
            errors.BadKey,
            errors.ModelNotAllowed,
            errors.AppFailed,
            errors.ConnectionFailed,
            errors.UnknownHost,
            errors.NotSecure,
            errors.ConnectionLost,
            errors.BadAnswer,
            errors.IncompleteAnswer,
            errors.FailedAnswer,
        )
    ),
    *(one(status=status) for status, one in errors.REFUSALS.items()),
    errors.UnexpectedStatus(status=418),
]


def leaves(one):
    return {leaf for sub in one.__subclasses__() for leaf in leaves(sub)} or {one}


def names(one):
    return type(one).__name__ + "".join(f" {fact}" for fact in one.facts.values())


def test_every_kind_of_error_is_tested_here():
    assert {type(one) for one in ERRORS} == leaves(errors.ShowAndTellError)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", ERRORS, ids=names)
def test_every_error_says_what_happened_and_what_to_do(error, language):
    texts = Texts(language)
    what, following = error_sentences(error, texts)
    shown = html.unescape(error_html(error, texts))
    assert what in shown
    assert following in shown
    assert texts("error.kept") in shown
    assert texts(f"billed.{error.billed}") in shown
    assert not re.search(r"[{}]", shown)
    assert 'role="alert"' in shown
    assert f'data-error="{type(error).__name__}"' in shown


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ERRORS[0], "This would send 57.2 MB; the API takes 50 MB at most."),
        (errors.TimedOut(limit_s=300), "There was no complete answer within 300 sec."),
        (errors.KeyRejected(status=401), "The API did not accept the key (HTTP 401)."),
    ],
    ids=["sizes", "seconds", "status"],
)
def test_facts_are_written_for_people(error, words):
    assert error_sentences(error, EN)[0] == words


def test_what_the_api_said_is_shown():
    assert "The API said: out of GPUs" in error_html(errors.Busy("out of GPUs", status=503), EN)


def test_silence_of_the_api_is_not_quoted():
    assert "The API said" not in error_html(errors.Busy("", status=503), EN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_api_said_is_no_markup(language):
    shown = error_html(errors.Busy(HOSTILE, status=503), Texts(language))
    assert set(re.findall(r"<(\w+)", shown)) == {"div", "b", "br", "small"}
    assert HOSTILE in html.unescape(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", ["inspect", "convert", "connect", "upload", "wait", "stream"])
def test_every_stage_has_its_words(stage, language):
    texts = Texts(language)
    shown = progress_html(Progress(stage), 3, texts)
    assert f'data-stage="{stage}"' in shown
    assert f"<b>{texts(f'status.{stage}')}</b>" in shown
    assert 'role="status"' in shown


@pytest.mark.parametrize(("stage", "words"), [("convert", "Converting"), ("upload", "Uploading")])
def test_a_stage_of_known_length_shows_how_far_it_is(stage, words):
    assert f"{words}… 25%" in progress_html(Progress(stage, share=0.25), 3, EN)
    assert f"{words}… 0%" in progress_html(Progress(stage, share=0.0), 3, EN)


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        pytest.param(errors.ConnectionLost(), True, id="cut"),
        pytest.param(errors.Busy(status=429), True, id="busy"),
        pytest.param(errors.AppFailed(), True, id="ours"),
        pytest.param(errors.NotMedia(), False, id="no media"),
        pytest.param(errors.MissingKey(), False, id="no key"),
    ],
)
def test_what_the_person_must_mend_first_is_not_worth_a_retry(error, worth):
    assert is_worth_a_retry(error) is worth


def test_the_clock_runs_only_against_a_limit():
    running = progress_html(Progress("wait", limit_s=300), 3.4, EN)
    assert "<span>3 sec of at most 300 sec</span>" in running
    assert "<span></span>" in progress_html(Progress("inspect"), 3.4, EN)


def test_a_sentence_is_no_markup():
    shown = sentence_html("status.done", EN, seconds="<b>3</b>")
    assert shown == ('<div role="status" data-stage="done">Done in &lt;b&gt;3&lt;/b&gt;.</div>')
