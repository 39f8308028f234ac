"""The values that describe media. No file is opened here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

#: Which content part a file is to become.
Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class RawPcm:
    """What a person says about a file of bare samples, which has no header.

    ``format`` is the API's name for little-endian signed samples; 24 kHz mono
    is what ``pcm16`` means at OpenAI
    (https://platform.openai.com/docs/guides/realtime-conversations).
    """

    format: Literal["pcm16", "pcm24"]
    sample_rate: int = 24_000
    channels: int = 1


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound track, measured on its decoded samples.

    ``level_dbfs`` is the RMS level of all samples mixed to mono, None when they
    are all zero. ``silent_share`` is the share, 0 to 1, of 100 ms windows below
    −50 dBFS. ``duration_s`` is counted, not read from a header.
    """

    codec: str
    sample_rate: int
    channels: int
    duration_s: float
    level_dbfs: float | None
    silent_share: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A moving picture. ``frame_rate`` is the average, None when unknown."""

    codec: str
    width: int
    height: int
    frame_rate: float | None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a file really is, by its bytes.

    ``container`` is our short name: wav, mp3, aiff, aac, ogg, flac, m4a, pcm16,
    pcm24, mp4, mov, mpeg, webm, or FFmpeg's name for any other.
    ``duration_s`` is None when nothing in the file could be timed.
    """

    container: str
    file_bytes: int
    duration_s: float | None
    sound: Sound | None
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Sendable:
    """A file in a form the API takes.

    ``format`` is the API's name of the form: one of
    :data:`services.media.formats.AUDIO_FORMATS` for audio, a MIME type of
    :data:`services.media.formats.VIDEO_MIMES` for video. ``converted_from``
    names the container and codecs it had before, None when it is unchanged.
    """

    path: Path
    kind: Kind
    format: str
    facts: MediaFacts
    converted_from: str | None
