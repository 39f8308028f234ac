"""Bare samples and small pictures, for whoever listens to or watches a file."""

import contextlib
from collections.abc import Iterator
from typing import BinaryIO, Final

import av
import av.error
from av.container import InputContainer

from services import errors
from services.media.jobs.blocks import blocks
from services.media.jobs.files import (
    decoded,
    opened,
    packets,
    picture_stream,
    seconds,
    sound_stream,
)
from services.media.jobs.table import Decoded, Frames, Pictures, Samples
from services.media.workshop.worker import Teller

#: Size of the pictures that :func:`frames` writes.
WIDTH: Final = 64
HEIGHT: Final = 36
_A_MOMENT: Final = 1e-6
#: Containers without an index: a seek in them lands somewhere, and its times are off.
_UNINDEXED: Final = frozenset({"mpeg", "mpegts", "mpegvideo"})


def samples(job: Samples, tell: Teller) -> Decoded:
    """Write the samples."""
    most = int(job.most_s * job.sample_rate)
    written = 0
    with opened(job.path, job.raw) as source, job.out.open("wb") as sink:
        stream = sound_stream(source, job.track)
        if stream is None:
            raise errors.NoSound
        form = ("s16", "mono", job.sample_rate)
        for block in blocks(source, stream, form, tell, mix=job.mix):
            data = bytes(block.planes[0])[: block.samples * 2]
            sink.write(data[: (most - written) * 2])
            written = min(written + block.samples, most)
            if written >= most:
                return Decoded(written, is_cut=True)
    return Decoded(written, is_cut=False)


def frames(job: Frames, tell: Teller) -> Pictures:
    """Write the pictures."""
    with job.out.open("wb") as sink:
        found = _look(job, sink, tell, seeks=True)
        if found is None:
            sink.seek(0)
            sink.truncate()
            found = _look(job, sink, tell, seeks=False)
    assert found is not None  # what does not seek is never late
    return found


def _look(job: Frames, sink: BinaryIO, tell: Teller, *, seeks: bool) -> Pictures | None:
    """The pictures that were written.

    None when a seek came out behind the window: some containers have no index,
    or one of a part of them only.
    """
    gap = 1 / job.per_second - _A_MOMENT if job.per_second else 0.0
    times: list[tuple[float, ...]] = []
    is_readable = more = False
    with opened(job.path) as source:
        stream = picture_stream(source)
        if stream is None:
            raise errors.NoPicture
        stream.thread_type = "AUTO"
        seeks = seeks and source.format.name not in _UNINDEXED
        for start, end in job.windows:
            kept: list[float] = []
            is_first, more = True, False
            for now, picture in _pictures(source, stream, start if seeks else 0, tell):
                is_readable = True
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
            times.append(tuple(kept))
    if not is_readable:
        raise errors.UnreadableFile
    return Pictures(tuple(times), more)


def _pictures(
    source: InputContainer, stream: av.VideoStream, start: float, tell: Teller
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Pictures with their times, from the key picture before ``start``; with 0, read on."""
    origin = seconds(stream.start_time, stream.time_base) or 0.0
    if start > 0 and stream.time_base:
        # A container that cannot seek is read on from where it stands.
        with contextlib.suppress(av.error.FFmpegError):
            source.seek(int((origin + start) / stream.time_base), stream=stream)
    for packet in packets(source, [stream], tell):
        for picture in decoded(packet):
            stamp = picture.dts if picture.pts is None else picture.pts
            now = seconds(stamp, picture.time_base)
            if isinstance(picture, av.VideoFrame) and now is not None:
                yield now - origin, picture
