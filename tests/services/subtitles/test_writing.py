"""Cues as SRT and WebVTT, read by a library's reader that forgives nothing."""

import io

import webvtt

from services.subtitles.cue import Cue
from services.subtitles.writing import srt, vtt

CUES = (
    Cue(4.0, 5.25, "Later"),
    Cue(1.0, 4.0, "C:\\new {brace} & <b>\n\n--> here", "silence"),
    Cue(400_000.0, 400_001.5, "Долго"),
)
DOUBTS = {"silence": "made up", "past_end": "past the end"}


def test_srt_is_what_players_read():
    assert srt(CUES[:1], DOUBTS.get) == "1\n00:00:04,000 --> 00:00:05,250\nLater\n"


def test_webvtt_is_what_players_read():
    assert vtt(CUES[:1], DOUBTS.get) == "WEBVTT\n\n00:00:04.000 --> 00:00:05.250\nLater\n"


def test_cues_are_in_the_order_of_their_times():
    read = webvtt.from_buffer(io.StringIO(srt(CUES, DOUBTS.get)), "srt")

    assert [one.start for one in read] == ["00:00:01.000", "00:00:04.000", "111:06:40.000"]


def test_webvtt_keeps_every_word():
    read = webvtt.from_string(vtt(CUES, DOUBTS.get))

    assert read.captions[0].raw_text == "[made up] C:\\new {brace} &amp; &lt;b&gt;\n→ here"
    assert len(read.captions) == len(CUES)


def test_srt_keeps_every_word():
    read = webvtt.from_buffer(io.StringIO(srt(CUES, DOUBTS.get)), "srt")

    assert read.captions[0].text == "[made up] C:\\new {brace} & ‹b›\n→ here"


def test_the_words_are_not_in_the_repr():
    assert "Later" not in repr(CUES[0])
