"""How much a file may unfold to."""

import av
import pytest

from services import errors
from services.media.jobs.unfolding import Unfolding

RATE = 48_000


@pytest.mark.parametrize(("file_bytes", "seconds"), [(0, 3600), (RATE, 3700)])
def test_an_hour_of_sound_and_what_its_bytes_can_hold_is_heard_and_no_more(file_bytes, seconds):
    second = av.AudioFrame(format="s16", layout="mono", samples=RATE)
    second.sample_rate = RATE
    count = Unfolding(file_bytes)
    for _ in range(seconds):
        count.heard(second)
    with pytest.raises(errors.TooMuchInside):
        count.heard(second)


@pytest.mark.parametrize("picture_s", [None, 0.0, 24 * 3600.0])
def test_a_film_may_last_a_day(picture_s):
    Unfolding.shown(picture_s)


def test_a_film_of_more_than_a_day_is_refused():
    with pytest.raises(errors.TooMuchInside):
        Unfolding.shown(24 * 3600.0 + 1)
