"""What the samples of a sound measure: level, silence, peaks, and what a mix would lose."""

import math
from typing import Any, Final

import av
import numpy as np
from av.audio.frame import AudioFrame

from services.media.jobs.blocks import WINDOWS_PER_S, Joiner
from services.media.jobs.channels import usual_weights
from services.media.jobs.silences import Silences
from services.media.values import Mix, Sound

# As mean squares of samples from −1 to 1.
_SILENCE: Final = 10 ** (-50 / 10)
#: A mix that has less than this of the loudest channel has lost it.
_LOST: Final = 10 ** (-20 / 10)
#: By what share of the audible windows a way of mixing may be worse than a less usual one.
_AS_GOOD: Final = 0.05
#: How near to full scale a sum of channels may come: an mp3 of it goes a little higher.
_MOST_PEAK: Final = 0.9
#: From here on a sample is as large as its form allows: 16 bit end at 0.99997, 8 bit at 0.992.
_FULL_SCALE: Final = 0.9999
_FULL_SCALE_8_BIT: Final = 0.99
_STEREO: Final = 2

_Samples = np.ndarray[Any, np.dtype[np.float32]]


class Meter:
    """Measures a sound in one pass, in windows of 100 ms."""

    def __init__(self) -> None:
        self._joiner = Joiner(None)
        self.duration_s = 0.0
        self._windows = self._silent = self._clipped = 0
        self._peak = 0.0
        self._full = _FULL_SCALE
        self._channels = _Channels()
        self._silences = Silences()

    def take(self, frame: AudioFrame | None) -> None:
        """Measure ``frame``, or with None what is left of the sound."""
        if frame is not None:
            self._full = _FULL_SCALE_8_BIT if frame.format.bytes == 1 else _FULL_SCALE
        for block in self._joiner.rest() if frame is None else self._joiner.push(frame):
            channels = block.layout.nb_channels
            samples = block.to_ndarray().astype(np.float32, copy=False).reshape(-1, channels)
            self._measure(samples, block.layout.name, block.sample_rate)
            self.duration_s += len(samples) / block.sample_rate

    def _measure(self, samples: _Samples, layout: str, rate: int) -> None:
        size = max(rate // WINDOWS_PER_S, 1)
        peak = float(max(samples.max(), -samples.min()))
        if not math.isfinite(peak):
            samples = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
            peak = float(np.abs(samples).max())
        self._peak = max(self._peak, peak)
        if peak >= self._full:
            full = np.abs(samples) >= self._full
            run = full[:-2] & full[1:-1] & full[2:]
            self._clipped += len(np.unique(np.nonzero(run.any(axis=1))[0] // size))
        whole = len(samples) // size * size
        rest_s = self.duration_s + whole / rate
        for part, begin_s in (
            (samples[:whole].reshape(-1, size, samples.shape[1]), self.duration_s),
            (samples[None, whole:], rest_s),
        ):
            if part.size:
                window_s = part.shape[1] / rate
                are_silent = self._channels.measure(part, layout, window_s) < _SILENCE
                self._windows += len(are_silent)
                self._silent += int(are_silent.sum())
                self._silences.take(begin_s, window_s, are_silent.tolist())

    def sound(
        self, stream: av.AudioStream, track: int, lost_share: float, packets_s: float
    ) -> Sound:
        """``stream``, as it was measured; ``packets_s`` are the seconds of all its packets."""
        context = stream.codec_context
        power = self._channels.loudest / self.duration_s if self.duration_s else 0.0
        return Sound(
            # mp3float and its like are FFmpeg's decoders, not codecs.
            codec=context.codec.canonical_name,
            sample_rate=context.sample_rate,
            channels=context.channels,
            duration_s=self.duration_s,
            level_dbfs=_decibels(math.sqrt(power)),
            silent_share=self._silent / self._windows if self._windows else 0.0,
            peak_dbfs=_decibels(self._peak),
            clipped_share=self._clipped / self._windows if self._windows else 0.0,
            track=track,
            mix=self._channels.mix(),
            lost_share=lost_share,
            hidden_s=max(packets_s - self.duration_s, 0.0),
            silences=self._silences.found(self.duration_s),
        )


def _decibels(ratio: float) -> float | None:
    return 20 * math.log10(ratio) if ratio and math.isfinite(ratio) else None


class _Channels:
    """What each channel has, and what each way to make one of them would lose."""

    def __init__(self) -> None:
        #: The energy of each channel, and in how many audible windows it has lost the sound.
        self._energies = np.zeros(1)
        self._lost = np.zeros(1)
        self._lost_by_usual = self._lost_by_sum = self._audible = 0
        self._has_usual = True
        self._sum_peak = 0.0

    @property
    def loudest(self) -> float:
        """The energy of the loudest channel."""
        return float(self._energies.max())

    def measure(self, windows: _Samples, layout: str, window_s: float) -> _Samples:
        """The mean square of the loudest channel in each of ``windows``.

        These are of the shape (windows, samples, channels), ``window_s`` seconds each.
        """
        channels = windows.shape[2]
        more = max(channels - len(self._energies), 0)
        self._energies = np.pad(self._energies, (0, more))
        self._lost = np.pad(self._lost, (0, more), constant_values=self._audible)
        squares = np.einsum("wsc,wsc->wc", windows, windows) / windows.shape[1]
        loudest: _Samples = squares.max(axis=1)
        audible, least = loudest >= _SILENCE, loudest * _LOST

        def lost(mixed: _Samples) -> int:
            mean = np.einsum("ws,ws->w", mixed, mixed) / mixed.shape[1]
            return int((audible & (mean < least)).sum())

        self._audible += int(audible.sum())
        self._energies[:channels] += squares.sum(axis=0) * window_s
        self._lost[:channels] += (audible[:, None] & (squares < least[:, None])).sum(axis=0)
        self._lost[channels:] += audible.sum()
        if channels == 1:
            return loudest
        if (weights := usual_weights(layout, channels)) is not None:
            self._lost_by_usual += lost(windows @ np.array(weights, dtype=np.float32))
        else:
            self._has_usual = False
        if channels > _STEREO:
            together = windows.sum(axis=2)
            self._sum_peak = max(self._sum_peak, float(np.abs(together).max()))
            self._lost_by_sum += lost(together)
        return loudest

    def mix(self) -> Mix | None:
        """The way that loses nothing, or least; the usual one before the sum before one channel."""
        channels = len(self._energies)
        ways = [float(self._lost.min())]
        ways += [self._lost_by_usual] if self._has_usual else []
        ways += [self._lost_by_sum] if channels > _STEREO else []
        limit = min(ways) + _AS_GOOD * self._audible
        if channels == 1 or (self._has_usual and self._lost_by_usual <= limit):
            return None
        if channels > _STEREO and self._lost_by_sum <= limit:
            return Mix(None, min(_MOST_PEAK / self._sum_peak, 1.0) if self._sum_peak else 1.0)
        # Of channels that are as good, and nearly as loud, the first.
        shares = (self._energies / (self.loudest or 1.0)).round(1)
        return Mix(min(range(channels), key=lambda one: (self._lost[one], -shares[one])))
