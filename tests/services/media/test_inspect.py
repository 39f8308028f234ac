"""What a file is, by its bytes alone."""

import contextlib
import socket
import struct
import threading
from fractions import Fraction

import av
import numpy as np
import pytest

from services import errors
from services.media.jobs.table import Inspect
from services.media.values import Picture, RawPcm, Span
from tests.clips import CUTS_LENGTH_S, clip
from tests.making import silence, tone, write_film, write_sound
from tests.services.media.direct import facts_of

RED_BLUE = [((200, 20, 20), 0.4), ((20, 20, 200), 0.4)]
SECONDS = 0.8

#: What is written: muxer, encoder, sample rate, further arguments → what is found.
SOUNDS = {
    "wav, 8 bit": ("wav", "pcm_u8", 16_000, {}, "wav", "pcm_u8"),
    "wav, 16 bit": ("wav", "pcm_s16le", 44_100, {}, "wav", "pcm_s16le"),
    "wav, 24 bit": ("wav", "pcm_s24le", 48_000, {}, "wav", "pcm_s24le"),
    "wav, 32 bit": ("wav", "pcm_s32le", 16_000, {}, "wav", "pcm_s32le"),
    "wav, float at 96 kHz": ("wav", "pcm_f32le", 96_000, {}, "wav", "pcm_f32le"),
    "wav, telephone": ("wav", "pcm_mulaw", 8_000, {}, "wav", "pcm_mulaw"),
    "wav, adpcm": ("wav", "adpcm_ms", 16_000, {}, "wav", "adpcm_ms"),
    "w64": ("w64", "pcm_s16le", 16_000, {}, "w64", "pcm_s16le"),
    "mp3": ("mp3", "libmp3lame", 44_100, {}, "mp3", "mp3"),
    "mp2": ("mp2", "mp2", 16_000, {}, "mp3", "mp2"),
    "aiff, 16 bit": ("aiff", "pcm_s16be", 16_000, {}, "aiff", "pcm_s16be"),
    "aiff, 24 bit": ("aiff", "pcm_s24be", 16_000, {}, "aiff", "pcm_s24be"),
    "aac": ("adts", "aac", 16_000, {}, "aac", "aac"),
    "ogg opus": ("ogg", "libopus", 48_000, {}, "ogg", "opus"),
    "ogg vorbis": (
        "ogg",
        "vorbis",
        44_100,
        {"codec_options": {"strict": "experimental"}, "layout": "stereo"},
        "ogg",
        "vorbis",
    ),
    "flac": ("flac", "flac", 16_000, {}, "flac", "flac"),
    "m4a aac": ("ipod", "aac", 16_000, {}, "m4a", "aac"),
    "m4a alac": ("ipod", "alac", 16_000, {}, "m4a", "alac"),
    "mp4 aac": ("mp4", "aac", 16_000, {}, "mp4", "aac"),
    "mov pcm": ("mov", "pcm_s16le", 16_000, {}, "mov", "pcm_s16le"),
    "3gp amr": ("3gp", "libopencore_amrnb", 8_000, {}, "3gp", "amr_nb"),
    "3g2 aac": ("3g2", "aac", 16_000, {}, "3gp", "aac"),
    "amr": ("amr", "libopencore_amrnb", 8_000, {}, "amr", "amr_nb"),
    "webm opus": ("webm", "libopus", 48_000, {}, "webm", "opus"),
    "mka opus": ("matroska", "libopus", 48_000, {}, "matroska", "opus"),
    "caf": ("caf", "pcm_f32le", 16_000, {}, "caf", "pcm_f32le"),
    "wma": ("asf", "wmav2", 44_100, {"codec_options": {"b": "64000"}}, "asf", "wmav2"),
    "au": ("au", "pcm_s16be", 16_000, {}, "au", "pcm_s16be"),
    "ac3": ("ac3", "ac3", 48_000, {}, "ac3", "ac3"),
    "eac3": ("eac3", "eac3", 48_000, {}, "eac3", "eac3"),
    "tta": ("tta", "tta", 16_000, {}, "tta", "tta"),
    "wavpack": ("wv", "wavpack", 16_000, {}, "wv", "wavpack"),
    "voc": ("voc", "pcm_u8", 8_000, {}, "voc", "pcm_u8"),
    "flv": ("flv", "libmp3lame", 44_100, {}, "flv", "mp3"),
    "avi": ("avi", "libmp3lame", 16_000, {}, "avi", "mp3"),
    "mpeg": ("mpeg", "mp2", 16_000, {}, "mpeg", "mp2"),
    "mpegts": ("mpegts", "aac", 16_000, {}, "mpegts", "aac"),
}
#: Muxer, encoders of picture and sound, further arguments → container and codecs found.
FILMS = {
    "mp4": ("mp4", "libx264", "aac", {}, "mp4", "h264", "aac"),
    "mov": ("mov", "mpeg4", "pcm_s16le", {}, "mov", "mpeg4", "pcm_s16le"),
    "3gp": ("3gp", "h263", "aac", {"size": (176, 144)}, "3gp", "h263", "aac"),
    "webm vp8": ("webm", "libvpx", "libopus", {}, "webm", "vp8", "opus"),
    "webm vp9": ("webm", "libvpx-vp9", "libopus", {}, "webm", "vp9", "opus"),
    "mkv": ("matroska", "libx264", "aac", {}, "matroska", "h264", "aac"),
    "avi": ("avi", "mpeg4", "libmp3lame", {}, "avi", "mpeg4", "mp3"),
    "mpeg-1": ("mpeg", "mpeg1video", "mp2", {}, "mpeg", "mpeg1video", "mp2"),
    "mpeg-2": ("mpeg", "mpeg2video", "mp2", {}, "mpeg", "mpeg2video", "mp2"),
    "mpegts": ("mpegts", "mpeg2video", "mp2", {}, "mpegts", "mpeg2video", "mp2"),
    "bare mpeg-2": ("mpeg2video", "mpeg2video", None, {}, "mpegvideo", "mpeg2video", None),
    "flv": ("flv", "flv1", "libmp3lame", {}, "flv", "flv1", "mp3"),
    "wmv": ("asf", "mpeg4", "libmp3lame", {}, "asf", "mpeg4", "mp3"),
    "mxf": ("mxf", "mpeg2video", None, {}, "mxf", "mpeg2video", None),
    "ivf": ("ivf", "libvpx", None, {}, "ivf", "vp8", None),
    "gif": ("gif", "gif", None, {"pix_fmt": "rgb8"}, "gif", "gif", None),
}


@pytest.mark.parametrize(
    ("muxer", "encoder", "rate", "further", "container", "codec"),
    SOUNDS.values(),
    ids=SOUNDS.keys(),
)
def test_inspect_tells_what_a_sound_is(tmp_path, muxer, encoder, rate, further, container, codec):
    path = write_sound(
        tmp_path / "sound",
        tone(SECONDS, rate),
        rate=rate,
        container=muxer,
        codec=encoder,
        **further,
    )

    facts = facts_of(path)

    assert facts.container == container
    assert facts.file_bytes == path.stat().st_size
    assert facts.picture is None
    assert facts.sound.codec == codec
    assert facts.sound.sample_rate == rate
    assert facts.sound.channels == (2 if further.get("layout") == "stereo" else 1)
    assert facts.sound.duration_s == facts.duration_s == pytest.approx(SECONDS, abs=0.1)


def test_a_camcorders_tape_is_a_film(tmp_path):
    path = write_film(tmp_path / "film", RED_BLUE, container="dv", codec="dvvideo", size=(720, 576))
    facts = facts_of(path)
    assert (facts.container, facts.picture.codec) == ("dv", "dvvideo")


@pytest.mark.parametrize(
    ("muxer", "encoder", "sound", "further", "container", "codec", "sound_codec"),
    FILMS.values(),
    ids=FILMS.keys(),
)
def test_inspect_tells_what_a_film_is(
    tmp_path, muxer, encoder, sound, further, container, codec, sound_codec
):
    path = write_film(
        tmp_path / "film",
        RED_BLUE,
        container=muxer,
        codec=encoder,
        sound=tone(SECONDS) if sound else None,
        sound_codec=sound,
        **further,
    )

    facts = facts_of(path)

    picture = facts.picture
    assert facts.container == container
    assert picture.codec == codec
    assert (picture.width, picture.height) == further.get("size", (160, 90))
    # Neither of these two says how many pictures a second has.
    assert picture.frame_rate == (None if container in ("asf", "ivf") else 25)
    assert (facts.sound.codec if facts.sound else None) == sound_codec
    assert facts.duration_s == pytest.approx(SECONDS, abs=0.1)


def test_inspect_counts_the_channels_of_surround_sound(tmp_path):
    path = write_sound(
        tmp_path / "sound", tone(0.2), container="wav", codec="pcm_s16le", layout="5.1"
    )

    assert facts_of(path).sound.channels == 6


@pytest.mark.parametrize("level", [0.9, 0.3, 0.01, 0.001, 0.0001])
def test_inspect_measures_the_level_of_a_tone(tmp_path, level):
    samples = tone(1.0, level=level)
    expected = 10 * np.log10(np.mean((samples / 32768.0) ** 2))
    path = write_sound(tmp_path / "tone", samples, container="wav", codec="pcm_s16le")

    assert facts_of(path).sound.level_dbfs == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s24le", "pcm_f32le", "pcm_mulaw"])
def test_inspect_measures_the_same_level_in_samples_of_any_kind(tmp_path, codec):
    path = write_sound(tmp_path / "tone", tone(1.0, level=0.3), container="wav", codec=codec)

    # A sine's level is 3.01 dB under its peak.
    assert facts_of(path).sound.level_dbfs == pytest.approx(20 * np.log10(0.3) - 3.01, abs=0.2)


def test_inspect_gives_digital_silence_no_level(tmp_path):
    path = write_sound(tmp_path / "nothing", silence(1.0), container="wav", codec="pcm_s16le")

    sound = facts_of(path).sound

    assert sound.level_dbfs is None
    assert sound.silent_share == 1


def test_inspect_hears_the_faintest_noise(tmp_path):
    """One sample in ten is ±1: next to nothing, but no digital silence."""
    samples = silence(1.0)
    samples[::20], samples[10::20] = 1, -1
    path = write_sound(tmp_path / "noise", samples, container="wav", codec="pcm_s16le")

    assert facts_of(path).sound.level_dbfs == pytest.approx(20 * np.log10(1 / 32768) - 10, abs=0.2)


@pytest.mark.parametrize("quiet", [0.0, 3.0, 12.0], ids=lambda seconds: f"{seconds:g} s")
def test_inspect_measures_the_share_of_silence(tmp_path, quiet):
    samples = np.concatenate([tone(1.0), silence(quiet), tone(1.0)])
    path = write_sound(tmp_path / "pause", samples, container="flac", codec="flac")

    assert facts_of(path).sound.silent_share == pytest.approx(quiet / (quiet + 2), abs=0.02)


def test_inspect_finds_where_a_sound_is_silent(tmp_path):
    parts = [tone(1.0), silence(2.5), tone(1.0), silence(0.5)]
    path = write_sound(tmp_path / "a", np.concatenate(parts), container="wav", codec="pcm_s16le")
    assert facts_of(path).sound.silences == (Span(1.0, 3.5),)


@pytest.mark.parametrize(("level_dbfs", "share"), [(-48, 0), (-52, 1)])
def test_inspect_calls_what_is_below_minus_50_dbfs_silent(tmp_path, level_dbfs, share):
    samples = tone(1.0, level=10 ** ((level_dbfs + 3.01) / 20))
    path = write_sound(tmp_path / "murmur", samples, container="wav", codec="pcm_s16le")

    assert facts_of(path).sound.silent_share == share


def test_inspect_reads_a_sound_that_changes_its_form_half_way(tmp_path):
    one = write_sound(tmp_path / "one", tone(1.0), container="mp3", codec="libmp3lame")
    two = write_sound(
        tmp_path / "two",
        tone(1.0, 44_100),
        rate=44_100,
        container="mp3",
        codec="libmp3lame",
        layout="stereo",
    )
    joined = tmp_path / "joined"
    joined.write_bytes(one.read_bytes() + two.read_bytes())

    assert facts_of(joined).duration_s == pytest.approx(2.0, abs=0.15)


@pytest.mark.parametrize(
    ("name", "muxer", "codec", "container"),
    [
        ("sound.mp3", "wav", "pcm_s16le", "wav"),
        ("sound.wav", "mp3", "libmp3lame", "mp3"),
        ("sound.txt", "flac", "flac", "flac"),
        ("sound", "ogg", "libopus", "ogg"),
    ],
)
def test_inspect_goes_by_the_bytes_and_not_by_the_name(tmp_path, name, muxer, codec, container):
    path = write_sound(tmp_path / name, tone(0.3), container=muxer, codec=codec, out_rate=48_000)

    assert facts_of(path).container == container


@pytest.mark.parametrize(
    ("brand", "container"),
    [
        ("isom", "mp4"),
        ("mp42", "mp4"),
        ("M4V ", "mp4"),
        ("M4A ", "m4a"),
        ("M4B ", "m4a"),
        ("qt  ", "mov"),
        ("3gp4", "3gp"),
        ("3g2a", "3gp"),
    ],
)
def test_inspect_tells_the_mp4_family_apart_by_brand(tmp_path, brand, container):
    path = write_sound(tmp_path / "sound", tone(0.3), container="mp4", codec="aac")
    data = bytearray(path.read_bytes())
    assert data[4:8] == b"ftyp"
    data[8:12] = brand.encode()
    path.write_bytes(data)

    assert facts_of(path).container == container


def test_inspect_takes_a_film_without_a_brand_for_an_old_mov(tmp_path):
    path = write_film(tmp_path / "film", RED_BLUE, container="mp4", codec="mpeg4")
    path.write_bytes(path.read_bytes().replace(b"ftyp", b"wide", 1))

    assert facts_of(path).container == "mov"


def _with_doctype_webm(path):
    data = path.read_bytes()
    assert b"matroska" in data[:64]
    path.write_bytes(data.replace(b"matroska", b"webm\0\0\0\0", 1))
    return path


def test_inspect_tells_webm_by_its_document_type(tmp_path):
    path = write_film(tmp_path / "film", RED_BLUE, container="matroska", codec="libvpx")
    assert facts_of(path).container == "matroska"

    assert facts_of(_with_doctype_webm(path)).container == "webm"


def test_inspect_does_not_call_webm_what_has_other_codecs(tmp_path):
    """Browsers record H.264 into files that say webm."""
    path = write_film(tmp_path / "film", RED_BLUE, container="matroska", codec="libx264")

    assert facts_of(_with_doctype_webm(path)).container == "matroska"


def _cover():
    """An ID3 tag with a PNG in it."""
    encoder = av.CodecContext.create("png", "w")
    encoder.width = encoder.height = 32
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1)
    picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 90, np.uint8), format="rgb24")
    png = b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))
    body = b"\0image/png\0\x03\0" + png
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame


def test_inspect_does_not_take_the_cover_of_a_song_for_a_film(tmp_path):
    path = write_sound(tmp_path / "song", tone(0.5), container="mp3", codec="libmp3lame")
    path.write_bytes(_cover() + path.read_bytes())
    with av.open(str(path)) as song:
        assert len(song.streams.video) == 1

    facts = facts_of(path)

    assert facts.picture is None
    assert facts.container == "mp3"


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (RawPcm("pcm16"), 1.0),
        (RawPcm("pcm24"), 1.0),
        (RawPcm("pcm16", sample_rate=48_000), 0.5),
        (RawPcm("pcm24", channels=2), 0.5),
    ],
    ids=["pcm16", "pcm24", "pcm16 at 48 kHz", "pcm24 in stereo"],
)
def test_inspect_reads_bare_samples_as_it_is_told(tmp_path, raw, seconds):
    path = tmp_path / "samples"
    path.write_bytes(_bare(tone(1.0, 24_000), raw.format))

    facts = facts_of(path, raw)

    assert facts.container == raw.format
    assert (facts.sound.sample_rate, facts.sound.channels) == (raw.sample_rate, raw.channels)
    assert facts.duration_s == pytest.approx(seconds, abs=0.01)
    assert facts.sound.level_dbfs == pytest.approx(20 * np.log10(0.3) - 3.01, abs=0.2)


def _bare(samples, form):
    if form == "pcm16":
        return samples.astype("<i2").tobytes()
    wide = (samples.astype("<i4") << 8).tobytes()
    return np.frombuffer(wide, np.uint8).reshape(-1, 4)[:, :3].tobytes()


def test_inspect_counts_the_samples_whatever_the_header_says(tmp_path):
    path = write_sound(tmp_path / "sound", tone(0.5), container="wav", codec="pcm_s16le")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 2**31)  # eighteen hours
    path.write_bytes(data)

    assert facts_of(path).duration_s == pytest.approx(0.5, abs=0.01)


def test_inspect_times_the_pictures_whatever_the_header_says(tmp_path):
    path = write_film(tmp_path / "film", RED_BLUE, container="matroska", codec="libvpx")
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3  # Duration, a float of eight bytes, in milliseconds
    data[at : at + 8] = struct.pack(">d", 4e9)
    path.write_bytes(data)

    assert facts_of(path).duration_s == pytest.approx(SECONDS, abs=0.01)


def test_inspect_reads_what_there_is_of_a_sound_cut_short(tmp_path):
    path = write_sound(tmp_path / "sound", tone(2.0), container="wav", codec="pcm_s16le")
    path.write_bytes(path.read_bytes()[:32_000])

    assert facts_of(path).duration_s == pytest.approx(1.0, abs=0.01)


def test_inspect_reads_a_song_whose_title_is_in_another_encoding(tmp_path):
    """A tag says nothing of how it is encoded, and old ones are not in UTF-8."""
    path = write_sound(tmp_path / "song", tone(SECONDS), container="wav", codec="pcm_s16le")
    data = path.read_bytes()
    title = b"Caf\xe9\0\0\0"
    tags = b"INFOINAM" + struct.pack("<I", len(title)) + title
    data += b"LIST" + struct.pack("<I", len(tags)) + tags
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])

    assert facts_of(path).sound.duration_s == pytest.approx(SECONDS)


def test_inspect_refuses_an_empty_file(tmp_path):
    path = tmp_path / "nothing.wav"
    path.touch()

    with pytest.raises(errors.EmptyFile):
        facts_of(path)


NO_MEDIA = {
    "words": b"We need more time to finish the project.\n" * 20,
    "html": b"<!doctype html><html><body>Hello</body></html>",
    "json": b'{"error": {"code": 404}}',
    "zip": b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(200),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "zeros": bytes(5000),
    "one byte": b"\0",
    "three bytes of a tag": b"ID3",
    "random bytes": np.random.default_rng(7).bytes(5000),
}


@pytest.mark.parametrize("data", NO_MEDIA.values(), ids=NO_MEDIA.keys())
@pytest.mark.parametrize("suffix", [".mp3", ".mp4"])
def test_inspect_refuses_what_is_no_media(tmp_path, data, suffix):
    path = tmp_path / f"media{suffix}"
    path.write_bytes(data)

    with pytest.raises(errors.NotMedia):
        facts_of(path)


def test_inspect_refuses_an_mp4_whose_index_is_cut_off(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(clip("cuts.mp4").read_bytes()[:200])

    with pytest.raises((errors.NotMedia, errors.UnreadableFile)):
        facts_of(path)


def test_inspect_refuses_a_header_with_nothing_after_it(tmp_path):
    path = write_sound(tmp_path / "sound", tone(0.5), container="wav", codec="pcm_s16le")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"data") + 8])

    with pytest.raises(errors.UnreadableFile):
        facts_of(path)


@contextlib.contextmanager
def _canary():
    """A server whose callers are counted: its port, and the list of them."""
    callers = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def count():
            with contextlib.suppress(OSError):
                while True:
                    connection, address = server.accept()
                    callers.append(address)
                    connection.close()

        counting = threading.Thread(target=count)
        counting.start()
        try:
            yield server.getsockname()[1], callers
        finally:
            server.shutdown(socket.SHUT_RDWR)
            counting.join()


#: {there} is the canary's address, neighbour.wav a sound beside the playlist.
PLAYLISTS = {
    "HLS, network": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://{there}/a.ts\n"
    "#EXT-X-ENDLIST\n",
    "HLS, neighbour": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nneighbour.wav\n"
    "#EXT-X-ENDLIST\n",
    "HLS after a byte order mark": "\ufeff#EXTM3U\n#EXTINF:9,\nhttp://{there}/a.ts\n",
    "HLS after a screen of white space": "\n" * 200 + "#EXTM3U\n#EXTINF:9,\nhttp://{there}/a\n",
    "DASH": '<?xml version="1.0"?><MPD type="static" mediaPresentationDuration="PT9S" '
    'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet>'
    '<Representation id="1" mimeType="video/mp4"><BaseURL>http://{there}/a.mp4</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "ffconcat, network": "ffconcat version 1.0\nfile 'http://{there}/a.wav'\n",
    "ffconcat, neighbour": "ffconcat version 1.0\nfile neighbour.wav\n",
    "ffconcat without its first line": "file neighbour.wav\n",
    "SDP": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=audio 5004 RTP/AVP 0\n",
    "SMIL": '<smil><body><video src="http://{there}/a.mp4"/></body></smil>',
    "ASX": '<asx version="3.0"><entry><ref href="http://{there}/a.wma"/></entry></asx>',
    "PLS": "[playlist]\nNumberOfEntries=1\nFile1=http://{there}/a.mp3\n",
    "IMF": '<?xml version="1.0"?><CompositionPlaylist '
    'xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"/>',
}


@pytest.mark.anyio
@pytest.mark.parametrize("text", PLAYLISTS.values(), ids=PLAYLISTS.keys())
async def test_inspect_follows_no_playlist(tmp_path, workshop, text):
    write_sound(tmp_path / "neighbour.wav", tone(1.0), container="wav", codec="pcm_s16le")
    path = tmp_path / "media.mp4"
    with _canary() as (port, callers):
        path.write_text(text.replace("{there}", f"127.0.0.1:{port}"), "utf-8")

        with pytest.raises(errors.NotMedia):
            await workshop.do(Inspect(path))

    assert callers == []


@pytest.mark.parametrize("start", ["#EXTM3U\n", "\n\n ffconcat version 1.0\n", "<?xml"])
def test_inspect_refuses_a_playlist_with_a_song_in_it(tmp_path, start):
    """FFmpeg would find the song; another program may find the playlist."""
    path = write_sound(tmp_path / "song", tone(1.0), container="mp3", codec="libmp3lame")
    path.write_bytes(start.encode() + path.read_bytes())

    with pytest.raises(errors.NotMedia):
        facts_of(path)


@pytest.mark.anyio
async def test_inspect_is_done_in_the_workshop(workshop):
    facts = await workshop.do(Inspect(clip("cuts.mp4")))

    assert facts.container == "mp4"
    assert facts.picture == Picture(
        "h264", 320, 180, 25.0, duration_s=CUTS_LENGTH_S, is_steady=True
    )
    assert facts.sound.codec == "aac"
    assert facts.duration_s == pytest.approx(CUTS_LENGTH_S, abs=0.1)


@pytest.mark.anyio
async def test_inspect_passes_on_how_to_read_bare_samples(tmp_path, workshop):
    path = tmp_path / "samples"
    path.write_bytes(tone(1.0, 8_000).tobytes())

    facts = await workshop.do(Inspect(path, RawPcm("pcm16", sample_rate=8_000)))

    assert facts.duration_s == pytest.approx(1.0)


@pytest.mark.anyio
async def test_inspect_knows_av1_in_mp4(workshop):
    facts = await workshop.do(Inspect(clip("av1.mp4")))

    assert (facts.container, facts.picture.codec) == ("mp4", "av1")


@pytest.mark.parametrize(
    ("codec", "level", "dbfs"),
    [
        ("pcm_s16le", 0.5, -6.02),
        ("pcm_s24le", 0.25, -12.04),
        ("pcm_f32le", 0.5, -6.02),
        ("pcm_u8", 0.5, -6.02),
    ],
)
def test_inspect_measures_the_peak_of_the_files_own_samples(tmp_path, codec, level, dbfs):
    """Of one channel, and not of a mix; between the samples that 16 kHz would leave, too."""
    samples = silence(1.0, 48_000)
    samples[24_000] = round(level * 32767)
    path = write_sound(tmp_path / "click", samples, rate=48_000, container="wav", codec=codec)

    assert facts_of(path).sound.peak_dbfs == pytest.approx(dbfs, abs=0.1)


def test_inspect_gives_digital_silence_no_peak(tmp_path):
    path = write_sound(tmp_path / "nothing", silence(1.0), container="wav", codec="pcm_s16le")

    assert facts_of(path).sound.peak_dbfs is None


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"])
def test_inspect_measures_the_share_of_clipped_sound(tmp_path, codec):
    loud = np.clip(tone(1.0, level=0.9).astype(int) * 3, -32768, 32767).astype(np.int16)
    samples = np.concatenate([tone(2.0), loud, tone(1.0)])
    path = write_sound(tmp_path / "shout", samples, container="wav", codec=codec)

    assert facts_of(path).sound.clipped_share == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("hertz", [50, 440, 3000])
def test_inspect_does_not_call_a_loud_tone_clipped(tmp_path, hertz):
    path = write_sound(
        tmp_path / "tone", tone(1.0, hertz=hertz, level=0.999), container="wav", codec="pcm_s16le"
    )

    assert facts_of(path).sound.clipped_share == 0


@pytest.mark.parametrize("value", [2.5, float("inf"), float("nan")])
def test_inspect_survives_floats_beyond_full_scale(tmp_path, value):
    path = write_sound(tmp_path / "sound", tone(1.0), container="wav", codec="pcm_f32le")
    data = path.read_bytes()
    at = data.index(b"data") + 8
    path.write_bytes(data[:at] + struct.pack("<f", value) * 1600 + data[at + 6400 :])

    facts = facts_of(path)

    assert facts.duration_s == pytest.approx(1.0)
    assert facts.sound.peak_dbfs is None or facts.sound.peak_dbfs < 10


@pytest.mark.anyio
@pytest.mark.parametrize("layout", ["7.1", "5.1", "7.1(wide)"])
async def test_inspect_reads_channels_in_an_order_of_their_own(tmp_path, workshop, layout):
    path = write_sound(
        tmp_path / "sound", tone(1.0), container="caf", codec="pcm_s16le", layout=layout
    )

    facts = await workshop.do(Inspect(path))

    assert facts.sound.channels == (6 if layout == "5.1" else 8)
    assert facts.duration_s == pytest.approx(1.0)
