"""The sound of an answer as it comes: bytes that a browser plays while there are more to come."""

import re
import struct
from typing import Final

import pybase64

from services.external_api.extras import MOST_MEDIA_BYTES, PCM_RATE, sound_kind

#: Where a base64 text ends and another begins: each piece of a stream may be padded.
_PADDED: Final = re.compile(r"[^=]+=*")
#: Enough bytes to tell what they are.
_FEWEST: Final = 16
#: What stands in a WAV for a length that nobody knows yet.
_ENDLESS: Final = 0xFFFFFFFF


def wav_head() -> bytes:
    """The head of a WAV of bare samples, mono and of 16 bit, that has no end yet."""
    kind, channels, width = 1, 1, 2
    form = struct.pack("<IHHIIHH", 16, kind, channels, PCM_RATE, PCM_RATE * width, width, width * 8)
    length = struct.pack("<I", _ENDLESS)
    return b"RIFF" + length + b"WAVEfmt " + form + b"data" + length


class LiveSound:
    """Reads the base64 of a sound, piece by piece, until it is none or too much."""

    def __init__(self) -> None:
        self._held = ""
        self._first = b""
        self._count = 0
        self._is_over = False
        #: What the bytes are, once that is known.
        self.kind = ""

    def take(self, text: str) -> bytes:
        """What can be played of ``text`` and of what was held before."""
        if self._is_over:
            return b""
        try:
            data = self._decoded(self._held + text)
        except ValueError:
            self._is_over = True
            return b""
        self._count += len(data)
        if self._count > MOST_MEDIA_BYTES:
            self._is_over = True
            return b""
        if self.kind:
            return data
        self._first += data
        if len(self._first) < _FEWEST:
            return b""
        kind = sound_kind(self._first)
        self.kind = kind or "audio/wav"
        return self._first if kind else wav_head() + self._first

    def _decoded(self, text: str) -> bytes:
        """The bytes of all that is whole; the rest is held."""
        *whole, last = _PADDED.findall(text) or [""]
        if last.endswith("="):
            whole.append(last)
            last = ""
        length = len(last) // 4 * 4
        self._held = last[length:]
        whole.append(last[:length])
        return b"".join(pybase64.b64decode(one, validate=True) for one in whole)
