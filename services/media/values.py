"""The values that describe media. No file is opened here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

#: Which content part a file is to become.
Kind = Literal["audio", "video"]
#: What was done to a file: nothing, new wrapping around the same tracks, or new tracks.
Change = Literal["none", "remux", "transcode"]


@dataclass(frozen=True, slots=True)
class Takes:
    """What a model takes: the API's names of audio formats, and MIME types of video.

    ``any_codec`` says that it opens a film whatever codecs are in a container it
    takes; without it only those that every player of that container has.
    """

    audio: frozenset[str]
    video: frozenset[str]
    any_codec: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """How to make a file smaller than it is. Times are in seconds from its start.

    ``speech`` makes the sound mono at 16 kHz and as small as speech needs;
    ``height`` is the most pixels a picture may be high, ``frame_rate`` the most
    pictures a second. The sound track alone is not here: it is the kind "audio".
    """

    start_s: float | None = None
    end_s: float | None = None
    speech: bool = False
    height: int | None = None
    frame_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What sending a file would take: its size, and seconds of work on two processors.

    ``file_bytes`` is exact where nothing changes, else good to a factor of two.
    """

    change: Change
    format: str
    file_bytes: int
    base64_bytes: int
    work_s: float


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to make a file fit."""

    kind: Kind
    fit: Fit
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a longer sound, in seconds from its start."""

    start_s: float
    end_s: float


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

    ``peak_dbfs`` is the largest sample of any channel, None when all are zero,
    over 0 where floats overshoot; ``clipped_share`` the share, 0 to 1, of 100 ms
    windows with three or more samples in a row at full scale.
    """

    codec: str
    sample_rate: int
    channels: int
    duration_s: float
    level_dbfs: float | None
    silent_share: float
    peak_dbfs: float | None = None
    clipped_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A moving picture. ``frame_rate`` is the average, None when unknown.

    ``pixel_format`` is FFmpeg's name of it, such as yuv420p.
    """

    codec: str
    width: int
    height: int
    frame_rate: float | None
    pixel_format: str | None = "yuv420p"


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

    ``format`` is the API's name of one of :data:`services.media.forms.WIRE_FORMS`, a
    MIME type for video. ``converted_from`` names the container and codecs it had
    before, None when it is unchanged; ``change`` says how far the change went.
    """

    path: Path
    kind: Kind
    format: str
    facts: MediaFacts
    converted_from: str | None
    change: Change = "none"
