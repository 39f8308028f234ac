"""Where a long sound can be cut: in its pauses."""

from collections.abc import Callable
from typing import Any, Final

from pydub import AudioSegment
from pydub.utils import make_chunks

from services import errors
from services.media.jobs.blocks import blocks
from services.media.jobs.files import opened, sound_stream

_RATE: Final = 16_000
#: One millisecond as a step, pydub's own, takes a hundred times as long.
_STEP_MS: Final = 100
#: In how much of the end of the allowed span a pause is looked for.
_LAST_PART: Final = 0.25
#: What is less than 3 dB above the quietest moment belongs to the same pause.
_AS_QUIET: Final = 10 ** (3 / 20)


def cuts(
    path: str, raw: dict[str, Any] | None, most_s: float, tell: Callable[[Any], None]
) -> dict[str, Any]:
    """Times to cut at, in seconds, so that no piece is longer than ``most_s``.

    Each is the middle of the quietest pause in the last quarter of what is allowed.
    Tells the seconds read, about once a minute of sound: a long one is no hang.

    Returns:
        ``{"cuts": [seconds, …], "duration_s": of the whole}``.
    """
    levels: list[int] = []
    samples = told = 0
    with opened(path, raw) as source:
        stream = sound_stream(source)
        if stream is None:
            raise errors.NoSound
        for block in blocks(source, stream, ("s16", "mono", _RATE)):
            data = bytes(block.planes[0])[: block.samples * 2]
            samples += block.samples
            if samples - told >= 60 * _RATE:
                told = samples
                tell(samples / _RATE)
            segment = AudioSegment(data=data, sample_width=2, frame_rate=_RATE, channels=1)
            levels += [step.rms for step in make_chunks(segment, _STEP_MS)]
    if not samples:
        raise errors.UnreadableFile
    duration_s, found, start_s = samples / _RATE, [], 0.0
    while duration_s - start_s > most_s:
        start_s = _middle(levels, start_s + most_s * (1 - _LAST_PART), start_s + most_s)
        found.append(start_s)
    return {"cuts": found, "duration_s": duration_s}


def _middle(levels: list[int], from_s: float, to_s: float) -> float:
    """The middle of the quietest pause between two times; of like ones, the longest, then last."""
    per_s = 1000 / _STEP_MS
    first, last = int(from_s * per_s) + 1, min(int(to_s * per_s), len(levels))
    span = levels[first:last]
    if not span:  # hardly a step long
        return to_s
    quiet = min(span) * _AS_QUIET + 1
    best, begin = (0, 0), None
    for step, level in enumerate([*span, quiet + 1]):
        if level <= quiet:
            begin = step if begin is None else begin
        elif begin is not None:
            best = max(best, (step - begin, begin))
            begin = None
    length, begin = best
    return (first + begin + length / 2) / per_s
