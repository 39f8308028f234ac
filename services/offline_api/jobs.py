"""The offline API's own job: listening, in a workshop of its own."""

import importlib
from dataclasses import dataclass
from pathlib import Path

from services.media.workshop.job import Job, Limits


@dataclass(frozen=True, slots=True)
class Heard:
    """Words of a part of the sound, and how many frames of 10 ms it is long."""

    text: str
    frames: int


@dataclass(frozen=True, slots=True)
class Transcribe(Job[bool, Heard]):
    """Hear the samples at ``path``, mono 16-bit; the news are the words, part by part.

    The result is False where there are no ears.
    """

    function = "services.offline_api.ear:transcribe"
    limits = Limits()

    path: Path


def warm_up() -> None:
    """Load the ears' model."""
    importlib.import_module("services.offline_api.ear").warm_up()
