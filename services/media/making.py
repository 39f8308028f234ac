"""A file in a form that can be sent: itself when it fits, else another made of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from services import errors
from services.media import matching
from services.media.estimate import estimate
from services.media.jobs.table import Inspect, Rewrap, ToAudio, ToMp4
from services.media.plan import Plan, planned
from services.media.values import Fit, Kind, MediaFacts, RawPcm, Sendable, Takes
from services.media.workshop.job import Read
from services.media.workshop.workshop import Desk

#: How much longer or shorter than the original what took tracks over may be.
_MOST_LOST_S: Final = 0.5
#: Work that is expected to take longer than this, in seconds, waits among the long.
_SHORT_S: Final = 1.0


async def make(
    desk: Desk,
    path: Path,
    facts: MediaFacts,
    kind: Kind,
    takes: Takes,
    out: Path,
    *,
    raw: RawPcm | None,
    fit: Fit,
    told: Callable[[float], None],
) -> Sendable:
    """``path`` in a form of ``takes``; ``told`` hears the share done, 0 to 1, while it is made.

    What the model takes goes out byte for byte. Tracks that only stand in the wrong
    container are rewrapped as they are; anything else becomes mp3, wav or flac (``kind``
    audio) or H.264 and AAC in MP4 (``kind`` video), at ``out``. A film of kind
    audio is its sound track. ``fit`` makes it smaller besides.

    Raises:
        NoSound, NoPicture: there is nothing of that kind in the file.
        BadTrim: it is over before the part that is wanted begins.
        UnreadableFile: it could not be decoded within the limits.
    """
    lost_share = facts.sound.lost_share if facts.sound else 0.0
    for plan in _plans(facts, kind, takes, fit):
        if plan.change == "none":
            return Sendable(path, kind, plan.form.name, facts, None, lost_share=lost_share)
        end_s = facts.duration_s if plan.end_s is None else plan.end_s

        def read(reached: Read, end_s: float | None = end_s) -> None:
            if end_s:
                told(min(max(reached.seconds / end_s, 0.0), 1.0))

        is_long = estimate(facts, kind, takes, fit).work_s > _SHORT_S
        copies = _copies(plan, facts)
        try:
            job = _job(path, kind, plan, out, raw)
            if isinstance(job, ToMp4):
                pictures_lost = await desk.do(job, is_long=is_long, read=read)
                lost_share = max(lost_share, pictures_lost)
            else:
                await desk.do(job, is_long=is_long, read=read)
            made = await desk.do(Inspect(out), is_long=is_long)
        except errors.InputError:
            if not copies:
                raise
            continue
        if not copies or _is_whole(made, facts, kind):
            return Sendable(
                out,
                kind,
                plan.form.name,
                made,
                converted_from=matching.describe(facts),
                change=plan.change,
                mix=plan.mix,
                lost_share=lost_share,
            )
    raise errors.UnreadableFile


def _plans(facts: MediaFacts, kind: Kind, takes: Takes, fit: Fit) -> Iterator[Plan]:
    """What to try: what does not bear being taken over, such as joined broadcasts, is made anew."""
    yield planned(facts, kind, takes, fit)
    yield planned(facts, kind, takes, fit, copies=False)


def _copies(plan: Plan, facts: MediaFacts) -> bool:
    """Whether a track is taken over as it is."""
    is_film = plan.form.kind == "video"
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


def _job(
    path: Path, kind: Kind, plan: Plan, out: Path, raw: RawPcm | None
) -> Rewrap | ToAudio | ToMp4:
    start_s, end_s, track, mix = plan.start_s, plan.end_s, plan.track, plan.mix
    if plan.change == "remux":
        return Rewrap(path, raw, out, plan.form.muxer, kind, track)
    if kind == "audio":
        assert plan.sound is not None  # a conversion of sound has one
        assert track is not None  # as above
        return ToAudio(path, raw, out, plan.form.name, plan.sound, start_s, end_s, track, mix)
    return ToMp4(path, out, plan.picture, plan.sound, start_s, end_s, track, mix)
