"""What a file is: its container, its tracks, and what its samples measure."""

import math
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.container import InputContainer

from services import errors
from services.media.jobs import unfolding
from services.media.jobs.blocks import Joiner
from services.media.jobs.files import (
    decoded_sound,
    opened,
    packets,
    picture_stream,
    seconds,
    sound_stream,
)
from services.media.jobs.table import Inspect
from services.media.values import MediaFacts, Picture, Sound
from services.media.workshop.worker import Teller

_RATE: Final = 16_000
_WINDOWS_PER_S: Final = 10
_SILENCE: Final = 32768 * 10 ** (-50 / 20)
#: From here on a sample is as large as its form allows: 16 bit end at 0.99997, 8 bit at 0.992.
_FULL_SCALE: Final = 0.9999
_FULL_SCALE_8_BIT: Final = 0.99
#: FFmpeg's name of a demuxer → ours. The two families are told apart by bytes.
_NAMES: Final = {"mov,mp4,m4a,3gp,3g2,mj2": "mp4", "matroska,webm": "matroska"}
_BRANDS: Final = {"qt": "mov", "M4A": "m4a", "M4B": "m4a", "M4P": "m4a"}
_WEBM_CODECS: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})


class _Meter:
    """Measures level and silence on mono 16-bit samples at 16 kHz, peaks on the file's own."""

    def __init__(self) -> None:
        self._joiner = Joiner(("s16", "mono", _RATE), with_source=True)
        self.samples = 0
        self._squares = 0.0
        self._windows = 0
        self._silent = 0
        self._peak = 0.0
        self._own_windows = 0
        self._clipped = 0
        self._full = _FULL_SCALE

    def take(self, frame: av.AudioFrame | None) -> None:
        """Measure ``frame``, or with None what is left of the sound."""
        if frame is not None:
            self._full = _FULL_SCALE_8_BIT if frame.format.bytes == 1 else _FULL_SCALE
        for block, is_own in self._joiner.rest() if frame is None else self._joiner.push(frame):
            if is_own:
                own = block.to_ndarray().reshape(-1, block.layout.nb_channels)
                self._measure_peaks(own, block.sample_rate)
            else:
                self._measure_level(block.to_ndarray()[0].astype(np.float64))

    def _measure_level(self, values: np.ndarray[Any, Any]) -> None:
        self.samples += values.size
        size = _RATE // _WINDOWS_PER_S
        whole = values.size // size * size
        for windows in (values[:whole].reshape(-1, size), values[whole:].reshape(1, -1)):
            if windows.size:
                squares = np.einsum("ij,ij->i", windows, windows)
                self._squares += float(squares.sum())
                self._windows += len(squares)
                self._silent += int((squares < _SILENCE**2 * windows.shape[1]).sum())

    def _measure_peaks(self, values: np.ndarray[Any, Any], rate: int) -> None:
        size = max(rate // _WINDOWS_PER_S, 1)
        self._own_windows += -(-len(values) // size)
        peak = float(max(values.max(), -values.min()))
        self._peak = max(self._peak, peak)
        if peak < self._full:
            return
        full = np.abs(values) >= self._full
        run = full[:-2] & full[1:-1] & full[2:]
        self._clipped += len(np.unique(np.nonzero(run.any(axis=1))[0] // size))

    def sound(self, stream: av.AudioStream) -> Sound:
        """``stream``, as it was measured."""
        context = stream.codec_context
        rms = math.sqrt(self._squares / self.samples) if self.samples else 0.0
        return Sound(
            # mp3float and its like are FFmpeg's decoders, not codecs.
            codec=context.codec.canonical_name,
            sample_rate=context.sample_rate,
            channels=context.channels,
            duration_s=self.samples / _RATE,
            level_dbfs=_decibels(rms / 32768),
            silent_share=self._silent / self._windows if self._windows else 0.0,
            peak_dbfs=_decibels(self._peak),
            clipped_share=self._clipped / self._own_windows if self._own_windows else 0.0,
        )


def _decibels(ratio: float) -> float | None:
    return 20 * math.log10(ratio) if ratio and math.isfinite(ratio) else None


def inspect(job: Inspect, tell: Teller) -> MediaFacts:
    """The facts of the file.

    Every sample is decoded: headers lie in both directions. The picture is
    only demuxed, and timed by its packets.
    """
    file_bytes = job.path.stat().st_size
    with opened(job.path, job.raw) as container:
        audio, video = sound_stream(container), picture_stream(container)
        streams = [stream for stream in (audio, video) if stream is not None]
        if not streams:
            # A picture was announced, and nobody can tell its size.
            raise errors.UnreadableFile if container.streams.video else errors.NotMedia
        meter = _Meter()
        count = unfolding.Unfolding(file_bytes)
        first = last = None
        for packet in packets(container, streams, tell):
            count.read(packet)
            if packet.stream is audio:
                for frame in decoded_sound(packet):
                    count.heard(frame)
                    meter.take(frame)
            elif packet.pts is not None:
                start = seconds(packet.pts, packet.time_base) or 0.0
                end = seconds(packet.pts + (packet.duration or 0), packet.time_base) or 0.0
                first = start if first is None else min(first, start)
                last = end if last is None else max(last, end)
        if audio is not None:
            meter.take(None)
        picture_s = last - first if first is not None and last is not None else None
        count.shown(picture_s)
        sound_s = meter.samples / _RATE if meter.samples else None
        if picture_s is None and sound_s is None:
            raise errors.UnreadableFile
        return MediaFacts(
            container=job.raw.format if job.raw else _container_name(job.path, container),
            file_bytes=file_bytes,
            duration_s=max(picture_s or 0.0, sound_s or 0.0) or None,
            sound=meter.sound(audio) if audio is not None and sound_s else None,
            picture=_picture(video) if video is not None else None,
        )


def _picture(stream: av.VideoStream) -> Picture:
    rate, context = stream.average_rate, stream.codec_context
    return Picture(
        codec=context.codec.canonical_name,
        width=context.width,
        height=context.height,
        frame_rate=float(rate) if rate else None,
        pixel_format=context.pix_fmt,
    )


def _container_name(path: Path, container: InputContainer) -> str:
    name = _NAMES.get(container.format.name, container.format.name)
    if name == "mp4":
        # The major brand stands after "ftyp", at offset 4 (ISO/IEC 14496-12);
        # a QuickTime film older than that has none.
        with path.open("rb") as file:
            head = file.read(12)
        if head[4:8] != b"ftyp":
            return "mov"
        brand = head[8:12].decode("latin-1").strip()
        return "3gp" if brand.startswith(("3gp", "3g2")) else _BRANDS.get(brand, "mp4")
    if name == "matroska":
        # The EBML header names the document type within its first bytes; WebM
        # is Matroska with these codecs only (https://www.webmproject.org/docs/container/).
        with path.open("rb") as file:
            is_webm = b"webm" in file.read(64)
        codecs = {
            stream.codec_context.codec.canonical_name
            for stream in (*container.streams.audio, *container.streams.video)
            if stream.codec_context
        }
        return "webm" if is_webm and codecs <= _WEBM_CODECS else "matroska"
    return name
