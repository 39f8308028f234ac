"""Long sound in pieces that a model takes, cut where nobody speaks."""

import itertools
from dataclasses import asdict
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from services import errors
from services.media.facts import MediaFacts, RawPcm, Span
from services.media.sandbox import Sandbox

#: Shorter pieces than this have no room for a sentence.
LEAST_S: Final = 1.0


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cuts: list[FiniteFloat]
    duration_s: FiniteFloat


async def split(
    sandbox: Sandbox, path: Path, facts: MediaFacts, raw: RawPcm | None, most_s: float
) -> tuple[Span, ...]:
    """The pieces of the sound of ``path``, each as long as ``most_s`` seconds allow.

    Contiguous, and together the whole. Each cut is in the middle of the quietest pause
    in the last quarter of the allowed span. ``prepare(fit=Fit(start_s, end_s))``
    makes a file of each.

    Raises:
        NoSound: there is no sound to cut.
        UnreadableFile: it could not be decoded within the limits.
        ValueError: ``most_s`` is under ``LEAST_S``.
    """
    if most_s < LEAST_S:
        raise ValueError(f"pieces of at least {LEAST_S} s can be cut, not of {most_s} s")
    if facts.sound is None:
        raise errors.NoSound
    if facts.sound.duration_s <= most_s:
        return (Span(0.0, facts.sound.duration_s),)
    answer = await sandbox.run(
        "cuts", path=str(path), raw=asdict(raw) if raw else None, most_s=most_s
    )
    try:
        said = _Said.model_validate(answer)
    except ValidationError:
        # A worker that a hostile file took over may say anything.
        raise errors.UnreadableFile from None
    times = [0.0, *said.cuts, said.duration_s]
    if any(one >= two for one, two in itertools.pairwise(times)):
        raise errors.UnreadableFile
    return tuple(Span(one, two) for one, two in itertools.pairwise(times))
