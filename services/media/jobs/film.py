"""Making an MP4 of a film."""

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import av.error
import av.filter
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.frame import PictureType

from services import errors
from services.media.jobs.copying import OPTIONS, CopiedTrack
from services.media.jobs.files import (
    decoded,
    opened,
    packets,
    picture_stream,
    seconds,
    sound_stream,
)
from services.media.jobs.soundtrack import SoundTrack
from services.media.jobs.table import ToMp4
from services.media.jobs.trim import A_MOMENT, Trim, last_key, seeks, tick
from services.media.plan import PictureEncoding
from services.media.workshop.worker import Teller

#: How much wider than high, or higher than wide, the pixels of a film may be.
_MOST_STRETCH: Final = 3
#: How far the sound may lie behind the picture in a file.
_SOUND_BEHIND_S: Final = 2


def to_mp4(job: ToMp4, tell: Teller) -> None:
    """Write the film as H.264 and AAC in MP4, upright, with even sides.

    Times count from the start and stay as they are otherwise, so a variable frame
    rate stays one.
    """
    first = _first_picture(job.path, tell)
    with (
        opened(job.path) as source,
        av.open(job.out, "w", format="mp4", options=OPTIONS) as sink,
    ):
        video, audio = picture_stream(source), sound_stream(source)
        assert video is not None  # or there had been no first picture
        # A piece of a broadcast says how long that has been on the air.
        origin_s = Fraction(source.start_time or 0, av.time_base)
        trim = Trim(origin_s, job.start_s or 0.0, job.end_s)
        film: CopiedTrack | _Film = (
            CopiedTrack(video, origin_s, sink)
            if job.picture is None
            else _Film(video, first, trim, sink, job.picture)
        )
        track: CopiedTrack | SoundTrack | None = None
        if audio is not None:
            track = (
                CopiedTrack(audio, origin_s, sink)
                if job.sound is None
                else SoundTrack(audio, trim, sink, job.sound)
            )
        key = _sought(source, video, trim, job.path, tell) if job.start_s else None
        streams = [stream for stream in (video, audio) if stream is not None]
        for packet in packets(source, streams, tell):
            if packet.stream is not video:
                if track is not None:
                    track.take(packet)
            elif key is None or packet.dts is None or packet.dts >= key:
                film.take(packet)
            elif isinstance(film, _Film):
                film.skip(packet)
            if isinstance(film, _Film) and film.is_over:
                break
        if isinstance(film, _Film):
            film.finish()
        if isinstance(track, SoundTrack):
            track.finish()


def _sought(
    source: InputContainer, video: av.VideoStream, trim: Trim, path: Path, tell: Teller
) -> int | None:
    """Go to the beginning of ``trim`` where an index finds it.

    Elsewhere the file is read from its beginning, and the time stamp of the picture
    before which none needs decoding is returned, if there is one.
    """
    if not seeks(path, trim):
        return last_key(path, trim, tell)
    source.seek(int(trim.begin_s / tick(video)), stream=video)
    return None


def _first_picture(path: Path, tell: Teller) -> av.VideoFrame:
    """The first picture that can be decoded: it alone says which way is up."""
    with opened(path) as source:
        video = picture_stream(source)
        if video is None:
            raise errors.NoPicture
        for packet in packets(source, [video], tell):
            for frame in decoded(packet):
                if isinstance(frame, av.VideoFrame):
                    return frame
    raise errors.UnreadableFile


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
        trim: Trim,
        sink: OutputContainer,
        how: PictureEncoding,
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
        if how.height and how.height < height:
            width, height = round(width * how.height / height), how.height
        if how.pixels < width * height:
            share = math.sqrt(how.pixels / (width * height))
            width, height = int(width * share), int(height * share)
        self._encoder = sink.add_stream(
            "libx264",
            rate=video.average_rate or 30,
            options={
                "preset": how.preset,
                "crf": str(how.crf),
                "maxrate": str(how.bit_rate),
                "bufsize": str(how.bit_rate),
            },
        )
        self._encoder.width, self._encoder.height = max(width & ~1, 2), max(height & ~1, 2)
        self._encoder.pix_fmt = "yuv420p"
        assert first.time_base is not None  # a decoded picture has one
        self._encoder.codec_context.time_base = first.time_base
        self._graph: av.filter.Graph | None = None
        self._shape: tuple[object, ...] = ()
        self._trim = trim
        self._gap_s = 1 / how.frame_rate if how.frame_rate else 0.0
        self._due_s = 0.0
        self._is_avi = video.container.format.name == "avi"
        self._begun_dts: int | None = None
        self._skipped: int | None = None
        self._first_dts: int | None = None
        self._last_shown: int | None = None
        self._last_pts: int | None = None
        self._done_s = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the file was read so far beyond what is wanted that its sound was there, too."""
        length_s = self._trim.length_s
        return length_s is not None and self._done_s >= length_s + _SOUND_BEHIND_S

    def skip(self, packet: "Packet[Any]") -> None:
        """Leave ``packet`` undecoded: it is long before what is wanted."""
        self._begun_dts = packet.dts if self._begun_dts is None else self._begun_dts

    def take(self, packet: "Packet[Any]") -> None:
        if self._skipped is None and packet.dts is not None:
            begun = packet.dts if self._begun_dts is None else self._begun_dts
            self._skipped = packet.dts - begun
        for frame in decoded(packet):
            if not isinstance(frame, av.VideoFrame):
                continue
            frame.pts = self._shown_at(frame)
            now_s = seconds(frame.pts, frame.time_base)
            self._done_s = self._done_s if now_s is None else now_s
            if now_s is None or not self._trim.has(now_s) or now_s < self._due_s - A_MOMENT:
                continue
            self._due_s = max(self._due_s + self._gap_s, now_s)
            for upright in self._upright(frame):
                self._encode(upright)

    def finish(self) -> None:
        if self._last_pts is None:
            raise errors.BadTrim if self._trim.start_s else errors.UnreadableFile
        self._sink.mux(self._encoder.encode(None))

    def _shown_at(self, frame: av.VideoFrame) -> int | None:
        """The frame's time, counted from the start of what is wanted."""
        assert frame.time_base is not None  # as above
        stamp = self._avi_time(frame) if self._is_avi else self._time(frame)
        return None if stamp is None else stamp - round(self._trim.start_s / frame.time_base)

    def _time(self, frame: av.VideoFrame) -> int | None:
        stamp = frame.dts if frame.pts is None else frame.pts
        assert frame.time_base is not None  # as above
        return None if stamp is None else stamp - round(self._trim.origin_s / frame.time_base)

    def _avi_time(self, frame: av.VideoFrame) -> int | None:
        # AVI knows when a picture is decoded, not when it is shown, and FFmpeg's
        # guess is out of order for H.264 with B-frames. The decoder is not.
        if frame.dts is not None:
            if self._first_dts is None:
                self._first_dts = frame.dts - (self._skipped or 0)
            self._last_shown = frame.dts - self._first_dts
        elif self._last_shown is not None:
            # One of the last: no packet is left to take a time from.
            self._last_shown += frame.duration or 1
        return self._last_shown

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
