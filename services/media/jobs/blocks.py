"""The sound of a file in large blocks of samples.

A frame of mp3 is 26 ms. What is done for each frame in Python costs more than
decoding it, so FFmpeg's filters join frames to blocks of a second and bring
them into the form that is wanted, and Python sees only the blocks.
"""

import itertools
from collections.abc import Iterator
from typing import Any, Final

import av
import av.error
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.filter.context import FilterContext

from services.media.jobs.files import decoded_sound, packets
from services.media.workshop.worker import Teller

#: How many frames are pushed before the filters are asked for blocks.
_PUSHED: Final = 32


class Joiner:
    """Frames of any form in, blocks of a second in one form out.

    ``form`` is sample format, layout and rate. The form of the source may change
    half-way: it does in joined files and in broadcasts.
    """

    def __init__(self, form: tuple[str, str, int], *, with_source: bool = False) -> None:
        sample_format, layout, self._rate = form
        self._form = f"sample_fmts={sample_format}:channel_layouts={layout}:sample_rates={form[2]}"
        self._with_source = with_source
        self._source: tuple[object, ...] = ()
        # A filter does not keep its graph alive.
        self._graph: av.filter.Graph | None = None
        self._entry: FilterContext | None = None
        self._exits: list[FilterContext] = []
        self._waiting = 0

    def push(self, frame: AudioFrame) -> Iterator[tuple[AudioFrame, bool]]:
        """Take ``frame``; yield what is ready, each with whether it is of the source.

        Blocks of the source come only ``with_source``: as interleaved floats, with the
        channels and the rate the file has, for who measures those.
        """
        source = frame.format.name, frame.layout.name, frame.sample_rate
        if source != self._source or self._entry is None:
            yield from self.rest()
            self._source = source
            self._build(frame)
        assert self._entry is not None  # just built
        frame.pts = None  # gaps in the time stamps are not sound
        self._entry.push(frame)
        self._waiting += 1
        if self._waiting >= _PUSHED:
            self._waiting = 0
            yield from self._ready()

    def rest(self) -> Iterator[tuple[AudioFrame, bool]]:
        """What is left at the end."""
        if self._entry is not None:
            self._entry.push(None)
            yield from self._ready()
        self._entry = None

    def _ready(self) -> Iterator[tuple[AudioFrame, bool]]:
        for number, sink in enumerate(self._exits):
            while True:
                try:
                    block = sink.pull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                if isinstance(block, AudioFrame):
                    yield block, number == 1

    def _build(self, frame: AudioFrame) -> None:
        graph = av.filter.Graph()
        rate = frame.sample_rate
        self._entry = graph.add_abuffer(
            sample_rate=rate, format=frame.format.name, layout=frame.layout.name
        )
        way = [self._entry]
        if self._with_source:
            way.append(graph.add("asetnsamples", f"n={rate}:p=0"))
            way.append(graph.add("asplit", "2"))
        way.append(graph.add("aformat", self._form))
        way.append(graph.add("asetnsamples", f"n={self._rate}:p=0"))
        way.append(graph.add("abuffersink"))
        for one, two in itertools.pairwise(way):
            one.link_to(two)
        self._exits = [way[-1]]
        if self._with_source:
            floats = graph.add("aformat", "sample_fmts=flt")
            way[2].link_to(floats, 1, 0)
            self._exits.append(graph.add("abuffersink"))
            floats.link_to(self._exits[1])
        graph.configure()
        self._graph = graph


def blocks(
    source: InputContainer,
    stream: av.AudioStream,
    form: tuple[str, str, int],
    tell: Teller,
    start_s: float | None = None,
    end_s: float | None = None,
) -> Iterator[AudioFrame]:
    """The sound of ``stream`` in blocks of a second; ``form`` as for :class:`Joiner`.

    From ``start_s`` to ``end_s``, in seconds of sound, exact to the sample; what
    comes after that is not decoded.
    """
    joiner = Joiner(form)
    rate = form[2]
    first, done = start_s or 0.0, 0.0
    skip: int | None = None
    left = None if end_s is None else round((end_s - first) * rate)

    def cut(ready: Iterator[tuple[AudioFrame, bool]]) -> Iterator[AudioFrame]:
        nonlocal skip, left
        for block, _ in ready:
            wanted = _cut(block, skip or 0, left)
            skip = max((skip or 0) - block.samples, 0)
            if wanted is not None:
                left = None if left is None else left - wanted.samples
                yield wanted

    for packet in packets(source, [stream], tell):
        for frame in decoded_sound(packet):
            length = frame.samples / frame.sample_rate
            if done + length > first:
                skip = round((first - done) * rate) if skip is None else skip
                yield from cut(joiner.push(frame))
            done += length
        if end_s is not None and done >= end_s:
            break
    yield from cut(joiner.rest())


def _cut(block: AudioFrame, skip: int, most: int | None) -> AudioFrame | None:
    """``block`` without its first ``skip`` samples, and at most ``most`` of the rest."""
    last = block.samples if most is None else min(skip + most, block.samples)
    if skip >= last:
        return None
    if last - skip == block.samples:
        return block
    # Of the block and not of the decoder's frame: PyAV reads past the last of eight planes.
    step = 1 if block.format.is_planar else block.layout.nb_channels
    part = AudioFrame.from_ndarray(
        _samples(block)[:, skip * step : last * step].copy(),
        format=block.format.name,
        layout=block.layout.name,
    )
    part.sample_rate = block.sample_rate
    return part


def _samples(block: AudioFrame) -> "np.ndarray[Any, np.dtype[np.int16]]":
    return block.to_ndarray().astype(np.int16, copy=False)
