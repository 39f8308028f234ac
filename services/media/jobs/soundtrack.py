"""The sound of a film."""

from fractions import Fraction
from typing import Any, Final

import av
from av.container import OutputContainer
from av.packet import Packet

from services.media.jobs.files import Resampler, decoded_sound, seconds
from services.media.jobs.sound import MAX_RATE
from services.media.jobs.trim import Trim
from services.media.plan import SoundEncoding

#: How much sound before the trim is decoded, for decoders that have to begin somewhere.
_RUN_UP_S: Final = 2


def _resampler(encoder: av.AudioStream) -> Resampler:
    encoder.codec_context.open(strict=False)  # frame_size is known only then
    return Resampler(
        encoder.format, encoder.layout, encoder.rate, encoder.codec_context.frame_size or None
    )


class SoundTrack:
    """The sound of a film, as AAC, at the times it had."""

    def __init__(
        self, audio: av.AudioStream, trim: Trim, sink: OutputContainer, how: SoundEncoding
    ) -> None:
        self._trim = trim
        self._sink = sink
        rate = how.rate or min(audio.codec_context.sample_rate or MAX_RATE, MAX_RATE)
        self._encoder = sink.add_stream("aac", rate=rate)
        is_mono = how.rate or audio.codec_context.channels == 1
        self._encoder.layout = "mono" if is_mono else "stereo"
        assert how.bits_per_channel is not None  # AAC keeps no samples
        self._encoder.bit_rate = how.bits_per_channel * self._encoder.codec_context.channels
        self._resampler = _resampler(self._encoder)
        self._due: int | None = None

    def take(self, packet: "Packet[Any]") -> None:
        """Write the sound of ``packet``."""
        now = seconds(packet.pts, packet.time_base)
        if now is not None and now < self._trim.begin_s - _RUN_UP_S:
            return  # long before what is wanted, and of no use to it
        for frame in decoded_sound(packet):
            # To the frame, a fortieth of a second: less than a picture's time.
            if self._trim.has(self._stamp(frame)):
                self._encode(frame)

    def _encode(self, frame: av.AudioFrame | None) -> None:
        for part in self._resampler.resample(frame):
            self._sink.mux(self._encoder.encode(part))

    def _stamp(self, frame: av.AudioFrame) -> float:
        """The frame's time in seconds, put on it in samples; counted on unless there is a real gap.

        AVI tells the time of mp3 in whole frames of it, too coarse to cut anew;
        and a time that runs backward cannot be written at all.
        """
        tick = Fraction(1, frame.sample_rate)
        now = seconds(frame.pts, frame.time_base)
        pts = None if now is None else round((now - self._trim.begin_s) / tick)
        if pts is None or (self._due is not None and pts < self._due + frame.sample_rate // 10):
            pts = self._due or 0
        frame.pts, frame.time_base = pts, tick
        self._due = pts + frame.samples
        return pts / frame.sample_rate

    def finish(self) -> None:
        """Write what is left."""
        self._encode(None)
        self._sink.mux(self._encoder.encode(None))
