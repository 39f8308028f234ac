"""A part of a file: exact, and found without decoding what comes before it."""

import functools
from pathlib import Path

import av
import numpy as np
import pytest

from services import errors
from services.media.jobs import film, soundtrack
from services.media.values import Fit, Takes
from tests.making import samples_of, tone, write_film, write_noisy_film, write_sound
from tests.services.media.direct import facts_of, to_audio, to_mp4
from tests.services.media.preparing import FEW, prepared

LOSSLESS = Takes(frozenset({"flac", "wav"}), frozenset())
#: What FLAC has besides its sound: its head, with room left for tags.
FLAC_HEAD_BYTES = 9_000


def _steps(path, container="wav", codec="pcm_s16le", **more):
    """Six seconds, each of a tone a hundred hertz higher."""
    samples = np.concatenate([tone(1.0, hertz=300 + 100 * number) for number in range(6)])
    return write_sound(path / "steps", samples, container=container, codec=codec, **more)


def _hertz(samples, at_s, rate=16_000):
    part = samples[round(at_s * rate) :][: rate // 4].astype(float)
    return np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part))))) * 4


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


def test_a_part_after_the_end_is_a_bad_trim(tmp_path):
    with pytest.raises(errors.BadTrim):
        to_audio(_steps(tmp_path), "wav", start_s=7.0, end_s=8.0)


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "7.1"])
def test_a_part_of_any_layout_is_made(tmp_path, layout):
    path = _steps(tmp_path, "matroska", "aac", layout=layout)

    assert facts_of(to_audio(path, "mp3", start_s=1.0, end_s=3.0)).duration_s == pytest.approx(
        2.0, abs=0.05
    )


def _colours(path):
    with av.open(str(path)) as film:
        return [
            (frame.time, int(frame.to_ndarray(format="rgb24").mean(axis=(0, 1)).argmax()))
            for frame in film.decode(video=0)
        ]


FILMS = {
    "mp4": ("mp4", "libx264", "aac"),
    "mkv": ("matroska", "libx264", "aac"),
    "ts": ("mpegts", "libx264", "aac"),
    "ts mpeg-2": ("mpegts", "mpeg2video", "mp2"),
    "avi mpeg-4": ("avi", "mpeg4", "libmp3lame"),
    "avi h264, B-frames": ("avi", "libx264", "libmp3lame"),
    "flv": ("flv", "flv1", "libmp3lame"),
}


@pytest.mark.parametrize(("container", "codec", "sound"), FILMS.values(), ids=FILMS.keys())
def test_a_part_of_a_film_begins_with_the_right_picture(tmp_path, container, codec, sound):
    """Red, then green, then blue, a second each; some containers have no index."""
    path = write_film(
        tmp_path / "film",
        [((250, 0, 0), 1.0), ((0, 250, 0), 1.0), ((0, 0, 250), 1.0)],
        container=container,
        codec=codec,
        sound=tone(3.0),
        sound_codec=sound,
    )

    made = facts_of(to_mp4(path, start_s=1.2, end_s=2.6))

    assert made.duration_s == pytest.approx(1.4, abs=0.1)
    colours = _colours(path.with_name("converted.mp4"))
    assert colours[0][0] == pytest.approx(0, abs=0.05)
    assert {colour for _, colour in colours} == {1, 2}
    assert next(time for time, colour in colours if colour == 2) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize("container", ["mp4", "mpegts", "avi"])
def test_a_part_after_the_end_of_a_film_is_a_bad_trim(tmp_path, container):
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 1.0)],
        container=container,
        codec="mpeg4" if container == "avi" else "libx264",
    )

    with pytest.raises(errors.BadTrim):
        to_mp4(path, start_s=2.0, end_s=3.0)


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_nothing_is_begun_for_a_part_after_the_end(tmp_path, workshop, kind):
    path = write_noisy_film(tmp_path / "film", 1.0, (64, 36))

    with pytest.raises(errors.BadTrim):
        await prepared(workshop, path, kind, tmp_path, takes=FEW, fit=Fit(start_s=1.5))

    assert not (tmp_path / "made").exists()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fit", [Fit(0.0, 3.0), Fit(2.0, 8.0), Fit(speech=True)], ids=["half", "middle", "speech"]
)
async def test_flac_stays_flac_and_does_not_grow(tmp_path, workshop, fit):
    noise = np.random.default_rng(1).normal(0, 3000, 6 * 44_100).astype(np.int16)
    path = write_sound(
        tmp_path / "sound", noise, rate=44_100, container="flac", codec="flac", layout="stereo"
    )
    share = (min(fit.end_s, 6.0) - fit.start_s) / 6.0 if fit.end_s else 1.0

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=LOSSLESS, fit=fit)

    assert (sendable.change, sendable.format) == ("transcode", "flac")
    assert sendable.facts.sound.codec == "flac"
    assert sendable.facts.file_bytes <= path.stat().st_size * share + FLAC_HEAD_BYTES


@pytest.mark.anyio
async def test_a_part_of_flac_is_flac_sample_for_sample(tmp_path, workshop):
    path = _steps(tmp_path, "flac", "flac")

    _, sendable = await prepared(
        workshop, path, "audio", tmp_path, takes=LOSSLESS, fit=Fit(1.5, 4.25)
    )

    whole = samples_of(path)
    assert np.array_equal(samples_of(sendable.path), whole[24_000:68_000])


#: Long before a part that begins here none of these films needs decoding.
BEGIN_S, END_S, LENGTH_S = 6.6, 7.0, 8.0


@pytest.fixture
def decoded(monkeypatch):
    """When what is decoded, picture and sound, is shown, in seconds."""
    times = {"video": [], "audio": []}

    def spying_on(decode):
        def spy(packet):
            if packet.pts is not None:
                times[packet.stream.type].append(float(packet.pts * packet.time_base))
            return decode(packet)

        return spy

    monkeypatch.setattr(film, "decoded", spying_on(film.decoded))
    monkeypatch.setattr(film, "attempted", spying_on(film.attempted))
    monkeypatch.setattr(soundtrack, "decoded_sound", spying_on(soundtrack.decoded_sound))
    return times


@pytest.mark.parametrize(
    ("container", "codec", "sound"),
    [
        ("mp4", "libx264", "aac"),
        ("matroska", "libx264", "aac"),
        ("mpegts", "libx264", "aac"),
        ("mpegts", "mpeg2video", "mp2"),
        ("avi", "libx264", "libmp3lame"),
    ],
)
def test_nothing_long_before_a_part_is_decoded(tmp_path, decoded, container, codec, sound):
    """A key picture is there each second."""
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), LENGTH_S)],
        container=container,
        codec=codec,
        codec_options={"g": "25"},
        sound=tone(LENGTH_S),
        sound_codec=sound,
    )
    with av.open(str(path)) as source:
        origin_s = source.start_time / av.time_base

    to_mp4(path, start_s=BEGIN_S, end_s=END_S)

    # Which way is up is seen on the first picture; and some of a decoder's
    # threads begin with what comes behind it.
    pictures = [time - origin_s for time in decoded["video"] if time - origin_s > 0.5]
    assert min(pictures) > BEGIN_S - 1.2
    assert len(decoded["video"]) < 40 + 25 * (LENGTH_S - BEGIN_S)
    assert min(decoded["audio"]) - origin_s > BEGIN_S - soundtrack._RUN_UP_S - 0.1


@pytest.fixture
def read_bytes(monkeypatch):
    """How many bytes are read of files that are opened by their paths, as a list of one."""
    count = [0]
    opening = Path.open

    class Counting:
        def __init__(self, file):
            self._file = file

        def __getattr__(self, name):
            return getattr(self._file, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self._file.close()

        def read(self, size=-1):
            data = self._file.read(size)
            count[0] += len(data)
            return data

    monkeypatch.setattr(Path, "open", lambda path, *how: Counting(opening(path, *how)))
    return count


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """A film of more than a megabyte in a container, a key picture in each second."""

    @functools.cache
    def made(container):
        return write_noisy_film(
            tmp_path_factory.mktemp("noisy") / "film",
            LENGTH_S,
            container=container,
            codec_options={"g": "25", "preset": "ultrafast"},
        )

    return made


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_a_part_of_a_film_with_an_index_is_found_without_reading_all_of_it(
    noisy, read_bytes, container
):
    path = noisy(container)

    to_mp4(path, start_s=4.2, end_s=4.6)

    assert 0 < read_bytes[0] < 0.7 * path.stat().st_size


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_what_comes_after_a_part_is_not_read(noisy, read_bytes, container):
    path = noisy(container)

    to_mp4(path, end_s=0.4)

    assert 0 < read_bytes[0] < 0.7 * path.stat().st_size


def test_what_comes_after_a_part_is_not_decoded(tmp_path, decoded):
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), LENGTH_S)],
        container="mpegts",
        codec="libx264",
        sound=tone(LENGTH_S),
    )

    to_mp4(path, end_s=0.4)

    assert len(decoded["video"]) < 25 * LENGTH_S * 0.7


def test_the_sound_of_a_part_begins_with_its_picture(tmp_path):
    """Three seconds of silence, then a tone: the part begins a second before it."""
    sound = np.concatenate([np.zeros(48_000, np.int16), tone(3.0)])
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 6.0)],
        container="mpegts",
        codec="libx264",
        codec_options={"g": "25"},
        sound=sound,
    )

    out = to_mp4(path, start_s=2.0, end_s=5.0)

    with av.open(str(out)) as made:
        loud = next(f for f in made.decode(audio=0) if np.abs(f.to_ndarray()).max() > 0.1)
    assert loud.time == pytest.approx(1.0, abs=0.05)
