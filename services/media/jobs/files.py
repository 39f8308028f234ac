"""Opening a stranger's file, reading it, and decoding its sound."""

import contextlib
import errno
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
import av.error
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.frame import Frame
from av.packet import Packet
from av.stream import Disposition

from services import errors
from services.media import forms
from services.media.jobs import unfolding
from services.media.values import RawPcm
from services.media.workshop.worker import Teller

#: FFmpeg's demuxers for plain media files. What is not here is not opened:
#: above all hls, dash, concat and sdp, which make FFmpeg open *other* files.
DEMUXERS: Final = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dv,eac3,flac,flv,gif,ivf,matroska,mov,mp3,"
    "mpeg,mpegts,mpegvideo,mxf,ogg,tta,voc,w64,wav,wv"
)
#: How a playlist or another text starts, after white space and marks of its
#: encoding, in lower case.
_TEXTS: Final = (b"#extm3u", b"ffconcat", b"v=0", b"<?xml", b"<mpd", b"<smil", b"[playlist]")
#: What is wrong with this machine's disk or memory, and not with a file.
_OURS: Final = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.ENOENT,
        errno.EMFILE,
        errno.ENFILE,
    }
)


@contextlib.contextmanager
def opened(path: Path, raw: RawPcm | None = None) -> Iterator[InputContainer]:
    """The file at ``path``, as a container, if its bytes are those of plain media.

    FFmpeg gets a file object and no protocol at all, so it can open nothing
    else, whatever the file says. ``raw`` says how to read bare samples.

    Raises:
        EmptyFile, NotMedia: by the first bytes.
        TooMuchInside: more tracks than a file has, or no memory for it.
        UnreadableFile: FFmpeg could not make sense of it, here or later on.
        OSError: what was made of it could not be written.
    """
    if path.stat().st_size == 0:
        raise errors.EmptyFile
    with path.open("rb") as file:
        if raw is None and _is_text(file):
            raise errors.NotMedia
        file.seek(0)
        container = _container(file, raw)
        with container:
            try:
                yield container
            except av.error.MemoryError:
                raise errors.TooMuchInside from None
            except (av.error.FFmpegError, OSError) as error:
                if error.errno in _OURS:
                    raise
                raise errors.UnreadableFile from None


def _container(file: BinaryIO, raw: RawPcm | None) -> InputContainer:
    """As of :func:`opened`."""
    form = forms.BY_NAME[raw.format].bare if raw else None
    how = {"sample_rate": str(raw.sample_rate), "ch_layout": f"{raw.channels}c"} if raw else {}
    try:
        return av.open(
            file,
            mode="r",
            format=form,
            metadata_errors="replace",
            options=dict(unfolding.OPTIONS),
            container_options={
                "protocol_whitelist": "none",
                "format_whitelist": form or DEMUXERS,
                "fflags": "+genpts",  # AVI has no presentation times of its own
            }
            | how,
        )
    except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError):
        # With a whitelist, "none of these" and "one of these, but broken"
        # are the same answer.
        raise errors.NotMedia from None
    except av.error.MemoryError:
        raise errors.TooMuchInside from None
    except av.error.FFmpegError:
        raise errors.UnreadableFile from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # Some headers have FFmpeg seek to before the beginning of the file.
        raise errors.UnreadableFile from None


def packets(
    source: InputContainer, streams: Sequence[av.AudioStream | av.VideoStream], tell: Teller
) -> Iterator["Packet[Any]"]:
    """The packets of ``streams``: the one loop that reads, and so gives the signs of life.

    Told are the seconds since the beginning, by the packets' own times, and the bytes.
    """
    begin = seconds(source.start_time, Fraction(1, av.time_base)) or 0.0
    reached, count = 0.0, 0
    for packet in source.demux(streams):
        now = seconds(packet.pts if packet.dts is None else packet.dts, packet.time_base)
        reached = reached if now is None else max(reached, now - begin)
        count += packet.size
        tell.read(reached, count)
        yield packet


def _is_text(file: BinaryIO) -> bool:
    """Whether the file starts as a playlist does, maybe behind an ID3 tag."""
    head = file.read(64)
    if head.startswith(b"ID3"):
        # Seven bits in a byte (https://id3.org/id3v2.4.0-structure, 6.2).
        size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
        file.seek(10 + size)
        head = file.read(64)
    letters = head.replace(b"\0", b"")  # UTF-16 and UTF-32
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        letters = letters.removeprefix(mark)
    return letters.lstrip().lower().startswith(_TEXTS)


def sound_stream(container: InputContainer) -> av.AudioStream | None:
    """The first sound track that says how to decode it."""
    for stream in container.streams.audio:
        if stream.codec_context:
            _settle_layout(stream.codec_context)
            return stream
    return None


def _settle_layout(context: AudioCodecContext) -> None:
    """Have the decoder name channels in FFmpeg's usual order, whatever the file says.

    PyAV 18.1 shares the memory of a custom order, such as that of every 7.1 CAF,
    between an ``AudioLayout``, the decoder and each frame, and each frees it. Here
    it is taken from the decoder before it makes a frame, and freed once. At worst
    side and back channels change places, which a mix to stereo does not show.
    """
    layout = context.layout
    if " channels (" in layout.name:  # as FFmpeg describes what has no name of its own
        context.layout = f"{layout.nb_channels}c"


def picture_stream(container: InputContainer) -> av.VideoStream | None:
    """The first moving picture that has a size; the cover of a song is not one.

    Raises:
        TooMuchInside: it is larger than any film is.
    """
    for stream in container.streams.video:
        still = Disposition.attached_pic | Disposition.timed_thumbnails
        context = stream.codec_context
        if context and context.width and context.height and not stream.disposition & still:
            unfolding.check_picture(stream)
            return stream
    return None


# Packet is generic for type checkers only, hence the quotes.
def decoded(packet: "Packet[Any]") -> Sequence[Frame]:
    """The frames of one packet; none from a damaged one, as a player would do.

    Raises:
        TooMuchInside: a picture too large to be decoded here.
    """
    if isinstance(packet.stream, av.VideoStream):
        unfolding.check_picture(packet.stream, to_decode=True)
    try:
        return packet.decode()
    except (av.error.InvalidDataError, av.error.PermissionError):
        # Some decoders say −1 of what is damaged, which is the number of EPERM, too.
        return []


def decoded_sound(packet: "Packet[Any]") -> list[AudioFrame]:
    """As :func:`decoded`, for a packet of a sound track."""
    return [frame for frame in decoded(packet) if isinstance(frame, AudioFrame)]


class Resampler:
    """Frames in one form, from frames whose form may change half-way.

    It does in joined files and in broadcasts. ``frame_size`` is how many samples
    a frame gets, for an encoder that wants each one, but the last, full.
    """

    def __init__(
        self,
        sample_format: str | av.AudioFormat,
        layout: str | av.AudioLayout,
        rate: int,
        frame_size: int | None = None,
    ) -> None:
        self._form = sample_format, layout, rate, frame_size
        self._frame_size = frame_size
        self._source: tuple[object, ...] = ()
        self._resampler: av.AudioResampler | None = None

    def resample(self, frame: AudioFrame | None) -> list[AudioFrame]:
        """What is ready once ``frame`` is in; with None, what is left."""
        if frame is None:
            return self._resampler.resample(None) if self._resampler else []
        parts: list[AudioFrame] = []
        source = frame.format.name, frame.layout.name, frame.sample_rate
        if source != self._source or self._resampler is None:
            parts = [
                part
                for part in self.resample(None)
                if part.samples == (self._frame_size or part.samples)
            ]
            self._source, self._resampler = source, av.AudioResampler(*self._form)
        return parts + self._resampler.resample(frame)


def seconds(ticks: int | None, time_base: Fraction | None) -> float | None:
    """A time stamp in seconds, None when either part is unknown."""
    return None if ticks is None or time_base is None else float(ticks * time_base)
