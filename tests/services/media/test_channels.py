"""A voice that is there is heard, on whichever channel it is, and in whatever phase."""

import av
import numpy as np
import pytest

from services.media.jobs import decode
from services.media.jobs.channels import usual_weights
from services.media.jobs.table import Samples
from services.media.values import Fit, Mix, RawPcm, Takes
from tests.making import silence, tone, write_film, write_sound, write_tracks, write_wave
from tests.services.media.direct import cut, facts_of, nobody, to_audio, to_mp4
from tests.services.media.preparing import FEW, prepared

SECONDS = 1.0
VOICE = tone(SECONDS)
#: A sine of 0.3 of full scale, as its level and its peak.
LEVEL_DBFS, PEAK_DBFS = 20 * np.log10(0.3) - 3.01, 20 * np.log10(0.3)
PLAIN = Takes(frozenset({"wav", "mp3"}), frozenset({"video/mp4"}))


def channels(count, *voices, sound=VOICE):
    """``sound`` on these of so many channels, and silence on the others."""
    found = np.zeros((count, len(sound)), np.int16)
    found[list(voices)] = sound
    return found


def crossed(sound=VOICE):
    """A voice on two channels, one of them the other way round."""
    return np.stack([sound, -sound])


def peak_of(path):
    """The peak of all channels mixed as a model may mix them, in dBFS."""
    resampler = av.AudioResampler("flt", "mono")
    with av.open(str(path)) as file:
        parts = [
            np.abs(part.to_ndarray()).max()
            for frame in (*file.decode(audio=0), None)
            for part in resampler.resample(frame)
            if part.samples
        ]
    return 20 * np.log10(max(parts))


@pytest.mark.parametrize(
    ("count", "voice"), [(3, 2), (4, 3), (6, 3), (9, 4), (10, 9), (60, 41), (64, 0)]
)
def test_a_voice_on_one_of_many_channels_is_as_loud_as_it_is_there(tmp_path, count, voice):
    sound = facts_of(write_wave(tmp_path / "sound", channels(count, voice))).sound

    assert sound.channels == count
    assert sound.level_dbfs == pytest.approx(LEVEL_DBFS, abs=0.1)
    assert not sound.is_silent


@pytest.mark.parametrize(
    ("count", "voice"), [(3, 2), (4, 3), (6, 3), (9, 4), (10, 9), (60, 41), (64, 0)]
)
@pytest.mark.parametrize("rate", [None, 16_000], ids=["as it is", "as speech"])
def test_of_channels_that_nobody_explains_all_are_added_up(tmp_path, count, voice, rate):
    path = write_wave(tmp_path / "sound", channels(count, voice))
    mix = facts_of(path).sound.mix

    made = to_audio(path, "wav", rate, mix=mix)

    assert mix == Mix(None, 1.0)
    assert facts_of(made).sound.channels == 1
    assert facts_of(made).sound.level_dbfs == pytest.approx(LEVEL_DBFS, abs=0.1)


def test_a_sum_of_channels_stays_under_full_scale(tmp_path):
    path = write_wave(tmp_path / "sound", channels(8, *range(8), sound=tone(SECONDS, level=0.8)))
    sound = facts_of(path).sound

    made = facts_of(to_audio(path, "wav", mix=sound.mix)).sound

    assert sound.mix.gain == pytest.approx(0.9 / (8 * 0.8), rel=0.01)
    assert made.peak_dbfs == pytest.approx(20 * np.log10(0.9), abs=0.1)
    assert made.clipped_share == 0


def test_of_channels_in_antiphase_the_loudest_is_taken(tmp_path):
    path = write_wave(tmp_path / "sound", crossed())
    sound = facts_of(path).sound

    assert (sound.mix, sound.is_silent) == (Mix(0), False)
    assert sound.level_dbfs == pytest.approx(LEVEL_DBFS, abs=0.1)


@pytest.mark.parametrize(
    ("sound", "mix"),
    [
        (np.stack([VOICE, VOICE]), None),
        (channels(2, 0), None),
        (channels(2, 1), None),
        (np.stack([VOICE, tone(SECONDS, hertz=300)]), None),
        (channels(2), None),
        (np.concatenate([np.stack([VOICE, VOICE]), crossed()], axis=1), Mix(0)),
        (np.concatenate([np.tile(VOICE, (2, 1))] * 24 + [crossed()], axis=1), None),
        (np.concatenate([channels(3, 0), channels(3, 2)], axis=1), Mix(None, 1.0)),
        (np.concatenate([crossed(), silence(SECONDS)[None]]), Mix(0)),
    ],
    ids=[
        "stereo",
        "left alone",
        "right alone",
        "two voices",
        "silence",
        "half in antiphase",
        "hardly any of it",
        "one after the other",
        "a sum that loses it",
    ],
)
def test_channels_are_mixed_so_that_nothing_is_lost(tmp_path, sound, mix):
    assert facts_of(write_wave(tmp_path / "sound", sound)).sound.mix == mix


def test_the_channel_that_loses_least_is_taken(tmp_path):
    """Another voice comes in on the second channel alone."""
    sound = np.concatenate([crossed(), channels(2, 1)], axis=1)

    assert facts_of(write_wave(tmp_path / "sound", sound)).sound.mix == Mix(1)


@pytest.mark.parametrize(
    ("layout", "voice", "mix"),
    [("5.1", 0, None), ("5.1", 2, None), ("5.1", 3, Mix(None, 1.0)), ("7.1", 3, Mix(None, 1.0))],
)
def test_a_film_s_own_layout_counts_unless_the_voice_is_on_its_subwoofer(
    tmp_path, layout, voice, mix
):
    count = {"5.1": 6, "7.1": 8}[layout]
    path = write_tracks(
        tmp_path / "sound",
        [channels(count, voice, sound=tone(SECONDS, 48_000))],
        container="flac",
        codec="flac",
        layout=layout,
    )

    assert facts_of(path).sound.mix == mix


@pytest.mark.parametrize(
    ("layout", "count", "weights"),
    [
        ("stereo", 2, [0.5, 0.5]),
        ("2 channels", 2, [0.5, 0.5]),
        ("5.1(side)", 6, [0.207, 0.207, 0.293, 0.0, 0.146, 0.146]),
    ],
)
def test_it_is_known_what_of_each_channel_the_usual_mix_has(layout, count, weights):
    assert usual_weights(layout, count) == pytest.approx(weights, abs=0.001)


@pytest.mark.parametrize(
    ("layout", "count"), [("3 channels", 3), ("9 channels", 9), ("ambisonic 1", 4)]
)
def test_of_channels_that_nobody_explains_there_is_no_usual_mix(layout, count):
    assert usual_weights(layout, count) is None


@pytest.mark.anyio
@pytest.mark.parametrize("fit", [Fit(), Fit(speech=True), Fit(0.2, 0.8)], ids=str)
@pytest.mark.parametrize("takes", [PLAIN, FEW], ids=["wav and mp3", "mp3"])
@pytest.mark.parametrize(
    "sound",
    [crossed(), channels(3, 2), channels(6, 3), channels(9, 4)],
    ids=["antiphase", "3 of 3", "4 of 6", "5 of 9"],
)
async def test_what_is_sent_is_heard_however_it_is_mixed(tmp_path, workshop, sound, takes, fit):
    """What a model does with two channels is to mix them."""
    path = write_wave(tmp_path / "sound", sound)

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=takes, fit=fit)

    assert sendable.mix == facts_of(path).sound.mix is not None
    assert sendable.facts.sound.channels == 1
    assert not sendable.facts.sound.is_silent
    assert peak_of(sendable.path) == pytest.approx(PEAK_DBFS, abs=1.5)


@pytest.mark.anyio
async def test_six_channels_of_flac_are_heard_by_a_model_that_takes_wav(tmp_path, workshop):
    path = write_tracks(
        tmp_path / "sound",
        [channels(6, 3, sound=tone(SECONDS, 48_000))],
        container="flac",
        codec="flac",
        layout="5.1",
    )

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=PLAIN)

    assert sendable.format == "wav"
    assert peak_of(sendable.path) == pytest.approx(PEAK_DBFS, abs=0.5)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "takes", [PLAIN, Takes(frozenset(), PLAIN.video, any_codec=True)], ids=["some", "any"]
)
async def test_the_sound_of_a_film_in_antiphase_is_made_anew_and_its_picture_kept(
    tmp_path, workshop, takes
):
    path = write_tracks(
        tmp_path / "film",
        [crossed(tone(SECONDS, 48_000))],
        container="mp4",
        codec="aac",
        layout="stereo",
        picture="libx264",
    )

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=takes)

    assert (sendable.change, sendable.mix) == ("transcode", Mix(0))
    assert peak_of(sendable.path) == pytest.approx(PEAK_DBFS, abs=1.5)
    assert sendable.facts.picture == facts_of(path).picture


def test_pieces_of_speech_are_mixed_so_that_nothing_is_lost(tmp_path):
    path = write_wave(tmp_path / "sound", crossed(tone(4.0)))

    _, files = cut(path, 3.0, form="wav", mix=Mix(0))

    assert all(peak_of(one) == pytest.approx(PEAK_DBFS, abs=0.1) for one in files.values())


@pytest.mark.parametrize(("sound", "mix"), [(crossed(), Mix(1)), (channels(9, 4), None)])
def test_the_samples_that_are_listened_to_are_mixed_so_too(tmp_path, sound, mix):
    path, out = write_wave(tmp_path / "sound", sound), tmp_path / "samples"

    decode.samples(Samples(path, None, out, 16_000, 9.0, 0, mix), nobody())

    loudest = np.abs(np.fromfile(out, "<i2")).max() / 32768
    assert loudest == pytest.approx(0.3 if mix else 0.3 / 9, rel=0.02)


def test_channels_that_become_fewer_half_way_are_mixed_as_far_as_they_are_there(tmp_path):
    parts = [
        write_sound(
            tmp_path / layout, tone(SECONDS), container="adts", codec="aac", layout=layout
        ).read_bytes()
        for layout in ("5.1", "stereo", "mono")
    ]
    path = tmp_path / "joined"
    path.write_bytes(b"".join(parts))

    made = facts_of(to_audio(path, "wav", mix=Mix(5)))

    assert made.sound.channels == 1
    assert made.duration_s == pytest.approx(facts_of(path).duration_s, abs=0.01)


@pytest.mark.parametrize(("layout", "codec"), [("5.1", "ac3"), ("7.1", "libopus")])
def test_surround_sound_of_a_film_stays_under_full_scale(tmp_path, layout, codec):
    count = {"5.1": 6, "7.1": 8}[layout]
    loud = channels(count, *range(count), sound=tone(SECONDS, 48_000, level=0.95))
    path = write_tracks(
        tmp_path / "film",
        [loud],
        container="matroska",
        codec=codec,
        layout=layout,
        picture="mpeg4",
    )

    made = facts_of(to_mp4(path)).sound

    assert made.channels == 2
    assert -3 < made.peak_dbfs < 0.5


def test_bare_samples_on_many_channels_are_heard(tmp_path):
    path = tmp_path / "samples"
    path.write_bytes(np.ascontiguousarray(crossed().T).tobytes())

    sound = facts_of(path, RawPcm("pcm16", 16_000, 2)).sound

    assert (sound.mix, sound.is_silent) == (Mix(0), False)


def test_a_film_with_a_voice_in_mono_is_not_mixed(tmp_path):
    path = write_film(
        tmp_path / "film", [((9, 9, 9), 1.0)], container="mp4", codec="libx264", sound=VOICE
    )

    assert facts_of(path).sound.mix is None
