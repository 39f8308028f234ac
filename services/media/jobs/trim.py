"""The part of a film that is wanted, and the way to it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import av.error

from services.media.jobs.files import opened, packets, picture_stream, seconds
from services.media.workshop.worker import Teller

A_MOMENT: Final = 1e-6
#: Demuxers that find a time by an index, in most files.
_INDEXED: Final = frozenset({"mp4", "matroska"})


@dataclass(frozen=True, slots=True)
class Trim:
    """The part of a film that is wanted; ``origin_s`` is where the film itself begins."""

    origin_s: Fraction
    start_s: float
    end_s: float | None

    @property
    def begin_s(self) -> Fraction:
        """Where it begins by the film's own times."""
        return self.origin_s + Fraction(self.start_s)

    @property
    def length_s(self) -> float | None:
        """Seconds of it, None when it ends with the film."""
        return None if self.end_s is None else self.end_s - self.start_s

    def has(self, now_s: float) -> bool:
        """Whether a time that counts from ``start_s`` is in it."""
        return now_s >= -A_MOMENT and (self.length_s is None or now_s < self.length_s - A_MOMENT)


def tick(video: av.VideoStream) -> Fraction:
    """Seconds of one tick of the times of ``video``."""
    return video.time_base or Fraction(1, av.time_base)


def seeks(path: Path, trim: Trim) -> bool:
    """Whether a seek comes out before the trim; without an index it may come out anywhere."""
    with opened(path) as source:
        video = picture_stream(source)
        if video is None or not set(source.format.name.split(",")) & _INDEXED:
            return False
        try:
            source.seek(int(trim.begin_s / tick(video)), stream=video)
        except av.error.FFmpegError:
            return False
        packet = next(iter(source.demux(video)))
        now = seconds(packet.dts if packet.pts is None else packet.pts, packet.time_base)
        return now is not None and packet.is_keyframe and now <= trim.begin_s


def last_key(path: Path, trim: Trim, tell: Teller) -> int | None:
    """The time stamp of the last key picture before the trim, None where there is none.

    Found by reading on without decoding: for what has no index.
    """
    key = None
    with opened(path) as source:
        video = picture_stream(source)
        if video is None:
            return None
        for packet in packets(source, [video], tell):
            now = seconds(packet.dts, packet.time_base)
            if now is not None and now > trim.begin_s:
                break
            if packet.is_keyframe and packet.dts is not None:
                shown = seconds(packet.pts, packet.time_base)
                key = packet.dts if shown is None or shown <= trim.begin_s else key
    return key
