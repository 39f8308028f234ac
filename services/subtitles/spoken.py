"""Cues of what is known word by word, or segment by segment: a transcription with its times."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.media.values import Spoken
from services.subtitles.cue import Cue

#: A cue of words alone is over after so many seconds, and so many letters: two lines of what
#: subtitles have (https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles).
_MOST_S: Final = 7.0
_MOST_LETTERS: Final = 74
#: So long a pause, in seconds, ends one, too.
_PAUSE_S: Final = 1.0
_SENTENCE_ENDS: Final = re.compile(r"[.?!…。？！][\"'»”)]*$")


def spoken_cues(words: Sequence[Spoken], segments: Sequence[Spoken]) -> list[Cue]:
    """A cue for each of ``segments``, with its ``words``; of words alone, as long as one reads."""
    if not segments:
        return [_of_words(group) for group in _grouped(words)]
    cues = []
    for segment, own in zip(segments, _by_segment(words, segments), strict=True):
        placed = _placed(segment.text, own)
        cues.append(Cue(segment.start_s, segment.end_s, segment.text, words=placed))
    return cues


def _by_segment(words: Sequence[Spoken], segments: Sequence[Spoken]) -> list[list[Spoken]]:
    """The words of each segment: those whose middle is before the next one begins."""
    of: list[list[Spoken]] = [[] for _ in segments]
    number = 0
    for word in words:
        middle_s = (word.start_s + word.end_s) / 2
        while number + 1 < len(segments) and middle_s >= segments[number + 1].start_s:
            number += 1
        of[number].append(word)
    return of


def _placed(text: str, words: Sequence[Spoken]) -> tuple[Spoken, ...]:
    """``text`` cut up at its ``words``, each with what stands behind it.

    None where one of them is not in it: lists of words have no punctuation, but the same words
    in the same order. What they have together is then ``text`` itself.
    """
    plain = text.lower()
    if not words or len(plain) != len(text):  # of letters that become two no place is sure
        return ()
    places, behind = [], 0
    for word in words:
        place = plain.find(word.text.lower(), behind)
        if place < 0:
            return ()
        places.append(place)
        behind = place + len(word.text)
    begins = [0, *places[1:]]
    ends = [*places[1:], len(text)]
    return tuple(
        Spoken(word.start_s, word.end_s, text[begin:end])
        for word, begin, end in zip(words, begins, ends, strict=True)
    )


def _grouped(words: Sequence[Spoken]) -> Iterator[list[Spoken]]:
    group: list[Spoken] = []
    letters = 0
    for word in words:
        letters += len(word.text) + 1
        if group and (
            _SENTENCE_ENDS.search(group[-1].text)
            or word.start_s - group[-1].end_s >= _PAUSE_S
            or word.end_s - group[0].start_s > _MOST_S
            or letters > _MOST_LETTERS
        ):
            yield group
            group, letters = [], len(word.text)
        group.append(word)
    if group:
        yield group


def _of_words(words: Sequence[Spoken]) -> Cue:
    text = " ".join(word.text for word in words)
    start_s, end_s = words[0].start_s, max(word.end_s for word in words)
    return Cue(start_s, end_s, text, words=_placed(text, words))
