"""The offline API's own job: listening, in a workshop of its own."""

import importlib
from dataclasses import dataclass
from pathlib import Path

from services.media.workshop.job import MEGABYTE, Job, Limits


@dataclass(frozen=True, slots=True)
class Word:
    """A word, with its punctuation, and when it was spoken, in seconds."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in one breath, in seconds from the beginning of the sound.

    ``language`` is its ISO 639-1 code. ``is_doubtful`` where most of it is probably
    misheard.
    """

    text: str
    start_s: float
    end_s: float
    words: tuple[Word, ...]
    language: str
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Transcribe(Job[None, Heard]):
    """Write down what is said in the samples at ``path``, mono 16-bit; the news are the words.

    ``language`` is what to take it for where its own cannot be told.
    """

    function = "services.offline_api.ear:transcribe"
    # Three hours of speech on two processors, with room for slower ones.
    limits = Limits(900 * MEGABYTE, cpu_s=10_800, output_bytes=0, wall_s=10_800, silence_s=60)

    path: Path
    language: str


def get_ready(folder: str) -> None:
    """Load the model in ``folder``: in each worker, since its threads survive no fork."""
    importlib.import_module("services.offline_api.ear").load(folder)
