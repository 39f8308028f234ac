"""Where the words of two texts differ, and how many of them do."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

import jiwer

#: More words than these are not held against each other: nobody reads that, and it takes long.
MOST_WORDS: Final = 5000

#: What becomes of the words of a reference: they are there, others are in their place, they are
#: missing, or there are some besides.
Change = Literal["equal", "substitute", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch of words: those of the ``reference``, and those that are there instead."""

    change: Change
    reference: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A text held against a reference.

    ``rate`` is the word error rate: words that are wrong, missing or too many, a word of the
    reference. It is without regard to case, punctuation, and the dots of ё; None where the
    reference has no words, or one of the two too many.
    """

    rate: float | None
    parts: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class _Word:
    shown: str
    bare: str


def _words(text: str) -> tuple[_Word, ...]:
    """The words of ``text``; what is punctuation alone stands with the word before it."""
    words: list[_Word] = []
    for shown in text.split():
        letters = unicodedata.normalize("NFKC", shown).casefold().replace("ё", "е")
        # P and S are Unicode's punctuation and symbols: Markdown's signs are among them.
        bare = "".join(one for one in letters if unicodedata.category(one)[0] not in "PSC")
        bare = bare.replace(" ", "")
        if bare or not words:
            words.append(_Word(shown, bare))
        else:
            words[-1] = _Word(f"{words[-1].shown} {shown}", words[-1].bare)
    return tuple(words)


def held_against(reference: str, text: str) -> Held:
    """``text``, held against ``reference``, word by word."""
    wanted, said = _words(reference), _words(text)
    if not any(one.bare for one in wanted) or max(len(wanted), len(said)) > MOST_WORDS:
        return Held(None)
    # A word of no letters at all would move the places of those after it.
    output = jiwer.process_words(
        " ".join(one.bare or "-" for one in wanted),
        " ".join(one.bare or "-" for one in said),
        _AS_IT_IS,
        _AS_IT_IS,
    )
    (chunks,) = output.alignments
    parts = tuple(
        Difference(
            cast("Change", chunk.type),
            " ".join(one.shown for one in wanted[chunk.ref_start_idx : chunk.ref_end_idx]),
            " ".join(one.shown for one in said[chunk.hyp_start_idx : chunk.hyp_end_idx]),
        )
        for chunk in chunks
    )
    return Held(output.wer, parts)


def closest_to_all(texts: Sequence[str]) -> int | None:
    """Which of ``texts`` differs least from all the others; None of fewer than three.

    Each stands for what several models heard alike: the nearest to a consensus that one of
    them has said as a whole.
    """
    said = [number for number, text in enumerate(texts) if text.strip()]
    if len(said) < 3:
        return None

    def apart(one: int) -> float:
        rates = [held_against(texts[one], texts[other]).rate for other in said if other != one]
        return sum(rate if rate is not None else 1.0 for rate in rates)

    return min(said, key=apart)


_AS_IT_IS: Final = jiwer.Compose([jiwer.ReduceToListOfListOfWords()])
