"""The clips in tests/media: where they are and what is said in them."""

import difflib
import itertools
from pathlib import Path

MEDIA = Path(__file__).parent / "media"

#: File name → what was said, as it is written down but for the last full stop.
SENTENCES = {
    "beach.flac": "We went to the beach last summer",
    "project.flac": "We need more time to finish the project",
    "dogs.flac": "She had three children and two dogs",
    "life.flac": "The American people want a better life",
    "party.flac": "Many of our old friends came to the party",
    "party.mp3": "Many of our old friends came to the party",
    "cuts.mp4": "She had three children and two dogs",
    "plan.flac": "Сегодня мы обсудили план работы и решили начать проект в понедельник",
    "window.flac": "Пожалуйста, закройте окно",
}

#: Those of them that are in Russian.
RUSSIAN = ("plan.flac", "window.flac")

#: When the picture of cuts.mp4 changes, in seconds, and how long it is.
CUTS_S = (1.2, 2.8)
CUTS_LENGTH_S = 4.0


def clip(name: str) -> Path:
    """The path of a clip."""
    return MEDIA / name


def plain(text: str) -> str:
    """``text`` as words alone: punctuation and capitals are a matter of taste."""
    letters = (one if one.isalnum() else " " for one in text.lower())
    return " ".join("".join(letters).split())


def words_amiss(heard: str, said: str) -> int:
    """How many words were added, left out or taken for others."""
    ours, theirs = plain(heard).split(), plain(said).split()
    blocks = difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    ends = itertools.pairwise([difflib.Match(0, 0, 0), *blocks])
    return sum(max(to.a - at.a - at.size, to.b - at.b - at.size) for at, to in ends)


def words_missing(heard: str, said: str) -> int:
    """How many words of what was said are not in what was heard, in their order."""
    ours, theirs = plain(heard).split(), plain(said).split()
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    return len(theirs) - sum(block.size for block in matcher.get_matching_blocks())
