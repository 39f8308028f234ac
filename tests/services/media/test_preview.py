"""Bare samples as a browser can play them."""

import numpy as np
import pytest

from services import errors
from services.assistant.preparer import PREVIEW_S
from services.media.values import RawPcm
from tests.making import samples_of, tone
from tests.services.media.direct import facts_of, to_audio


def _preview(path, raw):
    """What a person is given to hear: the first ten seconds as WAV."""
    return to_audio(path, "wav", end_s=PREVIEW_S, raw=raw)


@pytest.mark.parametrize(
    ("raw", "rate", "channels"),
    [
        (RawPcm("pcm16", 16_000), 16_000, 1),
        (RawPcm("pcm16", 8_000, 2), 8_000, 2),
        (RawPcm("pcm24", 48_000, 2), 48_000, 2),
        (RawPcm("pcm16", 96_000, 6), 48_000, 2),
        (RawPcm("pcm16", 48_000, 8), 48_000, 2),
    ],
    ids=str,
)
def test_the_preview_is_a_wav_that_a_browser_plays(tmp_path, raw, rate, channels):
    path = tmp_path / "samples"
    path.write_bytes(np.random.default_rng(1).bytes(raw.sample_rate * raw.channels * 3 * 2))

    out = _preview(path, raw)

    facts = facts_of(out)
    assert (facts.container, facts.sound.codec) == ("wav", "pcm_s16le")
    assert (facts.sound.sample_rate, facts.sound.channels) == (rate, channels)


def test_the_preview_is_the_first_ten_seconds(tmp_path):
    path = tmp_path / "samples"
    samples = np.concatenate([tone(10.0, 8_000), tone(3.0, 8_000, hertz=900)])
    path.write_bytes(samples.tobytes())

    out = _preview(path, RawPcm("pcm16", 8_000))

    assert np.array_equal(samples_of(out, 8_000), samples[: 10 * 8_000])


@pytest.mark.parametrize("form", ["pcm16", "pcm24"])
@pytest.mark.parametrize("more", [1, 2, 5])
def test_a_part_of_a_sample_at_the_end_is_left_out(tmp_path, form, more):
    path = tmp_path / "samples"
    raw = RawPcm(form, 8_000, 2)
    path.write_bytes(bytes(range(1, 97)) * 500 + bytes(more))

    out = _preview(path, raw)

    width = {"pcm16": 2, "pcm24": 3}[form] * 2
    whole = (48_000 + more) // width / 8_000
    assert facts_of(out).duration_s == pytest.approx(whole, abs=0.001)


@pytest.mark.parametrize(
    ("data", "error"), [(b"", errors.EmptyFile), (b"\1", errors.UnreadableFile)]
)
def test_a_file_without_a_sample_has_no_preview(tmp_path, data, error):
    path = tmp_path / "samples"
    path.write_bytes(data)

    with pytest.raises(error):
        _preview(path, RawPcm("pcm16"))
