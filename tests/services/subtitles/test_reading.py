"""Times as models write them: what is a transcript, and what only looks like one."""

import html
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.media.values import Span
from services.subtitles.reading import MOST_CUES, cues_in
from services.subtitles.writing import srt, vtt

VTT = """Here it is:

```vtt
WEBVTT

NOTE made by a model

00:01.000 --> 00:04.000 align:start position:0%
<v Anna>Hello & you

second
00:05.000 --> 00:06.000
<i>Bye</i>
```
That is all of it."""
SRT = "1\n00:00:01,000 --> 00:00:04,000\nHello\nyou\n\n2\n00:00:05,500 --> 00:00:06,000\nBye\n"


def read(text, duration_s=60.0, silences=()):
    return [(cue.start_s, cue.end_s, cue.text) for cue in cues_in(text, duration_s, silences)]


def doubts(text, duration_s=60.0, *silences):
    return [cue.doubt for cue in cues_in(text, duration_s, silences)]


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        pytest.param("[00:01] a\n[00:04] b", [(1, 4, "a"), (4, 60, "b")], id="brackets"),
        pytest.param("(0:01 - 0:04) a", [(1, 4, "a")], id="span in brackets"),
        pytest.param("[0:01] - [0:04] a", [(1, 4, "a")], id="span of brackets"),
        pytest.param(SRT, [(1, 4, "Hello\nyou"), (5.5, 6, "Bye")], id="srt"),
        pytest.param(
            SRT.replace("\n\n", "\n"), [(1, 4, "Hello\nyou"), (5.5, 6, "Bye")], id="srt, tight"
        ),
        pytest.param(VTT, [(1, 4, "Anna: Hello & you"), (5, 6, "Bye")], id="webvtt in a fence"),
        pytest.param(
            "**00:05** Anna: a\n**00:07** Bob: b", [(5, 7, "Anna: a"), (7, 60, "Bob: b")], id="bold"
        ),
        pytest.param(
            "**[00:05] Anna:** a\n**[00:07] Bob:** b",
            [(5, 7, "Anna: a"), (7, 60, "Bob: b")],
            id="bold around more",
        ),
        pytest.param("- 0:05–0:09: a\n- 0:09—0:10: b", [(5, 9, "a"), (9, 10, "b")], id="list"),
        pytest.param("1. 0:05 a\n2. 0:07 b", [(5, 7, "a"), (7, 60, "b")], id="numbered list"),
        pytest.param("> 0:05 a\n> 0:07 b", [(5, 7, "a"), (7, 60, "b")], id="quotation"),
        pytest.param("0:01:02.5 a\n0:01:03 b", [(62.5, 63, "a"), (63, 67, "b")], id="hours"),
        pytest.param("00:05:433 a\n00:06:100 b", [(5.433, 6.1, "a"), (6.1, 60, "b")], id="colons"),
        pytest.param("12.5s: a\n14s - 15s: b", [(12.5, 14, "a"), (14, 15, "b")], id="seconds"),
        pytest.param("12,5 с — а\n14 сек. — б", [(12.5, 14, "а"), (14, 60, "б")], id="секунды"),
        pytest.param("[12.5] a\n[13.0 - 14] b", [(12.5, 13, "a"), (13, 14, "b")], id="numbers"),
        pytest.param("<|0.00|> a<|4.00|>\n<|4.00|> b", [(0, 4, "a"), (4, 60, "b")], id="whisper"),
        pytest.param(
            "| Time | Who | Words |\n|---|---|---|\n| 0:05 | Anna | a |\n| 0:07 | Bob | b |",
            [(5, 7, "Anna: a"), (7, 60, "Bob: b")],
            id="table",
        ),
        pytest.param("| 1 | 00:01 | 00:04 | a |", [(1, 4, "a")], id="table with an end"),
        pytest.param("00:01 — Привет\n00:03 — Пока", [(1, 3, "Привет"), (3, 60, "Пока")], id="ru"),
        pytest.param(
            "［００：０１］你好\n［００：０３］再见", [(1, 3, "你好"), (3, 60, "再见")], id="wide"
        ),
        pytest.param(
            "Speaker 1 [00:05]: a\nSpeaker 2 (00:07)\nb",
            [(5, 7, "Speaker 1: a"), (7, 60, "Speaker 2: b")],
            id="behind a name",
        ),
        pytest.param(
            "[00:01] a [00:04] b [0:06-0:07] c",
            [(1, 4, "a"), (4, 6, "b"), (6, 7, "c")],
            id="in one line",
        ),
        pytest.param(
            "### 0:05\n\nOne.\n\nTwo.\n\n### 0:10\n\nThree.",
            [(5, 10, "One.\nTwo."), (10, 60, "Three.")],
            id="headings",
        ),
        pytest.param(
            "[0:01] a\n[0:02] b\n\nShall I translate it?",
            [(1, 2, "a"), (2, 60, "b")],
            id="epilogue",
        ),
        pytest.param(
            "0:01 --> 0:02\na\n\n---\n\nOne.\nTwo.\nThree.\nFour.", [(1, 2, "a")], id="one arrow"
        ),
        pytest.param("[0:01] a\n[0:02] b\n---\nc", [(1, 2, "a"), (2, 60, "b")], id="rule"),
    ],
)
def test_what_models_write_is_read(text, cues):
    assert read(text, 63.5 if "0:01:02" in text else 60.0) == [
        (start, 63.5 if "0:01:02" in text and end == 67 else end, words)
        for start, end, words in cues
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12:30 train leaves.",
        "Let us meet at 5:30, she says.",
        "She says:\nat 5:30 he came.\n5:30, not 6:00.",
        "5:30 pm lunch\n6:30 p.m. tea",
        "16:9 is wide\n4:3 is not",
        "12.05.2024 began\n13.05.2024 ended",
        "2024-05-12 a\n2024-05-13 b",
        "3.50 coffee\n4.20 tea",
        "[1] a source\n[2] another",
        "5 s of silence\n7 s of noise",
        "10:00:00:00 a\n10:00:01:00 b",
        "12:30 lunch\n14:05 tea",
        "50:50% a\n60:40% b",
        "Three lines\nof prose\nand more.\n[0:05]\nAnd that.",
        "[0:01]\n[0:02]",
        "-->\n-->",
    ],
)
def test_what_is_no_transcript_has_no_cues(text):
    assert read(text) == []


def test_one_line_with_a_time_around_which_are_brackets_is_enough_if_it_is_half():
    assert read("Here it is:\n[0:05] Hello") == [(5, 60, "Hello")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[0:05] a\n[0:09] b", [None, None]),
        ("[0:05] a\n[1:05] b", [None, "past_end"]),
        ("[0:05 - 0:59] a\n[0:59 - 1:10] b", [None, "past_end"]),
        ("[0:05 - 0:59] a\n[0:59 - 1:01] b", [None, None]),
        ("[0:05] a\n[0:03] b\n[0:09] c", [None, "out_of_order", None]),
        ("[0:05] a\n[2:03] b\n[0:09] c", [None, "past_end", None]),
        ("[0:09 - 0:05] a\n[0:10] b", ["out_of_order", None]),
    ],
)
def test_times_are_held_against_the_duration_and_each_other(text, expected):
    assert doubts(text) == expected


def test_without_a_duration_nothing_is_past_the_end():
    assert doubts("[0:05] a\n[9:05] b", None) == [None, None]


def test_a_cue_is_cut_at_the_end():
    assert read("[0:05 - 1:01] a") == [(5, 60, "a")]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("[0:10 - 0:12] Thank you for watching", "silence"),
        ("[0:10 - 0:21] Hello", None),
        ("[0:19 - 0:21] Hello", None),
        ("[0:10 - 0:12] [silence]", None),
        ("[0:10 - 0:12] (тишина)", None),
    ],
)
def test_speech_in_a_measured_silence_is_made_up(text, doubt):
    assert doubts(text, 60.0, Span(9.5, 19.5)) == [doubt]


def test_one_made_up_time_does_not_stretch_the_cue_before_it_past_the_end():
    assert read("[0:05] a\n[9:05] b")[0] == (5, 60, "a")


def test_no_more_cues_are_read_than_anybody_wants():
    text = "".join(f"[{n // 60}:{n % 60:02d}] a\n" for n in range(MOST_CUES // 10))

    assert len(read(text * 11, None)) == MOST_CUES


TIMED = st.text("0123456789:.,-–>[](){}<>|*#` \n\tabПс：［１", max_size=200)


@given(TIMED, st.none() | st.floats(0, 1e4), st.booleans())
def test_no_text_breaks_the_reader_and_every_cue_is_sound(text, duration_s, has_silence):
    silences = [Span(1.0, 5.0)] if has_silence else []
    for cue in cues_in(text, duration_s, silences):
        assert 0 <= cue.start_s <= cue.end_s
        assert cue.text.strip()


@pytest.mark.parametrize(
    "part",
    [
        *("[0:01", "0:01 ", "[", "- ", "1. ", "|", "| 0:01 ", "**", "<v a", "<", " ", "\t", "1:"),
        *("[0:01] a\n", "[0:01] ", "0:01 --> 0:02 align:a ", "\n", "-->", "a [", "1", "# ", "---"),
    ],
)
def test_time_is_linear_in_the_text(part):
    def spent(text):
        began = time.process_time()
        cues_in("[0:01] a\n" + text, 60.0, [Span(0.0, 1.0)] * 10)
        return time.process_time() - began

    def least(text):  # a collection of all the suite's garbage is none of its doing
        return min(spent(text) for _ in range(3))

    size = 60_000 // len(part)
    assert least(part * size * 4) < 12 * max(spent(part * size), 0.02)


# An "&gt;" is read as what it stands for, and that SRT cannot have.
WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(
    lambda word: not set(word) & set("*_|`<>[]()-#~♪") and html.unescape(word) == word
)
TIMES = st.lists(st.integers(0, 3_000_000), min_size=1, max_size=6, unique=True).map(sorted)


@pytest.mark.parametrize("write", [srt, vtt], ids=["srt", "vtt"])
@given(st.data(), TIMES)
def test_what_is_written_is_read_as_it_was(write, data, times):
    text = "".join(
        f"{ms // 3_600_000}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
        f" --> 1:00:00.000\n{data.draw(WORDS)} {data.draw(WORDS)}\n\n"
        for ms in times
    )
    cues = cues_in(text, 3600.0)

    assert len(cues) == len(times)
    assert cues_in(write(cues, str), 3600.0) == cues
