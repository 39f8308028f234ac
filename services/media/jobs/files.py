"""Opening a stranger's file, reading it, and decoding its sound."""

import contextlib
import errno
import struct
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
from av.stream import Disposition, Stream

from services import errors
from services.media import forms
from services.media.jobs import signatures, unfolding
from services.media.values import RawPcm
from services.media.workshop.worker import Teller

#: FFmpeg's demuxers for plain media files. What is not here is not opened:
#: above all hls, dash, concat and sdp, which make FFmpeg open *other* files.
DEMUXERS: Final = (
    "aac,ac3,aiff,amr,ape,apng,asf,au,avi,caf,dsf,dss,dts,dv,eac3,flac,flv,gif,h264,hevc,iff,"
    "ivf,loas,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,mpegvideo,mxf,nistsphere,ogg,tak,tta,voc,w64,"
    "wav,wv"
)
_SKIPPED: Final = struct.Struct("<II")
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
        EmptyFile, NotMedia, StillPicture, UnreadForm, ProtectedFile: by its own bytes.
        TooMuchInside: more tracks than a file has, or no memory for it.
        UnreadableFile: FFmpeg could not make sense of it, here or later on.
        OSError: what was made of it could not be written.
    """
    if path.stat().st_size == 0:
        raise errors.EmptyFile
    with path.open("rb") as file:
        if raw is None:
            signatures.check(file)
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
    source: InputContainer, streams: Sequence[Stream], tell: Teller
) -> Iterator["Packet[Any]"]:
    """The packets of ``streams``: the one loop that reads, and so gives the signs of life.

    Told are the seconds since the beginning, by the packets' own times, and the bytes.
    What cannot be read on is at its end, as it is for players.
    """
    begin = seconds(source.start_time, Fraction(1, av.time_base)) or 0.0
    reached, count = 0.0, 0
    try:
        for packet in source.demux(streams):
            now = seconds(packet.pts if packet.dts is None else packet.dts, packet.time_base)
            reached = reached if now is None else max(reached, now - begin)
            count += packet.size
            tell.read(reached, count)
            yield packet
    except IndexError:
        # PyAV 18.1 means to flush streams that it got to know while it read, and has no place
        # for them; those it was asked for have come to their ends by then.
        return
    except av.error.FFmpegError as error:
        if _is_ours(error):
            raise
        for stream in streams:  # an empty packet gets out what a decoder still holds
            last: Packet[Any] = Packet()
            last.stream = stream
            yield last


def _is_ours(error: av.error.FFmpegError) -> bool:
    """Whether it is this machine that failed, and not the file."""
    return isinstance(error, av.error.MemoryError) or error.errno in _OURS


def sound_tracks(container: InputContainer) -> list[av.AudioStream]:
    """The sound tracks that say how to decode them."""
    return [stream for stream in container.streams.audio if stream.codec_context]


def default_track(tracks: Sequence[av.AudioStream]) -> int:
    """Which of ``tracks`` players play: one that is so marked, and not made for the few."""
    few = Disposition.visual_impaired | Disposition.hearing_impaired | Disposition.comment
    usual = [number for number, one in enumerate(tracks) if not one.disposition & few]
    marked = [number for number in usual if tracks[number].disposition & Disposition.default]
    return next(iter([*marked, *usual, 0]))


def sound_stream(container: InputContainer, track: int | None = 0) -> av.AudioStream | None:
    """The sound track of this number, ready to be decoded; None where there is none."""
    tracks = sound_tracks(container)
    if track is None or track >= len(tracks):
        return None
    _settle_layout(tracks[track].codec_context)
    return tracks[track]


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


def covers(container: InputContainer) -> list[av.VideoStream]:
    """The pictures that are only shown beside a sound."""
    return [one for one in container.streams.video if one.disposition & Disposition.attached_pic]


# Packet is generic for type checkers only, hence the quotes.
def attempted(packet: "Packet[Any]") -> Sequence[Frame] | None:
    """The frames of one packet, None of one that is damaged.

    An empty one that is no end has none: it stands for a pause, or for the picture before.

    Raises:
        TooMuchInside: a picture too large to be decoded here.
    """
    if isinstance(packet.stream, av.VideoStream):
        unfolding.check_picture(packet.stream, to_decode=True)
    if packet.size == 0 and packet.pts is not None:
        return []
    try:
        return packet.decode()
    except av.error.EOFError:  # of a decoder that has been at its end before
        return []
    except av.error.FFmpegError as error:
        # Some decoders say −1 of what is damaged, which is the number of EPERM, too.
        if _is_ours(error) and not isinstance(error, av.error.PermissionError):
            raise
        return None


def decoded(packet: "Packet[Any]") -> Sequence[Frame]:
    """The frames of one packet; none from a damaged one, as a player would do.

    Raises:
        TooMuchInside: as :func:`attempted`.
    """
    return attempted(packet) or ()


def decoded_sound(packet: "Packet[Any]") -> list[AudioFrame]:
    """As :func:`decoded`, for a packet of a sound track."""
    return sounds(decoded(packet))


def sounds(frames: Sequence[Frame]) -> list[AudioFrame]:
    """Those of ``frames`` that are sound."""
    return [frame for frame in frames if isinstance(frame, AudioFrame)]


def seconds(ticks: int | None, time_base: Fraction | None) -> float | None:
    """A time stamp in seconds, None when either part is unknown."""
    return None if ticks is None or time_base is None else float(ticks * time_base)


def skipped_s(packet: "Packet[Any]", sample_rate: int) -> float:
    """Seconds of ``packet`` that players leave out, as its container has them do."""
    for told in packet.iter_sidedata():
        if told.data_type == "skip_samples":
            # FFmpeg's AV_PKT_DATA_SKIP_SAMPLES: so many at the beginning, and at the end.
            begin, end = _SKIPPED.unpack_from(bytes(told))
            return float(begin + end) / (sample_rate or 1)
    return 0.0
