"""Speech to text with pocketsphinx, as a job of a workshop.

pocketsphinx holds the GIL while it decodes, so it gets a process of its own;
loading its model takes longer than hearing a short clip, so the process is
started ahead. What is heard are bare samples, decoded by someone else.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from pydub import AudioSegment
from pydub.effects import normalize
from pydub.silence import detect_leading_silence

from services.media.workshop.worker import Teller
from services.offline_api import HEARD_RATE
from services.offline_api.jobs import Heard, Transcribe

_PIECE_MS: Final = (8_000, 14_000)
_STEP_MS: Final = 100
_SILENCE_DBFS: Final = -45.0
_MARGIN_MS: Final = 200
#: The RMS of the faint noise, −61 dBFS, that goes under everything. The model never
#: heard digital silence, as speech synthesis and noise gates leave it between words:
#: with it a clip lost a word or not as its first sample fell.
_FLOOR_RMS: Final = 30
#: It mishears, and can mishear rudely: such words of its dictionary, whole.
_RUDE: Final = re.compile(
    r"\b(?:\w+-)*(?:(?:mother)?fuck\w*|(?:bull|dip|horse)?shit\w*|piss\w*|cunts?|twats?|tits"
    r"|bitch\w*|whore\w*|sluts?|slutty|cocks?|cocksuckers?|dicks?|dickhead|pussy|pussies"
    r"|wank|wankers?|rape[ds]?|rapists?|raping|ass|asses|(?:bad|dumb|jack|smart)ass"
    r"|assholes?|arses?|arseholes?|nigg|nigger\w*|fags?|faggots?|chinks?|gooks?|kikes?|spic"
    r"|retards?)\b(?:'s)?"
)

try:
    import pocketsphinx
except ImportError:  # no wheel for this Python: the facts of the sound are still told
    pocketsphinx = None


@functools.cache
def _decoder() -> Any:
    # fwdflat only costs time: it did not lower the word error.
    return pocketsphinx.Decoder(samprate=HEARD_RATE, fwdflat=False, loglevel="FATAL")


def warm_up() -> None:
    """Load the model: about a third of a second and 90 MB."""
    if pocketsphinx is not None:
        _decoder()


def transcribe(job: Transcribe, tell: Teller) -> bool:
    """Hear the samples, part by part; False where pocketsphinx is not installed."""
    if pocketsphinx is None:
        return False
    data = job.path.read_bytes()
    sound = AudioSegment(data=data, sample_width=2, frame_rate=HEARD_RATE, channels=1)
    if sound.max > 0:
        for piece in _pieces(normalize(sound)):
            tell.news(Heard(_masked(_heard(piece)), len(piece) // 10))
    return True


def _pieces(sound: AudioSegment) -> Iterator[AudioSegment]:
    """``sound`` cut at its quietest tenths of a second, without long silences."""
    least, most = _PIECE_MS
    while len(sound) > most:
        tenths = range(least, most, _STEP_MS)
        cut = min(tenths, key=lambda at: sound[at : at + _STEP_MS].rms) + _STEP_MS // 2
        yield from _trimmed(sound[:cut])
        sound = sound[cut:]
    yield from _trimmed(sound)


def _trimmed(piece: AudioSegment) -> Iterator[AudioSegment]:
    lead = detect_leading_silence(piece, _SILENCE_DBFS)
    if lead >= len(piece):
        return
    tail = detect_leading_silence(piece.reverse(), _SILENCE_DBFS)
    yield piece[max(lead - _MARGIN_MS, 0) : len(piece) - max(tail - _MARGIN_MS, 0)]


def _heard(piece: AudioSegment) -> str:
    # Without reinit_feat an answer depends on the clips before; in one go
    # (full_utt), since live normalisation of the mean costs half as many errors again.
    decoder = _decoder()
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(_with_a_floor(piece), no_search=False, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr.strip() if hypothesis is not None else ""


def _with_a_floor(piece: AudioSegment) -> bytes:
    samples = np.frombuffer(piece.raw_data, dtype=np.int16)
    noise = np.random.default_rng(0).normal(0, _FLOOR_RMS, len(samples))
    return (samples + noise).clip(-32768, 32767).astype(np.int16).tobytes()


def _masked(text: str) -> str:
    return _RUDE.sub(lambda word: word[0][0] + "…", text)
