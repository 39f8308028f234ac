"""How much a file may unfold to. Small ones can hold days, and pictures of gigabytes.

The numbers leave room for all that people have: speech at 6 kbit/s for as long
as it lasts, an hour of mono even when nothing is said and nothing is sent, and
8K films. They were chosen so that a small file which is refused has cost less
than five seconds of processor time by then (measured with PyAV 18.1).
"""

from types import MappingProxyType
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.packet import Packet

from services import errors

#: Samples of all channels that any file may hold, an hour of mono at 48 kHz,
#: and how many more for each of its bytes.
_FREE_SAMPLES: Final = 3600 * 48_000
_SAMPLES_PER_BYTE: Final = 100
#: What a second costs at least: it is measured, whatever its sample rate.
_LEAST_PER_SECOND: Final = 48_000
_MOST_PICTURE_S: Final = 24 * 3600.0
#: The pixels of an 8K film, which may go out as it is; and of a 4K one, the
#: largest that is decoded here (DCI 8192 × 4320 and 4096 × 2160, in whole blocks).
_MOST_PIXELS: Final = 8192 * 4352
_MOST_DECODED_PIXELS: Final = 4096 * 2304
#: Packets may lie in the file once, in all their length; index tables can name
#: the same bytes again and again.
_FREE_PACKETS: Final = 10_000
_FREE_BYTES: Final = 1024 * 1024
_MOST_STREAMS: Final = 256

#: For ``av.open``. Decoders are tried out there, and take a larger picture for
#: one without a size.
OPTIONS: Final = MappingProxyType(
    {"max_streams": str(_MOST_STREAMS), "max_pixels": str(_MOST_PIXELS)}
)


def check_picture(stream: av.VideoStream, *, to_decode: bool = False) -> None:
    """Refuse pictures that are too large, by what the container or codec says.

    Raises:
        TooMuchInside: they are.
    """
    context = stream.codec_context
    most = _MOST_DECODED_PIXELS if to_decode else _MOST_PIXELS
    if context.width * context.height > most:
        raise errors.TooMuchInside
    if to_decode and not context.is_open:
        # What it says may change half-way; then FFmpeg looks at this.
        context.options |= {"max_pixels": str(most)}


class Unfolding:
    """Counts what comes out of a file of ``file_bytes``."""

    def __init__(self, file_bytes: int) -> None:
        self._file_bytes = file_bytes
        self._packets = self._bytes = 0
        self._samples = 0.0

    def read(self, packet: "Packet[Any]") -> None:
        """Count a packet.

        Raises:
            TooMuchInside: the packets are more than the file.
        """
        self._packets += 1
        self._bytes += packet.size
        if (
            self._packets > self._file_bytes + _FREE_PACKETS
            or self._bytes > 2 * self._file_bytes + _FREE_BYTES
        ):
            raise errors.TooMuchInside

    @property
    def unread_share(self) -> float:
        """The share, 0 to 1, of the file that was in no packet which was counted."""
        return max(1 - self._bytes / self._file_bytes, 0.0)

    def heard(self, frame: AudioFrame) -> None:
        """Count decoded sound.

        Raises:
            TooMuchInside: it is more than the file can sensibly hold.
        """
        per_second = max(frame.sample_rate * len(frame.layout.channels), _LEAST_PER_SECOND)
        self._samples += frame.samples / max(frame.sample_rate, 1) * per_second
        if self._samples > _FREE_SAMPLES + _SAMPLES_PER_BYTE * self._file_bytes:
            raise errors.TooMuchInside

    @staticmethod
    def shown(picture_s: float | None) -> None:
        """Refuse a film that says it lasts for days: nobody can count its seconds.

        Raises:
            TooMuchInside: it does.
        """
        if picture_s is not None and picture_s > _MOST_PICTURE_S:
            raise errors.TooMuchInside
