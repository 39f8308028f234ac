"""The values that describe media. No file is opened here."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

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
class Spoken:
    """Words of a sound, and the seconds from ``start_s`` to ``end_s`` in which they are said."""

    start_s: float
    end_s: float
    text: str = field(repr=False)


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
class Mix:
    """How the channels of a sound become one where the usual mix would lose what they have.

    ``channel``, counted from 0, is the one that is taken; None stands for the sum of
    all, times ``gain``, which keeps it under full scale.
    """

    channel: int | None
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Track:
    """A sound track as the file announces it.

    ``language`` and ``title`` are a stranger's words, short and printable, empty where
    there are none. ``is_silent`` is None where nobody has listened to it.
    """

    codec: str
    channels: int
    language: str = field(default="", repr=False)
    title: str = field(default="", repr=False)
    is_default: bool = False
    is_silent: bool | None = None


#: How many silences of a sound are kept, the longest: about 4 kB of JSON.
MOST_SILENCES: Final = 128
#: The share of 100 ms windows below −50 dBFS from which on a sound is silent.
_SILENT_SHARE: Final = 0.995


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound track, measured on its decoded samples, each channel for itself.

    ``level_dbfs`` is the RMS level of the loudest channel, None when all samples are
    zero. ``silent_share`` is the share, 0 to 1, of 100 ms windows in which every
    channel is below −50 dBFS. ``duration_s`` is counted, not read from a header.

    ``peak_dbfs`` is the largest sample of any channel, None when all are zero,
    over 0 where floats overshoot; ``clipped_share`` the share, 0 to 1, of 100 ms
    windows with three or more samples in a row at full scale.

    ``track`` is which of the file's sound tracks it is, counted from 0. ``mix`` is how
    its channels become one, None for the usual way. ``lost_share`` is the share, 0 to
    1, of its packets that could not be decoded. ``hidden_s`` are the seconds that are
    in the file and that no player plays, as an edit list or the container's own count
    says: a copy would have them.
    """

    codec: str
    sample_rate: int
    channels: int
    duration_s: float
    level_dbfs: float | None
    silent_share: float
    peak_dbfs: float | None = None
    clipped_share: float = 0.0
    track: int = 0
    mix: Mix | None = None
    lost_share: float = 0.0
    hidden_s: float = 0.0
    silences: tuple[Span, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be heard in it."""
        return self.level_dbfs is None or self.silent_share >= _SILENT_SHARE


@dataclass(frozen=True, slots=True)
class Picture:
    """A moving picture. ``frame_rate`` is the average, None when unknown.

    ``pixel_format`` is FFmpeg's name of it, such as yuv420p. ``duration_s`` is from the
    first picture to the end of the last, None when its packets have no times. ``is_hdr``
    tells that it is made for screens brighter than a plain one, ``is_steady`` that every
    picture stands as long as the others.
    """

    codec: str
    width: int
    height: int
    frame_rate: float | None
    pixel_format: str | None = "yuv420p"
    duration_s: float | None = None
    is_hdr: bool = False
    is_steady: bool = False


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a file really is, by its bytes.

    ``container`` is our short name: wav, mp3, aiff, aac, ogg, flac, m4a, pcm16,
    pcm24, mp4, mov, mpeg, webm, or FFmpeg's name for any other.
    ``duration_s`` is that of picture or sound, whichever is longer, None when nothing in
    the file could be timed. ``tracks`` are all its sound tracks that can be decoded;
    ``sound`` is the one of them that is meant. ``unread_share`` is the share, 0 to 1, of its
    bytes that are in none of these tracks: headers, tags, tracks that nobody listened to,
    and whatever a header says is not there.
    """

    container: str
    file_bytes: int
    duration_s: float | None
    sound: Sound | None
    picture: Picture | None
    tracks: tuple[Track, ...] = ()
    unread_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Sendable:
    """A file in a form the API takes.

    ``format`` is the API's name of one of :data:`services.media.forms.WIRE_FORMS`, a
    MIME type for video. ``converted_from`` names the container and codecs it had
    before, None when it is unchanged; ``change`` says how far the change went. ``mix``
    is how its channels became one, None for the usual way; ``lost_share`` the share,
    0 to 1, of what was in the file and could not be read. ``track`` is which of several
    sound tracks it has, counted from 0 among ``tracks``; None where there was no choice.
    ``kept_at`` is where the same file lies for some minutes, where one was made and is kept.
    """

    path: Path
    kind: Kind
    format: str
    facts: MediaFacts
    converted_from: str | None
    change: Change = "none"
    mix: Mix | None = None
    lost_share: float = 0.0
    track: int | None = None
    tracks: int = 0
    kept_at: Path | None = None
