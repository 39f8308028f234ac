"""A long sound in pieces, cut where nobody speaks."""

import itertools
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from av.audio.frame import AudioFrame
from pydub import AudioSegment
from pydub.utils import make_chunks

from services import errors
from services.media.jobs.blocks import blocks
from services.media.jobs.files import opened, sound_stream
from services.media.jobs.sound import sample_format, write
from services.media.jobs.table import Cut, CutPiece
from services.media.plan import SPEECH_RATE
from services.media.values import Span
from services.media.workshop.worker import Teller

#: One millisecond as a step, pydub's own, takes a hundred times as long.
_STEP_MS: Final = 100
#: In how much of the end of the allowed span a pause is looked for.
_LAST_PART: Final = 0.25
#: What is less than 3 dB above the quietest moment belongs to the same pause.
_AS_QUIET: Final = 10 ** (3 / 20)


def cut(job: Cut, tell: Teller) -> tuple[Span, ...]:
    """Cut and write the pieces in one pass: of the sound only one piece is held.

    Each cut is in the middle of the quietest pause in the last quarter of what is allowed.
    """
    spans: list[Span] = []
    offset = job.start_s or 0.0
    with opened(job.path, job.raw) as source:
        stream = sound_stream(source, job.track)
        if stream is None:
            raise errors.NoSound
        form = ("s16", "mono", SPEECH_RATE)
        parts = blocks(source, stream, form, tell, job.start_s, job.end_s, job.mix)
        begin_s = 0.0
        for samples in _pieces(parts, job.most_s):
            end_s = begin_s + len(samples) / SPEECH_RATE
            number, span = len(spans), Span(offset + begin_s, offset + end_s)
            spans.append(span)
            if number not in job.skipped:
                frames = _frames(samples, sample_format(job.form))
                out = job.folder / str(number)
                write(frames, out, job.form, job.encoding, "mono", SPEECH_RATE)
                tell.news(CutPiece(number, span))
            begin_s = end_s
    if not spans:
        raise errors.BadTrim if job.start_s else errors.UnreadableFile
    return tuple(spans)


def _pieces(parts: Iterator[AudioFrame], most_s: float) -> Iterator[np.ndarray[Any, Any]]:
    """The samples of each piece."""
    held: list[np.ndarray[Any, Any]] = []
    length, most = 0, round(most_s * SPEECH_RATE)
    for part in parts:
        held.append(part.to_ndarray()[0].astype(np.int16, copy=False))
        length += part.samples
        while length > most:
            joined = np.concatenate(held)
            at = _quietest(joined[:most])
            yield joined[:at]
            held, length = [joined[at:]], length - at
    if length:
        yield np.concatenate(held)


def _quietest(samples: np.ndarray[Any, Any]) -> int:
    """The middle of the quietest pause in the last part; of like ones, the longest, then last."""
    step = SPEECH_RATE * _STEP_MS // 1000
    first = int(len(samples) * (1 - _LAST_PART)) // step + 1
    last = len(samples) // step
    data = samples[first * step : last * step].tobytes()
    if not data:  # hardly a step long
        return len(samples)
    segment = AudioSegment(data=data, sample_width=2, frame_rate=SPEECH_RATE, channels=1)
    levels = [chunk.rms for chunk in make_chunks(segment, _STEP_MS)]
    quiet = min(levels) * _AS_QUIET + 1
    best, begin = (0, 0), None
    for number, level in enumerate([*levels, quiet + 1]):
        if level <= quiet:
            begin = number if begin is None else begin
        elif begin is not None:
            best = max(best, (number - begin, begin))
            begin = None
    length, begin = best
    return (first + begin) * step + length * step // 2


def _frames(samples: np.ndarray[Any, Any], sample_format: str) -> Iterator[AudioFrame]:
    for start in itertools.count(0, SPEECH_RATE):
        part = samples[start : start + SPEECH_RATE]
        if not len(part):
            return
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(part.reshape(1, -1)), format=sample_format, layout="mono"
        )
        frame.sample_rate = SPEECH_RATE
        yield frame
