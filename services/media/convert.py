"""A file in a form that can be sent: itself when it fits, else another made of it."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from services import errors
from services.media import formats
from services.media.facts import Fit, Kind, MediaFacts, RawPcm, Sendable, Takes
from services.media.inspect import inspect
from services.media.plan import MUXERS, Plan, planned
from services.media.sandbox import Sandbox

#: How much longer or shorter than the original what took tracks over may be.
_MOST_LOST_S: Final = 0.5


async def prepare(
    sandbox: Sandbox,
    path: Path,
    facts: MediaFacts,
    kind: Kind,
    takes: Takes,
    workdir: Path,
    raw: RawPcm | None = None,
    fit: Fit | None = None,
) -> AsyncGenerator[float | Sendable, None]:
    """Yield the share done, 0 to 1, while converting, then one :class:`Sendable`.

    What the model takes goes out byte for byte. Tracks that only stand in the wrong
    container are rewrapped as they are; anything else becomes mp3 or wav (``kind``
    audio) or H.264 and AAC in MP4 (``kind`` video), in ``workdir``. A film of kind
    audio is its sound track. ``fit`` makes it smaller besides.

    Raises:
        NoSound, NoPicture: there is nothing of that kind in the file.
        UnreadableFile: it could not be decoded within the limits.
    """
    plan = planned(facts, kind, takes, fit or Fit())
    if plan.change == "none":
        yield Sendable(path, kind, plan.format, facts, converted_from=None)
        return
    # What does not bear being taken over, such as joined broadcasts, is made anew.
    for copies in (True, False):
        plan = planned(facts, kind, takes, fit or Fit(), copies=copies)
        out = workdir / f"converted-{plan.change}.{plan.container}"
        length_s = plan.length_s(facts)
        try:
            async with contextlib.aclosing(_work(sandbox, path, kind, plan, out, raw)) as work:
                async for seconds in work:
                    if length_s and isinstance(seconds, int | float):
                        yield min(max(seconds / length_s, 0.0), 1.0)
            made = await inspect(sandbox, out)
        except errors.InputError:
            if not (copies and _copies(plan, facts)):
                raise
            continue
        if not _copies(plan, facts) or _is_whole(made, facts, kind):
            yield Sendable(out, kind, plan.format, made, formats.describe(facts), plan.change)
            return


def _copies(plan: Plan, facts: MediaFacts) -> bool:
    """Whether a track is taken over as it is."""
    is_film = plan.container in formats.VIDEO_MIMES
    return (is_film and plan.picture is None) or (facts.sound is not None and plan.sound is None)


def _is_whole(made: MediaFacts, facts: MediaFacts, kind: Kind) -> bool:
    """Whether all of ``facts`` that was to be taken over has been."""
    if kind == "audio":
        whole_s = facts.sound.duration_s if facts.sound else 0.0
        has_all = made.sound is not None
    else:
        whole_s = facts.duration_s or 0.0
        has_all = made.picture is not None and (made.sound is None) == (facts.sound is None)
    return has_all and abs((made.duration_s or 0.0) - whole_s) <= _MOST_LOST_S


def _work(
    sandbox: Sandbox, path: Path, kind: Kind, plan: Plan, out: Path, raw: RawPcm | None
) -> AsyncGenerator[Any, None]:
    bare = asdict(raw) if raw else None
    files = {"path": str(path), "out": str(out)}
    span = {"start_s": plan.start_s, "end_s": plan.end_s}
    if plan.change == "remux":
        muxer = MUXERS.get(plan.container, plan.container)
        return sandbox.stream("rewrap", **files, raw=bare, muxer=muxer, kind=kind)
    if kind == "audio":
        assert plan.sound is not None  # a conversion of sound has one
        target = plan.container
        return sandbox.stream(
            "to_audio", **files, raw=bare, target=target, **asdict(plan.sound), **span
        )
    picture = asdict(plan.picture) if plan.picture else None
    sound = asdict(plan.sound) if plan.sound else None
    return sandbox.stream("to_mp4", **files, picture=picture, sound=sound, **span)
