"""What can be said of a film without a model: shots, colours, brightness, motion.

Works on small pictures, 64 × 36 RGB and five a second, that a workshop made.
"""

import asyncio
import itertools
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from services import errors
from services.media.jobs.table import Frames
from services.media.workshop.workshop import Workshop

_SHAPE: Final = (36, 64, 3)
_PER_SECOND: Final = 5
#: A cut changes the picture by this much of the full range, and by this many
#: times what the pictures around it change by.
_LEAST_CHANGE: Final = 0.08
_TIMES_THE_USUAL: Final = 3.0
_NEIGHBOURS: Final = 5
#: Changes closer than this are one: a dissolve shows as several.
_APART_S: Final = 0.5
_COLOURS: Final = MappingProxyType(
    {
        "black": (0, 0, 0),
        "grey": (128, 128, 128),
        "white": (255, 255, 255),
        "red": (220, 20, 30),
        "orange": (250, 140, 0),
        "yellow": (250, 230, 30),
        "green": (30, 160, 50),
        "cyan": (0, 200, 220),
        "blue": (20, 60, 220),
        "purple": (130, 30, 160),
        "pink": (250, 150, 190),
        "brown": (120, 70, 20),
    }
)

Pictures = npt.NDArray[np.uint8]
Changes = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen. Times in seconds; shares, ``brightness`` and ``motion`` 0 to 1.

    ``motion`` is the mean change between pictures a fifth of a second apart,
    cuts left out. ``cut_short`` tells that the film is longer than was watched.
    """

    shots: tuple[tuple[float, float], ...]
    colours: tuple[tuple[str, float], ...]
    brightness: float
    motion: float
    pictures: int
    cut_short: bool


async def watch(
    workshop: Workshop, path: Path, workdir: Path, duration_s: float | None, most_s: float
) -> Seen:
    """Watch the first ``most_s`` seconds of the film at ``path``.

    Raises:
        InputError: there is no picture, or it cannot be decoded.
    """
    (times,), pictures, cut_short = await _pictures(
        workshop, path, workdir, [(0.0, most_s)], _PER_SECOND
    )
    if not times:
        raise errors.UnreadableFile
    changes = await asyncio.to_thread(_changes, pictures)
    cuts = await _refined(workshop, path, workdir, times, _cuts(times, pictures, changes))
    end = max(times[-1], 0.0 if cut_short else duration_s or 0.0)
    edges = [0.0, *cuts, end]
    return Seen(
        shots=tuple(itertools.pairwise(edges)),
        colours=await asyncio.to_thread(_colours, pictures),
        brightness=_brightness(pictures),
        motion=_motion(times, changes, cuts),
        pictures=len(times),
        cut_short=cut_short,
    )


async def _refined(
    workshop: Workshop, path: Path, workdir: Path, times: list[float], cuts: list[int]
) -> list[float]:
    """When each cut is, to one picture: every picture around it is looked at."""
    if not cuts:
        return []
    windows = [(times[at], times[at + 1]) for at in cuts]
    found, pictures, _ = await _pictures(workshop, path, workdir, windows, 0)
    exact, first = [], 0
    for (_, rough), near in zip(windows, found, strict=True):
        steps = _changes(pictures[first : first + len(near)])
        exact.append(near[int(steps.argmax()) + 1] if len(steps) else rough)
        first += len(near)
    return exact


async def _pictures(
    workshop: Workshop,
    path: Path,
    workdir: Path,
    windows: list[tuple[float, float]],
    per_second: int,
) -> tuple[list[list[float]], Pictures, bool]:
    out = workdir / "pictures"
    seen = await workshop.do(Frames(path, out, tuple(windows), per_second), is_long=True)
    times = [list(one) for one in seen.times]
    return times, np.fromfile(out, dtype=np.uint8).reshape(-1, *_SHAPE), seen.is_cut


def _change(one: Pictures, other: Pictures) -> float:
    """The mean change from one picture to another, 0 to 1."""
    return float(np.abs(other.astype(np.int16) - one).mean() / 255)


def _changes(pictures: Pictures) -> Changes:
    """The change from each picture to the next."""
    return np.array([_change(one, other) for one, other in itertools.pairwise(pictures)])


def _cuts(times: list[float], pictures: Pictures, changes: Changes) -> list[int]:
    """Indices of the pictures after which the shot changes."""
    runs: list[list[int]] = []
    for at in range(len(changes)):
        if not _is_sudden(changes, at):
            continue
        if runs and times[at] - times[runs[-1][-1]] < _APART_S:
            runs[-1].append(at)
        else:
            runs.append([at])
    return [
        max(run, key=lambda at: float(changes[at]))
        for run in runs
        # After a flash the picture is what it was before.
        if _change(pictures[run[0]], pictures[run[-1] + 1]) >= _LEAST_CHANGE
    ]


def _is_sudden(changes: Changes, at: int) -> bool:
    around = np.concatenate(
        [changes[max(at - _NEIGHBOURS, 0) : at], changes[at + 1 : at + 1 + _NEIGHBOURS]]
    )
    usual = float(np.median(around)) if len(around) else 0.0
    return bool(changes[at] >= max(_LEAST_CHANGE, usual * _TIMES_THE_USUAL))


def _motion(times: list[float], changes: Changes, cuts: list[float]) -> float:
    within = [
        change
        for start, end, change in zip(times, times[1:], changes, strict=False)
        if not any(start < cut <= end for cut in cuts)
    ]
    return float(np.mean(within)) if within else 0.0


def _brightness(pictures: Pictures) -> float:
    # Rec. ITU-R BT.709 weights.
    return float(pictures.mean(axis=(0, 1, 2)) @ np.array([0.2126, 0.7152, 0.0722]) / 255)


def _colours(pictures: Pictures) -> tuple[tuple[str, float], ...]:
    """Up to three colours that cover most of the pictures, with their shares."""
    names, values = list(_COLOURS), np.array(list(_COLOURS.values()), dtype=np.int32)
    counts = np.zeros(len(names))
    for picture in pictures[::_PER_SECOND]:  # one a second is plenty
        pixels = picture.reshape(-1, 1, 3).astype(np.int32)
        nearest = ((pixels - values) ** 2).sum(axis=2).argmin(axis=1)
        counts += np.bincount(nearest, minlength=len(names))
    shares = counts / counts.sum()
    best = sorted(zip(names, shares.tolist(), strict=True), key=lambda pair: -pair[1])[:3]
    return tuple((name, share) for name, share in best if share >= 0.05)
