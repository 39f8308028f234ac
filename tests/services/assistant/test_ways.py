"""Where a question about a sound goes: which endpoint is tried, and what is remembered of it."""

import contextlib
import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import SecretStr

from services.assistant import Ask, Bill, Fit, LocalFile, Options, Report, Turn, sent_call
from services.assistant.models import Models
from services.assistant.ways import MOST_ECHOED_BYTES, Way, Ways
from services.errors import NotFound
from services.external_api.catalogue import Catalogue
from services.media.values import MediaFacts, Sendable, Span
from tests import making
from tests.capture import assistant_at, capturing, completion, http, nobody
from tests.clips import SENTENCES, clip

pytestmark = pytest.mark.anyio

WRITTEN = "audio/transcriptions"
CHAT = "chat/completions"
MODEL = "offline/rough-ears-and-eyes"
PARTY = LocalFile(clip("party.mp3"), "audio")
TRANSCRIPT = {
    "text": "One two.",
    "segments": [{"id": 0, "start": 0.0, "end": 1.0, "text": "One two."}],
    "words": [
        {"word": "One", "start": 0.0, "end": 0.4},
        {"word": "two", "start": 0.5, "end": 1.0},
    ],
    "usage": {"seconds": 2.5, "cost": 0.25},
}
#: A model that writes down, as OpenRouter lists it.
SCRIBE = {
    "id": "maker/scribe",
    "architecture": {"input_modalities": ["audio"], "output_modalities": ["transcription"]},
    "pricing": {"prompt": "0", "completion": "0"},
}
NO_ROUTE = http('{"detail": "Not Found"}', "application/json", 404)


def ask_of(endpoint=WRITTEN, model="maker/model", **more):
    return Ask(more.pop("media", PARTY), "Transcribe", model, endpoint=endpoint, **more)


class Api:
    """What answers at each endpoint, and which of them were asked, in order."""

    def __init__(self, server, chat=None, written=None):
        self._server = server
        self._answers = {
            CHAT: chat or http(completion("Hello", usage={"cost": 0.5}), "application/json"),
            WRITTEN: written or http(json.dumps(TRANSCRIPT), "application/json"),
        }

    async def __call__(self, _, writer):
        writer.write(self._answers[self.asked[-1]])
        await writer.drain()

    @property
    def asked(self):
        lines = [request.line.split()[1] for request in self._server.requests]
        return [line.removeprefix("/api/v1/") for line in lines]


@contextlib.asynccontextmanager
async def api_of(workshop, models=(), environ=None, **answers):
    """An assistant over an API with ``answers``, and that API."""
    catalogue = http(json.dumps({"data": list(models)}), "application/json")
    async with (
        capturing(b"", catalogue=catalogue) as server,
        assistant_at(server.base_url, workshop, **(environ or {})) as assistant,
    ):
        server.answer = Api(server, **answers)
        yield assistant, server.answer


async def test_a_transcription_is_written_down_with_its_times(workshop):
    async with api_of(workshop) as (assistant, api):
        report = await assistant.run(ask_of(), nobody)
    assert api.asked == [WRITTEN]
    assert (report.text, report.fault, report.bill) == ("One two.", None, Bill(answered=1))
    assert (report.request.endpoint, report.request.instead_of) == (WRITTEN, None)
    assert report.request.url.endswith(f"/api/v1/{WRITTEN}")
    (cue,) = report.cues
    assert (cue.start_s, cue.end_s, cue.text) == (0.0, 1.0, "One two.")
    assert [word.text for word in cue.words] == ["One ", "two."]
    assert report.counted.seconds == 2.5
    assert report.timings_ms.stream is None


async def test_its_times_survive_json(workshop):
    async with api_of(workshop) as (assistant, _):
        report = await assistant.run(ask_of(), nobody)
    again = Report.from_mapping(json.loads(json.dumps(report.as_mapping())))
    assert again.cues == report.cues
    assert again.request.endpoint == WRITTEN


async def test_what_nobody_chose_is_a_chat_completion(workshop):
    async with api_of(workshop) as (assistant, api):
        report = await assistant.run(ask_of(None), nobody)
    assert api.asked == [CHAT]
    assert (report.request.endpoint, report.request.instead_of) == (CHAT, None)


async def test_a_model_that_only_writes_down_is_not_asked_anything(workshop):
    async with api_of(workshop, models=[SCRIBE]) as (assistant, api):
        report = await assistant.run(ask_of(None, "maker/scribe"), nobody)
        forecast = await assistant.forecast(ask_of(None, "maker/scribe"), tell=nobody)
        assert "maker/scribe" in await assistant.models.all("audio")
    assert api.asked == [WRITTEN]
    assert report.text == "One two."
    assert forecast.costs is None  # free tokens are not a free transcription


async def test_even_that_is_asked_where_a_person_wants_it(workshop):
    async with api_of(workshop, models=[SCRIBE]) as (assistant, api):
        await assistant.run(ask_of(CHAT, "maker/scribe"), nobody)
    assert api.asked == [CHAT]


@pytest.mark.parametrize(
    "more",
    [
        {"media": LocalFile(clip("cuts.mp4"), "video")},
        {"earlier": (Turn("Who?", "Ann."),)},
    ],
    ids=["a film", "a follow-up"],
)
async def test_what_is_no_sound_alone_is_asked_about(workshop, more):
    async with api_of(workshop) as (assistant, api):
        report = await assistant.run(ask_of(**more), nobody)
    assert api.asked == [CHAT]
    assert report.text == "Hello"


async def test_the_sound_of_a_film_is_written_down(workshop):
    async with api_of(workshop) as (assistant, api):
        await assistant.run(ask_of(media=LocalFile(clip("cuts.mp4"), "audio")), nobody)
    assert api.asked == [WRITTEN]


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_where_it_is_not_there_the_question_is_asked_instead(workshop, status):
    async with api_of(workshop, written=http("", "", status)) as (assistant, api):
        report = await assistant.run(ask_of(), nobody)
    assert api.asked == [WRITTEN, CHAT]
    assert (report.text, report.fault) == ("Hello", None)
    assert (report.request.endpoint, report.request.instead_of) == (CHAT, WRITTEN)
    assert report.bill == Bill(answered=1, refused=1)
    assert sent_call(report, "Transcribe").url.endswith(CHAT)


async def test_that_it_is_not_there_is_found_out_once(workshop):
    async with api_of(workshop, written=NO_ROUTE) as (assistant, api):
        reports = [
            await assistant.run(ask_of(model=model), nobody) for model in ("a/b", "a/b", "c/d")
        ]
    assert api.asked == [WRITTEN, CHAT, CHAT, CHAT]
    assert {one.request.instead_of for one in reports} == {WRITTEN}


async def test_another_key_may_have_it(workshop):
    async with api_of(workshop, written=NO_ROUTE) as (assistant, api):
        for key in (None, SecretStr("ak_mine"), SecretStr("ak_mine")):
            await assistant.run(ask_of(api_key=key), nobody)
    assert api.asked == [WRITTEN, CHAT, WRITTEN, CHAT, CHAT]


async def test_of_a_model_that_is_not_there_the_others_are_not_suspected(workshop):
    gone = http('{"error": {"message": "No such model: a/b"}}', "application/json", 404)
    async with api_of(workshop, written=gone) as (assistant, api):
        for model in ("a/b", "a/b", "c/d"):
            await assistant.run(ask_of(model=model), nobody)
    assert api.asked == [WRITTEN, CHAT, CHAT, WRITTEN, CHAT]


async def test_a_model_without_times_writes_down_without_them(workshop):
    refusal = http('{"error": {"message": "verbose_json is not supported"}}', "", 400)
    plain = http('{"text": "One two."}', "application/json")
    async with api_of(workshop) as (assistant, api):
        given = [refusal, plain, plain]

        async def answer(_, writer):
            writer.write(given.pop(0))
            await writer.drain()

        api._server.answer = answer
        reports = [await assistant.run(ask_of(), nobody) for _ in range(2)]
        bodies = [request.json() for request in api._server.requests]
    assert ["response_format" in one for one in bodies] == [True, False, False]
    for report in reports:
        assert (report.text, report.fault, report.cues) == ("One two.", None, ())
        call = sent_call(report, "Transcribe")
        assert json.loads(call.body(bodies[1]["input_audio"]["data"])) == bodies[1]


async def test_what_fails_there_is_not_asked_elsewhere(workshop):
    broken = http('{"error": {"message": "no GPU"}}', "application/json", 500)
    async with api_of(workshop, written=broken) as (assistant, api):
        report = await assistant.run(ask_of(), nobody)
    assert api.asked == [WRITTEN]
    assert report.fault.name == "ProviderFailed"
    assert report.request.endpoint == WRITTEN


async def test_both_tries_are_one_call_of_the_hosts(workshop):
    environ = {"VISITOR_LIMIT": "3", "DAILY_COST_LIMIT": "1"}
    async with api_of(workshop, written=NO_ROUTE, environ=environ) as (assistant, _):
        await assistant.run(ask_of(), nobody, payer="ann")
        left = await assistant.left("ann")
        second = await assistant.run(ask_of(), nobody, payer="ann")
        third = await assistant.run(ask_of(), nobody, payer="ann")
    assert left.calls == 2
    assert second.fault is None
    assert third.fault.name == "DayIsSpent"  # twice half a dollar


async def test_what_a_transcription_costs_is_counted(workshop):
    async with api_of(workshop, environ={"DAILY_COST_LIMIT": "0.5"}) as (assistant, _):
        reports = [await assistant.run(ask_of(), nobody, payer="ann") for _ in range(3)]
    assert [one.fault and one.fault.name for one in reports] == [None, None, "DayIsSpent"]


async def test_times_of_pieces_count_from_the_start_of_the_file(workshop, tmp_path):
    minute = np.concatenate([making.tone(59.0), making.silence(1.0)])
    talk = making.write_long(tmp_path / "talk.mp3", minute, 11)
    ask = ask_of(media=LocalFile(talk, "audio"), in_pieces=True)
    async with api_of(workshop) as (assistant, api):
        report = await assistant.run(ask, nobody)
    assert api.asked == [WRITTEN, WRITTEN]
    first, second = report.cues
    assert (first.start_s, first.words[0].start_s) == (0.0, 0.0)
    assert second.start_s == second.words[0].start_s > 500
    assert report.request.span.start_s == 0.0
    assert sent_call(report, "Transcribe").pieces == 2


async def test_of_a_part_times_count_from_where_it_begins(workshop, tmp_path):
    tone = making.write_sound(
        tmp_path / "tone.wav", making.tone(4.0), container="wav", codec="pcm_s16le"
    )
    ask = ask_of(media=LocalFile(tone, "audio"), fit=Fit(start_s=2.0))
    async with api_of(workshop) as (assistant, _):
        report = await assistant.run(ask, nobody)
    assert report.request.times_from_s == 2.0
    assert report.request.span == Span(2.0, pytest.approx(4.0, abs=0.1))
    assert report.cues[0].start_s == 2.0  # of the file


async def test_few_tokens_say_nothing_of_a_transcription(workshop, tmp_path):
    tone = making.write_sound(
        tmp_path / "tone.wav", making.tone(8.0), container="wav", codec="pcm_s16le"
    )
    counted = TRANSCRIPT | {"usage": {"input_tokens": 2, "input_token_details": {}}}
    written = http(json.dumps(counted), "application/json")
    async with api_of(workshop, written=written) as (assistant, _):
        report = await assistant.run(ask_of(media=LocalFile(tone, "audio")), nobody)
    assert (report.counted.prompt_tokens, report.warnings) == (2, ())


async def test_the_offline_api_writes_down_each_word_with_its_time(workshop, offline_url):
    async with assistant_at(offline_url, workshop) as assistant:
        report = await assistant.run(ask_of(model=MODEL), nobody)
    assert report.fault is None
    assert report.text == f"{SENTENCES['party.mp3']}."
    (cue,) = report.cues
    assert "".join(word.text for word in cue.words) == report.text
    assert len(cue.words) == len(report.text.split())
    times = [time for word in cue.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert cue.doubt is None


async def test_the_offline_api_tells_what_it_was_given(workshop, offline_url):
    async with assistant_at(offline_url, workshop) as assistant:
        reports = [
            await assistant.run(ask_of(None, MODEL, echoes=echoes), nobody)
            for echoes in (True, False)
        ]
    told, untold = (one.request for one in reports)
    (media,) = told.passed_on.media
    assert (media.part, media.form, media.base64_bytes) == ("input_audio", "mp3", told.base64_bytes)
    assert (told.echoes, untold.echoes, untold.passed_on) == (True, False, None)
    again = Report.from_mapping(json.loads(json.dumps(reports[0].as_mapping())))
    assert again.request.passed_on == told.passed_on
    assert reports[0].text == reports[1].text


# What is believed, and for how long.


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


MEDIA = Sendable(PARTY.path, "audio", "mp3", MediaFacts("mp3", 1, 1.0, None, None), None)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ways(clock):
    async def none():
        return ()

    return Ways(Models(Catalogue(none), ()), clock)


def test_what_was_not_there_is_tried_again_after_an_hour(ways, clock):
    ask = ask_of()
    ways.after(Way(WRITTEN), NotFound(status=404), ask, None)
    assert ways.first(ask, MEDIA, None) == Way(instead_of=WRITTEN)
    clock.now = 3601.0
    assert ways.first(ask, MEDIA, None) == Way(WRITTEN)


def test_no_more_is_remembered_than_there_is_room_for(ways):
    for number in range(1500):
        key = SecretStr(f"ak_{number}")
        ways.after(Way(WRITTEN), NotFound(status=404), ask_of(), key)
    assert len(ways._known) == 1000
    assert "ak_" not in repr(ways._known)


def test_a_chat_completion_is_the_last_of_ways(ways):
    assert ways.after(Way(), NotFound(status=404), ask_of(), None) is None


def test_options_are_those_of_the_question(ways):
    request = Way(WRITTEN).request(ask_of(options=Options(temperature=0.5)), MEDIA)
    assert b'"temperature":0.5' in request.tail


@pytest.mark.parametrize(
    ("file_bytes", "is_asked"), [(MOST_ECHOED_BYTES, True), (MOST_ECHOED_BYTES + 1, False)]
)
def test_of_a_large_file_nobody_is_to_tell_all(file_bytes, is_asked):
    facts = replace(MEDIA.facts, file_bytes=file_bytes)
    request = Way().request(ask_of(None, echoes=True), replace(MEDIA, facts=facts))
    assert (b"echo_upstream_body" in request.tail) == is_asked
