"""Media made on the spot, with PyAV, so that no test needs a file from elsewhere."""

import math
import wave
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.stream import Disposition

#: The External API's audio formats: container, codec, sample rate.
GUIDE_SOUNDS = {
    "wav": ("wav", "pcm_s16le", 44_100),
    "flac": ("flac", "flac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "ogg": ("ogg", "libopus", 48_000),
    "aac": ("adts", "aac", 44_100),
    "aiff": ("aiff", "pcm_s16be", 44_100),
    "pcm16": ("s16le", "pcm_s16le", 24_000),
    "pcm24": ("s24le", "pcm_s24le", 24_000),
}


def tone(
    seconds: float, rate: int = 16_000, hertz: float = 440.0, level: float = 0.3
) -> np.ndarray:
    """Samples of a sine, int16, shape (samples,)."""
    times = np.arange(round(seconds * rate)) / rate
    return (np.sin(2 * math.pi * hertz * times) * level * 32767).astype(np.int16)


def silence(seconds: float, rate: int = 16_000) -> np.ndarray:
    """Samples of digital silence, int16."""
    return np.zeros(round(seconds * rate), dtype=np.int16)


def samples_of(path: Path, rate: int = 16_000) -> np.ndarray:
    """The sound of one of our own clips, decoded to mono int16."""
    resampler = av.AudioResampler("s16", "mono", rate)
    with av.open(str(path)) as container:
        frames = [
            part.to_ndarray()[0]
            for frame in (*container.decode(audio=0), None)
            for part in resampler.resample(frame)
        ]
    return np.concatenate(frames)


#: A frame of mp3 at 24 kHz (MPEG-2, layer III) is 576 samples, so that 2,500 make a minute.
_MP3_RATE: Final = 24_000
_MP3_FRAME_S: Final = 0.024
#: How many of them LAME begins with, to be left out again: 1,105 samples.
_MP3_ADDED: Final = 2


def write_sound(
    path: Path,
    samples: np.ndarray,
    *,
    container: str,
    codec: str,
    rate: int = 16_000,
    out_rate: int | None = None,
    layout: str = "mono",
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
) -> Path:
    """Write mono int16 ``samples`` to ``path``; returns it."""
    with av.open(str(path), "w", format=container, options=options or {}) as sink:
        stream = sink.add_stream(codec, rate=out_rate or rate, options=codec_options)
        stream.layout = layout
        _encode_sound(sink, stream, samples, rate)
    return path


def write_long(path: Path, part: np.ndarray, times: int) -> Path:
    """Write mono int16 ``part``, at 16 kHz, so many ``times`` as an mp3; returns ``path``.

    Its frames stand for themselves: it is encoded once. What the encoder adds at both ends is
    left out, so that each part begins and ends where ``part`` does, to half a frame.
    """
    write_sound(path, part, container="mp3", codec="libmp3lame", out_rate=_MP3_RATE)
    with av.open(str(path)) as source:
        frames = [bytes(packet) for packet in source.demux() if packet.size]
    last = _MP3_ADDED + round(len(part) / 16_000 / _MP3_FRAME_S)
    path.write_bytes(b"".join(frames[_MP3_ADDED:last]) * times)
    return path


def write_film(
    path: Path,
    shots: Sequence[tuple[tuple[int, int, int], float]],
    *,
    container: str,
    codec: str,
    sound: np.ndarray | None = None,
    sound_codec: str = "aac",
    sound_rate: int = 16_000,
    size: tuple[int, int] = (160, 90),
    frame_rate: int = 25,
    pix_fmt: str = "yuv420p",
    rotation: int = 0,
    pixel_shape: Fraction | None = None,
    times_ms: Iterable[int] | None = None,
    layout: str = "mono",
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
) -> Path:
    """Write a film of plain ``shots``, each an RGB colour and seconds; returns ``path``.

    A whole picture may stand for a colour. ``rotation`` is in counter-clockwise
    degrees, ``pixel_shape`` a pixel's width over its height; ``times_ms`` says
    when each picture is shown, in the place of a constant rate.
    """
    times = None if times_ms is None else iter(times_ms)
    with av.open(str(path), "w", format=container, options=options or {}) as sink:
        video = sink.add_stream(codec, rate=frame_rate, options=codec_options)
        video.width, video.height = size
        video.pix_fmt = pix_fmt
        video.codec_context.thread_count = 1  # several do not always make the same bytes
        if rotation:
            video.set_display_rotation(rotation)
        if pixel_shape is not None:
            video.codec_context.sample_aspect_ratio = pixel_shape
        if times is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        audio = None
        if sound is not None:
            audio = sink.add_stream(sound_codec, rate=48_000 if "opus" in sound_codec else 44_100)
            audio.layout = layout
        for colour, seconds in shots:
            picture = np.full((size[1], size[0], 3), colour, dtype=np.uint8)
            for _ in range(round(seconds * frame_rate)):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                if times is not None:
                    frame.pts, frame.time_base = next(times), Fraction(1, 1000)
                sink.mux(video.encode(frame))
        sink.mux(video.encode(None))
        if audio is not None and sound is not None:
            _encode_sound(sink, audio, sound, sound_rate)
    return path


def write_noisy_film(
    path: Path, seconds: float, size: tuple[int, int] = (320, 180), **more: Any
) -> Path:
    """A film that moves and is not smooth, as films are: noise over a drifting picture.

    With a tone; ``more`` as for :func:`write_film`.
    """
    noise = np.random.default_rng(1)
    rows = np.arange(size[1])[:, None, None]
    columns = np.arange(size[0])[None, :, None]
    shots = []
    for number in range(round(seconds * 25)):
        picture = 110 + 60 * np.sin((rows + columns + 4 * number) / 30) + [[[0, 20, -20]]]
        picture = picture + noise.normal(0, 5, (size[1], size[0], 1))
        shots.append((np.clip(picture, 0, 255).astype(np.uint8), 0.04))
    how = {"container": "mp4", "codec": "libx264", "sound": tone(seconds)} | more
    return write_film(path, shots, size=size, **how)


def _encode_sound(sink, stream, samples: np.ndarray, rate: int) -> None:
    stream.codec_context.open(strict=False)
    resampler = av.AudioResampler(
        stream.format, stream.layout, stream.rate, stream.codec_context.frame_size or 1024
    )
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        sink.mux(stream.encode(part))
    sink.mux(stream.encode(None))


def write_wave(path: Path, channels: np.ndarray, rate: int = 16_000) -> Path:
    """A WAV that does not say what its ``channels`` are for; int16, (channels, samples)."""
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(len(channels))
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes(np.ascontiguousarray(channels.T).tobytes())
    return path


def write_tracks(
    path: Path,
    tracks: Sequence[np.ndarray],
    *,
    container: str,
    codec: str,
    rate: int = 48_000,
    layout: str = "mono",
    picture: str | None = None,
    marks: Sequence[Disposition] = (),
    tags: Sequence[dict[str, str]] = (),
) -> Path:
    """A file with several sound tracks, each int16 of shape (channels, samples).

    ``marks`` and ``tags`` are those of the tracks; ``picture`` is the codec of a film's.
    """
    with av.open(str(path), "w", format=container) as sink:
        video = None
        if picture is not None:
            video = sink.add_stream(picture, rate=10)
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        streams = []
        for number in range(len(tracks)):
            stream = sink.add_stream(codec, rate=rate)
            stream.layout = layout
            stream.metadata.update(tags[number] if number < len(tags) else {})
            if number < len(marks):
                stream.disposition = marks[number]
            streams.append(stream)
        if video is not None:
            for number in range(10):
                shade = np.full((48, 64, 3), number * 20, np.uint8)
                sink.mux(video.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
            sink.mux(video.encode(None))
        for stream, samples in zip(streams, tracks, strict=True):
            _encode_channels(sink, stream, samples, rate)
    return path


def _encode_channels(sink, stream, samples: np.ndarray, rate: int) -> None:
    stream.codec_context.open(strict=False)
    size = stream.codec_context.frame_size or 1024
    resampler = av.AudioResampler(stream.format, stream.layout, stream.rate, size)
    packed = np.ascontiguousarray(samples.T).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=stream.layout.name)
    frame.sample_rate = rate
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        sink.mux(stream.encode(part))
    sink.mux(stream.encode(None))


def ogg_crc(page: bytes) -> int:
    """The checksum of a page of Ogg whose own is zero (RFC 3533)."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)
        crc &= 0xFFFFFFFF
    return crc
