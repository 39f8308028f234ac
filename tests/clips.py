"""The clips in tests/media: where they are and what is said in them."""

from pathlib import Path

MEDIA = Path(__file__).parent / "media"

#: File name → the words that were spoken.
SENTENCES = {
    "beach.flac": "we went to the beach last summer",
    "project.flac": "we need more time to finish the project",
    "dogs.flac": "she had three children and two dogs",
    "life.flac": "the american people want a better life",
    "party.flac": "many of our old friends came to the party",
    "party.mp3": "many of our old friends came to the party",
    "plan.flac": "сегодня мы обсудили план работы и решили начать проект в понедельник",
    "window.flac": "пожалуйста закройте окно",
    "cuts.mp4": "she had three children and two dogs",
}

#: When the picture of cuts.mp4 changes, in seconds, and how long it is.
CUTS_S = (1.2, 2.8)
CUTS_LENGTH_S = 4.0


def clip(name: str) -> Path:
    """The path of a clip."""
    return MEDIA / name
