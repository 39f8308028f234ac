"""When something was said, as an answer tells, held against what was sent."""

import dataclasses

import numpy as np
import pytest

from services.assistant import Ask, LocalFile, Report
from services.assistant.sent_request import SentRequest
from services.errors import NoPrompt
from services.media.values import Fit, MediaFacts, Picture, Sound, Span
from tests import making
from tests.capture import assistant_at, capturing, completion, http, nobody

TEXT = "[0:01] a\n[0:05] b\n[1:05] c"
SOUND = Sound("mp3", 16_000, 1, 60.0, -20.0, 0.5, silences=(Span(5.0, 60.0),))
FACTS = MediaFacts("mp3", 1000, 60.0, SOUND, None)
AUDIO = SentRequest("input_audio", "mp3", facts=FACTS, span=Span(0.0, 60.0))
FILM = dataclasses.replace(
    AUDIO, part="video_url", facts=dataclasses.replace(FACTS, picture=Picture("h264", 2, 2, 1.0))
)


def report(text=TEXT, request=AUDIO):
    return dataclasses.replace(Report.refused(NoPrompt(), "m"), text=text, request=request)


def doubts(text=TEXT, request=AUDIO):
    return [cue.doubt for cue in report(text, request).cues]


def test_a_sound_is_held_against_its_silences_and_its_end():
    assert doubts() == [None, "silence", "past_end"]


def test_cues_are_the_same_after_json():
    assert Report.from_mapping(report().as_mapping()).cues == report().cues


def test_what_is_to_be_seen_may_be_seen_in_silence():
    assert doubts(request=FILM) == [None, None, "past_end"]


def test_subtitles_of_a_film_are_held_against_its_silences():
    assert doubts("00:05.000 --> 00:09.000\nHello", FILM) == ["silence"]


@pytest.mark.parametrize("request_", [None, SentRequest("video_url", link="https://v.example")])
def test_of_what_was_not_measured_nothing_is_doubted(request_):
    assert doubts(request=request_) == [None, None, None]


def test_times_of_a_part_count_from_its_start():
    part = dataclasses.replace(AUDIO, span=Span(100.0, 160.0), times_from_s=100.0)
    assert doubts(request=part) == [None, "silence", "past_end"]


def test_times_of_pieces_count_from_the_start_of_the_file():
    pieces = dataclasses.replace(AUDIO, span=Span(100.0, 160.0), times_from_s=0.0)
    text = "[1:41] a\n[1:46] b\n[2:45] c"
    assert doubts(text, pieces) == [None, "silence", "past_end"]


@pytest.mark.anyio
async def test_a_run_over_a_trimmed_sound_measures_what_it_sent(workshop, tmp_path):
    parts = [making.tone(2.0), making.silence(1.5), making.tone(1.0)]
    path = making.write_sound(
        tmp_path / "a.wav", np.concatenate(parts), container="wav", codec="pcm_s16le"
    )
    answer = http(completion("[0:00] a\n[0:01 - 0:02] b\n[0:09] c"))
    ask = Ask(LocalFile(path, "audio"), "What?", "openai/gpt-4o", fit=Fit(start_s=1.0))
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        told = await assistant.run(ask, nobody)

    assert told.request.span == Span(1.0, pytest.approx(4.5, abs=0.1))
    assert told.request.times_from_s == 1.0
    assert [cue.doubt for cue in told.cues] == [None, "silence", "past_end"]
