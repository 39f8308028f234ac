"""One run, from a file to a report."""

import asyncio
import base64
import contextlib
import json
import logging
import tempfile
from pathlib import Path

import anyio
import pytest
from pydantic import SecretStr

from services import errors
from services.assistant import (
    Api,
    Ask,
    Assistant,
    Bill,
    Delta,
    Fault,
    LocalFile,
    Options,
    Progress,
    Report,
    Thought,
    Turn,
    VideoLink,
)
from services.external_api.catalogue import GUIDE_MODELS
from services.external_api.client import Client
from services.media.workshop.workshop import Workshop
from services.settings import Settings
from tests import making
from tests.capture import (
    HELLO,
    assistant_at,
    capturing,
    completion,
    delta,
    http,
    nobody,
    streamed,
)

pytestmark = pytest.mark.anyio

#: A place where nothing can be written.
FULL = Path("/dev/full")
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


async def told_of(assistant, ask, **more):
    """What a run tells, and its report."""
    told = []
    report = await assistant.run(ask, told.append, **more)
    return told, report


async def report_of(workshop, media, answer, **more):
    """The report of a run that is answered with ``answer``."""
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        _, report = await told_of(assistant, about(media, **more))
    return report


async def refusal_of(workshop, ask, **environ):
    """The name of the fault of a run that never reaches the API, and is not billed."""
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
    ):
        _, report = await told_of(assistant, ask)
        assert [one for one in server.requests if "completions" in one.line] == []
    assert report.bill == Bill()
    assert report.request is None
    return report.fault.name


# --- events ---------------------------------------------------------------


async def test_a_run_is_progress_then_words_and_one_report(workshop, wav):
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        told, report = await told_of(assistant, about(wav))
    stages = [one.stage for one in told if isinstance(one, Progress)]
    assert list(dict.fromkeys(stages))[:1] == ["inspect"]
    # No "connect": the list of models had the connection before.
    assert stages[-3:] == ["upload", "wait", "stream"]
    assert {one.limit_s for one in told if isinstance(one, Progress)} == {None, 300}
    assert "".join(one.text for one in told if isinstance(one, Delta)) == report.text == "Hello"


async def test_a_link_is_neither_inspected_nor_converted_and_has_the_limit_of_video(workshop):
    async with (
        capturing(http(completion("Hello"), "application/json")) as server,
        assistant_at(server.base_url, workshop, VIDEO_TIMEOUT_S="77") as assistant,
    ):
        told, _ = await told_of(assistant, about(LINK))
    assert told == [
        Progress("connect", limit_s=77),
        Progress("upload", limit_s=77),
        Progress("wait", limit_s=77),
        Delta("Hello"),
    ]


async def test_a_conversion_tells_how_far_it_is(workshop, tmp_path):
    path = tmp_path / "long.caf"
    making.write_sound(path, making.tone(240), container="caf", codec="alac")
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        told, _ = await told_of(assistant, about(path))
    shares = [one.share for one in told if isinstance(one, Progress) and one.stage == "convert"]
    assert shares
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


# --- the report -----------------------------------------------------------


def stable(mapping):
    """Of a report what has its name for good, without the timings."""
    names = ("model", "provider", "finish_reason", "usage", "request", "warnings")
    sent = ("part", "format", "mime", "file_bytes", "base64_bytes", "duration_s", "converted_from")
    kept = {name: mapping[name] for name in names}
    return kept | {"request": {name: mapping["request"][name] for name in sent}}


async def test_the_report_has_its_stable_names(workshop, wav):
    told = {"model": "gpt-4o-2024-08-06", "provider": "Maker", "processing_time_ms": 12}
    answer = streamed(*HELLO, {"choices": [], "usage": USAGE, **told})
    report = (await report_of(workshop, wav, answer)).as_mapping()
    timings = report["timings_ms"]
    size = wav.stat().st_size
    assert stable(report) == {
        "model": "gpt-4o-2024-08-06",
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


def _chunk(**parts):
    return {"choices": [{"index": 0, "delta": parts}]}


async def test_thoughts_are_told_before_the_words_and_stand_in_the_report_beside_them(workshop):
    answer = streamed(_chunk(reasoning="Hm. "), _chunk(reasoning="Well."), *HELLO)
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        told, report = await told_of(assistant, about(LINK))
    assert told[-6:] == [
        Progress("think", limit_s=600),
        Thought("Hm. "),
        Thought("Well."),
        Progress("stream", limit_s=600),
        Delta("Hel"),
        Delta("lo"),
    ]
    assert (report.text, report.extras.reasoning) == ("Hello", "Hm. Well.")
    # Nobody has a word while it thinks.
    assert report.timings_ms.wait is not None


async def test_what_an_answer_has_besides_its_words_comes_back_from_json(workshop):
    besides = {
        "refusal": "Not more.",
        "audio": {"data": "AAAAAAAA"},
        "images": [{"image_url": {"url": "https://x.example/1.png"}}],
        "tool_calls": [{"function": {"name": "add"}}],
        "annotations": [{"url": "https://a.example", "title": "A"}],
    }
    answer = streamed(_chunk(**besides), *HELLO, {"choices": [], "id": "gen-1"})
    report = await report_of(workshop, LINK, answer)
    assert report.id == "gen-1"
    assert report.extras.sounds
    assert (report.extras.tools, report.extras.refusal) == (("add",), "Not more.")
    assert Report.from_mapping(json.loads(json.dumps(report.as_mapping()))) == report


@pytest.mark.parametrize(
    ("told", "warnings"), [("google/gemini-3-flash", ("another_model",)), ("openai/gpt-4o", ())]
)
async def test_another_model_than_asked_for_is_warned_of(workshop, told, warnings):
    answer = streamed(*HELLO, {"choices": [], "model": told})
    assert (await report_of(workshop, LINK, answer)).warnings == warnings


@pytest.mark.parametrize(
    ("more", "environ", "offered"),
    [
        ({}, {}, ("maker/other", "maker/model")),
        ({}, {"EXTERNAL_API_MODELS": "openai/gpt-4o,maker/model"}, ("maker/model",)),
        ({}, {"EXTERNAL_API_MODELS": "openai/gpt-4o"}, ()),
        (
            {"api_key": SecretStr("ak_visitor")},
            {"EXTERNAL_API_MODELS": "openai/gpt-4o"},
            ("maker/other", "maker/model"),
        ),
    ],
    ids=["anybody", "what the host's key is for", "nothing else", "with a key of one's own"],
)
async def test_only_models_that_may_be_asked_are_offered_instead(workshop, more, environ, offered):
    models = ["openai/gpt-4o", "maker/other", "maker/model"]
    error = {"message": "gone", "availability": {"fallback_models": models}}
    answer = http(json.dumps({"error": error}), "application/json", 502)
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
    ):
        server.catalogue = http("", "", 404)
        _, report = await told_of(assistant, about(LINK, **more))
    assert report.fault.fallbacks == offered


async def test_what_the_api_s_list_says_of_a_model_is_known_once_it_is_here(workshop):
    hears = {"id": "c/d", "architecture": {"input_modalities": ["audio"]}}
    listed = {"data": [{"id": "a/b"}, hears]}
    async with (
        capturing(http(json.dumps(listed), "application/json")) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        assert assistant.models.fits("audio", "a/b") is True
        assert await assistant.models.all("audio") == ("c/d", "a/b")
        assert [assistant.models.fits("audio", one) for one in ("a/b", "c/d")] == [None, True]


async def test_what_nobody_knows_is_null_in_the_report(workshop):
    answer = http(json.dumps({"choices": [{"message": {"content": "Hi"}}]}), "application/json")
    report = (await report_of(workshop, LINK, answer)).as_mapping()
    timings = report["timings_ms"]
    assert stable(report) == {
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


async def test_what_was_made_can_be_had_as_it_was_sent_and_no_json_says_where(workshop, caf):
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        _, report = await told_of(assistant, about(caf))
        sent = server.requests[-1].json()["messages"][0]["content"][1]["input_audio"]
        assert report.request.kept_at.read_bytes() == base64.b64decode(sent["data"])
    assert "kept" not in json.dumps(report.as_mapping()["request"])


async def test_what_is_sent_as_it_is_is_not_kept_twice(workshop, wav):
    assert (await report_of(workshop, wav, streamed(*HELLO))).request.kept_at is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(streamed(*HELLO, {"choices": [], "usage": USAGE}), id="an answer"),
        pytest.param(http('{"error": {"message": "no"}}', "application/json", 429), id="a refusal"),
        pytest.param(streamed(HELLO[0], done=False), id="half an answer"),
    ],
)
async def test_the_report_can_be_read_back_from_its_json(workshop, caf, answer):
    options = Options(system_prompt="Be brief.", temperature=0.5)
    report = await report_of(workshop, caf, answer, options=options)
    assert Report.from_mapping(json.loads(json.dumps(report.as_mapping()))) == report
    assert report.request.converted_from == "caf (alac)"
    assert report.options == options


async def test_a_report_of_nothing_can_be_read_back_too(workshop, tmp_path):
    report = await report_of(workshop, tmp_path / "gone.wav", b"")
    assert Report.from_mapping(json.loads(json.dumps(report.as_mapping()))) == report


async def test_neither_key_nor_words_show_in_a_repr(workshop, wav):
    ask = about(
        VideoLink("https://videos.example/private"),
        prompt="a private question",
        api_key=SecretStr("ak_private"),
    )
    answer = streamed(delta("a private answer", finish_reason="stop"))
    report = await report_of(workshop, wav, answer)
    assert "private" not in f"{ask!r} {report!r}"


# --- whose key, which model -----------------------------------------------


async def key_sent(workshop, environ, **more):
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
    ):
        await told_of(assistant, about(LINK, **more))
    return server.requests[0].header("authorization")


async def test_without_a_key_of_ones_own_the_hosts_is_used(workshop):
    assert await key_sent(workshop, {}) == ["Bearer ak_host"]


async def test_a_visitors_key_goes_before_the_hosts(workshop):
    key = SecretStr("ak_visitor")
    assert await key_sent(workshop, {}, api_key=key) == ["Bearer ak_visitor"]


async def test_the_offline_api_gets_a_key_that_opens_nothing(workshop):
    environ = {"EXTERNAL_API_BASE_URL": "", "EXTERNAL_API_KEY": ""}
    assert await key_sent(workshop, environ) == ["Bearer ak_offline"]


async def test_the_hosts_key_is_for_the_hosts_models(workshop):
    ask = about(LINK, model="maker/dear")
    environ = {"EXTERNAL_API_MODELS": "maker/model,maker/other"}
    assert await refusal_of(workshop, ask, **environ) == "ModelNotAllowed"
    assert await key_sent(workshop, environ, model="maker/other") == ["Bearer ak_host"]


async def test_a_visitors_key_is_for_any_model(workshop):
    more = {"model": "maker/dear", "api_key": SecretStr("ak_visitor")}
    environ = {"EXTERNAL_API_MODELS": "maker/model"}
    assert await key_sent(workshop, environ, **more) == ["Bearer ak_visitor"]


async def test_with_nobodys_key_nothing_is_sent(workshop):
    assert await refusal_of(workshop, about(LINK), EXTERNAL_API_KEY="") == "MissingKey"


async def test_a_bad_key_is_refused_before_the_file_is_looked_at(workshop, tmp_path):
    ask = about(tmp_path / "nothing.wav", api_key=SecretStr("ak_a\nb"))
    assert await refusal_of(workshop, ask) == "BadKey"


@pytest.mark.parametrize(
    ("environ", "is_offline", "has_key"),
    [
        ({"EXTERNAL_API_BASE_URL": "", "EXTERNAL_API_KEY": ""}, True, True),
        ({"EXTERNAL_API_KEY": ""}, False, False),
        ({}, False, True),
    ],
    ids=["offline", "no key", "host's key"],
)
async def test_the_page_is_told_who_answers(workshop, environ, is_offline, has_key):
    async with assistant_at("http://localhost:9/v1", workshop, **environ) as assistant:
        assert assistant.api == Api("http://localhost:9/v1", is_offline, has_key)


# --- refusals -------------------------------------------------------------


async def test_without_media_there_is_nothing_to_ask(workshop):
    assert await refusal_of(workshop, about(None)) == "NoMedia"


@pytest.mark.parametrize("prompt", ["", " \n\t"])
async def test_without_a_question_nothing_is_asked(workshop, prompt):
    assert await refusal_of(workshop, about(LINK, prompt=prompt)) == "NoPrompt"


async def test_a_bad_link_is_not_passed_on(workshop):
    ask = about(VideoLink("http://127.0.0.1/private.mp4"))
    assert await refusal_of(workshop, ask) == "BadLink"


async def test_an_upload_that_was_tidied_away_is_gone(workshop, tmp_path):
    assert await refusal_of(workshop, about(tmp_path / "gone.wav")) == "FileGone"


async def test_what_is_no_file_is_no_upload(workshop, tmp_path):
    assert await refusal_of(workshop, about(tmp_path)) == "NotUploaded"


async def test_nothing_lies_in_a_file(workshop, tmp_path):
    (tmp_path / "it.wav").write_bytes(b"")
    assert await refusal_of(workshop, about(tmp_path / "it.wav" / "x")) == "FileGone"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "EmptyFile", id="empty"),
        pytest.param(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/\n", "NotMedia", id="playlist"),
        pytest.param(b"Dear diary", "NotMedia", id="text"),
    ],
)
async def test_a_file_that_is_no_media_is_not_sent(workshop, tmp_path, content, expected):
    path = tmp_path / "sound.mp3"
    path.write_bytes(content)
    assert await refusal_of(workshop, about(path)) == expected


async def test_a_sound_is_no_video(workshop, wav):
    assert await refusal_of(workshop, about(wav, kind="video")) == "NoPicture"


async def test_a_file_over_the_hosts_limit_is_too_large(workshop, tmp_path):
    path = tmp_path / "long.wav"
    making.write_sound(path, making.tone(33), container="wav", codec="pcm_s16le")
    size = path.stat().st_size
    assert 1024 * 1024 < size < 2 * 1024 * 1024
    async with assistant_at("http://localhost:9/v1", workshop, MAX_FILE_MB="1") as assistant:
        _, report = await told_of(assistant, about(path))
    assert report.fault == Fault("FileTooLarge", {"file_bytes": size, "limit_bytes": 1024 * 1024})


async def test_what_counts_is_the_size_as_it_is_sent(workshop, tmp_path):
    path = tmp_path / "long.mkv"
    making.write_sound(path, making.tone(33), container="matroska", codec="pcm_s32le")
    assert path.stat().st_size > 2 * 1024 * 1024
    environ = {"MAX_FILE_MB": "2"}
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
    ):
        _, report = await told_of(assistant, about(path))
    assert report.request.file_bytes < 2 * 1024 * 1024


# --- what may be billed ---------------------------------------------------


BILLS = {
    "answered": (streamed(*HELLO), None, Bill(answered=1)),
    "refused": (http("{}", "application/json", 402), "OutOfCredit", Bill(refused=1)),
    "failed": (http("{}", "application/json", 500), "ProviderFailed", Bill(open=1)),
    "cut": (streamed(HELLO[0], done=False), "IncompleteAnswer", Bill(open=1)),
}


@pytest.mark.parametrize(("answer", "fault", "bill"), BILLS.values(), ids=BILLS)
async def test_what_may_be_billed_is_a_fact_of_the_run(workshop, wav, answer, fault, bill):
    report = await report_of(workshop, wav, answer)
    assert report.fault == (fault and report.fault)
    assert (report.fault.name if report.fault else None) == fault
    assert report.bill == bill
    assert report.request is not None


async def test_where_no_connection_was_made_nothing_was_sent(workshop, wav):
    async with assistant_at("http://127.0.0.1:9/v1", workshop) as assistant:
        assistant._client._pauses_s = ()
        _, report = await told_of(assistant, about(wav))
    assert report.fault.name == "ConnectionFailed"
    assert (report.bill, report.request) == (Bill(), None)


async def test_where_no_worker_could_be_started_nothing_was_sent(wav):
    with Workshop("tests.services.assistant.no_such_jobs") as broken:
        assert await refusal_of(broken, about(wav)) == "AppFailed"


# --- what is ours ---------------------------------------------------------


async def test_a_bug_is_ours_and_the_log_has_its_place_without_its_message(
    workshop, wav, monkeypatch, caplog
):
    def explode(*_, **__):
        raise ValueError("ak_canary in diary.mp3")

    monkeypatch.setattr("services.assistant.ways.chat_request", explode)
    caplog.set_level(logging.DEBUG)
    report = await report_of(workshop, wav, streamed(*HELLO))
    assert report.fault == Fault("AppFailed")
    assert "ValueError < " in caplog.text
    assert "services/assistant/ways.py:" in caplog.text
    assert "canary" not in f"{report} {caplog.text}"


async def test_a_forecast_that_meets_a_bug_says_that_the_app_failed(
    workshop, wav, monkeypatch, caplog
):
    def explode(*_):
        raise KeyError("ak_canary")

    monkeypatch.setattr("services.assistant.preparer.estimate", explode)
    async with assistant_at("http://127.0.0.1:9/v1", workshop) as assistant:
        with pytest.raises(errors.AppFailed):
            await assistant.forecast(about(wav), tell=nobody)
    assert "services/assistant/preparer.py:" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("folder", ["missing", "full"])
async def test_a_temporary_folder_that_cannot_be_written_is_our_failure(
    workshop, caf, tmp_path, monkeypatch, caplog, folder
):
    if folder == "missing":
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    else:
        monkeypatch.setattr("services.assistant.prepared.Prepared._place", lambda _: FULL)
    report = await report_of(workshop, caf, streamed(*HELLO), model="nobody/knows")
    assert report.fault == Fault("AppFailed")
    assert "ENOSPC" in caplog.text or "ENOENT" in caplog.text


def log_line(caplog):
    (line,) = [one.getMessage() for one in caplog.records if one.getMessage().startswith("run ")]
    return line


async def test_a_run_leaves_one_line_in_the_log_and_nothing_private_in_it(workshop, wav, caplog):
    caplog.set_level(logging.INFO)
    options = Options(system_prompt="private system")
    key = SecretStr("ak_private")
    answer = streamed(delta("a private answer", finish_reason="stop"))
    await report_of(
        workshop, wav, answer, prompt="a private question", api_key=key, options=options
    )
    line = log_line(caplog)
    size = wav.stat().st_size
    assert f"run kind=audio model=openai/gpt-4o form=wav bytes={size} prepare_ms=" in line
    assert line.endswith("answered=1 refused=0 open=0 end=answered")
    assert "private" not in line
    assert "tone" not in line


async def test_a_run_that_fails_says_how_in_its_line(workshop, wav, caplog):
    caplog.set_level(logging.INFO)
    await report_of(workshop, wav, http("{}", "application/json", 402))
    assert log_line(caplog).endswith("answered=0 refused=1 open=0 end=OutOfCredit")


@pytest.mark.parametrize("typed", ["мой ключ", "sk-or-a-key-of-mine", "m\nrun kind=forged"])
async def test_what_was_typed_in_the_place_of_a_model_is_not_logged(workshop, caplog, typed):
    caplog.set_level(logging.INFO)
    await report_of(workshop, LINK, streamed(*HELLO), model=typed)
    assert typed not in caplog.text
    assert "model=another " in log_line(caplog)


async def test_a_run_that_is_stopped_has_its_line_too(workshop, caplog):
    caplog.set_level(logging.INFO)
    async with stopped_in_the_middle(workshop, LINK):
        pass
    assert log_line(caplog).endswith("open=1 end=Stopped")


# --- what is left behind --------------------------------------------------


async def test_a_run_leaves_no_file_behind_and_the_upload_alone(workshop, caf, temporary):
    before = caf.read_bytes()
    report = await report_of(workshop, caf, streamed(*HELLO))
    assert report.fault is None
    assert list(temporary.iterdir()) == []
    assert caf.read_bytes() == before


@pytest.mark.parametrize(
    "answer",
    [http("{}", "application/json", 500), streamed(HELLO[0], done=False)],
    ids=["a refusal", "half an answer"],
)
async def test_a_failed_run_leaves_no_file_behind(workshop, wav, temporary, answer):
    assert (await report_of(workshop, wav, answer)).fault is not None
    assert list(temporary.iterdir()) == []


@contextlib.asynccontextmanager
async def stopped_in_the_middle(workshop, media, **environ):
    """A run that is cancelled once it has words; the server it spoke to."""

    async def answer(reader, writer):
        writer.write(streamed(HELLO[0], done=False))
        await reader.read()

    has_words = asyncio.Event()

    def tell(event):
        if isinstance(event, Delta):
            has_words.set()

    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
        asyncio.timeout(20),
    ):
        server.answer = answer if isinstance(media, VideoLink) else no_models_first(answer)
        stopped = []
        run = asyncio.create_task(assistant.run(about(media), tell, stopped=stopped.append))
        await has_words.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        yield server, stopped


def no_models_first(answer):
    """``answer``, but for the question which models there are."""
    asked = []

    async def first_none(reader, writer):
        asked.append(1)
        if len(asked) > 1:
            await answer(reader, writer)
        else:
            writer.write(http("", "", 404, "Connection: close"))

    return first_none


async def test_a_run_that_is_cancelled_leaves_no_file_behind(workshop, wav, temporary):
    async with stopped_in_the_middle(workshop, wav):
        assert list(temporary.iterdir()) == []


async def test_a_run_that_is_cancelled_closes_its_connection(workshop):
    async with stopped_in_the_middle(workshop, LINK) as (server, _):
        await server.hung_up.wait()


async def test_who_stops_a_run_gets_what_is_known_of_it(workshop):
    async with stopped_in_the_middle(workshop, LINK) as (_, stopped):
        (report,) = stopped
    assert (report.text, report.bill, report.fault) == ("Hel", Bill(open=1), Fault("Stopped"))


# --- the same form, whoever opened the page --------------------------------


async def test_the_same_question_goes_out_in_the_same_form_before_and_after_the_models_are_known(
    workshop, tmp_path
):
    path = tmp_path / "a.flac"
    making.write_sound(path, making.tone(0.3), container="flac", codec="flac")
    entry = {"id": "new/ears", "architecture": {"input_modalities": ["audio", "mp3", "flac"]}}
    listed = http(json.dumps({"data": [entry]}), "application/json", 200, "Connection: close")

    async def answer(_, writer):
        is_first = len(server.requests) == 1
        writer.write(listed if is_first else streamed(*HELLO))

    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        forms = []
        for _ in range(2):
            _, report = await told_of(assistant, about(path, model="new/ears"))
            forms.append(report.request.format)
    assert forms == ["flac", "flac"]


# --- the end of the app ----------------------------------------------------


async def test_a_run_that_can_finish_in_time_does(workshop):
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        run = asyncio.create_task(assistant.run(about(LINK), nobody))
        await asyncio.sleep(0)
        await asyncio.to_thread(assistant.stop, 20)
        assert (await run).text == "Hello"


async def test_a_run_that_cannot_is_told_so_with_what_it_has(workshop):
    has_words = asyncio.Event()

    async def answer(reader, writer):
        writer.write(streamed(HELLO[0], done=False))
        await reader.read()

    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop) as assistant,
        asyncio.timeout(20),
    ):
        run = asyncio.create_task(
            assistant.run(
                about(LINK), lambda event: has_words.set() if isinstance(event, Delta) else None
            )
        )
        await has_words.wait()
        await asyncio.to_thread(assistant.stop, 0.05)
        report = await run
    assert report.fault == Fault("AppStopping")
    assert report.bill == Bill(open=1)


async def test_a_look_at_a_file_ends_with_the_app(workshop, wav):
    """Its waiter is told so: else the page would look at the file for ever."""
    is_asked = asyncio.Event()

    async def silence(reader, writer):
        is_asked.set()
        await reader.read()

    async with (
        capturing(silence) as server,
        assistant_at(server.base_url, workshop) as assistant,
        asyncio.timeout(20),
    ):
        look = asyncio.create_task(assistant.forecast(about(wav), tell=nobody))
        await is_asked.wait()
        await asyncio.to_thread(assistant.stop, 0.05)
        with pytest.raises(errors.AppStopping):
            await look


async def test_nothing_new_begins_while_the_app_ends(workshop):
    async with assistant_at("http://127.0.0.1:9/v1", workshop) as assistant:
        await asyncio.to_thread(assistant.stop, 0)
        _, report = await told_of(assistant, about(LINK))
    assert report.fault == Fault("AppStopping")


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
        assert await assistant.models.all("audio") == ("a/both", "a/ears")
        assert await assistant.models.all("video") == ("a/both",)
    assert server.requests[0].header("authorization") == ["Bearer ak_host"]


async def test_the_hosts_list_narrows_the_models():
    environ = {"EXTERNAL_API_MODELS": "a/ears,a/elsewhere"}
    async with asked_for_models(BOTH, environ) as (assistant, _, _):
        assert await assistant.models.all("audio") == ("a/ears",)


@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_without_a_catalogue_the_guides_models_are_offered(kind):
    async with asked_for_models(http("", "", 404)) as (assistant, _, _):
        assert await assistant.models.all(kind) == GUIDE_MODELS[kind]


@pytest.mark.parametrize(
    ("answer", "believed_s"),
    [(BOTH, 600), (http("", "", 404), 60)],
    ids=["a catalogue", "none"],
)
async def test_a_catalogue_is_believed_for_a_while(answer, believed_s):
    async with asked_for_models(answer) as (assistant, server, now):
        await assistant.models.all("audio")
        now[0] = believed_s - 1
        await assistant.models.all("video")
        assert len(server.requests) == 1
        now[0] = believed_s
        with anyio.fail_after(20):
            while len(server.requests) < 2:  # nobody waits for the new list
                await assistant.models.all("audio")
                await asyncio.sleep(0)


async def test_visitors_at_once_read_one_catalogue():
    async with asked_for_models(BOTH) as (assistant, server, _):
        await asyncio.gather(*(assistant.models.all("audio") for _ in range(5)))
    assert len(server.requests) == 1


# --- follow-up questions --------------------------------------------------

EARLIER = (Turn("What?", "A tone."),)


async def test_a_follow_up_sends_the_conversation_and_counts_it(workshop, wav):
    ask = about(wav, prompt="How high?", earlier=EARLIER)
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        forecast = await assistant.forecast(ask, tell=nobody)
        _, report = await told_of(assistant, ask)
        (request,) = (one for one in server.requests if "completions" in one.line)

    messages = json.loads(request.body)["messages"]
    assert [one["role"] for one in messages] == ["user", "assistant", "user"]
    assert report.request.turns == 2
    assert report.request.body_bytes == forecast.body_bytes == len(request.body)


async def test_a_follow_up_is_sent_whole_again_after_a_busy_answer(workshop, wav):
    answers = [http("{}", "application/json", 503, "Retry-After: 0"), streamed(*HELLO)]

    async def answer(_, writer):
        writer.write(answers.pop(0))

    async with (
        capturing(no_models_first(answer)) as server,
        assistant_at(server.base_url, workshop) as assistant,
        asyncio.timeout(20),
    ):
        _, report = await told_of(assistant, about(wav, earlier=EARLIER))
        sent = [one.body for one in server.requests if "completions" in one.line]

    assert report.fault is None
    assert len(sent) == 2
    assert len(set(sent)) == 1


async def test_a_follow_up_in_pieces_is_refused(workshop, wav):
    ask = about(wav, earlier=EARLIER, in_pieces=True)
    assert await refusal_of(workshop, ask) == "FollowUpInPieces"


async def test_a_conversation_that_is_too_long_is_refused(workshop, wav):
    assert await refusal_of(workshop, about(wav, earlier=EARLIER * 51)) == "ConversationTooLong"
