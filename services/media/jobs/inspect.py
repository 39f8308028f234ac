"""What a file is: its container, its tracks, and what its samples measure."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.container import InputContainer
from pydub import AudioSegment
from pydub.utils import make_chunks, ratio_to_db

from services import errors
from services.media.jobs import unfolding
from services.media.jobs.files import (
    Resampler,
    decoded_sound,
    opened,
    picture_stream,
    seconds,
    sound_stream,
)

_RATE: Final = 16_000
_WINDOW_MS: Final = 100
_BLOCK_BYTES: Final = 10 * _RATE * 2  # ten seconds
_SILENCE_DBFS: Final = -50.0
#: FFmpeg's name of a demuxer → ours. The two families are told apart by bytes.
_NAMES: Final = {"mov,mp4,m4a,3gp,3g2,mj2": "mp4", "matroska,webm": "matroska"}
_BRANDS: Final = {"qt": "mov", "M4A": "m4a", "M4B": "m4a", "M4P": "m4a"}
_WEBM_CODECS: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})


class _Meter:
    """Counts mono 16-bit samples at 16 kHz and measures them with pydub."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._resampler = Resampler("s16", "mono", _RATE)
        self.samples = 0
        self._squares = 0.0
        self._windows = 0
        self._silent = 0

    def take(self, frame: av.AudioFrame | None) -> None:
        """Measure ``frame``, or with None what is left of the sound."""
        if frame is not None:
            frame.pts = None  # gaps in the time stamps are not silence
        for part in self._resampler.resample(frame):
            self._block += bytes(part.planes[0])[: part.samples * 2]
        while len(self._block) >= _BLOCK_BYTES or (frame is None and self._block):
            self._measure(bytes(self._block[:_BLOCK_BYTES]))
            del self._block[:_BLOCK_BYTES]

    def _measure(self, data: bytes) -> None:
        block = AudioSegment(data=data, sample_width=2, frame_rate=_RATE, channels=1)
        windows = make_chunks(block, _WINDOW_MS)
        self.samples += len(data) // 2
        # pydub's rms is a whole number, too coarse for a faint sound.
        values = np.frombuffer(data, "<i2").astype(np.float64)
        self._squares += float(values @ values)
        self._windows += len(windows)
        self._silent += sum(window.dBFS < _SILENCE_DBFS for window in windows)

    @property
    def level_dbfs(self) -> float | None:
        rms = math.sqrt(self._squares / self.samples) if self.samples else 0.0
        return ratio_to_db(rms / 32768) if rms else None

    @property
    def silent_share(self) -> float:
        return self._silent / self._windows if self._windows else 0.0


def inspect(path: str, raw: dict[str, Any] | None, tell: Callable[[Any], None]) -> dict[str, Any]:
    """The :class:`~services.media.facts.MediaFacts` of the file, as a mapping.

    Every sample is decoded: headers lie in both directions. The picture is
    only demuxed, and timed by its packets. Tells how far it got, in bytes.
    """
    with opened(path, raw) as container:
        audio, video = sound_stream(container), picture_stream(container)
        streams = [stream for stream in (audio, video) if stream is not None]
        if not streams:
            # A picture was announced, and nobody can tell its size.
            raise errors.UnreadableFile if container.streams.video else errors.NotMedia
        meter = _Meter()
        count = unfolding.Unfolding(Path(path).stat().st_size, tell)
        first = last = None
        for packet in container.demux(streams):
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
        return {
            "container": raw["format"] if raw else _container_name(path, container),
            "file_bytes": Path(path).stat().st_size,
            "duration_s": max(picture_s or 0.0, sound_s or 0.0) or None,
            "sound": _sound(audio, meter) if audio is not None and sound_s else None,
            "picture": _picture(video) if video is not None else None,
        }


def _sound(stream: av.AudioStream, meter: _Meter) -> dict[str, Any]:
    return {
        # mp3float and its like are FFmpeg's decoders, not codecs.
        "codec": stream.codec_context.codec.canonical_name,
        "sample_rate": stream.codec_context.sample_rate,
        "channels": stream.codec_context.channels,
        "duration_s": meter.samples / _RATE,
        "level_dbfs": meter.level_dbfs,
        "silent_share": meter.silent_share,
    }


def _picture(stream: av.VideoStream) -> dict[str, Any]:
    rate = stream.average_rate
    return {
        "codec": stream.codec_context.codec.canonical_name,
        "width": stream.codec_context.width,
        "height": stream.codec_context.height,
        "frame_rate": float(rate) if rate else None,
    }


def _container_name(path: str, container: InputContainer) -> str:
    name = _NAMES.get(container.format.name, container.format.name)
    if name == "mp4":
        # The major brand stands after "ftyp", at offset 4 (ISO/IEC 14496-12);
        # a QuickTime film older than that has none.
        with Path(path).open("rb") as file:
            head = file.read(12)
        if head[4:8] != b"ftyp":
            return "mov"
        brand = head[8:12].decode("latin-1").strip()
        return "3gp" if brand.startswith(("3gp", "3g2")) else _BRANDS.get(brand, "mp4")
    if name == "matroska":
        # The EBML header names the document type within its first bytes; WebM
        # is Matroska with these codecs only (https://www.webmproject.org/docs/container/).
        with Path(path).open("rb") as file:
            is_webm = b"webm" in file.read(64)
        codecs = {
            stream.codec_context.codec.canonical_name
            for stream in (*container.streams.audio, *container.streams.video)
            if stream.codec_context
        }
        return "webm" if is_webm and codecs <= _WEBM_CODECS else "matroska"
    return name
