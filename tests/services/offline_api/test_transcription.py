"""``POST /audio/transcriptions`` of the offline API: forms, JSON, times and refusals."""

import contextlib
import json

import httpx
import numpy as np
import openrouter
import pytest

from services.media.workshop.workshop import Workshop
from services.offline_api import contract
from services.offline_api.answers import Answers
from services.offline_api.server import application, served
from tests.clips import SENTENCES, clip
from tests.making import write_sound
from tests.services.offline_api.asking import A_MOMENT, HEADERS, base64_of

MODEL = "offline/rough-ears-and-eyes"
PARTY = clip("party.mp3").read_bytes()
SENTENCE = f"{SENTENCES['party.mp3']}."
IN_JSON = {"model": MODEL, "input_audio": {"data": base64_of(PARTY), "format": "mp3"}}
FILE = {"file": ("party.mp3", PARTY, "audio/mpeg")}


def post(url, **how):
    return httpx.post(
        f"{url}/audio/transcriptions", timeout=60, trust_env=False, **({"headers": HEADERS} | how)
    )


def post_form(url, files=FILE, **fields):
    return post(url, files=files, data={"model": MODEL} | fields)


def post_json(url, **fields):
    return post(url, json=IN_JSON | fields)


def said(response):
    """What is wrong, of a 400."""
    assert response.status_code == 400, response.text
    return response.json()["error"]["message"]


@pytest.mark.parametrize("post", [post_form, post_json])
def test_the_words_come_back(offline_url, post):
    answer = post(offline_url).json()

    assert answer["text"] == SENTENCE


@pytest.mark.parametrize("post", [post_form, post_json])
def test_without_another_wish_there_are_words_and_usage_alone(offline_url, post):
    assert set(post(offline_url).json()) == {"text", "usage"}


def test_usage_tells_the_seconds_and_what_was_counted(offline_url):
    usage = post_json(offline_url).json()["usage"]

    assert usage["seconds"] == pytest.approx(usage["input_tokens"] / 100, abs=0.1)
    assert usage["total_tokens"] == usage["input_tokens"] + len(SENTENCE.split())
    assert usage["cost"] == 0


def test_verbose_has_segments_in_order_within_the_sound(offline_url):
    answer = post_json(offline_url, response_format="verbose_json").json()

    times = [time for one in answer["segments"] for time in (one["start"], one["end"])]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= answer["duration"] + 0.5
    assert " ".join(one["text"] for one in answer["segments"]) == SENTENCE


def test_verbose_names_the_language(offline_url):
    answer = post_json(offline_url, response_format="verbose_json").json()

    assert answer["task"] == "transcribe"
    assert answer["language"] == "english"


def test_words_have_their_times_where_they_are_wanted(offline_url):
    answer = post_json(
        offline_url, response_format="verbose_json", timestamp_granularities=["word"]
    ).json()

    assert " ".join(one["word"] for one in answer["words"]) == SENTENCE
    assert all(one["start"] <= one["end"] for one in answer["words"])


def test_without_that_wish_words_have_none(offline_url):
    assert "words" not in post_json(offline_url, response_format="verbose_json").json()


def test_openai_gets_words_and_segments_of_a_file(openai_sdk):
    with clip("party.mp3").open("rb") as file:
        answer = openai_sdk.audio.transcriptions.create(
            model=MODEL,
            file=file,
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
            temperature=0.2,
        )

    assert answer.text == SENTENCE
    assert [one.word for one in answer.words] == SENTENCE.split()
    assert answer.segments[0].text == SENTENCE


def test_openrouter_gets_the_times(offline_url, http):
    with openrouter.OpenRouter(api_key="ak_test", server_url=offline_url, client=http) as sdk:
        answer = sdk.stt.create_transcription(
            model=MODEL,
            input_audio=IN_JSON["input_audio"],
            response_format="verbose_json",
            timestamp_granularities=["word"],
        )

    assert answer.text == SENTENCE
    assert answer.words[0].start >= 0


def test_a_name_without_an_ending_is_known_by_its_type(offline_url):
    response = post_form(offline_url, {"file": ("blob", PARTY, "audio/mpeg")})

    assert response.json()["text"] == SENTENCE


def test_silence_has_no_words(offline_url, tmp_path):
    silence = np.zeros(32_000, dtype=np.int16)
    path = write_sound(tmp_path / "silence.wav", silence, container="wav", codec="pcm_s16le")

    answer = post_form(
        offline_url, {"file": (path.name, path.read_bytes())}, response_format="verbose_json"
    ).json()

    assert (answer["text"], answer["segments"]) == ("", [])


@pytest.mark.parametrize("form", ["srt", "vtt", "text", "xml"])
@pytest.mark.parametrize("post", [post_form, post_json])
def test_there_is_no_other_form_than_json(offline_url, post, form):
    assert f"'verbose_json', got '{form}'" in said(post(offline_url, response_format=form))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "openai/gpt-2"}, "'openai/gpt-2' is not a valid model ID"),
        ({"language": "English"}, "'language' must be an ISO 639-1 code"),
        ({"temperature": "hot"}, "'temperature' must be a number from 0 to 1"),
        ({"timestamp_granularities[]": "letter"}, "a list of 'segment' and 'word'"),
    ],
)
def test_a_form_with_a_mistake_is_refused(offline_url, fields, words):
    assert words in said(post_form(offline_url, **fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": None}, "'model' is required"),
        ({"input_audio": "x"}, "'input_audio' needs 'data'"),
        ({"input_audio": {"data": "data:audio/mp3;base64,AA==", "format": "mp3"}}, "bare base64"),
        ({"input_audio": {"data": "AA==", "format": "webm"}}, "Unknown audio format 'webm'"),
        ({"temperature": 1.5}, "'temperature' must be a number from 0 to 1"),
        ({"timestamp_granularities": "word"}, "a list of 'segment' and 'word'"),
    ],
)
def test_json_with_a_mistake_is_refused(offline_url, fields, words):
    assert words in said(post_json(offline_url, **fields))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"else": ("party.mp3", PARTY)}, "'file' is required"),
        ({"file": ("party.txt", PARTY, "text/plain")}, "ends in no audio format"),
        ({"file": ("party.mp3", b"")}, "The file is empty"),
        ({"file": ("party.wav", PARTY)}, "The request says wav, but the data is"),
    ],
)
def test_a_file_that_is_none_of_those_is_refused(offline_url, files, words):
    assert words in said(post_form(offline_url, files))


@pytest.mark.parametrize("boundary", ["", "; boundary=x"])
def test_a_form_that_is_none_is_refused(offline_url, boundary):
    about = {"Content-Type": f"multipart/form-data{boundary}"}

    assert "is not valid multipart" in said(
        post(offline_url, content=b"none", headers=HEADERS | about)
    )


def test_a_key_is_needed(offline_url):
    assert post(offline_url, json=IN_JSON, headers={}).status_code == 401


def test_a_file_over_the_limit_is_too_large(offline_url):
    data = bytes(contract.MOST_FILE_BYTES + 1)

    response = post_form(offline_url, {"file": ("large.wav", data)})

    assert response.status_code == 413
    assert "over 50 MB" in response.json()["error"]["message"]


@contextlib.contextmanager
def _without_ears():
    with (
        Workshop("services.media.jobs.table") as media,
        served(application(Answers(media, None))) as url,
    ):
        yield url


def test_without_ears_there_is_no_such_endpoint():
    with _without_ears() as url:
        response = post_json(url)

    assert response.status_code == 501
    assert "pip install" in response.json()["error"]["message"]


class DeafEars:
    async def do(self, job, *, is_long, news):
        """Hear nothing."""
        return True


def test_white_space_keeps_a_client_waiting_where_it_takes_long(workshop):
    moment = {"data": base64_of(A_MOMENT), "format": "pcm16"}
    with served(application(Answers(workshop, DeafEars()), alive_s=0.0)) as url:
        response = post_json(url, input_audio=moment)

    assert response.text.startswith(" ")
    assert json.loads(response.text)["text"] == ""


@pytest.mark.parametrize("modalities", ["transcription", "text", "all", "image,transcription"])
def test_the_model_is_listed_by_what_it_gives(offline_url, modalities):
    listed = httpx.get(
        f"{offline_url}/models",
        params={"output_modalities": modalities},
        headers=HEADERS,
        trust_env=False,
    ).json()

    assert [one["id"] for one in listed["data"]] == [MODEL]


def test_it_is_not_listed_among_those_that_give_something_else(offline_url):
    listed = httpx.get(
        f"{offline_url}/models",
        params={"output_modalities": "image"},
        headers=HEADERS,
        trust_env=False,
    ).json()

    assert listed["data"] == []
