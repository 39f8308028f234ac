"""What several models heard is held against each other, word by word."""

import pytest

from services.assistant.wording import MOST_WORDS, Difference, closest_to_all, held_against


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("Hello, world!", "hello world"),
        ("It's five — nearly six.", "its FIVE nearly six"),
        ("Ещё не всё", "еще не все"),
        ("**Bold** and `code`", "bold and code"),
        ("Straße", "STRASSE"),
        ("a\nb\t c", "a b c"),
    ],
)
def test_case_and_signs_do_not_count(reference, text):
    assert held_against(reference, text).rate == 0


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("the quick brown fox", 0.0),
        ("the quick fox", 0.25),
        ("the quik brown fox", 0.25),
        ("the very quick brown fox", 0.25),
        ("", 1.0),
        ("a b c d e f g h", 2.0),
    ],
)
def test_the_rate_is_what_is_wrong_a_word_of_the_reference(text, rate):
    assert held_against("The quick brown fox.", text).rate == rate


def test_the_parts_are_in_the_words_of_both():
    held = held_against("The quick, brown fox jumps.", "Now the Quick red fox — jumps")
    assert held.parts == (
        Difference("insert", "", "Now"),
        Difference("equal", "The quick,", "the Quick"),
        Difference("substitute", "brown", "red"),
        Difference("equal", "fox jumps.", "fox — jumps"),
    )


def test_what_is_missing_is_a_part_too():
    held = held_against("one two three", "one three")
    assert Difference("delete", "two", "") in held.parts


@pytest.mark.parametrize("reference", ["", " ", "— … !"])
def test_against_no_words_nothing_is_held(reference):
    assert held_against(reference, "Hello").rate is None


def test_signs_before_the_first_word_do_not_move_the_others():
    held = held_against("— one two", "… one two")
    assert (held.rate, [one.change for one in held.parts]) == (0.0, ["equal"])


def test_what_is_too_long_is_left_alone():
    assert held_against("word", "word " * (MOST_WORDS + 1)).rate is None


def test_the_consensus_is_the_one_closest_to_all():
    texts = ["the quick brown fox", "the quick browne fox", "the quick brown fax", "nothing of it"]
    assert closest_to_all(texts) == 0


@pytest.mark.parametrize("texts", [[], ["one"], ["one", "two"], ["one", "two", " "]])
def test_two_have_no_consensus(texts):
    assert closest_to_all(texts) is None
