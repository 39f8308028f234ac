"""Tracks taken over as they are, into another container."""

from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import av
import av.error
from av.container import OutputContainer
from av.packet import Packet

from services import errors
from services.media.jobs.files import opened, packets, picture_stream, sound_stream
from services.media.jobs.table import Rewrap
from services.media.workshop.worker import Teller

#: MP4 and its like get their index at the front, where a reader finds it at once.
OPTIONS: Final = {"movflags": "+faststart"}
#: Muxer → how it writes what is taken over. Of an mp3 whose encoder's delay is not known
#: FFmpeg's header would say that its first 4096 samples are not to be played.
_OPTIONS: Final = MappingProxyType(
    dict.fromkeys(("mp4", "ipod", "mov"), OPTIONS) | {"mp3": {"write_xing": "0"}}
)


class CopiedTrack:
    """One track: its packets as they are, at times that count from the start of the film."""

    def __init__(
        self, stream: av.AudioStream | av.VideoStream, origin_s: Fraction, sink: OutputContainer
    ) -> None:
        self._sink = sink
        self._origin_s = origin_s
        self._out = sink.add_stream_from_template(stream, opaque=True)

    def take(self, packet: "Packet[Any]") -> None:
        """Write ``packet``; the empty one at the end of a track is left out."""
        if packet.size == 0:
            return
        base = packet.time_base
        assert base is not None  # a demuxed packet has one
        shift = round(self._origin_s / base)
        if packet.pts is not None:
            packet.pts -= shift
        if packet.dts is not None:
            packet.dts -= shift
        packet.stream = self._out
        self._sink.mux_one(packet)


def start_of(stream: av.AudioStream | av.VideoStream) -> Fraction:
    """When a track begins: a piece of a broadcast counts from when that went on the air."""
    return (stream.start_time or 0) * (stream.time_base or Fraction(0))


def rewrap(job: Rewrap, tell: Teller) -> None:
    """Take the tracks over as they are."""
    options = _OPTIONS.get(job.muxer, {})
    with (
        opened(job.path, job.raw) as source,
        av.open(job.out, "w", format=job.muxer, options=options) as sink,
    ):
        streams = [
            stream
            for stream in (
                picture_stream(source) if job.kind == "video" else None,
                sound_stream(source, job.track),
            )
            if stream is not None
        ]
        if not streams:
            raise errors.NoSound
        origin_s = min(start_of(stream) for stream in streams)
        tracks = {stream.index: CopiedTrack(stream, origin_s, sink) for stream in streams}
        for packet in packets(source, streams, tell):
            tracks[packet.stream.index].take(packet)
