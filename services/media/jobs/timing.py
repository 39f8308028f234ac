"""How long a film is, by the times of its packets."""

import math
from typing import Any, Final

import av
from av.packet import Packet

from services.media.jobs.files import seconds

#: How far apart times are that have been rounded to milliseconds.
_ROUNDED_S: Final = 0.0021


class Timing:
    """When the first picture of ``video`` begins and the last one ends.

    A packet says how long its picture stands; only the last one's counts. In an MP4 it
    is how long the packet behind it is away, in the order of decoding: where that is not
    the order of showing, the last picture stands no longer than its track is said to be.
    """

    def __init__(self, video: av.VideoStream) -> None:
        self.video = video
        self.first_s: float | None = None
        self._last_s = self._end_s = self._untimed_s = 0.0
        self._is_reordered = False
        self._count = 0
        self._shortest_s, self._longest_s = math.inf, 0.0

    def take(self, packet: "Packet[Any]") -> None:
        """Take the time of ``packet``."""
        now = seconds(packet.pts, packet.time_base)
        stands_s = seconds(packet.duration, packet.time_base) or 0.0
        if packet.size:
            self._count += 1
            self._shortest_s = min(self._shortest_s, stands_s)
            self._longest_s = max(self._longest_s, stands_s)
        if now is None:
            self._untimed_s += stands_s
        elif self.first_s is None or now >= self._last_s:
            self.first_s = now if self.first_s is None else self.first_s
            self._last_s, self._end_s = now, now + stands_s
        else:
            self._is_reordered = True
            self.first_s = min(self.first_s, now)

    @property
    def end_s(self) -> float | None:
        """When the last picture ends, None where no picture has a time."""
        said_s = seconds(self.video.duration, self.video.time_base)
        if self.first_s is None or not self._is_reordered or said_s is None:
            return None if self.first_s is None else self._end_s
        return min(self._end_s, max(self.first_s + said_s, self._last_s))

    @property
    def is_steady(self) -> bool:
        """Whether every picture stands as long as the others, and none is missing."""
        is_even = self._longest_s - self._shortest_s <= _ROUNDED_S
        missing_s = abs((self.picture_s or 0.0) - self._count * self._longest_s)
        return self._count > 1 and is_even and missing_s < max(self._longest_s, _ROUNDED_S)

    @property
    def picture_s(self) -> float | None:
        """Seconds from the first picture to the end of the last; of a bare track they add up."""
        if self.first_s is None or self.end_s is None:
            return self._untimed_s or None
        return self.end_s - self.first_s
