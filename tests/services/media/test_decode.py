"""Pictures and samples that are decoded for somebody who looks and listens."""

import numpy as np
import pytest

from services import errors
from services.media.jobs import decode
from services.media.jobs.table import Frames, Samples
from tests.making import tone, write_film, write_sound
from tests.services.media.direct import nobody

RED_BLUE = [((200, 20, 20), 1.0), ((20, 20, 200), 1.0)]
BYTES = decode.WIDTH * decode.HEIGHT * 3


def _film(path, container="mp4", **more):
    return write_film(path / "film", RED_BLUE, container=container, codec="libx264", **more)


def _frames(path, windows, per_second=0):
    """What is said of the pictures, and the pictures."""
    out = path.with_name("frames")
    said = decode.frames(Frames(path, out, windows, per_second), nobody())
    pictures = np.frombuffer(out.read_bytes(), np.uint8)
    return said, pictures.reshape(-1, decode.HEIGHT, decode.WIDTH, 3)


@pytest.mark.parametrize("container", ["mp4", "mpegts"], ids=["with an index", "without one"])
def test_the_pictures_of_a_window_are_those_that_are_shown_in_it(tmp_path, container):
    said, pictures = _frames(_film(tmp_path, container), ((0.2, 0.32), (1.6, 1.72)))

    assert said.times == (
        pytest.approx((0.2, 0.24, 0.28, 0.32), abs=0.001),
        pytest.approx((1.6, 1.64, 1.68, 1.72), abs=0.001),
    )
    assert said.is_cut
    assert len(pictures) == 8
    red, _, blue = pictures[3].mean(axis=(0, 1))
    assert red > blue
    red, _, blue = pictures[4].mean(axis=(0, 1))
    assert blue > red


def test_a_window_to_the_end_cuts_nothing_off(tmp_path):
    said, _ = _frames(_film(tmp_path), ((1.0, 9.0),))

    assert not said.is_cut


def test_pictures_are_thinned_out_to_so_many_a_second(tmp_path):
    said, _ = _frames(_film(tmp_path), ((0.0, 9.0),), per_second=5)

    assert said.times == (pytest.approx([number / 5 for number in range(10)], abs=0.05),)


def test_pictures_of_which_none_decodes_are_unreadable(tmp_path):
    path = _film(tmp_path)
    data = path.read_bytes()
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path.write_bytes(data[:start] + bytes(end - start) + data[end:])

    with pytest.raises(errors.UnreadableFile):
        _frames(path, ((0.0, 9.0),))


def test_a_sound_has_no_pictures(tmp_path):
    path = write_sound(tmp_path / "sound", tone(1.0), container="wav", codec="pcm_s16le")

    with pytest.raises(errors.NoPicture):
        _frames(path, ((0.0, 9.0),))


@pytest.mark.parametrize(("most_s", "count", "is_cut"), [(0.5, 4000, True), (9.0, 8000, False)])
def test_so_many_seconds_of_samples_are_decoded_and_no_more(tmp_path, most_s, count, is_cut):
    path = write_sound(tmp_path / "sound", tone(1.0), container="wav", codec="pcm_s16le")
    out = tmp_path / "samples"

    said = decode.samples(Samples(path, None, out, 8000, most_s), nobody())

    assert (said.samples, said.is_cut) == (pytest.approx(count, abs=20), is_cut)
    assert out.stat().st_size == 2 * said.samples
