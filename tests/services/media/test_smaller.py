"""Making a file smaller: speech, smaller pictures, fewer of them."""

import av
import numpy as np
import pytest

from services.media.values import Fit
from tests.making import tone, write_film, write_noisy_film, write_sound
from tests.services.media.direct import facts_of, to_mp4
from tests.services.media.preparing import FEW, prepared


@pytest.mark.anyio
async def test_speech_is_mono_at_16_khz_and_small(tmp_path, workshop):
    path = write_sound(
        tmp_path / "voice",
        tone(10.0, 44_100),
        rate=44_100,
        container="wav",
        codec="pcm_s16le",
        layout="stereo",
    )

    _, sendable = await prepared(workshop, path, "audio", tmp_path, fit=Fit(speech=True))

    sound = sendable.facts.sound
    assert (sendable.change, sendable.format) == ("transcode", "mp3")
    assert (sound.sample_rate, sound.channels) == (16_000, 1)
    assert sendable.facts.duration_s == pytest.approx(10.0, abs=0.05)
    assert sendable.facts.file_bytes < 45_000


@pytest.mark.anyio
async def test_a_film_is_made_smaller_in_every_way_at_once(tmp_path, workshop):
    path = write_noisy_film(tmp_path / "film", 3.2)
    fit = Fit(start_s=1.0, end_s=3.0, speech=True, height=90, frame_rate=5)

    shares, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW, fit=fit)

    picture, sound = sendable.facts.picture, sendable.facts.sound
    assert (picture.width, picture.height) == (160, 90)
    assert picture.frame_rate == pytest.approx(5, abs=0.6)
    assert (sound.sample_rate, sound.channels) == (16_000, 1)
    assert sendable.facts.duration_s == pytest.approx(2.0, abs=0.15)
    assert all(0 <= share <= 1 for share in shares)


def _times(path):
    with av.open(str(path)) as film:
        return [frame.time for frame in film.decode(video=0)]


@pytest.mark.parametrize("rate", [2.0, 10.0, 60.0])
def test_fewer_pictures_are_spread_over_the_whole_film(tmp_path, rate):
    path = write_film(tmp_path / "film", [((200, 20, 20), 4.0)], container="mp4", codec="libx264")

    times = _times(to_mp4(path, frame_rate=rate))

    gaps = np.diff(times)
    assert gaps.mean() == pytest.approx(1 / min(rate, 25), rel=0.05)
    assert times[0] == 0


def test_a_picture_is_never_made_larger(tmp_path):
    path = write_film(tmp_path / "film", [((200, 20, 20), 0.4)], container="mp4", codec="libx264")

    assert facts_of(to_mp4(path, height=720)).picture.height == 90
