"""A picture as players show it: upright, its pixels square, its colours those of a plain screen."""

import math
import struct
from collections.abc import Iterator
from typing import Any, Final

import av
import av.error
import av.filter
from av.filter.context import FilterContext
from av.sidedata.sidedata import SideData

from services.media.plan import PictureEncoding

#: How much wider than high, or higher than wide, the pixels of a film may be.
_MOST_STRETCH: Final = 3
#: Numbers of ITU-T H.273 that FFmpeg scales by. Others are reserved or rare; it refuses
#: what is tagged so, and players take them as unknown.
_PRIMARIES: Final = frozenset({1, 2, *range(4, 13), 22})
_TRANSFERS: Final = frozenset({1, 2, *range(4, 9), *range(11, 19)})
_MATRICES: Final = frozenset({1, 2, *range(4, 8), 9})
_RGB: Final = 0
#: Transfers of pictures brighter than a plain screen: SMPTE ST 2084 (PQ) and HLG.
HDR: Final = frozenset({16, 18})
#: FFmpeg tone-maps where colours are fitted as they are perceived.
_PLAIN: Final = {
    "out_primaries": "bt709",
    "out_transfer": "bt709",
    "out_color_matrix": "bt709",
    "intent": "perceptual",
}


def turns(frame: av.VideoFrame) -> tuple[tuple[str, ...], ...]:
    """The filters that show ``frame`` as its display matrix says.

    The matrix (ISO/IEC 14496-12, 8.3.2) moves a point (x, y) to (ax + cy, bx + dy). Of
    one that turns by another angle than a right one the nearest is taken.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return ()
    a, b, _, c, d = struct.unpack("5i", bytes(matrix)[:20])
    is_transposed = abs(b) + abs(c) > abs(a) + abs(d)
    across, down = (c, b) if is_transposed else (a, d)
    found: list[tuple[str, ...]] = [("transpose", "cclock_flip")] if is_transposed else []
    found += [("hflip",)] if across < 0 else []
    found += [("vflip",)] if down < 0 else []
    return tuple(found)


class Screen:
    """Shows pictures in one size: ``width`` and ``height``, both even.

    ``first`` is the first picture of ``video``: it alone says which way is up.
    """

    def __init__(self, video: av.VideoStream, first: av.VideoFrame, how: PictureEncoding) -> None:
        self._turns = turns(first)
        width, height = first.width, first.height
        # A film off a disc or a tape has pixels wider or narrower than high.
        shape = video.sample_aspect_ratio
        if shape and 1 < shape <= _MOST_STRETCH:
            width = round(width * shape)
        elif shape and 1 > shape >= 1 / _MOST_STRETCH:
            height = round(height / shape)
        if ("transpose", "cclock_flip") in self._turns:
            width, height = height, width
        if how.height and how.height < height:
            width, height = round(width * how.height / height), how.height
        if how.pixels < width * height:
            share = math.sqrt(how.pixels / (width * height))
            width, height = int(width * share), int(height * share)
        self.width, self.height = max(width & ~1, 2), max(height & ~1, 2)
        self._graph: av.filter.Graph | None = None
        self._source: tuple[object, ...] = ()

    def show(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """``frame`` as it is shown."""
        source = (frame.width, frame.height, frame.format.name, _colours(frame))
        if source != self._source or self._graph is None:  # it may change half-way
            self._graph, self._source = self._built(frame), source
        self._graph.push(frame)
        while True:
            try:
                shown = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(shown, av.VideoFrame):
                yield shown

    def _built(self, frame: av.VideoFrame) -> av.filter.Graph:
        graph = av.filter.Graph()
        size = {"w": str(self.width), "h": str(self.height)}
        graph.link_nodes(
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
            ),
            *(graph.add(*turn) for turn in self._turns),
            *_corrected(graph, frame),
            graph.add("scale", **size),
            # After the other, as it has fewer pixels to work on then.
            *([graph.add("scale", **_PLAIN)] if frame.color_trc in HDR else []),
            graph.add("scale", out_range="tv"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ).configure()
        return graph


def _colours(frame: av.VideoFrame) -> tuple[int, int, int]:
    return frame.color_primaries, frame.color_trc, frame.colorspace


def _corrected(graph: av.filter.Graph, frame: av.VideoFrame) -> list[FilterContext]:
    """The filter that takes colours as unknown where what is said of them means nothing."""
    primaries, transfer, matrix = _colours(frame)
    is_rgb = frame.format.name.startswith(("rgb", "bgr", "gbr", "pal8", "gray", "mono"))
    wrong: dict[str, Any] = {}
    if primaries not in _PRIMARIES:
        wrong["color_primaries"] = "unknown"
    if transfer not in _TRANSFERS:
        wrong["color_trc"] = "unknown"
    if matrix not in _MATRICES and not (is_rgb and matrix == _RGB):
        wrong["colorspace"] = "unknown"
    return [graph.add("setparams", **wrong)] if wrong else []
