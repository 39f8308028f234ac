"""The answers to pieces as one text: their order, their times, and what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assistant.pieces.transcript import Transcript, moved
from services.media.values import Span

SPANS = (Span(0.0, 90.0), Span(90.0, 3700.0), Span(3700.0, 3800.0))
HEADINGS = ("**0:00–1:30**\n\n", "\n\n**1:30–1:01:40**\n\n", "\n\n**1:01:40–1:03:20**\n\n")


def begun(*numbers):
    """A transcript of which these pieces are known, and what that shows."""
    transcript = Transcript()
    return transcript, "".join(transcript.begin(number, SPANS[number]) for number in numbers)


def test_text_comes_out_in_the_order_of_the_pieces():
    transcript, shown = begun(0, 1)
    assert shown == HEADINGS[0]
    assert transcript.take(1, "two\n") == ""
    assert transcript.end(1, complete=True) == ""
    assert transcript.take(0, "one\n") == "one\n"
    assert transcript.end(0, complete=True) == f"{HEADINGS[1]}two\n"


def test_the_piece_in_front_is_shown_as_it_comes_without_waiting_for_a_line_to_end():
    transcript, _ = begun(0)
    words = [f"word{number} " for number in range(50)]
    assert [transcript.take(0, word) for word in words] == words


def test_what_may_be_half_a_time_waits_for_its_other_half():
    transcript = Transcript()
    transcript.begin(0, SPANS[1])
    assert transcript.take(0, "[0:1") == "["
    assert transcript.take(0, "2] Hello at 10:3") == "1:42] Hello at "
    assert transcript.take(0, "0 sharp") == "10:30 sharp"


def test_a_clocks_time_behind_words_that_were_shown_is_no_beginning_of_a_line():
    transcript = Transcript()
    transcript.begin(0, SPANS[1])
    assert transcript.take(0, "We met at ") + transcript.take(0, "10:30 there") == (
        "We met at 10:30 there"
    )


def test_the_last_line_needs_no_end():
    transcript, _ = begun(0)
    assert transcript.take(0, "until 12:30") + transcript.end(0, complete=True) == "until 12:30"


def test_a_piece_without_its_answer_leaves_a_gap_and_what_it_had():
    transcript, _ = begun(0)
    assert transcript.take(0, "half a li") == "half a li"
    assert transcript.end(0, complete=False) == "\n[…]"


def test_pieces_behind_one_that_will_not_come_are_shown_all_the_same():
    transcript, _ = begun(0, 2)
    transcript.take(2, "three")
    assert transcript.end(2, complete=True) == ""
    assert transcript.end(0, complete=False) == "\n[…]"
    assert transcript.rest() == f"\n\n[…]{HEADINGS[2]}three"


@given(
    st.lists(st.sampled_from([0, 1, 2]), max_size=30),
    st.permutations([0, 1, 2]),
    st.sampled_from(["\n", " ", ":", "12", "[0:"]),
)
def test_no_word_is_lost_in_whatever_order_it_comes(order, ends, joint):
    transcript, shown = begun(0, 1, 2)
    words = dict.fromkeys(range(3), "")
    for count, number in enumerate(order):
        word = f"w{count}." + joint * (count % 2)
        words[number] += word
        shown += transcript.take(number, word)
    shown += "".join(transcript.end(number, complete=True) for number in ends)
    assert shown == "".join(
        HEADINGS[number] + moved(words[number], SPANS[number]) for number in range(3)
    )


@given(st.text("[(]0123459:.,->\n ab", max_size=60), st.data())
def test_a_text_in_pieces_is_moved_as_the_text_in_one(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    transcript = Transcript()
    transcript.begin(0, SPANS[1])
    shown = ""
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        shown += transcript.take(0, text[start:end])
    assert shown + transcript.end(0, complete=True) == moved(text, SPANS[1])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("[00:12] Hello", "[01:42] Hello", id="in brackets"),
        pytest.param("**00:12** Anna: Hi", "**01:42** Anna: Hi", id="bold"),
        pytest.param("- 0:05–0:09: Hi", "- 1:35–1:39: Hi", id="span"),
        pytest.param("[0:05 - 0:09] Hi", "[1:35 - 1:39] Hi", id="span in brackets"),
        pytest.param("| 0:05 | 0:09 | Hi |", "| 1:35 | 1:39 | Hi |", id="table"),
        pytest.param("2. 0:05 Hi", "2. 1:35 Hi", id="numbered"),
        pytest.param("From 0:05 - 0:09", "From 0:05 - 0:09", id="span in running text"),
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
