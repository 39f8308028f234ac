"""Making an MP4 of a film."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.frame import PictureType

from services import errors
from services.media.jobs.copying import OPTIONS, CopiedTrack
from services.media.jobs.files import (
    attempted,
    decoded,
    opened,
    packets,
    picture_stream,
    sound_stream,
)
from services.media.jobs.screen import Screen
from services.media.jobs.soundtrack import SoundTrack
from services.media.jobs.table import ToMp4
from services.media.jobs.timing import Timing
from services.media.jobs.trim import A_MOMENT, Trim, last_key, seeks, tick
from services.media.plan import PictureEncoding
from services.media.workshop.worker import Teller

_USUAL_RATE: Final = 25
#: How far the sound may lie behind the picture in a file.
_SOUND_BEHIND_S: Final = 2


def to_mp4(job: ToMp4, tell: Teller) -> float:
    """Write the film as H.264 and AAC in MP4, as players show it, with even sides.

    Times count from the start and stay as they are otherwise, so a variable frame
    rate stays one. Tells the share of the pictures that were lost.
    """
    first = _first_picture(job.path, tell)
    with (
        opened(job.path) as source,
        av.open(job.out, "w", format="mp4", options=OPTIONS) as sink,
    ):
        video, audio = picture_stream(source), sound_stream(source, job.track)
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
                else SoundTrack(audio, trim, sink, job.sound, job.mix)
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
        lost_share = film.finish() if isinstance(film, _Film) else 0.0
        if isinstance(track, SoundTrack):
            track.finish()
    return lost_share


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


class _Film:
    """The picture: decoded, shown as players show it, encoded."""

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
        self._screen = Screen(video, first, how)
        rate = video.average_rate or _USUAL_RATE
        self._encoder = sink.add_stream(
            "libx264",
            rate=rate,
            options={
                "preset": how.preset,
                "crf": str(how.crf),
                "maxrate": str(how.bit_rate),
                "bufsize": str(how.bit_rate),
            }
            | ({} if how.b_frames else {"bf": "0"}),
        )
        self._encoder.width, self._encoder.height = self._screen.width, self._screen.height
        self._encoder.pix_fmt = "yuv420p"
        assert first.time_base is not None  # a decoded picture has one
        self._tick = first.time_base
        self._encoder.codec_context.time_base = first.time_base
        self._trim = trim
        self._gap_s = 1 / how.frame_rate if how.frame_rate else 0.0
        self._due_s = 0.0
        self._usual_ticks = max(round(1 / rate / self._tick), 1)
        self._is_avi = video.container.format.name == "avi"
        self._begun_dts: int | None = None
        self._skipped: int | None = None
        self._first_dts: int | None = None
        self._last_shown: int | None = None
        #: The last picture so far, which lasts until the next, or until the film ends.
        self._held: av.VideoFrame | None = None
        self._next = 0
        self._timing = Timing(video)
        self._lasts: dict[int | None, int] = {}
        self._done_s = 0.0
        self._packets = self._damaged = 0

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
        self._timing.take(packet)
        frames = attempted(packet)
        self._packets += packet.size > 0
        self._damaged += frames is None
        for frame in frames or ():
            if not isinstance(frame, av.VideoFrame):
                continue
            shown_at = self._shown_at(frame)
            self._done_s = now_s = float(shown_at * self._tick)
            if not self._trim.has(now_s) or now_s < self._due_s - A_MOMENT:
                continue
            frame.pts = shown_at
            self._due_s = max(self._due_s + self._gap_s, now_s)
            for shown in self._screen.show(frame):
                self._hold(shown)

    def finish(self) -> float:
        """Write what is left; the result is the share of the pictures that were damaged."""
        if self._held is None:
            raise errors.BadTrim if self._trim.start_s else errors.UnreadableFile
        self._encode(self._held, self._end())
        self._mux(self._encoder.encode(None))
        return self._damaged / self._packets

    def _end(self) -> int:
        """When the last picture ends, counted from the start of what is wanted."""
        end_s = self._timing.end_s
        if end_s is None or self._is_avi:  # it says nothing of when pictures are shown
            return 0
        length_s, end_s = self._trim.length_s, end_s - float(self._trim.begin_s)
        return round((end_s if length_s is None else min(end_s, length_s)) / self._tick)

    def _shown_at(self, frame: av.VideoFrame) -> int:
        """The frame's time, counted from the start of what is wanted."""
        assert frame.time_base is not None  # as above
        stamp = self._avi_time(frame) if self._is_avi else self._time(frame)
        if stamp is None:  # of a bare track, or a damaged one, pictures are counted
            stamp = self._next
        self._next = stamp + (frame.duration or self._usual_ticks)
        return stamp - round(self._trim.start_s / frame.time_base)

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

    def _hold(self, frame: av.VideoFrame) -> None:
        assert frame.pts is not None  # it was in the trim
        if self._held is not None:
            assert self._held.pts is not None  # as above
            if frame.pts <= self._held.pts:
                return  # a picture without a time of its own cannot be shown
            self._encode(self._held, frame.pts)
        self._held = frame

    def _encode(self, frame: av.VideoFrame, end: int) -> None:
        assert frame.pts is not None  # as above
        self._lasts[frame.pts] = end - frame.pts if end > frame.pts else self._usual_ticks
        frame.pict_type = PictureType.NONE  # the encoder decides, not the source
        self._mux(self._encoder.encode(frame))

    def _mux(self, packets: "list[Packet[Any]]") -> None:
        for packet in packets:
            packet.duration = self._lasts.pop(packet.pts, self._usual_ticks)
            self._sink.mux_one(packet)
