"""The sound of a film."""

from fractions import Fraction
from typing import Any, Final

import av
import av.error
import av.filter
from av.container import OutputContainer
from av.packet import Packet

from services.media.jobs.channels import mixing
from services.media.jobs.files import decoded_sound, seconds
from services.media.jobs.sound import MAX_RATE
from services.media.jobs.trim import Trim
from services.media.plan import SoundEncoding
from services.media.values import Mix

#: How much sound before the trim is decoded, for decoders that have to begin somewhere.
_RUN_UP_S: Final = 2


class _Resampler:
    """Frames for ``encoder``, from frames whose form may change half-way.

    It does in joined files and in broadcasts. Each frame but the last has as many
    samples as the encoder wants.
    """

    def __init__(self, encoder: av.AudioStream, mix: Mix | None) -> None:
        encoder.codec_context.open(strict=False)  # frame_size is known only then
        self._encoder = encoder
        self._size = encoder.codec_context.frame_size
        self._mix = mix
        self._source: tuple[object, ...] = ()
        self._graph: av.filter.Graph | None = None

    def resample(self, frame: av.AudioFrame | None) -> list[av.AudioFrame]:
        """What is ready once ``frame`` is in; with None, what is left."""
        parts: list[av.AudioFrame] = []
        if frame is not None:
            source = frame.format.name, frame.layout.name, frame.sample_rate
            if source != self._source:
                parts = [part for part in self._pushed(None) if not part.samples % self._size]
                self._source, self._graph = source, self._built(frame)
        return parts + self._pushed(frame)

    def _pushed(self, frame: av.AudioFrame | None) -> list[av.AudioFrame]:
        parts: list[av.AudioFrame] = []
        if self._graph is None:
            return parts
        self._graph.push(frame)
        while True:
            try:
                part = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return parts
            if isinstance(part, av.AudioFrame):
                parts.append(part)

    def _built(self, frame: av.AudioFrame) -> av.filter.Graph:
        graph, encoder = av.filter.Graph(), self._encoder
        wanted = {
            "sample_fmts": encoder.format.name,
            "channel_layouts": encoder.layout.name,
            "sample_rates": str(encoder.rate),
        }
        graph.link_nodes(
            graph.add_abuffer(
                sample_rate=frame.sample_rate,
                format=frame.format.name,
                layout=frame.layout.name,
                time_base=frame.time_base,
            ),
            *mixing(graph, frame, self._mix),
            # Floats would not be scaled, and their sum go over full scale.
            graph.add("aresample", rematrix_maxval="1.0"),
            graph.add("aformat", **wanted),
            graph.add("abuffersink"),
        ).configure()
        graph.set_audio_frame_size(self._size)
        return graph


class SoundTrack:
    """The sound of a film, as AAC, at the times it had."""

    def __init__(
        self,
        audio: av.AudioStream,
        trim: Trim,
        sink: OutputContainer,
        how: SoundEncoding,
        mix: Mix | None,
    ) -> None:
        self._trim = trim
        self._sink = sink
        rate = how.rate or min(audio.codec_context.sample_rate or MAX_RATE, MAX_RATE)
        self._encoder = sink.add_stream("aac", rate=rate)
        is_mono = how.rate or mix is not None or audio.codec_context.channels == 1
        self._encoder.layout = "mono" if is_mono else "stereo"
        assert how.bits_per_channel is not None  # AAC keeps no samples
        self._encoder.bit_rate = how.bits_per_channel * self._encoder.codec_context.channels
        self._resampler = _Resampler(self._encoder, mix)
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
