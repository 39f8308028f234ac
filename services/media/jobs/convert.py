"""Making another file of a file: mp3 or wav of sound, mp4 of a film."""

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final

import av
import av.error
import av.filter
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.frame import PictureType

from services import errors
from services.media.jobs.files import (
    Resampler,
    decoded,
    decoded_sound,
    opened,
    picture_stream,
    seconds,
    sound_stream,
)

#: Sample rates of MPEG-1 and MPEG-2 layer III (ISO/IEC 11172-3, 13818-3).
_MP3_RATES: Final = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_BITS_PER_CHANNEL: Final = 64_000
_MAX_WAV_RATE: Final = 48_000
#: How much wider than high, or higher than wide, the pixels of a film may be.
_MOST_STRETCH: Final = 3

Tell = Callable[[Any], None]


def to_audio(
    path: str, raw: dict[str, Any] | None, out: str, target: str, tell: Tell
) -> dict[str, Any]:
    """Write the sound of ``path`` to ``out`` as ``target``, ``"mp3"`` or ``"wav"``.

    At most two channels, at the next sample rate the target has. Tells the
    seconds done, about once a second of sound.
    """
    with opened(path, raw) as source, av.open(out, "w", format=target) as sink:
        stream = sound_stream(source)
        if stream is None:
            raise errors.NoSound
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        rate = _rate(stream.codec_context.sample_rate, target)
        encoder = sink.add_stream("libmp3lame" if target == "mp3" else "pcm_s16le", rate=rate)
        encoder.layout = layout
        if target == "mp3":
            encoder.bit_rate = _BITS_PER_CHANNEL * encoder.codec_context.channels
        _encode_sound(source, stream, encoder, sink, tell)
    return {}


def to_mp4(path: str, out: str, tell: Tell) -> dict[str, Any]:
    """Write ``path`` to ``out`` as H.264 and AAC in MP4, upright, with even sides.

    Times count from the start of the film and stay as they are otherwise, so a
    variable frame rate stays one. Tells the seconds done.
    """
    first = _first_picture(path)
    with (
        opened(path) as source,
        av.open(out, "w", format="mp4", options={"movflags": "+faststart"}) as sink,
    ):
        video, audio = picture_stream(source), sound_stream(source)
        assert video is not None  # or there had been no first picture
        # A piece of a broadcast says how long that has been on the air.
        origin_s = Fraction(source.start_time or 0, av.time_base)
        film = _Film(video, first, origin_s, sink)
        sound = _SoundTrack(audio, origin_s, sink) if audio is not None else None
        for packet in source.demux([stream for stream in (video, audio) if stream is not None]):
            if packet.stream is video:
                film.take(packet, tell)
            elif sound is not None:
                for frame in decoded_sound(packet):
                    sound.take(frame)
        film.finish()
        if sound is not None:
            sound.take(None)
            sound.finish()
    return {}


def _first_picture(path: str) -> av.VideoFrame:
    """The first picture that can be decoded: it alone says which way is up."""
    with opened(path) as source:
        video = picture_stream(source)
        if video is None:
            raise errors.NoPicture
        for packet in source.demux(video):
            for frame in decoded(packet):
                if isinstance(frame, av.VideoFrame):
                    return frame
    raise errors.UnreadableFile


def _rate(rate: int, target: str) -> int:
    if target == "wav":
        return min(rate, _MAX_WAV_RATE)
    return next((known for known in _MP3_RATES if known >= rate), _MP3_RATES[-1])


def _encode_sound(
    source: InputContainer,
    stream: av.AudioStream,
    encoder: av.AudioStream,
    sink: OutputContainer,
    tell: Tell,
) -> None:
    resampler = _resampler(encoder)
    written, done_s, told_s = 0, 0.0, 0.0

    def write(frame: av.AudioFrame | None) -> None:
        nonlocal written
        for part in resampler.resample(frame):
            part.pts, part.time_base = written, Fraction(1, encoder.rate)
            written += part.samples
            sink.mux(encoder.encode(part))

    for packet in source.demux(stream):
        for frame in decoded_sound(packet):
            frame.pts = None  # gaps in the time stamps are not sound
            write(frame)
            done_s += frame.samples / frame.sample_rate
            if done_s - told_s >= 1:
                told_s = done_s
                tell(done_s)
    if not done_s:
        raise errors.UnreadableFile
    write(None)
    sink.mux(encoder.encode(None))


def _resampler(encoder: av.AudioStream) -> Resampler:
    encoder.codec_context.open(strict=False)  # frame_size is known only then
    return Resampler(
        encoder.format, encoder.layout, encoder.rate, encoder.codec_context.frame_size or None
    )


#: `VideoFrame.rotation`, the counter-clockwise degrees a player turns by → filters.
_TURNS: Final = {
    90: ("cclock",),
    180: ("clock", "clock"),
    -90: ("clock",),
    -180: ("clock", "clock"),
}


class _Film:
    """The picture: decoded, turned upright, its pixels made square, its sides even, encoded."""

    def __init__(
        self,
        video: av.VideoStream,
        first: av.VideoFrame,
        origin_s: Fraction,
        sink: OutputContainer,
    ) -> None:
        video.thread_type = "AUTO"
        self._sink = sink
        self._turns = _TURNS.get(first.rotation, ())
        width, height = first.width, first.height
        # A film off a disc or a tape has pixels wider or narrower than high.
        shape = video.sample_aspect_ratio
        if shape and 1 < shape <= _MOST_STRETCH:
            width = round(width * shape)
        elif shape and 1 > shape >= 1 / _MOST_STRETCH:
            height = round(height / shape)
        if len(self._turns) == 1:
            width, height = height, width
        self._encoder = sink.add_stream(
            "libx264",
            rate=video.average_rate or 30,
            options={"preset": "veryfast", "crf": "23"},
        )
        self._encoder.width, self._encoder.height = max(width & ~1, 2), max(height & ~1, 2)
        self._encoder.pix_fmt = "yuv420p"
        assert first.time_base is not None  # a decoded picture has one
        self._encoder.codec_context.time_base = first.time_base
        self._graph: av.filter.Graph | None = None
        self._shape: tuple[object, ...] = ()
        self._origin_s = origin_s
        self._is_avi = video.container.format.name == "avi"
        self._first_dts: int | None = None
        self._last_pts: int | None = None
        self._told = 0.0

    def take(self, packet: "Packet[Any]", tell: Tell) -> None:
        for frame in decoded(packet):
            if not isinstance(frame, av.VideoFrame):
                continue
            frame.pts = self._shown_at(frame)
            for upright in self._upright(frame):
                self._encode(upright)
            now = seconds(frame.pts, frame.time_base) or 0.0
            if now - self._told >= 1:
                self._told = now
                tell(now)

    def finish(self) -> None:
        if self._last_pts is None:
            raise errors.UnreadableFile
        self._sink.mux(self._encoder.encode(None))

    def _shown_at(self, frame: av.VideoFrame) -> int | None:
        if not self._is_avi:
            stamp = frame.dts if frame.pts is None else frame.pts
            assert frame.time_base is not None  # as above
            return None if stamp is None else stamp - round(self._origin_s / frame.time_base)
        # AVI knows when a picture is decoded, not when it is shown, and FFmpeg's
        # guess is out of order for H.264 with B-frames. The decoder is not.
        if frame.dts is None:  # one of the last: no packet is left to take a time from
            return None if self._last_pts is None else self._last_pts + (frame.duration or 1)
        if self._first_dts is None:
            self._first_dts = frame.dts
        return frame.dts - self._first_dts

    def _upright(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape or self._graph is None:  # it may change half-way
            self._graph, self._shape = self._new_graph(frame), shape
        self._graph.push(frame)
        while True:
            try:
                upright = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(upright, av.VideoFrame):
                yield upright

    def _new_graph(self, frame: av.VideoFrame) -> av.filter.Graph:
        graph = av.filter.Graph()
        nodes = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
            ),
            *(graph.add("transpose", turn) for turn in self._turns),
            graph.add("scale", f"{self._encoder.width}:{self._encoder.height}"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ]
        for one, two in itertools.pairwise(nodes):
            one.link_to(two)
        graph.configure()
        return graph

    def _encode(self, frame: av.VideoFrame) -> None:
        if frame.pts is None or (self._last_pts is not None and frame.pts <= self._last_pts):
            return  # a picture without a time of its own cannot be shown
        self._last_pts = frame.pts
        frame.pict_type = PictureType.NONE  # the encoder decides, not the source
        self._sink.mux(self._encoder.encode(frame))


class _SoundTrack:
    """The sound of a film, as AAC, at the times it had."""

    def __init__(self, audio: av.AudioStream, origin_s: Fraction, sink: OutputContainer) -> None:
        self._origin_s = origin_s
        self._sink = sink
        self._encoder = sink.add_stream(
            "aac", rate=min(audio.codec_context.sample_rate, _MAX_WAV_RATE)
        )
        self._encoder.layout = "mono" if audio.codec_context.channels == 1 else "stereo"
        self._encoder.bit_rate = _BITS_PER_CHANNEL * self._encoder.codec_context.channels
        self._resampler = _resampler(self._encoder)
        self._due: int | None = None

    def take(self, frame: av.AudioFrame | None) -> None:
        if frame is not None:
            self._stamp(frame)
        for part in self._resampler.resample(frame):
            self._sink.mux(self._encoder.encode(part))

    def _stamp(self, frame: av.AudioFrame) -> None:
        """Say the frame's time in samples, counted on unless there is a real gap.

        AVI tells the time of mp3 in whole frames of it, too coarse to cut anew;
        and a time that runs backward cannot be written at all.
        """
        tick = Fraction(1, frame.sample_rate)
        now = seconds(frame.pts, frame.time_base)
        pts = None if now is None else round((now - self._origin_s) / tick)
        if pts is None or (self._due is not None and pts < self._due + frame.sample_rate // 10):
            pts = self._due or 0
        frame.pts, frame.time_base = pts, tick
        self._due = pts + frame.samples

    def finish(self) -> None:
        self._sink.mux(self._encoder.encode(None))
