"""Speech to text with Whisper, as a job of a workshop.

faster-whisper runs it on CTranslate2; it is given a folder, never a name, with which
it would ask the network. Loading the model takes longer than hearing a short clip, so
a worker is started ahead. What is heard are bare samples, decoded by someone else.
"""

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel

from services.media.workshop.worker import Teller
from services.offline_api import HEARD_RATE
from services.offline_api.jobs import Heard, Transcribe, Word

#: Without these, silence and noise are given words (measured on 24 clips without speech:
#: 9 with the library's own settings, 1 with these, which :func:`_is_speech` drops).
_SETTINGS: Final[dict[str, Any]] = {
    "beam_size": 5,
    "temperature": 0,
    "vad_filter": True,
    "condition_on_previous_text": False,
    "word_timestamps": True,
}
_PROCESSORS: Final = 2
#: From here on a language that was detected was always the right one.
_SURE_LANGUAGE: Final = 0.5
#: The mean log probability of its tokens below which most of a segment was wrong.
_DOUBTFUL: Final = -0.7
#: A text that can be compressed further than this repeats itself: it was made up.
_MOST_COMPRESSED: Final = 2.4
#: The sound is heard in blocks, so that an hour takes no more memory than one; each
#: ends in the quietest tenth of a second of its last part.
_BLOCK_S: Final = 300
_LAST_PART_S: Final = 30

#: glibc's M_MMAP_THRESHOLD (mallopt(3)): blocks of this size and more go back to the
#: system as soon as they are free. Else it keeps what the model's layers leave behind,
#: 75 MB for each worker that listens.
_M_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 1024 * 1024

_models: list[WhisperModel] = []  # the one of this process


class _Whisper(WhisperModel):  # type: ignore[misc]  # the library has no types
    """Encodes half a minute once: the library does so for its language, and again for its words.

    That is a third of the work on a short clip.
    """

    _last: tuple[Any, Any] | None = None

    def detect_language(self, *, features: Any, **settings: Any) -> Any:
        """The language of ``features``, mel bands × frames.

        The last frame, ten milliseconds, is left out, as it is for the words: they depend on it.
        """
        heard = features[..., : max(features.shape[-1] - 1, 1)]  # of no speech there is one
        return super().detect_language(features=heard, **settings)

    def encode(self, features: Any) -> Any:
        """The encoder's output for ``features``, mel bands × frames."""
        if self._last is not None and np.array_equal(self._last[0], features):
            return self._last[1]
        output = super().encode(features)
        self._last = features, output
        return output


def load(folder: str) -> None:
    """Load the model in ``folder``."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another library than glibc
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
    _models.append(_Whisper(folder, device="cpu", compute_type="int8", cpu_threads=_PROCESSORS))


def transcribe(job: Transcribe, tell: Teller) -> None:
    """Hear the samples, block by block."""
    samples = np.memmap(job.path, dtype="<i2", mode="r") if job.path.stat().st_size else ()
    for first, last in _blocks(samples):
        start_s = first / HEARD_RATE
        tell.read(start_s, first * 2)
        block = np.asarray(samples[first:last], dtype=np.float32) / 32768
        for heard in _heard(block, job.language, start_s):
            tell.news(heard)
            tell.read(heard.end_s, first * 2)


def _blocks(samples: Any) -> Iterator[tuple[int, int]]:
    step = HEARD_RATE // 10
    first = 0
    while len(samples) - first > _BLOCK_S * HEARD_RATE:
        end = first + _BLOCK_S * HEARD_RATE
        part = np.asarray(samples[end - _LAST_PART_S * HEARD_RATE : end], dtype=np.float64)
        levels = (part.reshape(-1, step) ** 2).sum(axis=1)
        last = end - (len(levels) - int(levels.argmin())) * step + step // 2
        yield first, last
        first = last
    if first < len(samples):
        yield first, len(samples)


def _heard(block: np.ndarray[Any, Any], language: str, start_s: float) -> Iterator[Heard]:
    (model,) = _models
    segments, info = model.transcribe(block, **_SETTINGS)
    if info.language_probability < _SURE_LANGUAGE and language in model.supported_languages:
        segments, info = model.transcribe(block, language=language, **_SETTINGS)
    for segment in segments:
        if _is_speech(segment):
            yield Heard(
                text=segment.text.strip(),
                start_s=start_s + segment.start,
                end_s=start_s + segment.end,
                words=tuple(
                    Word(one.word.strip(), start_s + one.start, start_s + one.end)
                    for one in segment.words or ()
                ),
                language=info.language,
                is_doubtful=segment.avg_logprob < _DOUBTFUL,
            )


def _is_speech(segment: Any) -> bool:
    return (
        any(letter.isalnum() for letter in segment.text)
        and segment.compression_ratio <= _MOST_COMPRESSED
    )
