"""The line that says what is happening, or what went wrong."""

import html
import re
from typing import get_args

import pytest

from components.status import (
    billed_sentence,
    fault_html,
    fault_sentences,
    progress_html,
    sentence_html,
)
from components.texts import LANGUAGES, Texts
from services import errors
from services.assistant import Bill, Fault, Progress
from services.events import Stage
from services.external_api.refusals import REFUSALS

EN = Texts("en")
HOSTILE = '<img src=x onerror="alert(1)"> {facts} </div>'

#: Errors with the facts they are raised with, as many as there are leaves.
ERRORS = [
    errors.FileTooLarge(file_bytes=60_000_000, limit_bytes=52_428_800),
    errors.ClippedRecording(share=0.5),
    errors.ShareFull(limit_bytes=52_428_800),
    errors.TimedOut(limit_s=300),
    errors.WentSilent(limit_s=180),
    errors.ConnectTimedOut(limit_s=10),
    errors.BadOption(option="temperature"),
    errors.BadArgument(argument="fit"),
    errors.EmptyAnswer(finish_reason="length"),
    errors.UnreadForm(form="Shorten"),
    errors.ConversationTooLong(turns=2, most_turns=50, letters=1_234_567, most_letters=1_000_000),
    errors.SchemaNotJson(line=3, column=7),
    errors.SchemaInvalid(at="$.properties.a", what="strng"),
    errors.SchemaElsewhere(what="https://a.example/x.json"),
    errors.SchemaUncheckable(most_letters=20_000),
    errors.SchemaInPieces(),
    errors.TooManyAtOnce(most=6),
    errors.TooManyFiles(most=500),
    errors.PromptTooLong(letters=123_456, most_letters=100_000),
    errors.TooManyTokens(most_tokens=4096),
    errors.MediaTooLong(limit_s=600),
    *(
        one(retry_after_s=7200)
        for one in (
            errors.VisitorLimitReached,
            errors.DailyLimitReached,
            errors.DayIsSpent,
            errors.TooManySignIns,
        )
    ),
    *(
        one()
        for one in (
            errors.LimitsAway,
            errors.BadLimit,
            errors.BatchElsewhere,
            errors.BatchesAway,
            errors.BatchGone,
            errors.BatchSpent,
            errors.BrokenArchive,
            errors.CostNotReported,
            errors.DayIsPromised,
            errors.SignInDeclined,
            errors.SignInForgotten,
            errors.SignInFramed,
            errors.SignInInsecure,
            errors.SignInNotAsked,
            errors.CodeRefused,
            errors.BadValue,
            errors.NoMedia,
            errors.FileGone,
            errors.NotUploaded,
            errors.NoPrompt,
            errors.FollowUpInPieces,
            errors.BadLink,
            errors.BadTrim,
            errors.AppStopping,
            errors.AppBusy,
            errors.StorageFull,
            errors.Stopped,
            errors.EmptyFile,
            errors.SilentRecording,
            errors.NotMedia,
            errors.StillPicture,
            errors.ProtectedFile,
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
            errors.ProxyFailed,
            errors.NotSecure,
            errors.ConnectionLost,
            errors.BadAnswer,
            errors.IncompleteAnswer,
            errors.FailedAnswer,
            errors.ModelRefused,
            errors.LimitReached,
            errors.AnswerFiltered,
            errors.CannotHear,
            errors.CannotSee,
            errors.TextOnly,
        )
    ),
    errors.ToolsWanted(tools="get_weather"),
    errors.FollowUpInPieces(),
    errors.ConversationTooLong(turns=51, most_turns=50, letters=2, most_letters=1_000_000),
    *(one(status=status) for status, one in REFUSALS.items()),
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
    fault = Fault.of(error)
    what, following = fault_sentences(fault, texts)
    shown = html.unescape(fault_html(fault, texts("billed.open"), texts))
    assert what in shown
    assert following in shown
    assert texts("error.kept") in shown
    assert texts("billed.open") in shown
    assert not re.search(r"[{}]", shown)
    assert 'role="alert"' in shown
    assert f'data-error="{type(error).__name__}"' in shown


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ERRORS[0], "This would send 57.2 MB; the API takes 50 MB at most."),
        (errors.TimedOut(limit_s=300), "There was no complete answer within 5 min."),
        (errors.KeyRejected(status=401), "The API did not accept the key (HTTP 401)."),
    ],
    ids=["sizes", "seconds", "status"],
)
def test_facts_are_written_for_people(error, words):
    assert fault_sentences(Fault.of(error), EN)[0] == words


def test_what_the_api_said_is_shown():
    assert "The API said: out of GPUs" in fault_html(
        Fault.of(errors.Busy("out of GPUs", status=503)), "", EN
    )


def test_models_that_the_api_offers_instead_are_named():
    fault = Fault.of(errors.Busy("", status=503, fallback_models="a/b c/d"))
    assert "It offers other models instead: a/b, c/d." in fault_html(fault, "", EN)


def test_silence_of_the_api_is_not_quoted():
    assert "The API said" not in fault_html(Fault.of(errors.Busy("", status=503)), "", EN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_api_said_is_no_markup(language):
    shown = fault_html(Fault.of(errors.Busy(HOSTILE, status=503)), "", Texts(language))
    assert set(re.findall(r"<(\w+)", shown)) == {"div", "b", "br", "small", "span"}
    assert HOSTILE in html.unescape(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", get_args(Stage))
def test_every_stage_has_its_words(stage, language):
    texts = Texts(language)
    shown = progress_html(Progress(stage), 3, texts)
    assert f'data-stage="{stage}"' in shown
    assert not re.search(r"[{}]", shown)
    assert 'role="status"' in shown


@pytest.mark.parametrize(("stage", "words"), [("convert", "Converting"), ("upload", "Uploading")])
def test_a_stage_of_known_length_shows_how_far_it_is(stage, words):
    for share, shown in ((0.25, "25%"), (0.0, "0%")):
        progress = progress_html(Progress(stage, share=share), 3, EN)
        assert f'<b role="status">{words}…</b> <span aria-hidden="true">{shown}</span>' in progress


def test_of_a_stage_its_words_alone_are_read_out_and_not_the_clock_every_second():
    shown = [progress_html(Progress("wait", limit_s=300), second, EN) for second in (1, 2)]
    spoken = [re.findall(r'role="status">(.*?)</', one) for one in shown]
    assert shown[0] != shown[1]
    assert spoken[0] == spoken[1] == ["Sent. Waiting for the first words…"]


BILLS = {
    "nothing": (Bill(), 0, ["billed.nothing_sent"]),
    "refused": (Bill(refused=1), 0, ["billed.refused"]),
    "open": (Bill(open=1), 0, ["billed.open"]),
    "refused, then open": (Bill(refused=1, open=1), 0, ["billed.open"]),
    "pieces": (Bill(answered=2), 2, ["billed.answered", "billed.kept"]),
    "pieces, and one is open": (
        Bill(answered=2, open=1),
        5,
        ["billed.answered", "billed.open", "billed.kept"],
    ),
    "pieces of before": (Bill(open=1), 3, ["billed.open", "billed.kept"]),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("bill", "kept", "keys"), BILLS.values(), ids=BILLS)
def test_the_sentence_about_money_is_made_from_what_was_sent_and_answered(
    bill, kept, keys, language
):
    texts = Texts(language)
    numbers = {"answered": str(bill.answered), "kept": str(kept)}
    expected = " ".join(texts(key, **numbers) for key in keys)
    assert billed_sentence(bill, kept, texts) == expected


def test_the_clock_runs_only_against_a_limit():
    running = progress_html(Progress("wait", limit_s=300), 3.4, EN)
    assert '<span aria-hidden="true">3 sec of at most 300 sec</span>' in running
    assert '<span aria-hidden="true"></span>' in progress_html(Progress("inspect"), 3.4, EN)


def test_who_waits_is_told_their_number():
    assert "number 3 in the queue" in progress_html(Progress("queue", place=3), 0, EN)


def test_a_sentence_is_no_markup():
    shown = sentence_html("status.done", EN, seconds="<b>3</b>")
    assert shown == ('<div role="status" data-stage="done">Done in &lt;b&gt;3&lt;/b&gt;.</div>')


def test_when_the_host_allows_more_is_told_to_the_minute_and_not_as_the_apis_wish():
    shown = fault_html(Fault.of(errors.VisitorLimitReached(retry_after_s=86_397.2)), "", EN)
    assert "There are new ones in 24 hr." in shown
    assert "asks to wait" not in shown
