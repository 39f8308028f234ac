"""A transcription: what is asked for, and what comes of the answers that there are."""

import json

import pytest

from services import errors
from services.external_api.bill import Bill
from services.external_api.request import Options
from services.external_api.transcription import (
    TranscriptionReader,
    has_no_times,
    is_absent,
    transcription_request,
)
from services.media.values import MediaFacts, Sendable, Spoken
from tests.capture import http
from tests.services.external_api.driving import CANARY, client_at, told

pytestmark = pytest.mark.anyio

ANSWER = {
    "text": "Many friends.",
    "task": "transcribe",
    "language": "english",
    "duration": 2.5,
    "segments": [{"id": 0, "start": 0.1, "end": 1.9, "text": " Many friends."}],
    "words": [
        {"word": "Many", "start": 0.1, "end": 0.8},
        {"word": "friends", "start": 0.9, "end": 1.9},
    ],
    "usage": {"seconds": 2.5, "cost": 0.0001},
}


@pytest.fixture
def media(tmp_path):
    path = tmp_path / "media"
    path.write_bytes(b"ID3")
    return Sendable(path, "audio", "mp3", MediaFacts("mp3", 3, 1.0, None, None), None)


def body_of(request):
    return json.loads(b"".join(request.chunks()))


def reader_of(*payloads, key=""):
    reader = TranscriptionReader(key)
    for payload in payloads:
        reader.take(payload)
    reader.rest()
    reader.end()
    return reader


def test_the_times_of_words_and_segments_are_asked_for(media):
    request = transcription_request("maker/model", media, Options())
    assert body_of(request) == {
        "model": "maker/model",
        "input_audio": {"data": "SUQz", "format": "mp3"},
        "response_format": "verbose_json",
        "timestamp_granularities": ["segment", "word"],
    }
    assert request.url_at("https://api.example/v1") == (
        "https://api.example/v1/audio/transcriptions"
    )
    assert request.content_length == len(b"".join(request.chunks()))


def test_without_times_there_is_the_sound_alone(media):
    request = transcription_request("maker/model", media, Options(), is_timed=False)
    assert set(body_of(request)) == {"model", "input_audio"}


def test_of_the_options_the_temperature_alone_is_sent(media):
    options = Options("Be kind.", 1.0, 100, "low")
    body = body_of(transcription_request("m", media, options, is_timed=False))
    assert body["temperature"] == 1
    assert set(body) == {"model", "input_audio", "temperature"}


def test_the_words_and_their_times_are_read():
    completion = reader_of(ANSWER).finished()
    assert completion.words == (Spoken(0.1, 0.8, "Many"), Spoken(0.9, 1.9, "friends"))
    assert completion.segments == (Spoken(0.1, 1.9, "Many friends."),)
    assert (completion.language, completion.usage) == ("english", ANSWER["usage"])
    assert completion.finish_reason is None


def test_the_text_is_told_as_a_whole():
    assert TranscriptionReader().take(ANSWER).text == "Many friends."


def test_text_alone_is_enough():
    completion = reader_of({"text": "Hi"}).finished()
    assert (completion.words, completion.segments, completion.usage) == ((), (), None)


@pytest.mark.parametrize(
    "word",
    [
        None,
        "Many",
        {},
        {"word": "a"},
        {"word": "a", "start": 1},
        {"word": "a", "start": -1, "end": 1},
        {"word": "a", "start": 2, "end": 1},
        {"word": "a", "start": "NaN", "end": "NaN"},
        {"word": "a", "start": float("nan"), "end": 1},
        {"word": "a", "start": 1, "end": 10**400},
        {"word": " ", "start": 1, "end": 2},
        {"word": ["a"], "start": 1, "end": 2},
    ],
    ids=repr,
)
def test_what_is_no_word_with_times_is_left_out(word):
    good = {"word": "b", "start": 1, "end": 2}
    completion = reader_of({"text": "a b", "words": [word, good]}).finished()
    assert completion.words == (Spoken(1, 2, "b"),)


@pytest.mark.parametrize("listed", [None, {}, "abc", 7])
def test_what_is_no_list_has_no_words(listed):
    assert reader_of({"text": "a", "words": listed, "segments": listed}).finished().words == ()


def test_a_key_is_in_no_word():
    words = [{"word": CANARY, "start": 0, "end": 1}]
    completion = reader_of({"text": f"say {CANARY}", "words": words}, key=CANARY).finished()
    assert completion.words == (Spoken(0, 1, "…"),)


def test_times_are_not_shown_where_somebody_might_log_them():
    assert "Many" not in repr(reader_of(ANSWER).finished())


@pytest.mark.parametrize("payload", [[], "text", {}, {"text": None}, {"choices": []}, {"text": 7}])
def test_what_is_no_transcription_is_not_understood(payload):
    with pytest.raises(errors.BadAnswer):
        reader_of(payload)


def test_an_error_in_the_place_of_an_answer_is_told():
    with pytest.raises(errors.FailedAnswer, match="FailedAnswer"):
        reader_of({"error": {"message": "no GPU"}})


def test_no_words_at_all_are_an_empty_answer():
    with pytest.raises(errors.EmptyAnswer):
        reader_of({"text": " "}).finished()


@pytest.mark.parametrize(
    ("fault", "absent"),
    [
        (errors.NotFound(status=404), True),
        (errors.UnexpectedStatus(status=405), True),
        (errors.UnexpectedStatus(status=501), True),
        (errors.RequestRejected("Could not parse multipart form", status=400), True),
        (errors.RequestRejected("file: Field required", status=422), True),
        (errors.RequestRejected("The file could not be decoded.", status=400), False),
        (errors.RequestRejected(status=400), False),
        (errors.ConnectionLost(), False),
        (None, False),
    ],
    ids=repr,
)
def test_an_endpoint_is_absent_by_its_status_or_as_it_takes_forms_alone(fault, absent):
    assert is_absent(fault) is absent


@pytest.mark.parametrize(
    ("said", "is_so"),
    [
        ("response_format 'verbose_json' is not compatible with model gpt-4o-transcribe", True),
        ("This model does not support timestamp granularities", True),
        ("The audio is too short", False),
    ],
)
def test_a_model_without_times_says_so(said, is_so):
    assert has_no_times(errors.RequestRejected(said, status=400)) is is_so
    assert not has_no_times(errors.ProviderFailed(said, status=502))


async def test_the_client_sends_it_to_its_endpoint_and_reads_its_answer(media):
    request = transcription_request("m", media, Options())
    async with client_at(http(json.dumps(ANSWER), "application/json")) as (client, server):
        outcome = await told(client, request)
    assert server.requests[0].line == "POST /api/v1/audio/transcriptions HTTP/1.1"
    assert outcome.fault is None
    assert (outcome.words, outcome.exchange.text) == ("Many friends.", "Many friends.")
    assert outcome.stages == ["connect", "upload", "wait"]
    assert outcome.exchange.timings.stream is None
    assert outcome.bill == Bill(answered=1)
    assert len(outcome.exchange.completion.words) == 2


async def test_white_space_before_it_is_a_sign_of_life(media):
    answer = http(f"   {json.dumps(ANSWER)}", "application/json")
    async with client_at(answer) as (client, _):
        outcome = await told(client, transcription_request("m", media, Options()))
    assert outcome.words == "Many friends."


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_what_is_absent_is_not_billed(media, status):
    async with client_at(http("", "", status)) as (client, _):
        outcome = await told(client, transcription_request("m", media, Options()))
    assert is_absent(outcome.fault)
    assert outcome.bill == Bill(refused=1)
