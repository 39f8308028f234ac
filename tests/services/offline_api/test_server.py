"""The shape of the answers, streams, and clients that go away."""

import asyncio
import contextlib
import http.client
import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette

from services import errors
from services.media.workshop.workshop import Workshop
from services.offline_api import contract
from services.offline_api.answers import Answers
from services.offline_api.jobs import Heard
from services.offline_api.server import application, served
from tests.clips import SENTENCES, clip
from tests.making import samples_of, write_film, write_sound
from tests.services.offline_api.asking import (
    A_MOMENT,
    HEADERS,
    audio,
    events,
    post,
    request,
    said,
    streamed,
    text,
    video,
    words,
)

BEACH = audio(clip("beach.flac").read_bytes(), "flac")
CUTS = video(clip("cuts.mp4").read_bytes())
MOMENT = audio(A_MOMENT, "pcm16")
PATIENCE_S = 30


class Ears:
    """Hears what the test lets it hear, where the real ones would run a process."""

    def __init__(self):
        self.listening = threading.Event()
        self.left = threading.Event()

    def hear(self, what: str | Exception | None) -> None:
        """Hear words, fail, or with None come to the end."""
        assert self.listening.wait(PATIENCE_S)
        self._loop.call_soon_threadsafe(self._heard.put_nowait, what)

    async def do(self, job, *, is_long, news):
        """As of a workshop."""
        self.path, self.is_long = job.path, is_long
        self._loop, self._heard = asyncio.get_running_loop(), asyncio.Queue()
        self.listening.set()
        try:
            while (what := await self._heard.get()) is not None:
                if isinstance(what, Exception):
                    raise what
                news(Heard(what, 0.0, 1.0, (), "en", is_doubtful=False))
        finally:
            self.left.set()
        return True


@pytest.fixture
def ears():
    return Ears()


class Eyes:
    """A workshop that does nothing before the test says so."""

    def __init__(self, workshop):
        self._workshop = workshop
        self.looking = threading.Event()
        self.may_look = threading.Event()
        self.left = threading.Event()

    async def do(self, job, **how):
        """As of a workshop."""
        self.path = job.path
        self.looking.set()
        try:
            while not self.may_look.is_set():  # noqa: ASYNC110  # it is set by another thread
                await asyncio.sleep(0.01)
            return await self._workshop.do(job, **how)
        finally:
            self.left.set()


@pytest.fixture
def eyes(workshop):
    return Eyes(workshop)


@pytest.fixture
def url(workshop, ears):
    """An offline API with the test's ears."""
    with served(application(Answers(workshop, ears))) as base_url:
        yield base_url


@pytest.fixture
def lively_url(workshop, ears):
    """The same, but never silent for long."""
    with served(application(Answers(workshop, ears), alive_s=0.01)) as base_url:
        yield base_url


@pytest.fixture
def slow_url(eyes, ears):
    """The same, with eyes that are the test's, too."""
    with served(application(Answers(eyes, ears), look_s=0.01, alive_s=0.01)) as base_url:
        yield base_url


@contextlib.contextmanager
def answering(url, *parts, stream):
    """An answer that is under way."""
    with httpx.stream(
        "POST",
        f"{url}/chat/completions",
        json=request(*parts, stream=stream),
        headers=HEADERS,
        timeout=PATIENCE_S,
        trust_env=False,
    ) as response:
        assert response.status_code == 200
        yield response


@contextlib.contextmanager
def streaming(url, *parts):
    """The lines of a streamed answer, as they arrive."""
    with answering(url, *parts, stream=True) as response:
        yield response.iter_lines()


def next_text(lines) -> str:
    """The next piece of text in a stream."""
    for line in lines:
        if line.startswith("data: {"):
            delta = json.loads(line.removeprefix("data: "))["choices"][0]["delta"]
            if delta.get("content"):
                return delta["content"]
    raise AssertionError("the stream ended without another text")


def until(condition: Callable[[], bool]) -> None:
    """Wait for ``condition``."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_answer_has_the_shape_of_the_guide_s(offline_url):
    before = time.time()
    response = post(offline_url, request(text("What is said?"), BEACH))
    elapsed = time.time() - before

    answer = response.json()
    [choice] = answer.pop("choices")
    usage = answer.pop("usage")
    milliseconds = answer.pop("processing_time_ms")
    assert answer.pop("id").startswith("chatcmpl-")
    assert int(before) <= answer.pop("created") <= time.time()
    assert answer == {
        "object": "chat.completion",
        "language": "en",
        "model": "offline/rough-ears-and-eyes",
        "provider": "offline",
        "system_fingerprint": None,
    }
    assert choice["message"].pop("content").startswith("We went to the beach")
    assert choice == {
        "index": 0,
        "message": {"role": "assistant", "refusal": None},
        "logprobs": None,
        "finish_reason": "stop",
        "native_finish_reason": "stop",
    }
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert isinstance(milliseconds, int)
    assert 0 < milliseconds <= elapsed * 1000 + 1


@pytest.mark.parametrize("part", [pytest.param(BEACH, id="audio"), pytest.param(CUTS, id="video")])
def test_usage_counts_words_frames_and_pictures(offline_url, part):
    answer = post(offline_url, request(text("What is in it?"), part)).json()

    usage = answer["usage"]
    details = usage["prompt_tokens_details"]
    assert usage["prompt_tokens"] == 4 + details["audio_tokens"] + details["video_tokens"]
    assert usage["completion_tokens"] == len(answer["choices"][0]["message"]["content"].split())
    assert 200 < details["audio_tokens"] < 400  # some three seconds of speech, in frames of 10 ms
    assert details["video_tokens"] == (20 if part is CUTS else 0)  # four seconds, five a second
    assert usage["cost"] == details["cached_tokens"] == 0
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 0, "audio_tokens": 0}


def test_two_answers_have_two_ids(offline_url):
    first, second = (post(offline_url, request(MOMENT)).json()["id"] for _ in range(2))

    assert first != second


def choice_of(delta, finish_reason):
    """The choice of a chunk."""
    return {
        "index": 0,
        "delta": delta,
        "logprobs": None,
        "finish_reason": finish_reason,
        "native_finish_reason": finish_reason,
    }


def test_a_stream_has_the_order_of_openrouter_s(offline_url):
    response = post(offline_url, request(BEACH, stream=True))

    assert response.headers["content-type"].startswith("text/event-stream")
    comment, *rest = events(response.text)
    assert comment == ": OFFLINE API PROCESSING"
    # On a slow machine it says meanwhile that it is alive.
    role, *deltas, finish, usage, done = [one for one in rest if one != comment]
    assert role["choices"] == [choice_of({"role": "assistant", "content": None}, None)]
    assert deltas
    for delta in deltas:
        [choice] = delta["choices"]
        assert choice["delta"]["content"]
        assert choice["finish_reason"] is None
    assert finish["choices"] == [choice_of({}, "stop")]
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] > 0
    assert usage["processing_time_ms"] > 0
    assert done == "data: [DONE]"
    chunks = [role, *deltas, finish, usage]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    # The SDK on npm takes no null there.
    assert not any("system_fingerprint" in chunk for chunk in chunks)


@pytest.mark.parametrize("part", [pytest.param(BEACH, id="audio"), pytest.param(CUTS, id="video")])
def test_a_stream_says_what_a_whole_answer_says(offline_url, part):
    stream = post(offline_url, request(text("What is in it?"), part, stream=True))

    assert "".join(streamed(events(stream.text))).strip() == said(offline_url, part)


def test_words_are_sent_while_it_still_listens(url, ears):
    with streaming(url, MOMENT) as lines:
        ears.hear("one two")
        assert next_text(lines) == "one two"
        ears.hear("three")  # it was not heard before the first two were sent
        assert next_text(lines) == " three"
        ears.hear(None)
        assert "data: [DONE]" in lines


def test_a_long_clip_is_answered_piece_by_piece(offline_url, tmp_path):
    names = ("beach.flac", "party.flac", "life.flac", "dogs.flac")
    speech = np.concatenate([samples_of(clip(name)) for name in names])
    path = write_sound(tmp_path / "long.wav", speech, container="wav", codec="pcm_s16le")

    response = post(offline_url, request(audio(path.read_bytes(), "wav"), stream=True))

    first, *others, facts = streamed(events(response.text))
    assert first.startswith("We went to the beach last summer")
    assert others
    assert "wav, pcm_s16le" in facts


def test_a_stream_shows_signs_of_life_while_there_are_no_words(lively_url, ears):
    with streaming(lively_url, MOMENT) as lines:
        assert ears.listening.wait(PATIENCE_S)
        for _ in range(3):
            assert ": OFFLINE API PROCESSING" in lines  # reads on to the next one
        ears.hear("at last")
        assert next_text(lines) == "at last"
        ears.hear(None)
        assert "data: [DONE]" in lines


def test_a_stream_shows_signs_of_life_while_the_media_is_only_looked_at(slow_url, eyes, ears):
    with streaming(slow_url, MOMENT) as lines:
        for _ in range(3):
            assert ": OFFLINE API PROCESSING" in lines
        assert not ears.listening.is_set()
        eyes.may_look.set()
        ears.hear("at last")
        assert next_text(lines) == "at last"
        ears.hear(None)
        assert "data: [DONE]" in lines


def test_a_refusal_after_a_long_look_is_the_last_event_of_the_stream(slow_url, eyes):
    with streaming(slow_url, audio(b"\x01", "flac")) as lines:
        assert ": OFFLINE API PROCESSING" in lines
        eyes.may_look.set()
        *_, last = [line for line in lines if line.startswith("data: ")]

    chunk = json.loads(last.removeprefix("data: "))
    assert chunk["error"] == {"code": 400, "message": "The data could not be decoded as flac."}
    assert chunk["choices"] == [choice_of({"content": ""}, "error")]


def test_a_whole_answer_is_preceded_by_blanks_while_there_are_no_words(lively_url, ears):
    with answering(lively_url, MOMENT, stream=False) as response:
        pieces = response.iter_text()
        assert [next(pieces).strip() for _ in range(3)] == ["", "", ""]
        ears.hear("at last")
        ears.hear(None)
        answer = json.loads("".join(pieces))

    assert response.headers["content-type"] == "application/json"
    assert words(answer["choices"][0]["message"]["content"]) == "at last"


def test_a_whole_answer_that_fails_after_blanks_is_an_error_of_status_200(lively_url, ears):
    with answering(lively_url, MOMENT, stream=False) as response:
        pieces = response.iter_text()
        assert not next(pieces).strip()
        ears.hear(errors.UnreadableFile())
        failure = json.loads("".join(pieces))

    message = "The media could not be worked on: UnreadableFile."
    assert failure == {"error": {"code": 400, "message": message}}


def test_a_whole_answer_that_is_soon_there_has_its_length(offline_url):
    response = post(offline_url, request(MOMENT))

    assert int(response.headers["content-length"]) == len(response.content)


@pytest.mark.parametrize(
    "stream", [pytest.param(True, id="stream"), pytest.param(False, id="json")]
)
def test_a_client_that_goes_away_during_the_look_ends_it_and_leaves_no_file(slow_url, eyes, stream):
    with answering(slow_url, MOMENT, stream=stream):
        assert eyes.looking.wait(PATIENCE_S)
        assert eyes.path.parent.exists()

    assert eyes.left.wait(PATIENCE_S)
    until(lambda: not eyes.path.parent.exists())


@pytest.mark.parametrize(
    "stream", [pytest.param(True, id="stream"), pytest.param(False, id="json")]
)
def test_a_client_that_goes_away_ends_the_work_and_leaves_no_file(url, ears, stream):
    wire = http.client.HTTPConnection(urlsplit(url).netloc)
    body = json.dumps(request(MOMENT, stream=stream))
    wire.request("POST", urlsplit(url).path + "/chat/completions", body, HEADERS)
    assert ears.listening.wait(PATIENCE_S)
    assert ears.path.parent.exists()
    assert not ears.left.is_set()

    wire.close()

    assert ears.left.wait(PATIENCE_S)
    until(lambda: not ears.path.parent.exists())


def test_a_client_that_goes_away_ends_the_process_that_listened_for_it(workshop):
    with (
        Workshop("tests.services.offline_api.pid_jobs") as ears,
        served(application(Answers(workshop, ears))) as url,
    ):
        with streaming(url, MOMENT) as lines:
            pid = int(next_text(lines))
            assert is_running(pid)
        until(lambda: not is_running(pid))


def test_two_requests_at_once_are_both_answered(offline_url):
    names = ("beach.flac", "project.flac")
    with ThreadPoolExecutor() as pool:
        parts = [audio(clip(name).read_bytes(), "flac") for name in names]
        answers = list(pool.map(lambda part: said(offline_url, part), parts))

    assert [words(answer) for answer in answers] == [f"{SENTENCES[name]}." for name in names]


def test_more_requests_than_workers_wait_their_turn(offline_url):
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: said(offline_url, MOMENT), range(5)))

    assert {words(answer) for answer in answers} == {"No speech heard."}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(errors.UnreadableFile(), 400, id="the file's fault"),
        pytest.param(errors.AppFailed(), 500, id="the API's fault"),
    ],
)
def test_an_error_amid_a_stream_is_its_last_event(url, ears, error, code):
    with streaming(url, MOMENT) as lines:
        ears.hear("so far")
        assert next_text(lines) == "so far"
        ears.hear(error)
        *_, last = [line for line in lines if line.startswith("data: ")]

    message = f"The media could not be worked on: {type(error).__name__}."
    chunk = json.loads(last.removeprefix("data: "))
    assert chunk["error"] == {"code": code, "message": message}
    assert chunk["choices"] == [choice_of({"content": ""}, "error")]


def test_a_bug_amid_a_stream_cuts_it_off_and_does_not_blame_the_media(url, ears):
    rest = []
    with streaming(url, MOMENT) as lines:
        ears.hear("so far")
        assert next_text(lines) == "so far"
        ears.hear(RuntimeError("a bug"))
        with pytest.raises(httpx.RemoteProtocolError):
            rest.extend(lines)

    assert [line for line in rest if line.startswith("data: ")] == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(errors.UnreadableFile(), 400, id="the file's fault"),
        pytest.param(errors.AppFailed(), 500, id="the API's fault"),
        pytest.param(RuntimeError("a bug"), 500, id="a bug"),
    ],
)
def test_an_error_before_a_whole_answer_is_answered_in_the_shape_of_openrouter_s(
    url, ears, error, code
):
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(post, url, request(MOMENT))
        ears.hear(error)
        response = asked.result()

    assert response.status_code == code
    assert response.json()["error"].keys() == {"code", "message"}
    assert response.json()["error"]["code"] == code
    assert "a bug" not in response.text


@pytest.fixture(scope="module")
def damaged(tmp_path_factory) -> bytes:
    """A film whose tables are whole and whose pictures are not."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    film = write_film(path, [((255, 0, 0), 1.0)], container="mp4", codec="libx264").read_bytes()
    start, end = film.index(b"mdat") + 4, film.index(b"moov") - 4
    return film[:start] + bytes(end - start) + film[end:]


def test_a_film_whose_pictures_are_broken_is_the_client_s_fault(offline_url, damaged):
    response = post(offline_url, request(video(damaged)))

    assert response.status_code == 400
    assert response.json()["error"]["message"].endswith("UnreadableFile.")


def test_a_film_whose_pictures_are_broken_ends_its_stream_with_an_error(offline_url, damaged):
    response = post(offline_url, request(video(damaged), stream=True))

    last = events(response.text)[-1]
    assert last["error"]["code"] == 400


@pytest.mark.parametrize(
    ("part", "message"),
    [
        pytest.param(
            audio(clip("beach.flac").read_bytes(), "mp3"),
            "The request says mp3, but the data is flac (flac).",
            id="flac as mp3",
        ),
        pytest.param(
            audio(clip("party.mp3").read_bytes(), "wav"),
            "The request says wav, but the data is mp3 (mp3).",
            id="mp3 as wav",
        ),
        pytest.param(
            audio(clip("cuts.mp4").read_bytes(), "m4a"),
            "The request says m4a, but the data is mp4 (h264, aac).",
            id="a film as m4a",
        ),
        pytest.param(
            video(clip("cuts.mp4").read_bytes(), "video/webm"),
            "The request says video/webm, but the data is mp4 (h264, aac).",
            id="mp4 as webm",
        ),
        pytest.param(
            video(clip("beach.flac").read_bytes()),
            "The request says video/mp4, but the data is flac (flac).",
            id="a sound as a film",
        ),
        pytest.param(
            audio(b"#EXTM3U\nhttp://127.0.0.1:1/x\n", "mp3"),
            "The data could not be decoded as mp3.",
            id="a playlist",
        ),
        pytest.param(
            audio(clip("beach.flac").read_bytes()[:40], "flac"),
            "The data could not be decoded as flac.",
            id="the head of a file",
        ),
    ],
)
def test_data_that_is_not_what_the_request_says_is_refused(offline_url, part, message):
    response = post(offline_url, request(part, stream=True))

    assert response.status_code == 400
    assert response.json() == {"error": {"code": 400, "message": message}}


def got(url: str) -> httpx.Response:
    """What is to be had at ``url``."""
    return httpx.get(url, headers=HEADERS, trust_env=False)


def test_the_catalogue_holds_the_one_model_with_what_it_takes(offline_url):
    [model] = got(f"{offline_url}/models").json()["data"]

    assert model["id"] == "offline/rough-ears-and-eyes"
    assert model["name"]
    assert "Follows no instructions" in model["description"]
    assert model["architecture"]["input_modalities"] == ["text", "audio", "video"]
    assert set(model["pricing"].values()) == {"0"}
    assert "stream" in model["supported_parameters"]


def test_the_catalogue_is_also_where_litellm_looks(offline_url):
    assert got(f"{offline_url}/models/user").json() == got(f"{offline_url}/models").json()


def test_the_details_of_the_model_are_where_the_catalogue_says(offline_url):
    [model] = got(f"{offline_url}/models").json()["data"]

    details = httpx.URL(offline_url).join(model["links"]["details"])

    assert got(str(details)).json() == model


def test_there_is_no_other_model(offline_url):
    response = got(f"{offline_url}/models/openai/gpt-4o")

    assert response.status_code == 404
    assert "offline/rough-ears-and-eyes" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "model",
    [
        "offline/rough-ears-and-eyes",
        "mistralai/voxtral-small-24b-2507",
        "openai/gpt-4o-audio-preview",
        "openai/gpt-4o",
        "google/gemini-2.5-flash",
        "google/gemini-3-flash-preview",
        "google/gemini-3-pro-preview",
    ],
)
def test_it_stands_in_for_the_guide_s_models(model):
    assert contract.read(json.dumps(request(MOMENT, model=model)).encode()).data == A_MOMENT


def test_it_answers_for_another_model_under_its_own_name(offline_url):
    response = post(offline_url, request(MOMENT, model="mistralai/voxtral-small-24b-2507"))

    assert response.json()["model"] == "offline/rough-ears-and-eyes"


def test_a_question_about_media_of_an_earlier_turn_is_answered(offline_url):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [CUTS]},
        {"role": "assistant", "content": "A film."},
        {"role": "user", "content": [text("And this?"), BEACH]},
        {"role": "assistant", "content": "Words."},
        {"role": "user", "content": "А на русском?"},
    ]

    answer = post(offline_url, request(messages=messages)).json()["choices"][0]["message"]

    assert words(answer["content"]) == f"{SENTENCES['beach.flac']}."
    assert "- Звук: flac" in answer["content"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_does_not_come_up_is_our_failure_and_told_at_once():
    @contextlib.asynccontextmanager
    async def broken(_):
        raise RuntimeError
        yield

    began = time.monotonic()
    with pytest.raises(errors.AppFailed), served(Starlette(lifespan=broken)):
        pass

    assert time.monotonic() - began < 3
