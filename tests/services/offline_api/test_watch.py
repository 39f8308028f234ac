"""Shots, colours, brightness and motion of films made on the spot."""

import itertools

import av
import numpy as np
import pytest

from services import errors
from services.offline_api.watch import watch
from tests.clips import CUTS_LENGTH_S, CUTS_S, SENTENCES, clip
from tests.making import silence, tone, write_film, write_sound
from tests.services.offline_api.asking import said, video

RED, GREEN, BLUE = (255, 0, 0), (0, 128, 0), (0, 0, 255)
BLACK, GREY, WHITE = (0, 0, 0), (128, 128, 128), (255, 255, 255)
#: Less than the 0.04 s of a picture of the films that are made here.
HALF_A_PICTURE_S = 0.02


@pytest.fixture
def seen(workshop, tmp_path):
    """What is seen in a film: of a path, or of shots that are made one."""

    async def see(film, length_s=None, most_s=600.0, container="mp4", codec="libx264", **more):
        if not hasattr(film, "suffix"):
            path = tmp_path / "film"
            film = write_film(path, film, container=container, codec=codec, **more)
        return await watch(workshop, film, tmp_path, length_s, most_s)

    return see


def starts(seen) -> list[float]:
    """When each shot but the first begins."""
    return [start for start, _ in seen.shots[1:]]


def moving(step: float, seconds: float, cut_s: float | None = None):
    """Pictures of a soft pattern that moves by ``step`` pixels; from ``cut_s`` on another one."""
    across = np.arange(160)[None, :, None] + np.zeros((90, 1, 3))
    down = np.arange(90)[:, None, None] + np.zeros((1, 160, 3))
    for at in range(round(seconds * 25)):
        is_cut = cut_s is not None and at >= round(cut_s * 25)
        wave = np.cos(down / 14 + at * step / 14) if is_cut else np.sin((across + at * step) / 20)
        yield (128 + wave * 100).astype(np.uint8), 0.04


@pytest.mark.anyio
async def test_the_shots_of_the_clip_are_found_to_one_picture(seen):
    found = await seen(clip("cuts.mp4"), CUTS_LENGTH_S)

    assert starts(found) == pytest.approx(CUTS_S, abs=HALF_A_PICTURE_S)
    assert found.shots[0][0] == 0
    assert found.shots[-1][1] == pytest.approx(CUTS_LENGTH_S, abs=HALF_A_PICTURE_S)


@pytest.mark.anyio
async def test_shots_follow_each_other_without_a_gap(seen):
    found = await seen([(RED, 1.0), (BLUE, 1.0), (WHITE, 1.0)])

    assert all(one[1] == two[0] for one, two in itertools.pairwise(found.shots))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("container", "codec"),
    [
        pytest.param("mp4", "libx264", id="mp4"),
        pytest.param("webm", "libvpx", id="webm"),
        pytest.param("mpeg", "mpeg2video", id="mpeg"),
        pytest.param("mov", "mpeg4", id="mov"),
    ],
)
@pytest.mark.parametrize("cut_s", [0.16, 1.0, 1.28, 2.8])
async def test_a_cut_is_found_to_one_picture(seen, container, codec, cut_s):
    found = await seen([(RED, cut_s), (BLUE, 3.0 - cut_s)], container=container, codec=codec)

    assert starts(found) == pytest.approx([cut_s], abs=HALF_A_PICTURE_S)


@pytest.mark.anyio
async def test_a_cut_amid_movement_is_found(seen):
    found = await seen(moving(0.5, 3.0, cut_s=1.4))

    assert starts(found) == pytest.approx([1.4], abs=HALF_A_PICTURE_S)


@pytest.mark.anyio
async def test_a_cut_is_found_to_one_picture_where_seeking_overshoots(seen, tmp_path):
    """In a fragmented MP4, as recorders make, a seek may come out behind what it looks for."""
    path = tmp_path / "film"
    flags = {"movflags": "frag_keyframe+empty_moov"}
    with av.open(str(path), "w", "mp4", options=flags) as sink:
        stream = sink.add_stream("libx264", rate=25, options={"g": "82"})  # a key at the cut
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for picture, _ in moving(1.0, 6.0, cut_s=3.24):
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        sink.mux(stream.encode(None))

    found = await seen(path)

    assert starts(found) == pytest.approx([3.24], abs=HALF_A_PICTURE_S)


@pytest.mark.anyio
async def test_times_count_from_the_first_picture(seen, tmp_path):
    """Cameras and editors let a stream start anywhere."""
    times = range(5_000, 8_000, 40)
    film = write_film(
        tmp_path / "late",
        [(RED, 1.2), (BLUE, 1.8)],
        container="matroska",
        codec="libx264",
        times_ms=times,
    )

    found = await seen(film, 3.0)

    assert starts(found) == pytest.approx([1.2], abs=HALF_A_PICTURE_S)
    assert found.shots[-1][1] == pytest.approx(3.0, abs=HALF_A_PICTURE_S)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "shots",
    [
        pytest.param([(GREY, 3.0)], id="a still"),
        pytest.param(list(moving(0.5, 3.0)), id="slow movement"),
        pytest.param(list(moving(4.0, 3.0)), id="fast movement"),
        pytest.param([((at, at, at), 0.04) for at in range(40, 220, 2)], id="a slow fade"),
        pytest.param([(GREY, 1.4), (WHITE, 0.08), (GREY, 1.4)], id="a flash between two looks"),
        pytest.param([(GREY, 1.4), (WHITE, 0.2), (GREY, 1.4)], id="a flash"),
        pytest.param([(GREY, 0.04)], id="a single picture"),
    ],
)
async def test_a_film_without_a_cut_is_one_shot(seen, shots):
    found = await seen(shots)

    assert len(found.shots) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("pictures", [5, 10, 25], ids=lambda count: f"{count * 40} ms")
async def test_a_dissolve_is_one_cut_at_most(seen, pictures):
    between = [((255 - at, 0, at), 0.04) for at in np.linspace(0, 255, pictures).astype(int)]

    found = await seen([(RED, 1.52), *between, (BLUE, 1.52)])

    assert len(found.shots) <= 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("colour", "name"),
    [
        (RED, "red"),
        (GREEN, "green"),
        (BLUE, "blue"),
        (BLACK, "black"),
        (GREY, "grey"),
        (WHITE, "white"),
        ((255, 230, 0), "yellow"),
        ((255, 140, 0), "orange"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_plain_film_has_its_colour(seen, colour, name):
    found = await seen([(colour, 0.4)])

    assert found.colours == ((name, 1.0),)


@pytest.mark.anyio
async def test_colours_come_with_their_shares_largest_first(seen):
    found = await seen([(RED, 1.0), (BLUE, 3.0)])

    assert [name for name, _ in found.colours] == ["blue", "red"]
    assert [share for _, share in found.colours] == pytest.approx([0.75, 0.25], abs=0.01)


@pytest.mark.anyio
async def test_a_colour_that_covers_little_is_left_out(seen):
    picture = np.full((90, 160, 3), BLUE, dtype=np.uint8)
    picture[:, :4] = RED  # 2.5 % of it

    found = await seen([(picture, 0.4)])

    assert [name for name, _ in found.colours] == ["blue"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("colour", "brightness"),
    [
        pytest.param(BLACK, 0.0, id="black"),
        pytest.param(GREY, 0.5, id="grey"),
        pytest.param(WHITE, 1.0, id="white"),
    ],
)
async def test_brightness_goes_from_black_to_white(seen, colour, brightness):
    found = await seen([(colour, 0.4)])

    assert found.brightness == pytest.approx(brightness, abs=0.02)


@pytest.mark.anyio
async def test_a_still_does_not_move_and_a_cut_is_no_movement(seen):
    found = await seen([(BLACK, 1.2), (WHITE, 1.2)])

    assert found.motion == pytest.approx(0, abs=0.001)


@pytest.mark.anyio
async def test_more_movement_is_more_motion(seen):
    slow, fast = [await seen(moving(step, 2.0)) for step in (0.5, 2.0)]

    assert 0.005 < slow.motion < fast.motion < 1


@pytest.mark.anyio
async def test_five_pictures_a_second_are_looked_at(seen):
    found = await seen([(GREY, 2.0)])

    assert found.pictures == 10


@pytest.mark.anyio
async def test_a_long_film_is_watched_for_so_long_and_no_longer(seen):
    shots = [(RED, 1.0), (BLUE, 2.0)]

    whole = await seen(shots, 3.0, most_s=3.0)
    part = await seen(shots, 3.0, most_s=2.0)

    assert not whole.cut_short
    assert part.cut_short
    assert part.shots[-1][1] == pytest.approx(2.0, abs=HALF_A_PICTURE_S)


@pytest.mark.anyio
async def test_a_sound_cannot_be_watched(seen):
    with pytest.raises(errors.NoPicture):
        await seen(clip("beach.flac"))


def test_a_film_is_described_with_its_shots_and_its_words(offline_url):
    answer = said(offline_url, video(clip("cuts.mp4").read_bytes()))

    assert answer.splitlines() == [
        "*The built-in offline API looked at this: it measures, it is not an AI model.*",
        "",
        "- Video: mp4, h264, 320 × 180, 25 frames per second, 4.00 s, 27,611 bytes",
        "- Shots: 3",
        "    - 0.00–1.20 s",
        "    - 1.20–2.80 s",
        "    - 2.80–4.00 s",
        "- Colours: red 52%, blue 28%",
        "- Brightness 24%, motion 0.3%",
        "- Sound track: aac, 16 kHz, mono",
        "- Level -16.5 dBFS, 32% silence",
        "",
        "**Words heard on the sound track**",
        "",
        f"- 0:00–0:02 {SENTENCES['cuts.mp4']}.",
        "",
        (
            "*The built-in offline API listened with Whisper base: it is not a model to talk to. "
            "Language heard: English. "
            "It writes down what is said; for anything else a model is needed.*"
        ),
    ]


def test_a_russian_question_is_answered_in_russian(offline_url):
    answer = said(offline_url, video(clip("cuts.mp4").read_bytes()), "Опиши что происходит")

    assert answer.splitlines() == [
        "*Это посмотрел встроенный офлайн-API: он измеряет, это не модель ИИ.*",
        "",
        "- Видео: mp4, h264, 320 × 180, кадров в секунду: 25, 4,00 с, 27\xa0611 байт",
        "- Планов: 3",
        "    - 0,00–1,20 с",
        "    - 1,20–2,80 с",
        "    - 2,80–4,00 с",
        "- Цвета: красный 52 %, синий 28 %",
        "- Яркость 24 %, движение 0,3 %",
        "- Звуковая дорожка: aac, 16 кГц, моно",
        "- Уровень -16,5 дБFS, тишины 32 %",
        "",
        "**Слова на звуковой дорожке**",
        "",
        f"- 0:00–0:02 {SENTENCES['cuts.mp4']}.",
        "",
        (
            "*Это слушал встроенный офлайн-API (Whisper base): с ним нельзя поговорить. "
            "Язык речи: английский. Он записывает сказанное; для всего остального нужна модель.*"
        ),
    ]


@pytest.mark.parametrize(
    ("container", "codec", "sound_codec", "mime"),
    [
        pytest.param("webm", "libvpx", "libopus", "video/webm", id="webm"),
        pytest.param("mpeg", "mpeg2video", "mp2", "video/mpeg", id="mpeg"),
        pytest.param("mov", "libx264", "aac", "video/mov", id="mov"),
    ],
)
def test_each_kind_of_film_of_the_guide_is_taken(
    offline_url, tmp_path, container, codec, sound_codec, mime
):
    film = write_film(
        tmp_path / "film",
        [(RED, 1.0), (WHITE, 1.0)],
        container=container,
        codec=codec,
        sound=tone(2.0),
        sound_codec=sound_codec,
    )

    answer = said(offline_url, video(film.read_bytes(), mime))

    assert f"- Video: {container}, " in answer
    assert "- Shots: 2\n    - 0.00–1.00 s\n" in answer
    assert "\n\nNo speech heard.\n\n" in answer


def test_a_film_without_sound_says_so(offline_url, tmp_path):
    film = write_film(tmp_path / "film", [(RED, 1.0)], container="mp4", codec="libx264")

    answer = said(offline_url, video(film.read_bytes()))

    assert answer.endswith("- There is no sound track.")


def test_a_silent_sound_track_is_told_from_none(offline_url, tmp_path):
    film = write_film(
        tmp_path / "film", [(RED, 1.0)], container="mp4", codec="libx264", sound=silence(1.0)
    )

    answer = said(offline_url, video(film.read_bytes()))

    assert "- Digital silence: every sample is zero" in answer
    assert "\n\nNo speech heard.\n\n" in answer


def test_a_film_of_over_ten_minutes_is_watched_for_ten_and_heard_to_its_end(offline_url, tmp_path):
    film = write_film(
        tmp_path / "film",
        [(GREY, 602.0)],
        container="mp4",
        codec="libx264",
        size=(32, 18),
        frame_rate=1,
        sound=silence(602.0),
    )

    answer = said(offline_url, video(film.read_bytes()))

    assert "- Only the first 600 s were watched." in answer
    assert "listened to." not in answer  # the sound is heard to its end


def test_a_sound_renamed_to_a_film_is_not_watched(offline_url, tmp_path):
    sound = write_sound(
        tmp_path / "sound", tone(1.0), container="mp4", codec="aac", out_rate=44_100
    )

    with pytest.raises(AssertionError, match=r"the data is mp4 \(aac\)"):
        said(offline_url, video(sound.read_bytes()))
