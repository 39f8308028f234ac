"""What was heard, as running text, as lines under times, and as subtitles."""

import pytest

from services.offline_api.jobs import Heard, Word
from services.offline_api.wording import sentences_for
from services.offline_api.writing import Task, clock, task_of, writer

EN, RU = sentences_for("?"), sentences_for("?а")


def heard(text, start_s=0.0, *, each_s=0.5, is_doubtful=False):
    """``text``, each of its words so many seconds long."""
    words = tuple(
        Word(word, start_s + number * each_s, start_s + (number + 1) * each_s)
        for number, word in enumerate(text.split())
    )
    return Heard(text, start_s, words[-1].end_s, words, "en", is_doubtful)


def written(*parts, manner="text", wording=EN, is_timed=False):
    one = writer(manner, wording, is_timed=is_timed)
    return "".join(one.write(part) for part in parts) + one.rest()


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("Transcribe this audio in English", Task("text", needs_model=False)),
        ("Транскрибируй это аудио на русском языке", Task("text", needs_model=False)),
        ("Расшифруй запись", Task("text", needs_model=False)),
        ("Speech to text, please", Task("text", needs_model=False)),
        ("Make subtitles", Task("srt", needs_model=False)),
        ("as SRT", Task("srt", needs_model=False)),
        ("WebVTT please", Task("vtt", needs_model=False)),
        ("Сделай субтитры", Task("srt", needs_model=False)),
        ("Write down the words with times", Task("srt", needs_model=False)),
        ("Transcribe with timestamps", Task("srt", needs_model=False)),
        ("Расставь таймкоды", Task("srt", needs_model=False)),
        ("Translate the speech in this audio into English", Task("text", needs_model=True)),
        ("Summarise this audio in a few sentences", Task("text", needs_model=True)),
        ("Опиши, что слышно", Task("text", needs_model=True)),
        ("Who is speaking?", Task("text", needs_model=True)),
        ("Transcribe and summarize", Task("text", needs_model=True)),
        ("Субтитры в переводе на русский", Task("srt", needs_model=True)),
        ("", Task("text", needs_model=True)),
    ],
)
def test_the_task_is_what_the_question_words(prompt, task):
    assert task_of(prompt) == task


def test_text_runs_on():
    assert written(heard("Hello there."), heard("And so on.", 1.5)) == "Hello there. And so on."


def test_a_long_pause_makes_a_paragraph():
    assert written(heard("Hello."), heard("Later.", 2.5)) == "Hello.\n\nLater."


@pytest.mark.parametrize(
    ("wording", "mark"), [(EN, "probably misheard"), (RU, "вероятно, ослышка")], ids=["en", "ru"]
)
def test_what_is_probably_misheard_says_so(wording, mark):
    assert written(heard("Hm.", is_doubtful=True), wording=wording) == f"Hm. [{mark}]"


def test_under_a_film_each_line_has_its_times():
    assert written(heard("Hello."), heard("Later.", 3700.0), is_timed=True) == (
        "- 0:00–0:00 Hello.\n- 1:01:40–1:01:40 Later."
    )


def test_subtitles_are_numbered_and_timed():
    assert written(heard("Hello there."), heard("Later.", 3661.25), manner="srt") == (
        "1\n00:00:00,000 --> 00:00:01,000\nHello there.\n\n"
        "2\n01:01:01,250 --> 01:01:01,750\nLater.\n\n"
    )


def test_web_subtitles_have_a_head_and_points():
    assert written(heard("Hello there."), heard("Later.", 5.0), manner="vtt") == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello there.\n\n"
        "00:00:05.000 --> 00:00:05.500\nLater.\n\n"
    )


def test_a_cue_is_not_too_long_to_be_read():
    text = " ".join(["word"] * 200)
    cues = [one.split("\n") for one in written(heard(text, each_s=0.1), manner="srt").split("\n\n")]
    lines = [cue[2] for cue in cues if len(cue) == 3]
    assert " ".join(lines) == text
    assert max(map(len, lines)) <= 84


def test_a_cue_does_not_stay_too_long():
    cues = written(heard("one two three four five six", each_s=3.0), manner="srt")
    assert cues.count("-->") >= 3


def test_nothing_heard_is_nothing_written():
    for manner in ("text", "srt", "vtt"):
        assert written(manner=manner) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (60, "1:00"), (3661, "1:01:01")]
)
def test_a_clock_counts_whole_seconds(seconds, shown):
    assert clock(seconds) == shown
