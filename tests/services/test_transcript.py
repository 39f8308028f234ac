"""The answers to pieces as one text: their order, their times, and what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.transcript import Transcript, moved

from services.media.values import Span

SPANS = (Span(0.0, 90.0), Span(90.0, 3700.0), Span(3700.0, 3800.0))
HEADINGS = ("**0:00–1:30**\n\n", "\n\n**1:30–1:01:40**\n\n", "\n\n**1:01:40–1:03:20**\n\n")


def test_text_comes_out_in_the_order_of_the_pieces():
    transcript = Transcript(SPANS)
    assert transcript.take(1, "two\n") == ""
    assert transcript.end(1, complete=True) == ""
    assert transcript.take(0, "one\n") == f"{HEADINGS[0]}one\n"
    assert transcript.end(0, complete=True) == f"{HEADINGS[1]}two\n"


def test_the_piece_in_front_is_shown_line_by_line_as_it_comes():
    transcript = Transcript(SPANS)
    assert transcript.take(0, "first ") == ""
    assert transcript.take(0, "line\nsecond ") == f"{HEADINGS[0]}first line\n"
    assert transcript.take(0, "line\n") == "second line\n"


def test_the_last_line_needs_no_end():
    transcript = Transcript(SPANS)
    transcript.take(0, "no end")
    assert transcript.end(0, complete=True) == f"{HEADINGS[0]}no end"


def test_a_piece_without_its_answer_leaves_a_gap_and_what_it_had():
    transcript = Transcript(SPANS)
    transcript.take(0, "half a li")
    assert transcript.end(0, complete=False) == f"{HEADINGS[0]}half a li\n[…]"


def test_pieces_behind_one_that_will_not_come_are_shown_all_the_same():
    transcript = Transcript(SPANS)
    transcript.take(2, "three")
    assert transcript.end(2, complete=True) == ""
    assert transcript.rest() == f"{HEADINGS[0]}\n[…]{HEADINGS[1]}\n[…]{HEADINGS[2]}three"


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=30), st.permutations([0, 1, 2]))
def test_no_word_is_lost_in_whatever_order_it_comes(order, ends):
    transcript = Transcript(SPANS)
    shown = ""
    words = dict.fromkeys(range(3), "")
    for count, number in enumerate(order):
        word = f"w{count}." + "\n" * (count % 2)
        words[number] += word
        shown += transcript.take(number, word)
    shown += "".join(transcript.end(number, complete=True) for number in ends)
    assert shown == "".join(HEADINGS[number] + words[number] for number in range(3))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("[00:12] Hello", "[01:42] Hello", id="in brackets"),
        pytest.param("0:12 Hello", "1:42 Hello", id="at the start of a line"),
        pytest.param("- (1:00:01) Hello", "- (1:01:31) Hello", id="with hours"),
        pytest.param(
            "00:00:01,500 --> 00:00:02,750", "00:01:31,500 --> 00:01:32,750", id="subtitles"
        ),
        pytest.param("[59:59]", "[1:01:29]", id="past the hour"),
        pytest.param("We met at 10:30 there", "We met at 10:30 there", id="a clock's time"),
        pytest.param("[01:75] Hello", "[01:75] Hello", id="no time"),
        pytest.param("[2:00:00] Hello", "[2:00:00] Hello", id="past the end of the piece"),
        pytest.param("[00:12:34:56]", "[00:12:34:56]", id="something else"),
        pytest.param("one\n[00:01] two\n", "one\n[01:31] two\n", id="in a later line"),
    ],
)
def test_times_are_counted_from_the_start_of_the_whole(said, shown):
    assert moved(said, Span(90.0, 3700.0)) == shown


def test_times_of_the_first_piece_stay():
    assert moved("[00:12] a\n0:13 b", Span(0.0, 60.0)) == "[00:12] a\n0:13 b"
