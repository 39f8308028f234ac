"""What an answer carries besides its words: a refusal, sound, pictures, tools, sources.

Whatever comes is a stranger's. Bytes are what they begin with, not what they are
called; what is not in the answer itself has its address shown and is never loaded.
"""

import io
import re
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pybase64

from services.external_api.clean import characters, masked, redacted

#: The largest sound or picture that is kept: over two minutes of bare samples.
MOST_MEDIA_BYTES: Final = 8 * 1024 * 1024
#: Pictures, tools and sources that are kept, of each.
_MOST: Final = 20
_MOST_LETTERS: Final = 20_000

#: Bare samples are OpenAI's pcm16, the one form in which it streams sound: 24 kHz,
#: mono, 16 bit (https://platform.openai.com/docs/guides/audio).
PCM_RATE: Final = 24_000
_SOUNDS: Final = (
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2][\x10-\xef]"), "audio/mpeg"),
    (re.compile(rb"OggS"), "audio/ogg"),
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "audio/mp4"),
)
#: No SVG among them: it is a document.
_IMAGES: Final = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
)
_DATA_URL: Final = re.compile(r"data:[\w.+/-]*(?:;[\w.=+-]*)*;base64,", re.ASCII)
#: Where a base64 text ends and another begins: each piece of a stream may be padded.
_PADDED: Final = re.compile(r"[^=]+=*")


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that an answer names."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Extras:
    """What an answer has besides its text; empty where there is nothing of a kind.

    ``reasoning`` is what the model thought before it, ``refusal`` what it said instead
    of it. ``sounds`` and ``images`` are data URLs, whose types are those of their bytes;
    ``transcript`` is what is said in the sounds, where that is not the text itself.
    ``elsewhere`` are addresses of pictures that are not in the answer; ``unshown`` counts
    what was too large, or is no sound or picture. ``tools`` are the names of those that
    the model wants to use.
    """

    reasoning: str = field(default="", repr=False)
    refusal: str = field(default="", repr=False)
    transcript: str = field(default="", repr=False)
    sounds: tuple[str, ...] = field(default=(), repr=False)
    images: tuple[str, ...] = field(default=(), repr=False)
    elsewhere: tuple[str, ...] = field(default=(), repr=False)
    unshown: int = 0
    tools: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = field(default=(), repr=False)

    @property
    def has_media(self) -> bool:
        """Whether there is something to hear or to see."""
        return bool(self.sounds or self.images or self.elsewhere or self.unshown)


class ExtrasReader:
    """Collects extras from messages or deltas. ``key`` is taken out of their words."""

    def __init__(self, key: str = "") -> None:
        self._key = key
        self._refusal: list[str] = []
        self._sound: list[str] = []
        self._images: dict[str, None] = {}
        self._tools: dict[str, None] = {}
        self._citations: dict[str, str] = {}
        self._readers: dict[str, Callable[[Any], None]] = {
            "refusal": self._take_refusal,
            "audio": self._take_audio,
            "images": self._take_images,
            "tool_calls": self._take_tools,
            "function_call": self._take_tool,
            "annotations": self._take_annotations,
        }

    def take(self, message: Mapping[str, Any]) -> None:
        """Keep what ``message``, a whole one or a delta, has besides its text."""
        for name, value in message.items():
            if value and name in self._readers:
                self._readers[name](value)

    def take_part(self, part: Mapping[str, Any]) -> None:
        """The same of a content part."""
        self._take_refusal(part.get("refusal"))
        if "image_url" in part:
            self._take_images([part])

    def take_citations(self, addresses: object) -> None:
        """Keep bare addresses (Perplexity's ``citations``)."""
        for one in addresses if isinstance(addresses, list) else ():
            self._cite(one, "")

    def so_far(self, reasoning: str, transcript: str) -> Extras:
        """All of it up to here."""
        images, elsewhere, unshown = self._pictures()
        sound = _sound("".join(self._sound))
        return Extras(
            reasoning=masked(reasoning, self._key).strip(),
            refusal=masked("".join(self._refusal), self._key)[:_MOST_LETTERS].strip(),
            transcript=masked(transcript, self._key).strip(),
            sounds=(sound,) if sound else (),
            images=images,
            elsewhere=elsewhere,
            unshown=unshown + (1 if self._sound and not sound else 0),
            tools=tuple(redacted(name, self._key) for name in self._tools),
            citations=tuple(
                Citation(redacted(url, self._key), redacted(title, self._key))
                for url, title in self._citations.items()
            ),
        )

    def _take_refusal(self, text: object) -> None:
        if isinstance(text, str):
            self._refusal.append(characters(text))

    def _take_audio(self, audio: object) -> None:
        data = audio.get("data") if isinstance(audio, dict) else None
        if isinstance(data, str):
            self._sound.append(data)

    def _take_images(self, images: object) -> None:
        for image in images if isinstance(images, list) else ():
            address = image.get("image_url") if isinstance(image, dict) else None
            if isinstance(address, dict):
                address = address.get("url")
            if isinstance(address, str) and address and len(self._images) < _MOST:
                self._images[characters(address)] = None

    def _take_tools(self, calls: object) -> None:
        for call in calls if isinstance(calls, list) else ():
            self._take_tool(call.get("function") if isinstance(call, dict) else None)

    def _take_tool(self, function: object) -> None:
        name = function.get("name") if isinstance(function, dict) else None
        if isinstance(name, str) and name and len(self._tools) < _MOST:
            self._tools[name] = None

    def _take_annotations(self, annotations: object) -> None:
        for one in annotations if isinstance(annotations, list) else ():
            if isinstance(one, dict):
                inner = one.get("url_citation")
                source = inner if isinstance(inner, dict) else one
                self._cite(source.get("url"), source.get("title"))

    def _cite(self, url: object, title: object) -> None:
        if (
            isinstance(url, str)
            and url
            and (url in self._citations or len(self._citations) < _MOST)
        ):
            known = self._citations.get(url, "")
            self._citations[url] = title if isinstance(title, str) and title else known

    def _pictures(self) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        """Those that are here, the addresses of others, and how many are neither."""
        here, elsewhere, unshown = [], [], 0
        for address in self._images:
            if (found := _DATA_URL.match(address)) is None:
                elsewhere.append(redacted(address, self._key))
                continue
            data = _decoded(address[found.end() :])
            kind = _kind(data, _IMAGES)
            if kind is None:
                unshown += 1
            else:
                here.append(_data_url(kind, data))
        return tuple(here), tuple(elsewhere), unshown


def _sound(text: str) -> str | None:
    """The sound in base64 ``text`` as a data URL; None if there is none, or too much."""
    data = _decoded(text)
    if len(data) < 2:
        return None
    kind = sound_kind(data)
    return _data_url(kind, data) if kind else _data_url("audio/wav", _wav(data))


def _wav(samples: bytes) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(PCM_RATE)
        file.writeframes(samples[: len(samples) // 2 * 2])
    return whole.getvalue()


def _decoded(text: str) -> bytes:
    """The bytes of base64 ``text``; none if it is none, or too much."""
    if len(text) > MOST_MEDIA_BYTES * 4 // 3:
        return b""
    try:
        return b"".join(pybase64.b64decode(one, validate=True) for one in _PADDED.findall(text))
    except ValueError:
        return b""


def sound_kind(data: bytes) -> str | None:
    """The type of the sound that begins with ``data``; None for bare samples."""
    return _kind(data, _SOUNDS)


def _kind(data: bytes, signatures: tuple[tuple[re.Pattern[bytes], str], ...]) -> str | None:
    return next((kind for pattern, kind in signatures if pattern.match(data)), None)


def _data_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{pybase64.b64encode_as_string(data)}"
