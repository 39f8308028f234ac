"""The request that went out, told from what is kept of a run."""

import pytest

from services.assistant import Options, Report, Turn, sent_call
from services.errors import TimedOut
from services.external_api.transcription import transcription_request
from services.media.forms import WIRE_FORMS
from services.media.values import MediaFacts, Sendable
from tests.services.assistant.code.calls import LINK, NASTY, URL, asked, report_of, sound


def call_of(media, question="What?", earlier=(), options=None, **sent):
    request = asked(media, question, options, earlier=earlier)
    return request, sent_call(report_of(request, media, options, **sent), question, earlier)


@pytest.mark.parametrize("form", WIRE_FORMS, ids=lambda form: form.name)
def test_what_stands_around_the_file_is_what_was_sent(form):
    facts = MediaFacts(form.name, 7, 1.0, None, None)
    request, call = call_of(Sendable(sound().path, form.kind, form.name, facts, None), NASTY)
    assert (call.head.encode(), call.tail.encode()) == (request.head, request.tail)
    assert (call.url, call.pieces, call.body_bytes) == (URL, 1, request.content_length)


@pytest.mark.parametrize(
    ("name", "called"), [("mp3", "media.mp3"), ("pcm16", "media.pcm16"), ("m4a", "media.m4a")]
)
def test_the_file_has_a_name_of_ours(name, called):
    _, call = call_of(sound(name=name))
    assert call.file_name == called


def test_of_a_link_all_is_words():
    request, call = call_of(LINK, NASTY, (Turn("Who?", "A cat."),), Options("Be brief."))
    assert (call.body("x").encode(), call.file_name) == (request.head, None)


def test_it_is_told_after_json_too():
    request = asked(sound(), NASTY)
    report = report_of(request, sound())
    assert sent_call(Report.from_mapping(report.as_mapping()), NASTY) == sent_call(report, NASTY)


def test_pieces_are_alike_but_for_what_is_in_them():
    request = asked(sound())
    sent = {"base64_bytes": 40, "body_bytes": 3 * (request.content_length - 4) + 40, "pieces": 3}
    _, call = call_of(sound(), **sent)
    assert (call.pieces, call.head.encode()) == (3, request.head)


@pytest.mark.parametrize("is_timed", [True, False], ids=["with times", "without"])
def test_of_a_transcription_its_length_tells_what_was_asked_for(is_timed):
    options = Options("not sent", temperature=0.5)
    request = transcription_request("maker/model", sound(), options, is_timed=is_timed)
    call = sent_call(report_of(request, sound(), options, endpoint=request.endpoint), "any")
    assert call.body("x").encode() == request.head + b"x" + request.tail
    assert (call.endpoint, call.is_streamed) == ("audio/transcriptions", False)


NOT_TOLD = {
    "of another length": {"body_bytes": 1},
    "kept before there was code": {"url": None},
    "of no known form": {"format": "mp3'; rm -rf ~"},
    "of no known facts": {"facts": None},
    "a chat completion that went elsewhere": {"endpoint": "audio/transcriptions"},
}


@pytest.mark.parametrize("sent", NOT_TOLD.values(), ids=NOT_TOLD)
def test_what_cannot_be_told_for_certain_is_not(sent):
    _, call = call_of(sound(), **sent)
    assert call is None


def test_another_question_than_the_one_asked_is_not_told():
    report = report_of(asked(sound()), sound())
    assert sent_call(report, "What else?") is None


def test_of_what_never_went_out_there_is_nothing():
    assert sent_call(Report.refused(TimedOut(), "m"), "What?") is None


def test_what_was_asked_is_not_in_the_repr():
    _, call = call_of(sound(), "a private thing")
    assert "private" not in repr(call)
