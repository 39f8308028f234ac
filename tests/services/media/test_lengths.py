"""Files that hold more than their headers say: nobody is sent what was not counted."""

import struct

import pytest

from services.media.forms import EVERYTHING
from tests.making import GUIDE_SOUNDS, ogg_crc, tone, write_film, write_sound
from tests.services.media.direct import facts_of
from tests.services.media.preparing import prepared

#: Seconds of the sound that is there, and the most that may be left of it to be heard.
WHOLE_S = 20.0
MOST_S = 2.0
RATE = 16_000


def written(folder, form):
    container, codec, _ = GUIDE_SOUNDS[form]
    return write_sound(
        folder / "sound", tone(WHOLE_S), container=container, codec=codec, out_rate=RATE
    )


def _put(whole, mark, offset, *numbers, order=">"):
    """``numbers`` of 32 bits in the place of those at ``offset`` from ``mark``."""
    at = whole.index(mark) + offset
    told = struct.pack(f"{order}{len(numbers)}I", *numbers)
    return whole[:at] + told + whole[at + len(told) :]


def short_wav(whole):
    """Its data chunk says a second."""
    return _put(whole, b"data", 4, RATE * 2, order="<")


def short_aiff(whole):
    """Its SSND chunk says a second."""
    return _put(whole, b"SSND", 4, RATE * 2 + 8)


def few_m4a_samples(whole):
    """Its table of sizes (stsz) ends after twenty frames."""
    return _put(whole, b"stsz", 12, 20)


def cut_m4a(whole):
    """Its edit list (elst) has players play a second."""
    return _put(whole, b"elst", 12, 1000)


def short_ogg(whole):
    """Each of its pages says that it is the last, and that all but a packet is to be left out."""
    pages, at = [], 0
    while at < len(whole):
        segments = whole[at + 26]
        length = 27 + segments + sum(whole[at + 27 : at + 27 + segments])
        pages.append(bytearray(whole[at : at + length]))
        at += length
    for number, page in enumerate(pages[2:], 1):
        page[5] |= 4
        page[6:14] = struct.pack("<q", 312 + 960 * number)
    for page in pages:
        page[22:26] = bytes(4)
        page[22:26] = struct.pack("<I", ogg_crc(bytes(page)))
    return b"".join(pages)


#: How files lie, by the form of each, where what decodes them goes by that.
SHORTENED = {
    "wav": short_wav,
    "aiff": short_aiff,
    "m4a": few_m4a_samples,
    "m4a by its edit list": cut_m4a,
    "ogg": short_ogg,
}


@pytest.mark.anyio
@pytest.mark.parametrize("name", SHORTENED)
async def test_what_a_header_hides_is_not_sent(tmp_path, workshop, name):
    path = written(tmp_path, name.split()[0])
    path.write_bytes(SHORTENED[name](path.read_bytes()))

    facts = facts_of(path)
    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=EVERYTHING)

    assert facts.duration_s < MOST_S
    assert sendable.change != "none"
    assert sendable.facts.duration_s < MOST_S
    assert sendable.facts.sound.hidden_s < 1
    assert sendable.facts.file_bytes < RATE * 2 * MOST_S


def few_mp3_frames(whole):
    """Its Xing header says twenty frames in 3,000 bytes."""
    return _put(whole, b"Info", 8, 20, 3000)


def few_flac_samples(whole):
    """Its STREAMINFO says a second, in 36 bits of which the first four are kept."""
    return whole[:21] + bytes([whole[21] & 0xF0]) + struct.pack(">I", RATE) + whole[26:]


def few_aiff_frames(whole):
    """Its COMM chunk says a second."""
    return _put(whole, b"COMM", 10, RATE)


@pytest.mark.parametrize(
    ("form", "lie"),
    [("mp3", few_mp3_frames), ("flac", few_flac_samples), ("aiff", few_aiff_frames)],
    ids=["mp3", "flac", "aiff"],
)
def test_all_that_is_in_a_file_counts_whatever_its_header_says(tmp_path, form, lie):
    path = written(tmp_path, form)
    path.write_bytes(lie(path.read_bytes()))

    assert facts_of(path).duration_s == pytest.approx(WHOLE_S, abs=0.1)


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["wav", "mp3", "flac", "aiff", "ogg", "m4a", "aac"])
async def test_a_file_that_hides_nothing_goes_unchanged(tmp_path, workshop, form):
    path = written(tmp_path, form)

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=EVERYTHING)

    assert (sendable.change, sendable.path) == ("none", path)


@pytest.mark.anyio
async def test_a_song_with_a_cover_goes_unchanged(tmp_path, workshop):
    path = written(tmp_path, "mp3")
    # Three quarters of the file are its cover (https://id3.org/id3v2.3.0).
    cover = b"\0image/jpeg\0\3\0" + b"\xff\xd8\xff\xe0" + bytes(200_000)
    frame = b"APIC" + struct.pack(">I", len(cover)) + b"\0\0" + cover
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\3\0\0" + size + frame + path.read_bytes())

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=EVERYTHING)

    assert (sendable.change, sendable.path) == ("none", path)


@pytest.mark.anyio
async def test_what_lies_behind_a_film_is_not_sent_with_it(tmp_path, workshop):
    path = write_film(tmp_path / "film", [((200, 0, 0), 1.0)], container="mp4", codec="libx264")
    film = path.stat().st_size
    with path.open("ab") as more:
        more.write(bytes([0, 3, 13, 64]) + b"free" + bytes(200_000 - 8))

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=EVERYTHING)

    assert sendable.change != "none"
    assert sendable.facts.file_bytes < 2 * film
