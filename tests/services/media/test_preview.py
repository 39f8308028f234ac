"""Bare samples as a browser can play them."""

import numpy as np
import pytest
from services.media.preview import preview

from services import errors
from services.media.values import RawPcm
from tests.making import samples_of, tone
from tests.services.media.direct import facts_of


@pytest.mark.anyio
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
async def test_the_preview_is_a_wav_that_a_browser_plays(tmp_path, workshop, raw, rate, channels):
    path, out = tmp_path / "samples", tmp_path / "preview.wav"
    path.write_bytes(np.random.default_rng(1).bytes(raw.sample_rate * raw.channels * 3 * 2))

    await preview(workshop, path, raw, out)

    facts = facts_of(out)
    assert (facts.container, facts.sound.codec) == ("wav", "pcm_s16le")
    assert (facts.sound.sample_rate, facts.sound.channels) == (rate, channels)


@pytest.mark.anyio
async def test_the_preview_is_the_first_ten_seconds(tmp_path, workshop):
    path, out = tmp_path / "samples", tmp_path / "preview.wav"
    samples = np.concatenate([tone(10.0, 8_000), tone(3.0, 8_000, hertz=900)])
    path.write_bytes(samples.tobytes())

    await preview(workshop, path, RawPcm("pcm16", 8_000), out)

    assert np.array_equal(samples_of(out, 8_000), samples[: 10 * 8_000])


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["pcm16", "pcm24"])
@pytest.mark.parametrize("more", [1, 2, 5])
async def test_a_part_of_a_sample_at_the_end_is_left_out(tmp_path, workshop, form, more):
    path, out = tmp_path / "samples", tmp_path / "preview.wav"
    raw = RawPcm(form, 8_000, 2)
    path.write_bytes(bytes(range(1, 97)) * 500 + bytes(more))

    await preview(workshop, path, raw, out)

    width = {"pcm16": 2, "pcm24": 3}[form] * 2
    whole = (48_000 + more) // width / 8_000
    assert facts_of(out).duration_s == pytest.approx(whole, abs=0.001)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("data", "error"), [(b"", errors.EmptyFile), (b"\1", errors.UnreadableFile)]
)
async def test_a_file_without_a_sample_has_no_preview(tmp_path, workshop, data, error):
    path = tmp_path / "samples"
    path.write_bytes(data)

    with pytest.raises(error):
        await preview(workshop, path, RawPcm("pcm16"), tmp_path / "preview.wav")
