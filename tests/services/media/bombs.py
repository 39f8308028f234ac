"""Small files that would unfold to something huge, or keep a decoder busy for ever.

Each function writes one to a path. Where a container is written by hand, the
structures are those of its specification, cut down to what FFmpeg reads.
"""

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.packet import Packet

from tests.clips import clip
from tests.making import ogg_crc, tone, write_film, write_sound

SHOTS = [((200, 20, 20), 0.4), ((20, 20, 200), 0.4)]
HUGE = 16_000
#: What is behind a tag, and lasts 3.75 s.
SONG = "party.mp3"


def long_silence_in_flac(path: Path) -> None:
    """Three hours at 8 kHz in the largest blocks there are: 22 kB."""
    _silence(path, 8_000, "mono", 3 * 3600)


def many_channels_of_silence_in_flac(path: Path) -> None:
    """Eight channels at 192 kHz for three minutes."""
    _silence(path, 192_000, "7.1", 180)


def _silence(path: Path, rate: int, layout: str, seconds: int) -> None:
    with av.open(str(path), "w", format="flac") as sink:
        stream = sink.add_stream(
            "flac", rate=rate, options={"frame_size": "65535", "compression_level": "0"}
        )
        stream.layout = layout
        stream.codec_context.open(strict=False)
        block = stream.codec_context.frame_size
        nothing = np.zeros((1, block * stream.codec_context.channels), np.int16)
        frame = av.AudioFrame.from_ndarray(nothing, format="s16", layout=layout)
        frame.sample_rate = rate
        for _ in range(rate * seconds // block):
            frame.pts = None
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))


def long_silence_in_opus(path: Path) -> None:
    """Ten hours of packets of one byte, each two frames of 60 ms with nothing in them."""
    with av.open(str(path), "w", format="ogg") as sink:
        stream = sink.add_stream("libopus", rate=48_000)
        stream.layout = "mono"
        stream.codec_context.open(strict=False)
        for number in range(10 * 3600 * 1000 // 120):
            packet = Packet(b"\x19")  # RFC 6716, 3.1: SILK, 60 ms, mono, two frames
            packet.stream, packet.time_base = stream, Fraction(1, 48_000)
            packet.pts = packet.dts = number * 5760
            packet.duration = 5760
            sink.mux(packet)


def one_sample_a_second(path: Path) -> None:
    """Resampled, each of these samples would become thousands."""
    fmt = struct.pack("<HHIIHH", 1, 1, 1, 2, 2, 16)
    data = tone(60.0).tobytes()
    path.write_bytes(b"RIFF\xff\xff\xff\xffWAVE" + _chunk(b"fmt ", fmt) + _chunk(b"data", data))


def _png(width: int, height: int) -> bytes:
    """A PNG that says its size and has next to nothing of the picture."""

    def piece(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + piece(b"IHDR", header)
        + piece(b"IDAT", zlib.compress(bytes(width * 4 + 1)))
        + piece(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _avi(path: Path, width: int, height: int, codec: bytes, pictures: list[bytes]) -> None:
    main = struct.pack("<14I", 40_000, 0, 0, 0x10, len(pictures), 0, 1, 0, width, height, *[0] * 4)
    stream = b"vids" + codec + struct.pack("<IHHIIIIIIII", 0, 0, 0, 0, 1, 25, 0, 9, 0, 0, 0)
    form = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, codec, 0, 0, 0, 0, 0)
    tracks = _chunk(b"LIST", b"strl" + _chunk(b"strh", stream + bytes(8)) + _chunk(b"strf", form))
    header = _chunk(b"LIST", b"hdrl" + _chunk(b"avih", main) + tracks)
    film = b"".join(_chunk(b"00dc", picture) for picture in pictures)
    path.write_bytes(_chunk(b"RIFF", b"AVI " + header + _chunk(b"LIST", b"movi" + film)))


def huge_png_in_avi(path: Path) -> None:
    _avi(path, HUGE, HUGE, b"MPNG", [_png(HUGE, HUGE)] * 3)


def large_png_in_avi(path: Path) -> None:
    """8000 × 4300: as large as a film may be, and larger than is decoded here."""
    _avi(path, 8000, 4300, b"MPNG", [_png(8000, 4300)] * 3)


def png_that_grows_in_avi(path: Path) -> None:
    """Small at first, huge from the second picture on."""
    _avi(path, 64, 64, b"MPNG", [_png(64, 64), *[_png(8000, 4300)] * 5])


def huge_raw_picture_in_avi(path: Path) -> None:
    _avi(path, HUGE, HUGE, bytes(4), [bytes(100)] * 3)


def pictures_of_no_bytes_in_avi(path: Path) -> None:
    _avi(path, 64, 64, b"MPNG", [b""] * 100_000)


def _gif(path: Path, width: int, height: int) -> None:
    picture = (
        b"!\xf9\x04\0\x0a\0\0\0,"
        + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + b"\x02\x02\x44\x01\0"
    )
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    path.write_bytes(head + picture * 50 + b";")


def huge_gif(path: Path) -> None:
    _gif(path, 65_535, 65_535)


def large_gif(path: Path) -> None:
    _gif(path, 16_000, 2_000)


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _with_tag(path: Path, frames: bytes) -> None:
    """An mp3 behind an ID3 tag with these frames."""
    path.write_bytes(b"ID3\x03\0\0" + _synchsafe(len(frames)) + frames + clip(SONG).read_bytes())


def _frame(name: bytes, content: bytes) -> bytes:
    return name + struct.pack(">I", len(content)) + b"\0\0" + content


def huge_cover(path: Path) -> None:
    _with_tag(path, _frame(b"APIC", b"\0image/png\0\x03\0" + _png(HUGE, HUGE)))


def thousands_of_covers(path: Path) -> None:
    cover = _frame(b"APIC", b"\0image/png\0\x03\0" + _png(8, 8))
    _with_tag(path, cover * 20_000)


def hundred_thousands_of_tags(path: Path) -> None:
    """Finding one among the others takes FFmpeg longer with each."""
    _with_tag(path, b"".join(_frame(b"TXXX", b"\0k%d\0v" % number) for number in range(500_000)))


def one_tag_of_200_megabytes(path: Path) -> None:
    """Most of it is a hole in the file; as text it would be four times as long."""
    size = 200_000_000
    _with_tag(path, _frame(b"PRIV", b"k\0v"))
    data = path.read_bytes()
    with path.open("wb") as file:
        file.write(data[:6] + _synchsafe(size + 10) + b"PRIV" + struct.pack(">I", size))
        file.write(b"\0\0k\0v")
        file.seek(10 + 10 + size)
        file.write(clip(SONG).read_bytes())


def _mp4(path: Path) -> bytearray:
    write_film(path, SHOTS, container="mp4", codec="mpeg4")
    return bytearray(path.read_bytes())


def _box(name: bytes, *content: bytes) -> bytes:
    data = b"".join(content)
    return struct.pack(">I4s", len(data) + 8, name) + data


def mp4_that_claims_49_days(path: Path) -> None:
    """Its header does; its pictures last less than a second."""
    data = _mp4(path)
    for name, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        at = data.index(name) + offset
        data[at : at + 4] = struct.pack(">I", 2**32 - 2)
    path.write_bytes(data)


def mp4_that_claims_a_millisecond(path: Path) -> None:
    data = _mp4(path)
    for name, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        at = data.index(name) + offset
        data[at : at + 4] = struct.pack(">I", 1)
    path.write_bytes(data)


def mp4_whose_pictures_last_for_days(path: Path) -> None:
    data = _mp4(path)
    at = data.index(b"stts") + 16
    data[at : at + 4] = struct.pack(">I", 2**31 - 1)
    path.write_bytes(data)


def _table(name: bytes, *numbers: int) -> bytes:
    return _box(name, struct.pack(f">{len(numbers) + 1}I", 0, *numbers))


def _mov(path: Path, tables: list[bytes], data: bytes, tracks: int = 1) -> None:
    """PCM in QuickTime, with sample tables of one's own."""
    entry = _box(
        b"sowt", bytes(6) + struct.pack(">HHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, 16_000 << 16)
    )
    stsd = _box(b"stsd", struct.pack(">II", 0, 1) + entry)
    header = _box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 16_000, 16_000, 0, 0))
    handler = _box(b"hdlr", struct.pack(">I4s4s", 0, b"mhlr", b"soun") + bytes(13))
    media = _box(b"mdia", header, handler, _box(b"minf", _box(b"stbl", stsd, *tables)))
    place = _box(b"tkhd", struct.pack(">IIII", 1, 0, 0, 1) + bytes(68))
    track = _box(b"trak", place, media)
    path.write_bytes(
        _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", track * tracks) + _box(b"mdat", data)
    )


def mov_that_names_the_same_bytes_again_and_again(path: Path) -> None:
    """A thousand chunks, all of them at the same place."""
    tables = [
        _table(b"stts", 1, 16_000 * 1000, 1),
        _table(b"stsc", 1, 1, 16_000, 1),
        _table(b"stsz", 2, 16_000 * 1000),
        _table(b"stco", 1000, *[64] * 1000),
    ]
    _mov(path, tables, tone(1.0).tobytes())


def mov_of_samples_without_bytes(path: Path) -> None:
    tables = [
        _table(b"stts", 1, 2**28, 1),
        _table(b"stsc", 1, 1, 2**28, 1),
        _table(b"stsz", 0, 100_000, *[0] * 100_000),
        _table(b"stco", 1, 64),
    ]
    _mov(path, tables, tone(1.0).tobytes())


def mov_of_endlessly_many_samples(path: Path) -> None:
    tables = [
        _table(b"stts", 1, 2**31 - 1, 1),
        _table(b"stsc", 1, 1, 2**31 - 1, 1),
        _table(b"stsz", 1, 2**31 - 1),
        _table(b"stco", 1, 64),
    ]
    _mov(path, tables, tone(1.0).tobytes())


def mov_of_thousands_of_tracks(path: Path) -> None:
    tables = [_table(b"stts", 1, 1, 1), _table(b"stsc", 1, 1, 1, 1), _table(b"stsz", 2, 1)]
    _mov(path, [*tables, _table(b"stco", 1, 64)], tone(1.0).tobytes(), tracks=5000)


def mov_with_a_compressed_index(path: Path) -> None:
    """``cmov``: a megabyte of zlib that becomes a gigabyte."""
    size = 1024 * 1024 * 1024
    press = zlib.compressobj(9)
    pressed = b"".join(press.compress(bytes(1 << 20)) for _ in range(64)) + press.flush()
    index = _box(b"cmov", _box(b"dcom", b"zlib"), _box(b"cmvd", struct.pack(">I", size) + pressed))
    path.write_bytes(_box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", index))


def mov_of_boxes_in_boxes(path: Path) -> None:
    """Twenty thousand deep."""
    depth = 20_000
    boxes = b"".join(
        struct.pack(">I4s", 8 * (depth - level), b"moov" if level % 2 else b"trak")
        for level in range(depth)
    )
    path.write_bytes(_box(b"ftyp", b"qt  \0\0\0\0qt  ") + boxes)


def _element(name: str, content: bytes) -> bytes:
    """EBML, with a size of eight bytes."""
    return bytes.fromhex(name) + struct.pack(">Q", len(content) | 1 << 56) + content


_EBML = _element("1A45DFA3", _element("4282", b"matroska"))
_UNKNOWN = b"\x01" + b"\xff" * 7


def _track(number: int) -> bytes:
    return _element(
        "AE",
        _element("D7", number.to_bytes(2, "big"))
        + _element("73C5", number.to_bytes(2, "big"))
        + _element("83", b"\x02")
        + _element("86", b"A_PCM/INT/LIT")
        + _element("E1", _element("B5", struct.pack(">f", 16_000.0)) + _element("6264", b"\x10")),
    )


def matroska_of_thousands_of_tracks(path: Path) -> None:
    tracks = _element("1654AE6B", b"".join(_track(number + 1) for number in range(5000)))
    path.write_bytes(_EBML + _element("18538067", tracks + _cluster(1)))


def _cluster(track: int) -> bytes:
    block = _element("A3", struct.pack(">BhB", 0x80 | track, 0, 0x80) + tone(0.1).tobytes())
    return bytes.fromhex("1F43B675") + _UNKNOWN + _element("E7", b"\0") + block


def matroska_that_points_at_itself(path: Path) -> None:
    """Unknown sizes everywhere, and a seek head that leads to the seek head, many times."""
    seek = _element("4DBB", _element("53AB", bytes.fromhex("114D9B74")) + _element("53AC", b"\0"))
    head = _element("114D9B74", seek * 1000)
    tracks = _element("1654AE6B", _track(1))
    segment = bytes.fromhex("18538067") + _UNKNOWN
    path.write_bytes(_EBML + segment + head + tracks + _cluster(1) * 500 + segment * 50)


def matroska_of_tags_in_tags(path: Path) -> None:
    tag = b""
    for _ in range(2000):
        tag = _element("67C8", _element("45A3", b"name") + _element("4487", b"value") + tag)
    tracks = _element("1654AE6B", _track(1))
    tags = _element("1254C367", _element("7373", tag))
    path.write_bytes(_EBML + _element("18538067", tracks + tags + _cluster(1)))


def ogg_of_thousands_of_links(path: Path) -> None:
    """A chain: each link is a stream of its own with its own header."""
    write_sound(path, tone(0.1), container="ogg", codec="libopus")
    path.write_bytes(path.read_bytes() * 3000)


def ogg_of_thousands_of_streams_at_once(path: Path) -> None:
    write_sound(path, tone(0.1), container="ogg", codec="libopus")
    data = path.read_bytes()
    first = bytearray(data[: data.index(b"OggS", 4)])
    heads = []
    for number in range(5000):
        first[14:18] = struct.pack("<I", number + 10)
        first[22:26] = bytes(4)
        first[22:26] = struct.pack("<I", ogg_crc(bytes(first)))
        heads.append(bytes(first))
    path.write_bytes(b"".join(heads) + data)


def ts_of_thousands_of_programs(path: Path) -> None:
    """A film in a transport stream, and then packets on every identifier there is."""
    write_film(path, SHOTS, container="mpegts", codec="mpeg2video")
    strangers = b"".join(
        struct.pack(">BHB", 0x47, 0x4000 | pid, 0x10) + b"\0\0\1\xe0\0\0\x80\0\0" + bytes(175)
        for pid in range(32, 8190)
    )
    path.write_bytes(path.read_bytes() + strangers * 3)


def riff_of_lists_in_lists(path: Path) -> None:
    data = b"fmt "
    for _ in range(5000):
        data = _chunk(b"LIST", b"INFO" + data)
    path.write_bytes(_chunk(b"RIFF", b"AVI " + data))


def wav_of_blocks_without_bytes(path: Path) -> None:
    fmt = struct.pack("<HHIIHH", 1, 1, 16_000, 0, 0, 16)
    path.write_bytes(
        b"RIFF\xff\xff\xff\xffWAVE" + _chunk(b"fmt ", fmt) + _chunk(b"data", bytes(32_000))
    )


def wav_of_65535_channels(path: Path) -> None:
    fmt = struct.pack("<HHIIHH", 1, 65_535, 16_000, 0, 65_535, 8)
    path.write_bytes(
        b"RIFF\xff\xff\xff\xffWAVE" + _chunk(b"fmt ", fmt) + _chunk(b"data", bytes(1_000_000))
    )
