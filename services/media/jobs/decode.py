"""Bare samples and small pictures, for whoever listens to or watches a file."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
import av.error
from av.container import InputContainer

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

Tell = Callable[[Any], None]

#: Size of the pictures that :func:`frames` writes.
WIDTH: Final = 64
HEIGHT: Final = 36
_A_MOMENT: Final = 1e-6
#: How many seconds of media go by from one sign of life to the next.
_TOLD_S: Final = 10.0
#: Containers without an index: a seek in them lands somewhere, and its times are off.
_UNINDEXED: Final = frozenset({"mpeg", "mpegts", "mpegvideo"})


def samples(
    path: str, raw: dict[str, Any] | None, out: str, sample_rate: int, most_s: float, tell: Tell
) -> dict[str, Any]:
    """Write mono 16-bit little-endian samples to ``out``, at most ``most_s`` seconds.

    Tells the seconds written, every ten of them.

    Returns:
        ``{"samples": count, "cut": whether there was more}``.
    """
    most = int(most_s * sample_rate)
    written = told = 0
    resampler = Resampler("s16", "mono", sample_rate)
    with opened(path, raw) as source, Path(out).open("wb") as sink:
        stream = sound_stream(source)
        if stream is None:
            raise errors.NoSound

        def write(frame: av.AudioFrame | None) -> None:
            nonlocal written
            if frame is not None:
                frame.pts = None
            for part in resampler.resample(frame):
                data = bytes(part.planes[0])[: part.samples * 2]
                sink.write(data[: (most - written) * 2])
                written = min(written + part.samples, most)

        for packet in source.demux(stream):
            for frame in decoded_sound(packet):
                write(frame)
            if written >= most:
                return {"samples": written, "cut": True}
            if written - told >= _TOLD_S * sample_rate:
                told = written
                tell(written / sample_rate)
        write(None)
    return {"samples": written, "cut": False}


def frames(
    path: str, out: str, windows: list[tuple[float, float]], per_second: int, tell: Tell
) -> dict[str, Any]:
    """Write RGB pictures of 64 × 36 to ``out``: those of each (from, to) in seconds.

    The windows come in the order of time. ``per_second`` thins them out; 0 keeps every picture.
    Tells the seconds at which pictures were seen, every ten of them.

    Returns:
        ``{"times": [[seconds, …], …], "cut": whether there was more}``, a list
        for each window; the pictures lie in ``out`` one after another,
        ``64 * 36 * 3`` bytes each.
    """
    gap = 1 / per_second - _A_MOMENT if per_second else 0.0
    with Path(out).open("wb") as sink:
        found = _look(path, sink, windows, gap, tell, seeks=True)
        if found is None:
            sink.seek(0)
            sink.truncate()
            found = _look(path, sink, windows, gap, tell, seeks=False)
    assert found is not None  # what does not seek is never late
    times, more = found
    return {"times": times, "cut": more}


def _look(
    path: str,
    sink: BinaryIO,
    windows: list[tuple[float, float]],
    gap: float,
    tell: Tell,
    *,
    seeks: bool,
) -> tuple[list[list[float]], bool] | None:
    """The times of the pictures that were written, and whether there was more.

    None when a seek came out behind the window: some containers have no index,
    or one of a part of them only.
    """
    times: list[list[float]] = []
    is_readable = more = False
    with opened(path) as source:
        stream = picture_stream(source)
        if stream is None:
            raise errors.NoPicture
        stream.thread_type = "AUTO"
        seeks = seeks and source.format.name not in _UNINDEXED
        for start, end in windows:
            kept: list[float] = []
            is_first, more, told = True, False, -_TOLD_S
            for now, picture in _pictures(source, stream, start if seeks else 0):
                is_readable = True
                if now - told >= _TOLD_S:
                    told = now
                    tell(now)
                if is_first and seeks and now > start + _A_MOMENT:
                    return None
                is_first = False
                if now > end + _A_MOMENT:
                    more = True
                    break
                if now < start - _A_MOMENT or (kept and now - kept[-1] < gap):
                    continue
                small = picture.reformat(WIDTH, HEIGHT, "rgb24", interpolation="AREA")
                sink.write(small.to_ndarray().tobytes())
                kept.append(now)
            times.append(kept)
    if not is_readable:
        raise errors.UnreadableFile
    return times, more


def _pictures(
    source: InputContainer, stream: av.VideoStream, start: float
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Pictures with their times, from the key picture before ``start``; with 0, read on."""
    origin = seconds(stream.start_time, stream.time_base) or 0.0
    if start > 0 and stream.time_base:
        # A container that cannot seek is read on from where it stands.
        with contextlib.suppress(av.error.FFmpegError):
            source.seek(int((origin + start) / stream.time_base), stream=stream)
    for packet in source.demux(stream):
        for picture in decoded(packet):
            stamp = picture.dts if picture.pts is None else picture.pts
            now = seconds(stamp, picture.time_base)
            if isinstance(picture, av.VideoFrame) and now is not None:
                yield now - origin, picture
