"""The part of a film that is wanted, and the way to it."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import av.error

from services.media.jobs.files import opened, picture_stream, seconds

A_MOMENT: Final = 1e-6
#: Demuxers that find a time by an index, in most files.
_INDEXED: Final = frozenset({"mp4", "matroska"})


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a film that is wanted; ``origin_s`` is where the film itself begins."""

    origin_s: Fraction
    start_s: float
    end_s: float | None

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


def finds(path: str, span: Span) -> bool:
    """Whether a seek comes out before the span; without an index it may come out anywhere."""
    with opened(path) as source:
        video = picture_stream(source)
        if video is None or not set(source.format.name.split(",")) & _INDEXED:
            return False
        wanted_s = span.origin_s + Fraction(span.start_s)
        try:
            source.seek(int(wanted_s / tick(video)), stream=video)
        except av.error.FFmpegError:
            return False
        packet = next(iter(source.demux(video)))
        now = seconds(packet.dts if packet.pts is None else packet.pts, packet.time_base)
        return now is not None and packet.is_keyframe and now <= wanted_s
