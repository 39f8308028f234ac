"""The sound of a file in large blocks of samples.

A frame of mp3 is 26 ms. What is done for each frame in Python costs more than
decoding it, so FFmpeg's filters join frames to blocks of a second and bring
them into the form that is wanted, and Python sees only the blocks.
"""

from collections.abc import Iterator
from typing import Any, Final

import av
import av.error
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.filter.context import FilterContext

from services.media.jobs.channels import mixing
from services.media.jobs.files import decoded_sound, packets
from services.media.values import Mix
from services.media.workshop.worker import Teller

#: How many frames are pushed before the filters are asked for blocks.
_PUSHED: Final = 32
#: Windows in which a sound is measured: a block of the source has a whole number of them.
WINDOWS_PER_S: Final = 10
#: Of more channels than these a block is short, so as not to be large.
_MANY_CHANNELS: Final = 8


class Joiner:
    """Frames of any form in, blocks of a second in one form out.

    ``form`` is sample format, layout and rate; with None they are interleaved floats with
    the channels and the rate the file has, for who measures those. ``mix`` is how
    channels become one. The form of the source may change half-way: it does in joined
    files and in broadcasts.
    """

    def __init__(self, form: tuple[str, str, int] | None, mix: Mix | None = None) -> None:
        self._form = form
        self._mix = mix
        self._source: tuple[object, ...] = ()
        # A filter does not keep its graph alive.
        self._graph: av.filter.Graph | None = None
        self._entry: FilterContext | None = None
        self._exit: FilterContext | None = None
        self._waiting = 0

    def push(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """Take ``frame``; yield the blocks that are ready."""
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

    def rest(self) -> Iterator[AudioFrame]:
        """What is left at the end."""
        if self._entry is not None:
            self._entry.push(None)
            yield from self._ready()
        self._entry = None

    def _ready(self) -> Iterator[AudioFrame]:
        assert self._exit is not None  # built with the entry
        while True:
            try:
                block = self._exit.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(block, AudioFrame):
                yield block

    def _build(self, frame: AudioFrame) -> None:
        graph = av.filter.Graph()
        rate, channels = frame.sample_rate, frame.layout.nb_channels
        self._entry = graph.add_abuffer(
            sample_rate=rate, format=frame.format.name, layout=frame.layout.name
        )
        if self._form is None:
            windows = WINDOWS_PER_S if channels <= _MANY_CHANNELS else 1
            samples = max(rate // WINDOWS_PER_S, 1) * windows
            way = [graph.add("aformat", "sample_fmts=flt")]
        else:
            form, layout, samples = self._form
            wanted = f"sample_fmts={form}:channel_layouts={layout}:sample_rates={samples}"
            way = [*mixing(graph, frame, self._mix), graph.add("aformat", wanted)]
        self._exit = graph.add("abuffersink")
        graph.link_nodes(
            self._entry, *way, graph.add("asetnsamples", f"n={samples}:p=0"), self._exit
        ).configure()
        self._graph = graph


def blocks(
    source: InputContainer,
    stream: av.AudioStream,
    form: tuple[str, str, int],
    tell: Teller,
    start_s: float | None = None,
    end_s: float | None = None,
    mix: Mix | None = None,
) -> Iterator[AudioFrame]:
    """The sound of ``stream`` in blocks of a second; ``form`` and ``mix`` as for :class:`Joiner`.

    From ``start_s`` to ``end_s``, in seconds of sound, exact to the sample; what
    comes after that is not decoded.
    """
    joiner = Joiner(form, mix)
    rate = form[2]
    first, done = start_s or 0.0, 0.0
    skip: int | None = None
    left = None if end_s is None else round((end_s - first) * rate)

    def cut(ready: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
        nonlocal skip, left
        for block in ready:
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
