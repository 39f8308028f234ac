"""Which of several sound tracks is meant."""

import av
import numpy as np
import pytest
from av.stream import Disposition

from services.media.jobs.files import default_track, sound_tracks
from services.media.jobs.table import Inspect
from services.media.values import Fit, Takes, Track
from tests.making import silence, tone, write_tracks
from tests.services.media.direct import cut, facts_of
from tests.services.media.preparing import FEW, prepared

RATE = 48_000
LOW, HIGH = 300, 1200
VOICE = tone(1.0, RATE, LOW)[None]
OTHER = tone(1.0, RATE, HIGH)[None]
NOTHING = silence(1.0, RATE)[None]
DEFAULT, BLIND = Disposition.default, Disposition.default | Disposition.visual_impaired
NONE = Disposition(0)
ALL = Takes(frozenset({"aac", "m4a", "mp3"}), frozenset({"video/mp4"}), any_codec=True)


def written(path, *tracks, container="matroska", codec="aac", **more):
    return write_tracks(path / "file", tracks, container=container, codec=codec, **more)


def hertz_of(path):
    """What is heard, as the strongest frequency of the first sound track."""
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("s16", "mono", 16_000)
        parts = [
            part.to_ndarray()[0]
            for frame in (*file.decode(audio=0), None)
            for part in resampler.resample(frame)
        ]
    samples = np.concatenate(parts)[2000:14_000]
    return int(np.abs(np.fft.rfft(samples)).argmax()) * 16_000 / len(samples)


@pytest.mark.parametrize(
    ("tracks", "marks", "track"),
    [
        ((VOICE, OTHER), (), 0),
        ((VOICE, OTHER), (NONE, DEFAULT), 1),
        ((VOICE, OTHER), (BLIND, NONE), 1),
        ((VOICE, OTHER), (BLIND, BLIND), 0),
        ((NOTHING, OTHER), (), 1),
        ((NOTHING, VOICE), (DEFAULT, NONE), 1),
        ((NOTHING, NOTHING, NOTHING, OTHER), (), 3),
        ((NOTHING, VOICE, OTHER), (), 1),
        ((VOICE, NOTHING), (NONE, DEFAULT), 0),
        ((NOTHING, NOTHING), (NONE, DEFAULT), 1),
    ],
    ids=[
        "the first",
        "the default one",
        "one for everybody",
        "none for everybody",
        "the first is silent",
        "the default one is silent",
        "the fourth",
        "the next that is not silent",
        "the one before",
        "all are silent",
    ],
)
def test_the_sound_that_players_play_is_meant_or_one_that_is_not_silent(
    tmp_path, tracks, marks, track
):
    assert facts_of(written(tmp_path, *tracks, marks=marks)).sound.track == track


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_track_that_was_chosen_is_meant_even_if_it_is_silent(tmp_path, number):
    path = written(tmp_path, VOICE, NOTHING, OTHER)

    sound = facts_of(path, track=number).sound

    assert (sound.track, sound.is_silent) == (number, number == 1)


def test_a_track_that_is_not_there_has_no_sound(tmp_path):
    path = written(tmp_path, VOICE, OTHER, picture="libx264")

    assert facts_of(path, track=7).sound is None


def test_all_tracks_are_listed_with_what_the_file_says_of_them(tmp_path):
    tags = ({"language": "ger", "title": "Ton\nfür\x00alle " + 50 * "x"}, {"language": "eng"})
    path = written(tmp_path, VOICE, OTHER, marks=(NONE, DEFAULT), tags=tags)

    first, second = facts_of(path).tracks

    assert (first.codec, first.channels, first.language) == ("aac", 1, "ger")
    assert first.title.startswith("Tonfür")
    assert len(first.title) <= 40
    assert first.title.isprintable()
    assert (first.is_default, first.is_silent) == (False, None)
    assert second == Track("aac", 1, "eng", "", is_default=True, is_silent=False)


def test_what_is_silent_is_known_of_each_track_that_was_listened_to(tmp_path):
    path = written(tmp_path, NOTHING, OTHER, NOTHING)

    assert [one.is_silent for one in facts_of(path).tracks] == [True, False, True]


def test_other_tracks_are_listened_to_only_where_the_first_is_silent(tmp_path, monkeypatch):
    path = written(tmp_path, VOICE, OTHER)
    opened = []
    monkeypatch.setattr(
        "services.media.jobs.inspect.packets",
        lambda source, streams, tell: opened.append(len(streams)) or source.demux(streams),
    )

    facts_of(path)

    assert opened == [1]


def test_a_film_is_as_long_as_its_picture_and_the_sound_that_is_meant(tmp_path):
    path = written(tmp_path, silence(2.0, RATE)[None], VOICE, picture="libx264")

    facts = facts_of(path)

    assert facts.picture.duration_s == pytest.approx(1.0, abs=0.01)
    assert facts.duration_s == pytest.approx(1.0, abs=0.05)


def test_players_play_the_first_track_where_none_is_marked(tmp_path):
    with av.open(str(written(tmp_path, VOICE, OTHER, container="mpegts", codec="mp2"))) as file:
        assert default_track(sound_tracks(file)) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts"])
@pytest.mark.parametrize("takes", [FEW, ALL], ids=["made anew", "taken over"])
@pytest.mark.parametrize(
    ("kind", "picture"), [("audio", None), ("audio", "libx264"), ("video", "libx264")]
)
async def test_the_track_that_is_meant_is_sent_and_no_other(
    tmp_path, workshop, container, takes, kind, picture
):
    path = written(tmp_path, NOTHING, OTHER, container=container, picture=picture)

    _, sendable = await prepared(workshop, path, kind, tmp_path, takes=takes)

    assert sendable.change != "none"
    assert hertz_of(sendable.path) == pytest.approx(HIGH, abs=5)
    assert len(sendable.facts.tracks) == 1


@pytest.mark.anyio
async def test_a_file_whose_first_track_is_meant_goes_unchanged(tmp_path, workshop):
    path = written(tmp_path, VOICE, OTHER, container="ipod")

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=ALL)

    assert (sendable.change, sendable.path) == ("none", path)


@pytest.mark.anyio
@pytest.mark.parametrize("fit", [Fit(speech=True), Fit(0.1, 0.9)], ids=str)
async def test_a_part_of_the_track_that_is_meant_is_sent(tmp_path, workshop, fit):
    path = written(tmp_path, NOTHING, OTHER, picture="libx264")

    for kind in ("audio", "video"):
        _, sendable = await prepared(workshop, path, kind, tmp_path, takes=FEW, fit=fit)
        assert hertz_of(sendable.path) == pytest.approx(HIGH, abs=5)


def test_the_track_that_is_meant_is_cut_into_pieces(tmp_path):
    path = written(tmp_path, NOTHING, tone(4.0, RATE, HIGH)[None])

    _, files = cut(path, 3.0, form="wav", track=1)

    assert [hertz_of(one) for one in files.values()] == pytest.approx([HIGH] * len(files), abs=5)


@pytest.mark.anyio
async def test_the_workshop_is_told_which_track_is_meant(tmp_path, workshop):
    path = written(tmp_path, VOICE, OTHER)

    facts = await workshop.do(Inspect(path, track=1))

    assert facts == facts_of(path, track=1)


def _flv_tag(kind, at_ms, data):
    """Adobe Flash Video File Format Specification 10.1, E.4.1, and the size that follows."""
    size, at = len(data).to_bytes(3, "big"), at_ms.to_bytes(3, "big")
    return bytes([kind]) + size + at + bytes(4) + data + (11 + len(data)).to_bytes(4, "big")


def test_a_track_that_appears_after_what_was_probed_leaves_the_others_as_they_are(tmp_path):
    path = tmp_path / "late.flv"
    sound = b"\x3e" + b"\0\x10" * 2205  # 16 bits, 44,100 Hz, mono: 50 ms
    tags = [_flv_tag(8, 50 * number, sound) for number in range(1400)]
    picture = _flv_tag(9, 70_000, b"\x12\0\0\x84\0\x81" + bytes(40))
    path.write_bytes(b"FLV\1\4\0\0\0\x09\0\0\0\0" + b"".join(tags) + picture)

    facts = facts_of(path)

    assert facts.sound.duration_s == pytest.approx(70.0, abs=0.1)
    assert facts.picture is None
