"""One run, from a file to a report."""

import asyncio
import contextlib
import json
import tempfile

import pytest
from pydantic import SecretStr

from services import errors
from services.assistant import (
    Api,
    Ask,
    Assistant,
    LocalFile,
    Partial,
    Progress,
    Report,
    VideoLink,
)
from services.external_api.catalogue import GUIDE_MODELS
from services.external_api.client import Client
from services.settings import Settings
from tests import making
from tests.capture import HELLO, assistant_at, capturing, completion, delta, http, streamed

pytestmark = pytest.mark.anyio

LINK = VideoLink("https://videos.example/1")
USAGE = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9, "cost": 0}


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    path = tmp_path_factory.mktemp("media") / "tone.wav"
    return making.write_sound(path, making.tone(0.3), container="wav", codec="pcm_s16le")


@pytest.fixture(scope="module")
def caf(tmp_path_factory):
    """A sound that has to be converted."""
    path = tmp_path_factory.mktemp("media") / "tone.caf"
    return making.write_sound(path, making.tone(0.3), container="caf", codec="alac")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where temporary directories are made during this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def about(media, **more):
    if not isinstance(media, VideoLink | None):
        media = LocalFile(media, more.pop("kind", "audio"))
    return Ask(media, **{"prompt": "What?", "model": "openai/gpt-4o"} | more)


async def events_of(assistant, ask):
    async with contextlib.aclosing(assistant.run(ask)) as events:
        return [event async for event in events]


async def report_of(sandbox, media, answer):
    """The report of a run that is answered with ``answer``."""
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, sandbox) as assistant,
    ):
        *_, report = await events_of(assistant, about(media))
    assert isinstance(report, Report)
    return report


async def refusal_of(sandbox, ask, **environ):
    """The error of a run that never reaches the API."""
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, sandbox, **environ) as assistant,
    ):
        with pytest.raises(errors.InputError) as refused:
            await events_of(assistant, ask)
        assert server.connections == 0
    return type(refused.value)


# --- events ---------------------------------------------------------------


async def test_a_run_is_progress_then_words_then_one_report(sandbox, wav):
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, sandbox) as assistant,
    ):
        events = await events_of(assistant, about(wav))
    assert events[:-1] == [
        Progress("inspect"),
        Progress("connect", limit_s=300),
        Progress("upload", limit_s=300),
        Progress("wait", limit_s=300),
        Progress("stream", limit_s=300),
        Partial("Hello"),
    ]
    assert events[-1].text == "Hello"


async def test_a_link_is_neither_inspected_nor_converted_and_has_the_limit_of_video(sandbox):
    async with (
        capturing(http(completion("Hello"), "application/json")) as server,
        assistant_at(server.base_url, sandbox, VIDEO_TIMEOUT_S="77") as assistant,
    ):
        events = await events_of(assistant, about(LINK))
    assert events[:-1] == [
        Progress("connect", limit_s=77),
        Progress("upload", limit_s=77),
        Progress("wait", limit_s=77),
        Partial("Hello"),
    ]


async def test_a_conversion_tells_how_far_it_is(sandbox, tmp_path):
    path = tmp_path / "long.caf"
    making.write_sound(path, making.tone(6), container="caf", codec="alac")
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, sandbox) as assistant,
    ):
        events = await events_of(assistant, about(path))
    shares = [one.share for one in events if isinstance(one, Progress) and one.stage == "convert"]
    assert shares == sorted(shares)
    assert len(shares) >= 4
    assert all(0 < share <= 1 for share in shares)


# --- the report -----------------------------------------------------------


async def test_the_report_has_its_stable_names(sandbox, wav):
    told = {"model": "maker/model-1", "provider": "Maker", "processing_time_ms": 12}
    answer = streamed(*HELLO, {"choices": [], "usage": USAGE, **told})
    report = (await report_of(sandbox, wav, answer)).as_mapping()
    timings = report.pop("timings_ms")
    size = wav.stat().st_size
    assert report == {
        "model": "maker/model-1",
        "provider": "Maker",
        "finish_reason": "stop",
        "usage": USAGE,
        "request": {
            "part": "input_audio",
            "format": "wav",
            "mime": None,
            "file_bytes": size,
            "base64_bytes": -(-size // 3) * 4,
            "duration_s": pytest.approx(0.3),
            "converted_from": None,
        },
        "warnings": [],
    }
    assert list(timings) == ["prepare", "connect", "upload", "wait", "stream", "total", "server"]
    assert timings["server"] == 12
    phases = [timings[name] for name in ("prepare", "connect", "upload", "wait", "stream")]
    assert all(phase >= 0 for phase in phases)
    assert timings["total"] >= sum(phases) * 0.999


async def test_what_nobody_knows_is_null_in_the_report(sandbox):
    answer = http(json.dumps({"choices": [{"message": {"content": "Hi"}}]}), "application/json")
    report = (await report_of(sandbox, LINK, answer)).as_mapping()
    timings = report.pop("timings_ms")
    assert report == {
        "model": None,
        "provider": None,
        "finish_reason": None,
        "usage": None,
        "request": {
            "part": "video_url",
            "format": None,
            "mime": None,
            "file_bytes": None,
            "base64_bytes": None,
            "duration_s": None,
            "converted_from": None,
        },
        "warnings": [],
    }
    assert (timings["stream"], timings["server"]) == (None, None)


async def test_the_report_is_json(sandbox, caf):
    report = await report_of(sandbox, caf, streamed(*HELLO, {"choices": [], "usage": USAGE}))
    assert json.loads(json.dumps(report.as_mapping())) == report.as_mapping()
    assert report.as_mapping()["request"]["converted_from"] == "caf (alac)"


async def test_neither_key_nor_words_show_in_a_repr(sandbox, wav):
    ask = about(
        VideoLink("https://videos.example/private"),
        prompt="a private question",
        api_key=SecretStr("ak_private"),
    )
    answer = streamed(delta("a private answer", finish_reason="stop"))
    report = await report_of(sandbox, wav, answer)
    assert "private" not in f"{ask!r} {report!r}"


# --- whose key, which model -----------------------------------------------


async def key_sent(sandbox, environ, **more):
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, sandbox, **environ) as assistant,
    ):
        await events_of(assistant, about(LINK, **more))
    return server.requests[0].header("authorization")


async def test_without_a_key_of_ones_own_the_hosts_is_used(sandbox):
    assert await key_sent(sandbox, {}) == ["Bearer ak_host"]


async def test_a_visitors_key_goes_before_the_hosts(sandbox):
    key = SecretStr("ak_visitor")
    assert await key_sent(sandbox, {}, api_key=key) == ["Bearer ak_visitor"]


async def test_the_offline_api_gets_a_key_that_opens_nothing(sandbox):
    environ = {"EXTERNAL_API_BASE_URL": "", "EXTERNAL_API_KEY": ""}
    assert await key_sent(sandbox, environ) == ["Bearer ak_offline"]


async def test_the_hosts_key_is_for_the_hosts_models(sandbox):
    ask = about(LINK, model="maker/dear")
    environ = {"EXTERNAL_API_MODELS": "maker/model,maker/other"}
    assert await refusal_of(sandbox, ask, **environ) is errors.ModelNotAllowed
    assert await key_sent(sandbox, environ, model="maker/other") == ["Bearer ak_host"]


async def test_a_visitors_key_is_for_any_model(sandbox):
    more = {"model": "maker/dear", "api_key": SecretStr("ak_visitor")}
    environ = {"EXTERNAL_API_MODELS": "maker/model"}
    assert await key_sent(sandbox, environ, **more) == ["Bearer ak_visitor"]


async def test_with_nobodys_key_nothing_is_sent(sandbox):
    assert await refusal_of(sandbox, about(LINK), EXTERNAL_API_KEY="") is errors.MissingKey


async def test_a_bad_key_is_refused_before_the_file_is_looked_at(sandbox, tmp_path):
    ask = about(tmp_path / "nothing.wav", api_key=SecretStr("ak_a\nb"))
    assert await refusal_of(sandbox, ask) is errors.BadKey


@pytest.mark.parametrize(
    ("environ", "is_offline", "has_key"),
    [
        ({"EXTERNAL_API_BASE_URL": "", "EXTERNAL_API_KEY": ""}, True, True),
        ({"EXTERNAL_API_KEY": ""}, False, False),
        ({}, False, True),
    ],
    ids=["offline", "no key", "host's key"],
)
async def test_the_page_is_told_who_answers(sandbox, environ, is_offline, has_key):
    async with assistant_at("http://localhost:9/v1", sandbox, **environ) as assistant:
        assert assistant.api == Api("http://localhost:9/v1", is_offline, has_key)


# --- refusals -------------------------------------------------------------


async def test_without_media_there_is_nothing_to_ask(sandbox):
    assert await refusal_of(sandbox, about(None)) is errors.NoMedia


@pytest.mark.parametrize("prompt", ["", " \n\t"])
async def test_without_a_question_nothing_is_asked(sandbox, prompt):
    assert await refusal_of(sandbox, about(LINK, prompt=prompt)) is errors.NoPrompt


async def test_a_bad_link_is_not_passed_on(sandbox):
    ask = about(VideoLink("http://127.0.0.1/private.mp4"))
    assert await refusal_of(sandbox, ask) is errors.BadLink


async def test_an_upload_that_was_tidied_away_is_gone(sandbox, tmp_path):
    assert await refusal_of(sandbox, about(tmp_path / "gone.wav")) is errors.FileGone


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", errors.EmptyFile, id="empty"),
        pytest.param(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/\n", errors.NotMedia, id="playlist"),
        pytest.param(b"Dear diary", errors.NotMedia, id="text"),
    ],
)
async def test_a_file_that_is_no_media_is_not_sent(sandbox, tmp_path, content, expected):
    path = tmp_path / "sound.mp3"
    path.write_bytes(content)
    assert await refusal_of(sandbox, about(path)) is expected


async def test_a_sound_is_no_video(sandbox, wav):
    assert await refusal_of(sandbox, about(wav, kind="video")) is errors.NoPicture


async def test_a_file_over_the_hosts_limit_is_too_large(sandbox, tmp_path):
    path = tmp_path / "long.wav"
    making.write_sound(path, making.tone(33), container="wav", codec="pcm_s16le")
    size = path.stat().st_size
    assert 1024 * 1024 < size < 2 * 1024 * 1024
    async with assistant_at("http://localhost:9/v1", sandbox, MAX_FILE_MB="1") as assistant:
        with pytest.raises(errors.FileTooLarge) as refused:
            await events_of(assistant, about(path))
    assert refused.value.facts == {"file_bytes": size, "limit_bytes": 1024 * 1024}


async def test_what_counts_is_the_size_as_it_is_sent(sandbox, tmp_path):
    path = tmp_path / "long.mkv"
    making.write_sound(path, making.tone(33), container="matroska", codec="pcm_s32le")
    assert path.stat().st_size > 2 * 1024 * 1024
    environ = {"MAX_FILE_MB": "2"}
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, sandbox, **environ) as assistant,
    ):
        *_, report = await events_of(assistant, about(path))
    assert report.request.file_bytes < 2 * 1024 * 1024


async def test_the_api_failing_is_an_error_of_ours(sandbox, wav):
    answer = http('{"error": {"message": "no"}}', "application/json", 500)
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, sandbox) as assistant,
    ):
        with pytest.raises(errors.ProviderFailed):
            await events_of(assistant, about(wav))
        assert len(server.requests) == 1


# --- what is left behind --------------------------------------------------


async def test_a_run_leaves_no_file_behind_and_the_upload_alone(sandbox, caf, temporary):
    before = caf.read_bytes()
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, sandbox) as assistant,
    ):
        async for event in assistant.run(about(caf)):
            if not isinstance(event, Report):
                (workdir,) = temporary.iterdir()
                assert workdir.name.startswith("show-and-tell-")
    assert list(temporary.iterdir()) == []
    assert caf.read_bytes() == before


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http("{}", "application/json", 500), errors.ProviderFailed),
        (streamed(HELLO[0], done=False), errors.IncompleteAnswer),
    ],
    ids=["a refusal", "half an answer"],
)
async def test_a_failed_run_leaves_no_file_behind(sandbox, wav, temporary, answer, expected):
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, sandbox) as assistant,
    ):
        with pytest.raises(expected):
            await events_of(assistant, about(wav))
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("last", "connections"),
    [(Progress("inspect"), 0), (Partial("Hel"), 1)],
    ids=["inspect", "stream"],
)
async def test_a_run_that_is_closed_leaves_no_file_behind(
    sandbox, wav, temporary, last, connections
):
    async def answer(reader, writer):
        writer.write(streamed(HELLO[0], done=False))
        await reader.read()

    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, sandbox) as assistant,
    ):
        events = assistant.run(about(wav))
        while await anext(events) != last:
            pass
        assert len(list(temporary.iterdir())) == 1
        await events.aclose()
        assert list(temporary.iterdir()) == []
        assert server.connections == connections


async def test_a_run_that_is_closed_closes_its_connection(sandbox):
    async def answer(reader, writer):
        writer.write(streamed(HELLO[0], done=False))
        await reader.read()

    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, sandbox) as assistant,
        asyncio.timeout(20),
    ):
        async with contextlib.aclosing(assistant.run(about(LINK))) as events:
            while await anext(events) != Partial("Hel"):
                pass
        await server.hung_up.wait()


# --- models ---------------------------------------------------------------


def catalogue(*entries):
    data = [
        {"id": name, "architecture": {"input_modalities": list(takes)}} for name, takes in entries
    ]
    return http(json.dumps({"data": data}), "application/json")


BOTH = catalogue(("a/both", ["audio", "video"]), ("a/ears", ["audio"]), ("a/text", ["text"]))


@contextlib.asynccontextmanager
async def asked_for_models(answer, environ=None):
    """An assistant whose clock stands at ``now[0]``, and the server it asks."""
    now = [0.0]
    settings = Settings.from_environ({"EXTERNAL_API_KEY": "ak_host"} | (environ or {}))
    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        yield Assistant(settings, None, client, clock=lambda: now[0]), server, now


async def test_models_are_those_that_take_the_kind():
    async with asked_for_models(BOTH) as (assistant, server, _):
        assert await assistant.models("audio") == ("a/both", "a/ears")
        assert await assistant.models("video") == ("a/both",)
    assert server.requests[0].header("authorization") == ["Bearer ak_host"]


async def test_the_hosts_list_narrows_the_models():
    environ = {"EXTERNAL_API_MODELS": "a/ears,a/elsewhere"}
    async with asked_for_models(BOTH, environ) as (assistant, _, _):
        assert await assistant.models("audio") == ("a/ears",)


@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_without_a_catalogue_the_guides_models_are_offered(kind):
    async with asked_for_models(http("", "", 404)) as (assistant, _, _):
        assert await assistant.models(kind) == GUIDE_MODELS[kind]


@pytest.mark.parametrize(
    ("answer", "believed_s"),
    [(BOTH, 600), (http("", "", 404), 60)],
    ids=["a catalogue", "none"],
)
async def test_a_catalogue_is_believed_for_a_while(answer, believed_s):
    async with asked_for_models(answer) as (assistant, server, now):
        await assistant.models("audio")
        now[0] = believed_s - 1
        await assistant.models("video")
        assert len(server.requests) == 1
        now[0] = believed_s
        await assistant.models("audio")
        assert len(server.requests) == 2


async def test_visitors_at_once_read_one_catalogue():
    async with asked_for_models(BOTH) as (assistant, server, _):
        await asyncio.gather(*(assistant.models("audio") for _ in range(5)))
    assert len(server.requests) == 1
