"""What leads to other files or to the network, under every name that media have.

A neighbour's sound lies beside the file and at an absolute path, a server waits
on loopback. Whatever the file says: it is refused, nobody calls the server, and
nothing of the neighbour comes out. What is refused is asked in this process,
since it is the same code and there are hundreds of files.
"""

import socket
import struct
import threading
from contextlib import contextmanager, suppress

import av
import numpy as np
import pytest

from services import errors
from services.media.jobs.table import Inspect
from tests.making import tone, write_film, write_sound
from tests.services.media.direct import facts_of
from tests.services.media.preparing import prepared

_NAMES = """
3gp aac aif aiff amr asf au avi caf cpl flac flv gif m3u8 m4a m4v mka mkv mov mp3 mp4 mpd mpeg
mpg mxf oga ogg opus pls sdp srt ts wav webm wma wmv xml
"""
SUFFIXES = ["", *(f".{name}" for name in _NAMES.split())]
#: How long the neighbour's sound is: nothing else here lasts as long.
NEIGHBOUR_S = 7.0
#: {there} is the server, {path} the neighbour's path, {name} its name in this folder.
HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
MPD = (
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S" '
    'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet>'
    '<Representation id="1" mimeType="audio/mp4"><BaseURL>{}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>"
)
CPL = (
    '<?xml version="1.0"?>\n<CompositionPlaylist '
    'xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:1</Id>'
    "<ContentTitle>{}</ContentTitle></CompositionPlaylist>"
)
SDP = (
    "v=0\no=- 0 0 IN IP4 {host}\ns=x\nc=IN IP4 {host}\nt=0 0\nm=audio {port} RTP/AVP 0\n"
    "a=control:rtsp://{there}/\n"
)
TEXTS = {
    "HLS, network": HLS.format("http://{there}/a.ts"),
    "HLS, path": HLS.format("{path}"),
    "HLS, name": HLS.format("{name}"),
    "HLS, file protocol": HLS.format("file:{path}"),
    "HLS, concat protocol": HLS.format("concat:{path}|{path}"),
    "HLS, key and initial segment": HLS.format(
        '#EXT-X-KEY:METHOD=AES-128,URI="http://{there}/k"\n#EXT-X-MAP:URI="{path}"\n{name}'
    ),
    "HLS of playlists": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://{there}/a.m3u8\n"
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{path}"\n',
    "bare m3u": "{path}\nhttp://{there}/a.mp3\n",
    "DASH": MPD.format("http://{there}/a.mp4"),
    "DASH, path": '<?xml version="1.0"?>\n' + MPD.format("file://{path}"),
    "ffconcat, network": "ffconcat version 1.0\nfile http://{there}/a.wav\n",
    "ffconcat, path": "ffconcat version 1.0\nfile '{path}'\n",
    "ffconcat, name": "ffconcat version 1.0\nfile {name}\noption safe 0\n",
    "concat without its first line": "file '{path}'\nduration 7\n",
    "SDP": SDP,
    "IMF": CPL.format("{path}"),
    "SMIL": '<smil><body><audio src="http://{there}/a.mp3"/></body></smil>',
    "XSPF": '<?xml version="1.0"?><playlist><trackList><track><location>{path}</location>'
    "</track></trackList></playlist>",
    "ASX": '<asx version="3.0"><entry><ref href="http://{there}/a.wma"/></entry></asx>',
    "reference of Windows Media": "[Reference]\nRef1=http://{there}/a.asf?MSWMExt=.asf\n",
    "PLS": "[playlist]\nNumberOfEntries=1\nFile1={path}\n",
    "cue sheet": 'FILE "{path}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
    "RTSP text": "RTSPtextrtsp://{there}/a\n",
    "filter script": "movie={path} [out0]\n",
    "ffmetadata": ";FFMETADATA1\ntitle={path}\n",
    "subtitles": "1\n00:00:00,000 --> 00:00:09,000\n<img src=http://{there}/a.png>{path}\n",
    "subtitles in frames": "{1}{100}{path}\n{101}{200}http://{there}/\n",
    "VobSub index": "# VobSub index file, v7\nid: en, index: 0\n# alt: {path}\n",
    "CD+G and AviSynth": 'DirectShowSource("{path}")\n',
}


def _behind_id3(text):
    """FFmpeg looks for what the file is behind such a tag."""
    return b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + text


#: How a text may be dressed up so as not to look like one.
DISGUISES = {
    "as it is": lambda text: text,
    "after white space": lambda text: b" \r\n\t " + text,
    "after a screen of white space": lambda text: b"\n" * 300 + text,
    "after a mark": lambda text: b"\xef\xbb\xbf" + text,
    "after a mark and white space": lambda text: b"\xef\xbb\xbf \n" + text,
    "in UTF-16": lambda text: text.decode().encode("utf-16"),
    "in UTF-16 without a mark": lambda text: text.decode().encode("utf-16-be"),
    "in UTF-32": lambda text: text.decode().encode("utf-32"),
    "in capitals": lambda text: text[:12].upper() + text[12:],
    "behind an ID3 tag": _behind_id3,
    "as RIFF": lambda text: b"RIFF" + struct.pack("<I", len(text)) + text,
    "as the data of an empty WAVE": lambda text: (
        b"RIFF\xff\xff\xff\xffWAVELIST"
        + struct.pack("<I", len(text) + len(text) % 2)
        + text
        + b"\n" * (len(text) % 2)
    ),
    "as Ogg": lambda text: b"OggS" + text,
    "as MP4": lambda text: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + text,
    "behind a frame of MP3": lambda text: b"\xff\xfb\x90\x64" + bytes(413) + text,
}


@pytest.fixture(scope="module")
def server():
    """The port of a server on loopback that notes who calls, and these notes."""
    callers = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def note():
            with suppress(OSError):
                while True:
                    connection, address = listening.accept()
                    callers.append(address)
                    connection.close()

        noting = threading.Thread(target=note)
        noting.start()
        yield listening.getsockname()[1], callers
        listening.shutdown(socket.SHUT_RDWR)
        noting.join()


@pytest.fixture
def fill_in(tmp_path, server):
    """Fills in where the neighbour and the server are."""
    port, _ = server
    neighbour = write_sound(
        tmp_path / "neighbour.wav", tone(NEIGHBOUR_S), container="wav", codec="pcm_s16le"
    )
    places = {
        "{there}": f"127.0.0.1:{port}",
        "{host}": "127.0.0.1",
        "{port}": str(port),
        "{path}": str(neighbour),
        "{name}": neighbour.name,
    }

    def fill(text):
        for place, what in places.items():
            text = text.replace(place, what)
        return text.encode()

    return fill


@contextmanager
def _nobody_calls(server):
    _, callers = server
    callers.clear()
    yield
    assert callers == []


def _all_refused(folder, files):
    """Assert that each of ``files``, name → bytes, is refused as no media."""
    answers = {}
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        try:
            answers[name] = facts_of(path)
        except errors.InputError as error:
            answers[name] = type(error)
    assert set(answers.values()) <= {errors.NotMedia, errors.UnreadableFile}


@pytest.mark.parametrize("kind", ["HLS, path", "DASH", "ffconcat, path", "SDP"])
def test_a_playlist_is_refused_under_every_name(server, fill_in, tmp_path, kind):
    data = fill_in(TEXTS[kind])

    with _nobody_calls(server):
        _all_refused(tmp_path, {f"media{suffix}": data for suffix in SUFFIXES})


@pytest.mark.parametrize("kind", TEXTS)
def test_every_kind_of_reference_is_refused(server, fill_in, tmp_path, kind):
    data = fill_in(TEXTS[kind])

    with _nobody_calls(server):
        _all_refused(tmp_path, {"media.mp4": data, "media.mp3": data, "media": data})


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_playlist_in_disguise_is_refused(server, fill_in, tmp_path, disguise):
    files = {
        f"{number}.wav": disguise(fill_in(TEXTS[kind]))
        for number, kind in enumerate(
            ["HLS, network", "HLS, path", "ffconcat, network", "ffconcat, path", "DASH", "SDP"]
        )
    }

    with _nobody_calls(server):
        _all_refused(tmp_path, files)


def _box(name, *content):
    data = b"".join(content)
    return struct.pack(">I4s", len(data) + 8, name) + data


def _with_reference(film, reference):
    """``film``, a QuickTime file with its index first, its tracks' data said to be elsewhere."""
    here = _box(b"url ", b"\0\0\0\1")  # flag 1: in this file
    assert here in film
    film = film.replace(here, reference)
    grown = len(reference) - len(here)
    for name in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        at = film.index(name) - 4
        size = struct.unpack(">I", film[at : at + 4])[0] + grown
        film = film[:at] + struct.pack(">I", size) + film[at + 4 :]
    return film


def _alias(path):
    """An alias record with an absolute path, as FFmpeg reads them (libavformat/mov.c)."""
    name = path.rsplit("/", 1)[-1].encode()
    return _box(
        b"alis",
        bytes(4),  # version, flags: not in this file
        bytes(10),
        b"\4disk".ljust(28, b"\0"),
        bytes(12),
        bytes([len(name)]) + name.ljust(63, b"\0"),
        bytes(16),
        struct.pack(">hh", 0, 3),  # levels from, to
        bytes(16),
        b"".join(
            struct.pack(">hH", kind, len(text)) + text + b"\0" * (len(text) % 2)
            for kind, text in ((2, path.encode()), (18, path.encode()))
        ),
        struct.pack(">hH", -1, 0),
    )


REFERENCES = {
    "url, network": lambda port, path: _box(b"url ", bytes(4), b"http://127.0.0.1:%d/a\0" % port),
    "url, path": lambda port, path: _box(b"url ", bytes(4), b"file://" + path.encode() + b"\0"),
    "urn": lambda port, path: _box(b"urn ", bytes(4), b"a\0" + path.encode() + b"\0"),
    "alias": lambda port, path: _alias(path),
}


@pytest.mark.anyio
@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES.keys())
async def test_a_film_whose_data_is_said_to_be_elsewhere_has_none_of_it(
    workshop, server, fill_in, tmp_path, reference
):
    """Its own bytes may be taken for the data; the neighbour's may not."""
    port, path = int(fill_in("{port}")), fill_in("{path}").decode()
    film = write_sound(
        tmp_path / "film.mov",
        tone(1.0, hertz=100.0),
        container="mov",
        codec="pcm_s16le",
        options={"movflags": "+faststart"},
    )
    film.write_bytes(_with_reference(film.read_bytes(), reference(port, path)))

    with _nobody_calls(server):
        heard = await _heard(workshop, film, tmp_path)

    assert heard is None or _loudest_hertz(heard) != pytest.approx(440, abs=20)


async def _heard(workshop, path, folder):
    """The samples of what would be sent, None when it is refused."""
    try:
        await workshop.do(Inspect(path))
        _, sendable = await prepared(workshop, path, "audio", folder)
    except errors.InputError:
        return None
    with av.open(str(sendable.path)) as sound:
        return np.concatenate([frame.to_ndarray()[0] for frame in sound.decode(audio=0)])


def _loudest_hertz(samples):
    return np.abs(np.fft.rfft(samples[:16_000])).argmax() * 16_000 / len(samples[:16_000])


@pytest.mark.anyio
async def test_a_song_that_names_other_files_is_heard_alone(workshop, server, fill_in, tmp_path):
    """A playlist in a tag, in a chunk and after the end: none of them is looked at."""
    playlist = fill_in(TEXTS["HLS, path"] + TEXTS["HLS, network"])
    song = write_sound(tmp_path / "song.wav", tone(1.0), container="wav", codec="pcm_s16le")
    data = song.read_bytes()
    chunk = b"LIST" + struct.pack("<I", len(playlist) // 2 * 2) + playlist[: len(playlist) // 2 * 2]
    song.write_bytes(data[:12] + chunk + data[12:] + playlist)

    with _nobody_calls(server):
        facts = await workshop.do(Inspect(song))

    assert facts.duration_s == pytest.approx(1.0, abs=0.1)


@pytest.mark.anyio
async def test_subtitles_in_a_film_lead_nowhere(workshop, server, fill_in, tmp_path):
    film = tmp_path / "film.mkv"
    write_film(film, [((9, 9, 200), 0.5)], container="matroska", codec="libx264", sound=tone(0.5))
    film.write_bytes(film.read_bytes() + fill_in(TEXTS["subtitles"] + TEXTS["HLS, network"]))

    with _nobody_calls(server):
        facts = await workshop.do(Inspect(film))

    assert facts.duration_s == pytest.approx(0.5, abs=0.1)
