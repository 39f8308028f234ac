"""The channels of a sound, and how several become one.

A mix as FFmpeg makes it, by the layout that a file declares, is right for films. It
loses a voice that is in antiphase on two channels; one on a channel that it takes for a
subwoofer; and, where a file declares no layout, it guesses one, or refuses to.
"""

import functools
from typing import Final

import av.error
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from av.filter.context import FilterContext

from services.media.values import Mix

#: What FFmpeg's names of a number of channels without a layout end in.
_UNDECLARED: Final = " channels"
_STEREO: Final = 2


@functools.cache
def usual_weights(layout: str, channels: int) -> tuple[float, ...] | None:
    """What of each channel FFmpeg's own mix to one has; it is asked with a click in each.

    None where there is no such mix: the file does not say what its channels are for, or
    what it says is nothing that FFmpeg mixes.
    """
    if channels > _STEREO and layout.endswith(_UNDECLARED):
        return None
    clicks = np.eye(channels, dtype=np.float32).reshape(1, -1) / 2
    try:
        frame = AudioFrame.from_ndarray(clicks, format="flt", layout=layout)
        frame.sample_rate = 8_000
        graph = av.filter.Graph()
        graph.link_nodes(
            graph.add_abuffer(sample_rate=8_000, format="flt", layout=layout),
            graph.add("aformat", "sample_fmts=s16:channel_layouts=mono:sample_rates=8000"),
            graph.add("abuffersink"),
        ).configure()
    except (av.error.FFmpegError, ValueError):
        return None
    graph.push(frame)
    graph.push(None)
    mixed = graph.pull().to_ndarray()[0].astype(float)
    return tuple(mixed * 2 / 32768)


def mixing(graph: av.filter.Graph, frame: AudioFrame, mix: Mix | None) -> list[FilterContext]:
    """The filters that make one channel of those of ``frame`` as ``mix`` says.

    None where the usual mix will do. Channels that come to be fewer half-way are
    taken as far as they are there.
    """
    channels = frame.layout.nb_channels
    if mix is None and usual_weights(frame.layout.name, channels) is None:
        mix = Mix(None, 1 / channels)
    if mix is None or channels == 1:
        return []
    if mix.channel is not None:
        terms = f"c{min(mix.channel, channels - 1)}"
    else:
        terms = "+".join(f"{mix.gain:.6f}*c{number}" for number in range(channels))
    return [graph.add("pan", f"mono|c0={terms}")]
