"""Making a file smaller, and saying beforehand how small it will be."""

import av
import numpy as np
import pytest
from services.media.sizes import estimate, fits

from services import errors
from services.media.forms import EVERYTHING
from services.media.values import Estimate, Fit, MediaFacts, Picture, Sound, Takes
from tests.making import samples_of, tone, write_film, write_sound
from tests.services.media.direct import facts_of, to_audio, to_mp4
from tests.services.media.preparing import FEW, prepared

MB = 1024 * 1024
WAV_TOO = Takes(frozenset({"wav", "mp3"}), frozenset({"video/mp4"}))


def _steps(path, container="wav", codec="pcm_s16le", **more):
    """Six seconds, each of a tone a hundred hertz higher."""
    samples = np.concatenate([tone(1.0, hertz=300 + 100 * number) for number in range(6)])
    return write_sound(path / "steps", samples, container=container, codec=codec, **more)


def _hertz(samples, at_s, rate=16_000):
    part = samples[round(at_s * rate) :][: rate // 4].astype(float)
    return np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part))))) * 4


def _noise_film(path, seconds=3.2, size=(320, 180), **more):
    """A film that moves and is not smooth, as films are: noise over a drifting picture."""
    noise = np.random.default_rng(1)
    rows = np.arange(size[1])[:, None, None]
    columns = np.arange(size[0])[None, :, None]
    shots = []
    for number in range(round(seconds * 25)):
        picture = 110 + 60 * np.sin((rows + columns + 4 * number) / 30) + [[[0, 20, -20]]]
        picture = picture + noise.normal(0, 5, (size[1], size[0], 1))
        shots.append((np.clip(picture, 0, 255).astype(np.uint8), 0.04))
    return write_film(
        path / "film",
        shots,
        size=size,
        sound=tone(seconds),
        **({"container": "mp4", "codec": "libx264"} | more),
    )


@pytest.mark.parametrize("container", ["wav", "flac", "mp3"])
def test_a_part_of_a_sound_is_exact(tmp_path, container):
    codec = {"wav": "pcm_s16le", "flac": "flac", "mp3": "libmp3lame"}[container]
    path = _steps(tmp_path, container, codec)

    made = samples_of(to_audio(path, "wav", start_s=1.5, end_s=4.25))

    assert len(made) == round(2.75 * 16_000)
    found = [_hertz(made, at_s) for at_s in (0.1, 0.8, 1.8, 2.5)]
    assert found == pytest.approx([400, 500, 600, 700], abs=8)


@pytest.mark.parametrize(
    ("start_s", "end_s", "length_s"),
    [(None, 2.0, 2.0), (4.0, None, 2.0), (5.0, 99.0, 1.0), (0.0, 6.0, 6.0), (2.345, 2.445, 0.1)],
)
def test_a_part_may_begin_and_end_anywhere(tmp_path, start_s, end_s, length_s):
    made = to_audio(_steps(tmp_path), "wav", start_s=start_s, end_s=end_s)

    assert facts_of(made).duration_s == pytest.approx(length_s, abs=0.001)


def test_a_part_after_the_end_is_nothing(tmp_path):
    with pytest.raises(errors.UnreadableFile):
        to_audio(_steps(tmp_path), "wav", start_s=7.0, end_s=8.0)


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "7.1"])
def test_a_part_of_any_layout_is_made(tmp_path, layout):
    path = _steps(tmp_path, "matroska", "aac", layout=layout)

    assert facts_of(to_audio(path, "mp3", start_s=1.0, end_s=3.0)).duration_s == pytest.approx(
        2.0, abs=0.05
    )


@pytest.mark.anyio
async def test_speech_is_mono_at_16_khz_and_small(tmp_path, sandbox):
    path = write_sound(
        tmp_path / "voice",
        tone(10.0, 44_100),
        rate=44_100,
        container="wav",
        codec="pcm_s16le",
        layout="stereo",
    )

    _, sendable = await prepared(sandbox, path, "audio", tmp_path, fit=Fit(speech=True))

    sound = sendable.facts.sound
    assert (sendable.change, sendable.format) == ("transcode", "mp3")
    assert (sound.sample_rate, sound.channels) == (16_000, 1)
    assert sendable.facts.duration_s == pytest.approx(10.0, abs=0.05)
    assert sendable.facts.file_bytes < 45_000


@pytest.mark.anyio
async def test_a_film_is_made_smaller_in_every_way_at_once(tmp_path, sandbox):
    path = _noise_film(tmp_path)
    fit = Fit(start_s=1.0, end_s=3.0, speech=True, height=90, frame_rate=5)

    shares, sendable = await prepared(sandbox, path, "video", tmp_path, takes=FEW, fit=fit)

    picture, sound = sendable.facts.picture, sendable.facts.sound
    assert (picture.width, picture.height) == (160, 90)
    assert picture.frame_rate == pytest.approx(5, abs=0.6)
    assert (sound.sample_rate, sound.channels) == (16_000, 1)
    assert sendable.facts.duration_s == pytest.approx(2.0, abs=0.15)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts", "avi"])
def test_a_part_of_a_film_begins_with_the_right_picture(tmp_path, container):
    """Red, then green, then blue, a second each; some containers have no index."""
    path = write_film(
        tmp_path / "film",
        [((250, 0, 0), 1.0), ((0, 250, 0), 1.0), ((0, 0, 250), 1.0)],
        container=container,
        codec="mpeg4" if container == "avi" else "libx264",
        sound=tone(3.0),
        sound_codec="libmp3lame" if container == "avi" else "aac",
    )

    made = facts_of(to_mp4(path, start_s=1.2, end_s=2.6))

    assert made.duration_s == pytest.approx(1.4, abs=0.1)
    colours = _colours(path.with_name("converted.mp4"))
    assert colours[0][0] == pytest.approx(0, abs=0.05)
    assert {colour for _, colour in colours} == {1, 2}
    assert next(time for time, colour in colours if colour == 2) == pytest.approx(0.8, abs=0.06)


def _colours(path):
    with av.open(str(path)) as film:
        return [
            (frame.time, int(frame.to_ndarray(format="rgb24").mean(axis=(0, 1)).argmax()))
            for frame in film.decode(video=0)
        ]


@pytest.mark.parametrize("rate", [2.0, 10.0, 60.0])
def test_fewer_pictures_are_spread_over_the_whole_film(tmp_path, rate):
    path = write_film(tmp_path / "film", [((200, 20, 20), 4.0)], container="mp4", codec="libx264")

    times = [time for time, _ in _colours(to_mp4(path, frame_rate=rate))]

    gaps = np.diff(times)
    assert gaps.mean() == pytest.approx(1 / min(rate, 25), rel=0.05)
    assert times[0] == 0


def test_a_picture_is_never_made_larger(tmp_path):
    path = write_film(tmp_path / "film", [((200, 20, 20), 0.4)], container="mp4", codec="libx264")

    assert facts_of(to_mp4(path, height=720)).picture.height == 90


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


async def _assert_estimated(sandbox, path, kind, workdir, takes, fit):
    said = estimate(facts_of(path), kind, takes, fit)

    _, made = await prepared(sandbox, path, kind, workdir, takes=takes, fit=fit)

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
    tmp_path, sandbox, container, codec, layout, takes, fit
):
    samples = np.random.default_rng(1).normal(0, 3000, 6 * 48_000).astype(np.int16)
    path = write_sound(
        tmp_path / "sound", samples, rate=48_000, container=container, codec=codec, layout=layout
    )

    await _assert_estimated(sandbox, path, "audio", tmp_path, takes, fit)


@pytest.mark.anyio
@pytest.mark.parametrize(("more", "kind", "fit"), FILM_FITS.values(), ids=FILM_FITS.keys())
async def test_the_size_of_a_film_is_estimated(tmp_path, sandbox, more, kind, fit):
    path = _noise_film(tmp_path, **more)

    await _assert_estimated(sandbox, path, kind, tmp_path, FEW, fit)


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
    offers = fits(_film_facts(209 * MB), "video", FEW, 50 * MB)

    assert [(offer.kind, offer.fit) for offer in offers] == [
        ("video", Fit(height=720)),
        ("video", Fit(height=720, frame_rate=10)),
        ("audio", Fit()),
        ("video", Fit(start_s=0.0, end_s=offers[-1].fit.end_s)),
    ]


@pytest.mark.parametrize("limit_mb", [1, 5, 20, 50, 100])
@pytest.mark.parametrize("file_mb", [60, 209, 2000])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_nothing_is_offered_that_would_not_fit(kind, file_mb, limit_mb):
    for offer in fits(_film_facts(file_mb * MB), kind, FEW, limit_mb * MB):
        assert offer.estimate.file_bytes <= limit_mb * MB
        assert offer.estimate == estimate(_film_facts(file_mb * MB), offer.kind, FEW, offer.fit)


def test_pictures_get_smaller_and_fewer_until_one_fits():
    offers = fits(_film_facts(2000 * MB, seconds=7200), "video", FEW, 60 * MB)

    assert isinstance(offers[0].estimate, Estimate)
    assert offers[0].kind == "video"
    assert offers[0].fit.height < 480
    assert offers[0].fit.frame_rate < 1


def test_a_silent_film_is_not_offered_as_sound():
    offers = fits(_film_facts(209 * MB, sound=False), "video", FEW, 50 * MB)

    assert {offer.kind for offer in offers} == {"video"}


def test_sound_too_large_is_offered_as_speech_and_in_part():
    facts = _sound_facts("wav", "pcm_s16le", 600 * MB, 3600.0)

    speech, part = fits(facts, "audio", WAV_TOO, 50 * MB)

    assert speech.fit == Fit(speech=True)
    assert speech.estimate.file_bytes < 20 * MB
    assert part.fit.start_s == 0
    assert 250 < part.fit.end_s < 320


def test_what_fits_needs_no_offer():
    assert fits(_film_facts(49 * MB), "video", FEW, 50 * MB) == ()


@pytest.mark.parametrize(
    ("kind", "error"), [("video", errors.NoPicture), ("audio", errors.NoSound)]
)
def test_what_is_not_there_cannot_be_offered(kind, error):
    facts = {
        "video": _sound_facts("mp3", "mp3", 90 * MB, 3600.0),
        "audio": _film_facts(90 * MB, sound=False),
    }[kind]

    with pytest.raises(error):
        fits(facts, kind, FEW, 50 * MB)
