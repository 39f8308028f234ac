"""Making sound of a file: mp3, wav or flac."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.packet import Packet

from services import errors
from services.media import forms
from services.media.jobs.blocks import blocks
from services.media.jobs.files import opened, sound_stream
from services.media.jobs.table import ToAudio
from services.media.plan import SoundEncoding
from services.media.workshop.worker import Teller

#: Sample rates of MPEG-1 and MPEG-2 layer III (ISO/IEC 11172-3, 13818-3).
_MP3_RATES: Final = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
MAX_RATE: Final = 48_000
#: LAME's -q: 7 takes half the time of FFmpeg's own choice, 5, and is not told apart by ear here.
_LAME_QUALITY: Final = "7"
_PIECE_S: Final = 32
#: LAME's frames that are made twice where two pieces meet, and how many it looks ahead.
_OVERLAP: Final = 8
_AHEAD: Final = 4
_MOST_LANES: Final = 4


def to_audio(job: ToAudio, tell: Teller) -> None:
    """Write the sound: at most two channels, at the next sample rate the form has.

    With a rate of its own, or a mix, in mono.
    """
    with opened(job.path, job.raw) as source:
        stream = sound_stream(source, job.track)
        if stream is None:
            raise errors.NoSound
        rate = job.encoding.rate
        is_mono = rate or job.mix is not None or stream.codec_context.channels == 1
        layout = "mono" if is_mono else "stereo"
        rate = rate or _rate(stream.codec_context.sample_rate or MAX_RATE, job.form)
        form = (sample_format(job.form), layout, rate)
        parts = blocks(source, stream, form, tell, job.start_s, job.end_s, job.mix)
        if not write(parts, job.out, job.form, job.encoding, layout, rate):
            raise errors.BadTrim if job.start_s else errors.UnreadableFile


def sample_format(form: str) -> str:
    """In which form of samples the encoder of ``form`` wants its sound."""
    return "s16p" if form == "mp3" else "s16"


def write(
    parts: Iterable[AudioFrame],
    out: Path,
    form: str,
    encoding: SoundEncoding,
    layout: str,
    rate: int,
) -> bool:
    """Write ``parts`` to ``out``; tells whether there was anything to write."""
    with av.open(out, "w", format=forms.BY_NAME[form].muxer) as sink:
        if encoding.bits_per_channel:
            return _mp3(iter(parts), sink, layout, rate, encoding.bits_per_channel)
        return _lossless(parts, sink, "flac" if form == "flac" else "pcm_s16le", layout, rate)


def _rate(rate: int, form: str) -> int:
    if form != "mp3":
        return min(rate, MAX_RATE)
    return next((known for known in _MP3_RATES if known >= rate), _MP3_RATES[-1])


def _lossless(
    parts: Iterable[AudioFrame], sink: OutputContainer, codec: str, layout: str, rate: int
) -> bool:
    encoder = sink.add_stream(codec, rate=rate)
    assert isinstance(encoder, av.AudioStream)
    encoder.layout, encoder.format = layout, "s16"
    size = _frame_size(encoder)
    written = 0
    for part in parts if size is None else _resized(parts, size):
        part.pts, part.time_base = written, Fraction(1, rate)
        written += part.samples
        sink.mux(encoder.encode(part))
    sink.mux(encoder.encode(None))
    return bool(written)


def _frame_size(encoder: av.AudioStream) -> int | None:
    """How many samples the encoder takes at a time; None where it takes any number."""
    encoder.codec_context.open(strict=False)
    return encoder.codec_context.frame_size or None


def _resized(parts: Iterable[AudioFrame], size: int) -> Iterator[AudioFrame]:
    """The same sound in frames of ``size`` samples, the last one of what is left."""
    fifo = av.AudioFifo()
    for part in parts:
        part.pts = None
        fifo.write(part)
        while (frame := fifo.read(size)) is not None:
            yield frame
    if (rest := fifo.read(size, partial=True)) is not None:
        yield rest


def _mp3(
    parts: Iterator[AudioFrame], sink: OutputContainer, layout: str, rate: int, bits: int
) -> bool:
    """Encode pieces of half a minute side by side: LAME uses one processor only.

    Without the bit reservoir a frame of mp3 stands for itself, and an encoder that
    starts some frames early gives, from then on, the frames that one encoder
    for the whole would give, so that the pieces fit without a seam.
    """
    stream = sink.add_stream("libmp3lame", rate=rate)
    stream.layout = layout
    bit_rate = bits * stream.codec_context.channels
    stream.bit_rate = bit_rate
    stream.codec_context.open(strict=False)  # frame_size is known only then
    size = stream.codec_context.frame_size
    tick, count = Fraction(1, rate), 0

    def write(packets: "list[Packet[Any]]") -> None:
        nonlocal count
        for packet in packets:
            packet.stream = stream
            packet.pts = packet.dts = count * size
            packet.time_base, count = tick, count + 1
            sink.mux_one(packet)

    lanes = min(os.cpu_count() or 1, _MOST_LANES)
    with ThreadPoolExecutor(lanes) as pool:
        pending: list[Future[list[Packet[Any]]]] = []
        for piece, first, last in _pieces(parts, size, _PIECE_S * rate // size):
            pending.append(pool.submit(_encoded, piece, layout, rate, bit_rate, first, last))
            if len(pending) > lanes:
                write(pending.pop(0).result())
        for piece_packets in pending:
            write(piece_packets.result())
    return bool(count)


def _pieces(
    parts: Iterator[AudioFrame], size: int, frames: int
) -> Iterator[tuple[np.ndarray[Any, Any], int, int | None]]:
    """Samples of pieces, and which of the packets made of each are to be kept."""
    held: list[np.ndarray[Any, Any]] = []
    count, first = 0, 0
    for part in parts:
        held.append(part.to_ndarray())
        count += part.samples
        wanted = (first + frames + _AHEAD) * size
        if count >= wanted:
            joined = np.concatenate(held, axis=1)
            yield joined[:, :wanted], first, first + frames
            held = [joined[:, (first + frames - _OVERLAP) * size :]]
            count, first = held[0].shape[1], _OVERLAP
    if count:
        yield np.concatenate(held, axis=1), first, None


def _encoded(
    piece: np.ndarray[Any, Any],
    layout: str,
    rate: int,
    bit_rate: int,
    first: int,
    last: int | None,
) -> "list[Packet[Any]]":
    encoder = AudioCodecContext.create("libmp3lame", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = rate, layout, "s16p"
    encoder.bit_rate = bit_rate
    encoder.options = {"compression_level": _LAME_QUALITY, "reservoir": "0"}
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece), format="s16p", layout=layout)
    frame.sample_rate = rate
    encoder.open()
    return [*encoder.encode(frame), *encoder.encode(None)][first:last]
