"""The jobs about media: what each is asked, what comes of it, and what it may use."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.media.plan import PictureEncoding, SoundEncoding
from services.media.values import Kind, MediaFacts, Mix, RawPcm, Span
from services.media.workshop.job import MEGABYTE, Job, Limits

_SOUND: Final = Limits(400 * MEGABYTE, silence_s=10)


@dataclass(frozen=True, slots=True)
class Inspect(Job[MediaFacts, None]):
    """What the file is. What inspects meets a file first, and so what the file would do.

    Of its sound tracks the one of this number is measured; with None the one that
    players play, and where that is silent the others, of which one may not be.
    Three hours of mp3 take it 15 s of processor time.
    """

    function = "services.media.jobs.inspect:inspect"
    limits = Limits(400 * MEGABYTE, cpu_s=120, output_bytes=0, wall_s=300, silence_s=8)

    path: Path
    raw: RawPcm | None = None
    track: int | None = None


@dataclass(frozen=True, slots=True)
class Rewrap(Job[None, None]):
    """Write the tracks to ``out`` in FFmpeg's container ``muxer``, as they are.

    With ``kind`` audio the sound track alone; ``track`` is its number, None for a film
    without sound.
    """

    function = "services.media.jobs.copying:rewrap"

    path: Path
    raw: RawPcm | None
    out: Path
    muxer: str
    kind: Kind
    track: int | None = 0


@dataclass(frozen=True, slots=True)
class ToAudio(Job[None, None]):
    """Write the sound, from ``start_s`` to ``end_s``, to ``out`` in the form of this name.

    It is that of ``track``; with a ``mix`` its channels become one.
    """

    function = "services.media.jobs.sound:to_audio"
    limits = _SOUND

    path: Path
    raw: RawPcm | None
    out: Path
    form: str
    encoding: SoundEncoding
    start_s: float | None = None
    end_s: float | None = None
    track: int = 0
    mix: Mix | None = None


@dataclass(frozen=True, slots=True)
class ToMp4(Job[float, None]):
    """Write H.264 and AAC to ``out``, from ``start_s`` to ``end_s``.

    A track without an encoding is taken over as it is, which only the whole can be.
    ``track`` is the number of the sound track, None for none; ``mix`` as for
    :class:`ToAudio`. The result is the share, 0 to 1, of the pictures that were lost.
    """

    function = "services.media.jobs.film:to_mp4"
    # Working out how the tones of an HDR film are mapped takes 5 s without a sign of life.
    limits = Limits(640 * MEGABYTE, silence_s=40)

    path: Path
    out: Path
    picture: PictureEncoding | None
    sound: SoundEncoding | None
    start_s: float | None = None
    end_s: float | None = None
    track: int | None = 0
    mix: Mix | None = None


@dataclass(frozen=True, slots=True)
class CutPiece:
    """The piece of this number is there."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Cut(Job[tuple[Span, ...], CutPiece]):
    """Cut the sound, from ``start_s`` to ``end_s``, into pieces of at most ``most_s`` seconds.

    The pieces are written in one pass to ``folder`` under their numbers, counted
    from 0, in the form of this name; the news are each that is written. Those
    whose numbers are in ``skipped`` are cut and not written. The result is where
    the cuts are: the spans are contiguous, and together all that was wanted.
    ``track`` and ``mix`` as for :class:`ToAudio`.
    """

    function = "services.media.jobs.pauses:cut"
    limits = _SOUND

    path: Path
    raw: RawPcm | None
    folder: Path
    form: str
    encoding: SoundEncoding
    most_s: float
    start_s: float | None = None
    end_s: float | None = None
    skipped: tuple[int, ...] = ()
    track: int = 0
    mix: Mix | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """So many samples were written; ``is_cut`` where there was more."""

    samples: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Samples(Job[Decoded, None]):
    """Write mono 16-bit little-endian samples to ``out``, at most ``most_s`` seconds.

    ``track`` and ``mix`` as for :class:`ToAudio`.
    """

    function = "services.media.jobs.decode:samples"
    limits = _SOUND

    path: Path
    raw: RawPcm | None
    out: Path
    sample_rate: int
    most_s: float
    track: int = 0
    mix: Mix | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """When the pictures of each window are shown, in seconds; ``is_cut`` where there was more."""

    times: tuple[tuple[float, ...], ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Frames(Job[Pictures, None]):
    """Write RGB pictures of 64 × 36 to ``out``: those of each (from, to) in seconds.

    The windows come in the order of time. ``per_second`` thins the pictures out; 0
    keeps every one. They lie in ``out`` one after another, ``64 * 36 * 3`` bytes each.
    """

    function = "services.media.jobs.decode:frames"

    path: Path
    out: Path
    windows: tuple[tuple[float, float], ...]
    per_second: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file that was in an archive: its name there, without folders, and its length."""

    name: str
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Unpack(Job[tuple[Unpacked, ...], None]):
    """Write what is in the zip at ``path`` to ``folder``, under numbers from ``first`` on.

    The limits are those of all that comes out of it, whatever it says of itself.
    """

    function = "services.media.jobs.archive:unpack"
    limits = Limits(200 * MEGABYTE, cpu_s=120, wall_s=300, silence_s=60)

    path: Path
    folder: Path
    first: int
    most_files: int
    most_bytes: int
    most_file_bytes: int


def warm_up() -> None:
    """Do once what decoders and their libraries do at the first file only."""
    importlib.import_module("services.media.jobs.inspect").warm_up()
