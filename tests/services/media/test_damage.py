"""One odd packet is not the end of a file: it is played on, as players do."""

import struct

import av
import numpy as np
import pytest

from services.media.jobs import files, film
from services.media.jobs.table import ToMp4
from services.media.values import Fit
from tests.making import ogg_crc, tone, write_film, write_sound
from tests.services.media.direct import PICTURE, facts_of, nobody, to_audio, to_mp4
from tests.services.media.preparing import FEW, prepared

SECONDS = 2.0
RED_BLUE = [((200, 20, 20), 1.0), ((20, 20, 200), 1.0)]
OGG = {
    "vorbis": {"codec_options": {"strict": "experimental"}, "layout": "stereo", "rate": 44_100},
    "libopus": {"rate": 48_000},
}


def ogg(path, codec):
    how = OGG[codec]
    return write_sound(
        path / "sound", tone(SECONDS, how.get("rate", 16_000)), container="ogg", codec=codec, **how
    )


def with_an_empty_last_packet(path, frames=0):
    """An Ogg whose end is told by a page of one empty packet, as VLC ends each."""
    data = bytearray(path.read_bytes())
    at = data.rfind(b"OggS")
    data[at + 5] &= ~4  # this is not the last page
    data[at + 22 : at + 26] = bytes(4)
    data[at + 22 : at + 26] = struct.pack("<I", ogg_crc(bytes(data[at:])))
    granule, serial, number = struct.unpack("<qII", data[at + 6 : at + 22])
    page = bytearray(b"OggS\0\4" + struct.pack("<qIII", granule + frames, serial, number + 1, 0))
    page += b"\1\0"
    page[22:26] = struct.pack("<I", ogg_crc(bytes(page)))
    path.write_bytes(data + page)
    return path


@pytest.mark.parametrize("codec", OGG)
def test_an_empty_packet_at_the_end_of_an_ogg_is_its_end(tmp_path, codec):
    whole = facts_of(ogg(tmp_path, codec)).sound

    sound = facts_of(with_an_empty_last_packet(tmp_path / "sound")).sound

    assert sound.duration_s == pytest.approx(whole.duration_s, abs=0.05)
    assert sound.lost_share == 0


@pytest.mark.parametrize("codec", OGG)
def test_an_ogg_with_an_empty_packet_is_converted_whole(tmp_path, codec):
    path = with_an_empty_last_packet(ogg(tmp_path, codec))

    assert facts_of(to_audio(path, "mp3")).duration_s == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.anyio
@pytest.mark.parametrize("codec", OGG)
async def test_an_ogg_with_an_empty_packet_is_sent(tmp_path, workshop, codec):
    path = with_an_empty_last_packet(ogg(tmp_path, codec))

    _, sendable = await prepared(workshop, path, "audio", tmp_path)

    assert sendable.facts.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert sendable.lost_share == 0


class Packets:
    """A container whose packets are these, and that fails after them."""

    start_time = None

    def __init__(self, *packets, error):
        self._packets = packets
        self._error = error

    def demux(self, _):
        yield from self._packets
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        av.error.InvalidDataError(1094995529, "Invalid data"),
        av.error.PatchWelcomeError(1163346256, "not implemented"),
        av.error.ArgumentError(22, "Invalid argument"),
        av.error.ExternalError(542398533, "Generic error"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_where_a_demuxer_fails_the_file_is_at_its_end(tmp_path, error):
    path = write_sound(tmp_path / "sound", tone(0.2), container="wav", codec="pcm_s16le")
    with av.open(str(path)) as source:
        stream = source.streams.audio[0]
        first = next(iter(source.demux(stream)))

        packet, end = files.packets(Packets(first, error=error), [stream], nobody())

        assert packet is first
        assert (end.size, end.stream) == (0, stream)


@pytest.mark.parametrize(
    "error",
    [av.error.MemoryError(12, "no memory"), av.error.PermissionError(13, "not allowed")],
    ids=lambda error: type(error).__name__,
)
def test_where_this_machine_fails_it_is_not_the_file(error):
    with pytest.raises(type(error)):
        list(files.packets(Packets(error=error), [], nobody()))


class Packet:
    """A packet that fails to be decoded."""

    stream = None

    def __init__(self, error, size=10, pts=0):
        self._error = error
        self.size, self.pts = size, pts

    def decode(self):
        raise self._error


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (av.error.InvalidDataError(1094995529, "Invalid data"), None),
        (av.error.PatchWelcomeError(1163346256, "not implemented"), None),
        (av.error.ArgumentError(22, "Invalid argument"), None),
        (av.error.PermissionError(1, "some decoders say so"), None),
        (av.error.EOFError(541478725, "over"), []),
    ],
    ids=["invalid", "not implemented", "argument", "permission", "over"],
)
def test_what_a_decoder_cannot_do_is_left_out(error, found):
    assert files.attempted(Packet(error)) == found


def test_an_empty_packet_is_not_given_to_a_decoder():
    """It would take it for the end."""
    assert files.attempted(Packet(AssertionError(), size=0)) == []


def test_a_machine_without_memory_is_not_a_damaged_packet():
    with pytest.raises(av.error.MemoryError):
        files.attempted(Packet(av.error.MemoryError(12, "no memory")))


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp3", "libmp3lame"), ("adts", "aac"), ("ac3", "ac3")],
)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_how_much_of_a_sound_was_lost_is_counted(tmp_path, container, codec, share):
    path = write_sound(
        tmp_path / "sound",
        tone(10.0, 48_000),
        rate=48_000,
        container=container,
        codec=codec,
    )
    data, rng = bytearray(path.read_bytes()), np.random.default_rng(5)
    first, last = len(data) // 3, round(len(data) * (1 / 3 + share))
    # Noise that no frame of the codec begins in.
    data[first:last] = rng.integers(0, 0x7F, last - first, np.uint8).tobytes()
    path.write_bytes(data)

    sound = facts_of(path).sound

    assert sound.duration_s > 5
    assert (sound.lost_share > 0) is (share > 0)
    assert sound.lost_share <= share + 0.1


@pytest.mark.anyio
async def test_what_was_lost_is_said_of_what_is_sent(tmp_path, workshop):
    path = write_sound(
        tmp_path / "sound", tone(10.0, 48_000), rate=48_000, container="adts", codec="aac"
    )
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 3, len(data) // 2, 40):
        data[at] ^= 0xFF
    path.write_bytes(data)
    lost = facts_of(path).sound.lost_share

    for fit in (Fit(), Fit(speech=True)):
        _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=FEW, fit=fit)
        assert sendable.lost_share == lost > 0


CUT = [
    ("wav", "pcm_s16le"),
    ("mp3", "libmp3lame"),
    ("adts", "aac"),
    ("ogg", "libopus"),
    ("flac", "flac"),
    ("wv", "wavpack"),
    ("tta", "tta"),
    ("matroska", "aac"),
    ("webm", "libopus"),
    ("mpegts", "mp2"),
    ("asf", "wmav2"),
    ("avi", "libmp3lame"),
    ("flv", "libmp3lame"),
    ("aiff", "pcm_s16be"),
    ("au", "pcm_s16be"),
    ("caf", "pcm_s16le"),
    ("amr", "libopencore_amrnb"),
    ("ac3", "ac3"),
    ("w64", "pcm_s16le"),
]


@pytest.mark.parametrize(("container", "codec"), CUT, ids=[one for one, _ in CUT])
def test_of_a_sound_that_is_cut_short_there_is_what_there_is(tmp_path, container, codec):
    rate = {"libopencore_amrnb": 8_000, "libopus": 48_000}.get(codec, 44_100)
    samples = np.random.default_rng(1).normal(0, 3000, 5 * rate).astype(np.int16)
    path = write_sound(
        tmp_path / "sound",
        samples,
        rate=rate,
        container=container,
        codec=codec,
        codec_options={"b": "64000"} if codec == "wmav2" else None,
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])

    sound = facts_of(path).sound

    assert 1.5 < sound.duration_s < 4.5
    assert not sound.is_silent
    assert facts_of(to_audio(path, "mp3")).duration_s == pytest.approx(sound.duration_s, abs=0.1)


@pytest.mark.parametrize(
    ("container", "codec", "sound"),
    [
        ("matroska", "libx264", "aac"),
        ("webm", "libvpx", "libopus"),
        ("avi", "mpeg4", "libmp3lame"),
        ("mpegts", "mpeg2video", "mp2"),
        ("mpeg", "mpeg1video", "mp2"),
        ("flv", "flv1", "libmp3lame"),
        ("ivf", "libvpx", None),
        ("gif", "gif", None),
    ],
)
def test_of_a_film_that_is_cut_short_there_is_what_there_is(tmp_path, container, codec, sound):
    path = write_film(
        tmp_path / "film",
        [
            (np.random.default_rng(n).integers(0, 255, (90, 160, 3), np.uint8), 0.2)
            for n in range(9)
        ],
        container=container,
        codec=codec,
        pix_fmt="rgb8" if codec == "gif" else "yuv420p",
        sound=tone(1.8) if sound else None,
        sound_codec=sound or "",
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])

    made = facts_of(to_mp4(path))

    assert 0.4 < made.picture.duration_s < 2.0


def test_the_share_of_pictures_that_were_lost_is_told(tmp_path):
    path = write_film(tmp_path / "film", RED_BLUE, container="avi", codec="png", pix_fmt="rgb24")
    data = path.read_bytes()
    at = -1
    for number in range(50):
        at = data.index(b"00dc", at + 1)
        if number % 5 == 1:
            data = data[: at + 8] + bytes(16) + data[at + 24 :]
    path.write_bytes(data)

    lost = film.to_mp4(ToMp4(path, tmp_path / "out", PICTURE, None), nobody())

    assert lost == pytest.approx(0.22, abs=0.04)
