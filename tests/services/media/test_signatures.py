"""What is not read is called what it is."""

import io
import struct

import pytest

from services import errors
from services.media.jobs import signatures
from services.media.jobs.table import Inspect
from tests.making import tone, write_film, write_sound
from tests.services.media.direct import facts_of

SHOTS = [((200, 20, 20), 0.4)]

PICTURES = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "tiff": b"II*\0\x08\0\0\0",
    "tiff, the other way round": b"MM\0*\0\0\0\x08",
    "bmp": b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    "bmp of today": b"BM\x36\x10\0\0\0\0\0\0\x8a\0\0\0\x7c\0\0\0",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0",
    "avif": b"\0\0\0\x18ftypavif\0\0\0\0",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "jpeg xl": b"\xff\x0a\xfa\x0f",
    "photoshop": b"8BPS\0\1",
    "icon": b"\0\0\1\0\1\0\x10\x10",
}
UNREAD = {
    "Shorten": b"ajkg\2\xfb",
    "DS2": b"\x03ds2\0",
    "OptimFROG": b"OFR \x0f\0",
    "Lossless Audio": b"LA04",
    "RealAudio": b".ra\xfd\0\4",
    "RealMedia": b".RMF\0\0",
    "MIDI": b"MThd\0\0\0\6",
    "Flash": b"CWS\x0a",
    "NUT": b"nut/multimedia container\0N",
    "WebP": b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x02" + bytes(9) + b"ANIM",
}
PROTECTED = {
    "dictation": b"\x03enc\0",
    "Audible": b"\0\1\2\3\x57\x90\x75\x36",
    "Audible, later": b"\0\0\0\x18ftypaax \0\0\0\0",
}


@pytest.mark.parametrize("head", PICTURES.values(), ids=PICTURES.keys())
def test_a_still_picture_is_called_one(tmp_path, head):
    path = tmp_path / "picture"
    path.write_bytes(head + bytes(5000))

    with pytest.raises(errors.StillPicture):
        facts_of(path)


@pytest.mark.parametrize(("form", "head"), UNREAD.items(), ids=UNREAD.keys())
def test_a_form_that_is_known_and_not_read_is_named(tmp_path, form, head):
    path = tmp_path / "sound"
    path.write_bytes(head + bytes(5000))

    with pytest.raises(errors.UnreadForm) as raised:
        facts_of(path)

    assert raised.value.facts == {"form": form}


@pytest.mark.anyio
async def test_the_name_of_a_form_comes_out_of_the_workshop(tmp_path, workshop):
    path = tmp_path / "sound"
    path.write_bytes(UNREAD["Lossless Audio"] + bytes(5000))

    with pytest.raises(errors.UnreadForm) as raised:
        await workshop.do(Inspect(path))

    assert raised.value.facts == {"form": "Lossless Audio"}


@pytest.mark.parametrize("head", PROTECTED.values(), ids=PROTECTED.keys())
def test_what_is_encrypted_from_the_start_is_called_protected(tmp_path, head):
    path = tmp_path / "sound"
    path.write_bytes(head + bytes(5000))

    with pytest.raises(errors.ProtectedFile):
        facts_of(path)


@pytest.mark.parametrize("entry", [b"enca", b"drms", b"aavd"])
@pytest.mark.parametrize("options", [{}, {"movflags": "+faststart"}], ids=["behind", "in front"])
def test_an_encrypted_track_of_an_mp4_is_called_protected(tmp_path, entry, options):
    path = write_sound(
        tmp_path / "sound", tone(1.0), container="ipod", codec="aac", options=options
    )
    path.write_bytes(path.read_bytes().replace(b"mp4a", entry, 1))

    with pytest.raises(errors.ProtectedFile):
        facts_of(path)


@pytest.mark.parametrize(("old", "new"), [(b"avc1", b"encv"), (b"mp4a", b"enca")])
def test_a_film_of_which_one_track_is_encrypted_is_called_protected(tmp_path, old, new):
    path = write_film(tmp_path / "film", SHOTS, container="mp4", codec="libx264", sound=tone(0.4))
    data = path.read_bytes()
    at = data.index(old, data.index(b"stsd"))
    path.write_bytes(data[:at] + new + data[at + 4 :])

    with pytest.raises(errors.ProtectedFile):
        facts_of(path)


@pytest.mark.parametrize(
    "mark", ["fbb3112223bdd211b4b700a0c955fc6e", "14e68a29229c184c947c1a0c2b5d4c2b"]
)
def test_windows_media_with_a_licence_is_called_protected(tmp_path, mark):
    path = write_sound(
        tmp_path / "sound",
        tone(1.0, 44_100),
        rate=44_100,
        container="asf",
        codec="wmav2",
        codec_options={"b": "64000"},
    )
    data = path.read_bytes()
    size, count = struct.unpack("<QI", data[16:28])
    more = bytes.fromhex(mark) + struct.pack("<Q", 40) + bytes(16)
    head = data[:16] + struct.pack("<QI", size + 40, count + 1)
    path.write_bytes(head + data[28:30] + more + data[30:])

    with pytest.raises(errors.ProtectedFile):
        facts_of(path)


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\1moov\0\0\0\0\0\0\0\x20" + bytes(16),
        b"\0\0\0\x07moov",
        b"\0\0\0\x08free" * 3,
        b"\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\0\0\0\0moov" + b"stsd",
    ],
    ids=["a long one", "too short", "none", "beyond the end", "cut off"],
)
def test_an_index_that_makes_no_sense_is_not_encrypted(data):
    signatures.check(io.BytesIO(data))


def test_an_animated_png_is_a_film(tmp_path):
    path = write_film(tmp_path / "film", SHOTS, container="apng", codec="apng", pix_fmt="rgb24")

    assert facts_of(path).picture.codec == "apng"


SPHERE = (
    b"NIST_1A\n   1024\nchannel_count -i 1\nsample_count -i 16000\nsample_rate -i 16000\n"
    b"sample_n_bytes -i 2\nsample_byte_format -s2 01\nsample_sig_bits -i 16\n"
)


def test_nist_sphere_is_read(tmp_path):
    path = tmp_path / "lecture.sph"
    path.write_bytes((SPHERE + b"end_head\n").ljust(1024) + tone(1.0).tobytes())

    facts = facts_of(path)

    assert (facts.container, facts.sound.sample_rate) == ("nistsphere", 16_000)
    assert facts.duration_s == pytest.approx(1.0)


def test_nist_sphere_with_shorten_in_it_is_called_so(tmp_path):
    path = tmp_path / "lecture.sph"
    coding = b"sample_coding -s26 pcm,embedded-shorten-v2.00\nend_head\n"
    path.write_bytes((SPHERE + coding).ljust(1024) + b"ajkg" + bytes(5000))

    with pytest.raises(errors.UnreadForm):
        facts_of(path)


def test_a_broadcast_s_bare_aac_is_read(tmp_path):
    path = write_sound(tmp_path / "sound", tone(1.0), container="latm", codec="aac")

    assert facts_of(path).duration_s == pytest.approx(1.0, abs=0.2)


def test_dsd_is_read(tmp_path):
    """One bit a sample, 2.8 million a second: half a second of it, as many up as down."""
    path, bits = tmp_path / "sound.dsf", 2_822_400 // 2 // 8 // 4096 * 4096
    body = b"\x69" * bits
    form = struct.pack("<QIIIIIIQII", 52, 1, 0, 1, 1, 2_822_400, 1, bits * 8, 4096, 0)
    size = 28 + 52 + 12 + bits
    data = b"data" + struct.pack("<Q", 12 + bits) + body
    path.write_bytes(b"DSD " + struct.pack("<QQQ", 28, size, 0) + b"fmt " + form + data)

    assert facts_of(path).sound.duration_s == pytest.approx(0.5, abs=0.02)
