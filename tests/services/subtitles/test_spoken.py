"""Cues of words and segments whose times are known."""

import pytest

from services.media.values import Span, Spoken
from services.subtitles.cue import Cue, doubted
from services.subtitles.spoken import spoken_cues
from services.subtitles.writing import srt, vtt


def words(*said, step_s=0.5, start_s=0.0):
    """Each of ``said`` for half a step, one step after the other."""
    return [
        Spoken(start_s + number * step_s, start_s + number * step_s + step_s / 2, one)
        for number, one in enumerate(said)
    ]


def texts(cues):
    return [cue.text for cue in cues]


def test_a_segment_is_a_cue_with_its_words():
    (cue,) = spoken_cues(words("Many", "friends"), [Spoken(0.0, 1.0, "Many friends.")])
    assert (cue.start_s, cue.end_s, cue.text) == (0.0, 1.0, "Many friends.")
    assert cue.words == (Spoken(0.0, 0.25, "Many "), Spoken(0.5, 0.75, "friends."))


def test_words_are_those_of_the_segment_in_which_their_middle_is():
    segments = [Spoken(0.0, 1.0, "One two."), Spoken(1.0, 2.0, "Three.")]
    said = [Spoken(0.0, 0.4, "one"), Spoken(0.5, 1.1, "two"), Spoken(0.95, 1.5, "three")]
    first, second = spoken_cues(said, segments)
    assert [one.text for one in first.words] == ["One ", "two."]
    assert [one.text for one in second.words] == ["Three."]


def test_together_the_words_are_the_text():
    text = "«Well», she said – “no”… (twice) — Привет, мир!"
    said = words("well", "she", "said", "no", "twice", "привет", "мир")
    (cue,) = spoken_cues(said, [Spoken(0.0, 9.0, text)])
    assert "".join(one.text for one in cue.words) == text
    assert len(cue.words) == len(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Many friends", ("Many", "foes")),
        ("Many friends", ("friends", "Many")),
        ("İstanbul", ("İstanbul",)),
        ("Many friends", ()),
    ],
    ids=["another word", "another order", "a letter that becomes two", "none"],
)
def test_words_that_are_not_those_of_the_segment_are_left_out(text, said):
    (cue,) = spoken_cues(words(*said), [Spoken(0.0, 1.0, text)])
    assert (cue.text, cue.words) == (text, ())


def test_segments_without_words_are_cues():
    assert spoken_cues([], [Spoken(0.0, 1.0, "One")]) == [Cue(0.0, 1.0, "One")]


def test_of_nothing_there_are_no_cues():
    assert spoken_cues([], []) == []


@pytest.mark.parametrize(
    ("said", "cues"),
    [
        (words("One.", "Two", "three."), ["One.", "Two three."]),
        ([Spoken(0, 1, "One"), Spoken(2.5, 3, "two")], ["One", "two"]),
        (words("one", "two", "three", step_s=4.0), ["one", "two", "three"]),
        (words(*["abcdefghi"] * 8, step_s=0.1), [" ".join(["abcdefghi"] * 7), "abcdefghi"]),
        (words("He", "said", "“no.”", "Then", "left"), ["He said “no.”", "Then left"]),
    ],
    ids=["sentences", "a pause", "long words", "two lines", "a quotation"],
)
def test_words_alone_are_cues_that_can_be_read(said, cues):
    assert texts(spoken_cues(said, [])) == cues


def test_a_cue_of_words_has_each_of_them():
    (cue,) = spoken_cues(words("One", "two."), [])
    assert [one.text for one in cue.words] == ["One ", "two."]
    assert (cue.start_s, cue.end_s) == (0.0, 0.75)


def test_what_speaks_against_a_cue_leaves_its_words():
    cues = spoken_cues(words("One", "two"), [Spoken(0.0, 1.0, "One two")])
    (cue,) = doubted(cues, 9.0, [Span(0.0, 2.0)])
    assert (cue.doubt, len(cue.words)) == ("silence", 2)


@pytest.mark.parametrize("write", [srt, vtt])
def test_files_have_the_text_of_the_cues(write):
    cues = spoken_cues(words("One", "two"), [Spoken(0.0, 1.0, "One, two.")])
    assert "One, two." in write(cues, str)
