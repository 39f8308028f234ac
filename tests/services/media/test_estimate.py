"""What sending a file would come to, said beforehand, and what would make it fit."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from services import errors
from services.media.estimate import estimate, offers
from services.media.forms import EVERYTHING
from services.media.values import Estimate, Fit, MediaFacts, Picture, Sound, Takes
from tests.making import write_noisy_film, write_sound
from tests.services.media.direct import facts_of
from tests.services.media.preparing import FEW, prepared

MB = 1024 * 1024
WAV_TOO = Takes(frozenset({"wav", "mp3"}), frozenset({"video/mp4"}))


def at_most(count):
    """A limit of ``count`` bytes for any kind."""
    return lambda _kind: count


SOUND_FITS = {
    "as it is": ("wav", "pcm_s16le", "mono", EVERYTHING, Fit()),
    "rewrapped": ("matroska", "aac", "stereo", EVERYTHING, Fit()),
    "mp3": ("ogg", "libopus", "stereo", FEW, Fit()),
    "wav": ("flac", "flac", "mono", WAV_TOO, Fit()),
    "speech": ("wav", "pcm_s16le", "stereo", WAV_TOO, Fit(speech=True)),
    "part": ("wav", "pcm_s16le", "stereo", WAV_TOO, Fit(start_s=1.0, end_s=5.0)),
    "part of speech": ("wav", "pcm_s16le", "mono", WAV_TOO, Fit(2.0, 5.0, speech=True)),
}
FILM_FITS = {
    "as it is": ({}, "video", Fit()),
    "rewrapped": ({"container": "matroska"}, "video", Fit()),
    "from mpeg-4": (
        {"container": "avi", "codec": "mpeg4", "sound_codec": "libmp3lame"},
        "video",
        Fit(),
    ),
    "from vp8": (
        {"container": "webm", "codec": "libvpx", "sound_codec": "libopus"},
        "video",
        Fit(),
    ),
    "smaller": ({}, "video", Fit(height=90)),
    "fewer pictures": ({}, "video", Fit(frame_rate=5)),
    "smaller and fewer": ({}, "video", Fit(height=120, frame_rate=2)),
    "a part": ({}, "video", Fit(1.0, 3.0)),
    "sound alone": ({}, "audio", Fit()),
    "speech alone": ({}, "audio", Fit(speech=True)),
}


async def _assert_estimated(workshop, path, kind, workdir, takes, fit):
    said = estimate(facts_of(path), kind, takes, fit)

    _, made = await prepared(workshop, path, kind, workdir, takes=takes, fit=fit)

    assert (said.change, said.format) == (made.change, made.format)
    assert said.base64_bytes == -(-said.file_bytes // 3) * 4
    if said.change == "none":
        assert (said.file_bytes, said.work_s) == (made.facts.file_bytes, 0)
    else:
        assert made.facts.file_bytes / 2 < said.file_bytes < made.facts.file_bytes * 2
        assert said.work_s > 0


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("container", "codec", "layout", "takes", "fit"), SOUND_FITS.values(), ids=SOUND_FITS.keys()
)
async def test_the_size_of_a_sound_is_estimated(
    tmp_path, workshop, container, codec, layout, takes, fit
):
    samples = np.random.default_rng(1).normal(0, 3000, 6 * 48_000).astype(np.int16)
    path = write_sound(
        tmp_path / "sound", samples, rate=48_000, container=container, codec=codec, layout=layout
    )

    await _assert_estimated(workshop, path, "audio", tmp_path, takes, fit)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A noisy film, made once for each way of making it."""

    @functools.cache
    def made(**more):
        return write_noisy_film(tmp_path_factory.mktemp("film") / "film", 3.2, **more)

    return made


@pytest.mark.anyio
@pytest.mark.parametrize(("more", "kind", "fit"), FILM_FITS.values(), ids=FILM_FITS.keys())
async def test_the_size_of_a_film_is_estimated(tmp_path, workshop, film, more, kind, fit):
    await _assert_estimated(workshop, film(**more), kind, tmp_path, FEW, fit)


def _film_facts(file_bytes, seconds=210.0, height=1080, sound=True):
    return MediaFacts(
        "mp4",
        file_bytes,
        seconds,
        Sound("aac", 44_100, 2, seconds, -20.0, 0.1) if sound else None,
        Picture("h264", height * 16 // 9, height, 30.0),
    )


def _sound_facts(container, codec, file_bytes, seconds):
    return MediaFacts(
        container, file_bytes, seconds, Sound(codec, 44_100, 2, seconds, -20.0, 0.1), None
    )


def test_a_film_too_large_is_offered_smaller_first():
    found = offers(_film_facts(209 * MB), "video", FEW, Fit(), at_most(50 * MB))

    assert [(offer.kind, offer.fit) for offer in found] == [
        ("video", Fit(height=720)),
        ("video", Fit(height=720, frame_rate=10)),
        ("audio", Fit()),
        ("video", Fit(start_s=0.0, end_s=found[-1].fit.end_s)),
    ]


@pytest.mark.parametrize("limit_mb", [1, 5, 20, 50, 100])
@pytest.mark.parametrize("file_mb", [60, 209, 2000])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_nothing_is_offered_that_would_not_fit(kind, file_mb, limit_mb):
    for offer in offers(_film_facts(file_mb * MB), kind, FEW, Fit(), at_most(limit_mb * MB)):
        assert offer.estimate.file_bytes <= limit_mb * MB
        assert offer.estimate == estimate(_film_facts(file_mb * MB), offer.kind, FEW, offer.fit)


def test_pictures_get_smaller_and_fewer_until_one_fits():
    found = offers(_film_facts(2000 * MB, seconds=7200), "video", FEW, Fit(), at_most(60 * MB))

    assert isinstance(found[0].estimate, Estimate)
    assert found[0].kind == "video"
    assert found[0].fit.height < 480
    assert found[0].fit.frame_rate < 1


def test_a_silent_film_is_not_offered_as_sound():
    found = offers(_film_facts(209 * MB, sound=False), "video", FEW, Fit(), at_most(50 * MB))

    assert {offer.kind for offer in found} == {"video"}


def test_sound_too_large_is_offered_as_speech_and_in_part():
    facts = _sound_facts("wav", "pcm_s16le", 600 * MB, 3600.0)

    speech, part = offers(facts, "audio", WAV_TOO, Fit(), at_most(50 * MB))

    assert speech.fit == Fit(speech=True)
    assert speech.estimate.file_bytes < 20 * MB
    assert part.fit.start_s == 0
    assert 250 < part.fit.end_s < 320


def test_a_part_that_is_too_large_is_offered_smaller_and_shorter():
    facts = _sound_facts("wav", "pcm_s16le", 600 * MB, 3600.0)
    part = Fit(start_s=100.0, end_s=2000.0)

    speech, shorter = offers(facts, "audio", WAV_TOO, part, at_most(50 * MB))

    assert speech.fit == Fit(100.0, 2000.0, speech=True)
    assert shorter.fit.start_s == 100.0
    assert 350 < shorter.fit.end_s < 420


@pytest.mark.parametrize("part", [Fit(end_s=3000.0), Fit(start_s=600.0), Fit(600.0, 3000.0)])
def test_every_offer_for_a_part_of_a_film_keeps_to_it_and_fits(part):
    facts = _film_facts(2000 * MB, seconds=3600.0)

    found = offers(facts, "video", FEW, part, at_most(100 * MB))

    assert {offer.kind for offer in found} == {"audio", "video"}
    for offer in found:
        assert (offer.fit.start_s or 0.0) == (part.start_s or 0.0)
        assert (offer.fit.end_s or 3600.0) <= (part.end_s or 3600.0)
        assert offer.estimate == estimate(facts, offer.kind, FEW, offer.fit)
        assert offer.estimate.file_bytes <= 100 * MB


def test_a_part_that_fits_needs_no_offer():
    facts = _sound_facts("wav", "pcm_s16le", 600 * MB, 3600.0)

    assert offers(facts, "audio", WAV_TOO, Fit(100.0, 200.0), at_most(50 * MB)) == ()


def test_a_part_after_the_end_cannot_be_offered():
    facts = _sound_facts("wav", "pcm_s16le", 600 * MB, 3600.0)

    with pytest.raises(errors.BadTrim):
        offers(facts, "audio", WAV_TOO, Fit(start_s=3600.0), at_most(50 * MB))


@pytest.mark.parametrize("fit", [Fit(speech=True), Fit(0.0, 1800.0)], ids=["speech", "half"])
def test_flac_that_is_made_smaller_is_never_said_to_grow(fit):
    facts = _sound_facts("flac", "flac", 200 * MB, 3600.0)
    lossless = Takes(frozenset({"flac", "wav"}), frozenset())

    said = estimate(facts, "audio", lossless, fit)

    assert said.format == "flac"
    assert said.file_bytes < 1.1 * facts.file_bytes * (0.5 if fit.end_s else 1.0)


def test_of_a_film_that_fits_the_sound_alone_is_offered():
    (offer,) = offers(_film_facts(49 * MB), "video", FEW, Fit(), at_most(50 * MB))
    assert (offer.kind, offer.fit) == ("audio", Fit())


def test_what_fits_and_has_no_picture_or_no_sound_needs_no_offer():
    sound, dumb = _sound_facts("mp3", "mp3", MB, 60.0), _film_facts(49 * MB, sound=False)
    assert offers(sound, "audio", FEW, Fit(), at_most(50 * MB)) == ()
    assert offers(dumb, "video", FEW, Fit(), at_most(50 * MB)) == ()


@pytest.mark.parametrize(
    ("kind", "error"), [("video", errors.NoPicture), ("audio", errors.NoSound)]
)
def test_what_is_not_there_cannot_be_offered(kind, error):
    facts = {
        "video": _sound_facts("mp3", "mp3", 90 * MB, 3600.0),
        "audio": _film_facts(90 * MB, sound=False),
    }[kind]

    with pytest.raises(error):
        offers(facts, kind, FEW, Fit(), at_most(50 * MB))


def test_mapping_the_tones_of_an_hdr_film_takes_its_time():
    plain = _film_facts(209 * MB)
    hdr = replace(plain, picture=replace(plain.picture, is_hdr=True))

    times = [estimate(facts, "video", FEW, Fit(height=720)).work_s for facts in (plain, hdr)]

    # 720p at 30 a second for 210 s, of which 40 million pixels a second are mapped.
    assert times[1] - times[0] == pytest.approx(4.5 + 210 * 1280 * 720 * 30 / 40e6, rel=0.01)
