"""Films as players show them."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from services.media.jobs.screen import Screen
from services.media.plan import planned
from services.media.values import Fit, MediaFacts, Picture, Takes
from tests.making import tone, write_film, write_noisy_film
from tests.services.media.direct import PICTURE, facts_of, to_mp4
from tests.services.media.preparing import FEW, prepared

RED_BLUE = [((200, 20, 20), 0.5), ((20, 20, 200), 0.5)]
#: What each corner shows, as it is stored: grey values, from the top left.
CORNERS = np.array([[30, 90], [150, 220]], np.uint8)

#: (a, b, c, d) of a display matrix → what the corners are when they are shown.
SHOWN = {
    "upright": ((1, 0, 0, 1), CORNERS),
    "mirrored": ((-1, 0, 0, 1), CORNERS[:, ::-1]),
    "upside down": ((1, 0, 0, -1), CORNERS[::-1]),
    "half a turn": ((-1, 0, 0, -1), CORNERS[::-1, ::-1]),
    "transposed": ((0, 1, 1, 0), CORNERS.T),
    "a quarter to the right": ((0, 1, -1, 0), np.rot90(CORNERS, -1)),
    "a quarter to the left": ((0, -1, 1, 0), np.rot90(CORNERS)),
    "transposed the other way": ((0, -1, -1, 0), np.rot90(CORNERS, 2).T),
}


def with_matrix(path, a, b, c, d):
    """The MP4 at ``path`` with another display matrix in its first track."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 8
    at += 16 + (32 if data[at - 4] else 20)  # a later version has times of 64 bits
    matrix = [a * 65536, b * 65536, 0, c * 65536, d * 65536, 0, 0, 0, 1 << 30]
    data[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(data)
    return path


def corners_of(path):
    with av.open(str(path)) as film:
        grey = next(film.decode(video=0)).to_ndarray(format="gray").astype(float)
    height, width = grey.shape
    rows = (slice(0, height // 3), slice(-height // 3, None))
    columns = (slice(0, width // 3), slice(-width // 3, None))
    return np.array([[grey[row, column].mean() for column in columns] for row in rows])


@pytest.mark.parametrize(("matrix", "shown"), SHOWN.values(), ids=SHOWN.keys())
def test_a_film_is_turned_and_mirrored_as_its_whole_matrix_says(tmp_path, matrix, shown):
    picture = np.kron(CORNERS, np.ones((48, 80), np.uint8))[:, :, None].repeat(3, axis=2)
    path = write_film(
        tmp_path / "film", [(picture, 0.2)], container="mp4", codec="mpeg4", size=(160, 96)
    )

    out = to_mp4(with_matrix(path, *matrix))

    made = facts_of(out).picture
    assert (made.width, made.height) == ((160, 96) if matrix[0] else (96, 160))
    assert corners_of(out) == pytest.approx(shown.astype(float), abs=12)


def test_a_film_that_is_turned_by_an_odd_angle_is_turned_by_the_nearest_right_one(tmp_path):
    picture = np.kron(CORNERS, np.ones((48, 80), np.uint8))[:, :, None].repeat(3, axis=2)
    path = write_film(
        tmp_path / "film",
        [(picture, 0.2)],
        container="mp4",
        codec="mpeg4",
        size=(160, 96),
        rotation=80,
    )

    assert corners_of(to_mp4(path)) == pytest.approx(np.rot90(CORNERS).astype(float), abs=12)


# --- how long pictures stand ---------------------------------------------------


def gif(path, *hundredths):
    """A GIF whose pictures stand so long each."""
    data = b"GIF89a" + struct.pack("<HHBBB", 16, 16, 0x80, 0, 0) + bytes([40] * 3 + [220] * 3)
    for number, stands in enumerate(hundredths):
        data += b"\x21\xf9\x04\x04" + struct.pack("<HBB", stands, 0, 0)
        data += b"\x2c" + struct.pack("<HHHHB", 0, 0, 16, 16, 0) + b"\x02"
        codes = [code for _ in range(256) for code in (4, number % 2)] + [5]
        bits = "".join(f"{code:03b}"[::-1] for code in codes)
        packed = np.packbits(np.array([int(bit) for bit in bits]), bitorder="little").tobytes()
        for at in range(0, len(packed), 255):
            data += bytes([len(packed[at : at + 255])]) + packed[at : at + 255]
        data += b"\0"
    path.write_bytes(data + b"\x3b")
    return path


@pytest.mark.parametrize(
    ("hundredths", "seconds"),
    [
        ([10] * 10 + [300], 4.0),
        ([50, 200], 2.5),
        ([500] * 4, 20.0),
        ([300], 3.0),
        ([0] * 10, 1.0),
    ],
    ids=["the last stands", "two", "slides", "one", "without times"],
)
def test_the_last_picture_of_a_gif_stands_as_long_as_it_should(tmp_path, hundredths, seconds):
    path = gif(tmp_path / "film", *hundredths)

    made = facts_of(to_mp4(path)).picture

    assert facts_of(path).picture.duration_s == pytest.approx(seconds, abs=0.01)
    assert made.duration_s == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize(("end_s", "seconds"), [(3.0, 3.0), (1.5, 1.5), (9.0, 4.0)])
def test_the_last_picture_of_a_part_stands_until_the_part_ends(tmp_path, end_s, seconds):
    path = gif(tmp_path / "film", *[10] * 10, 300)

    assert facts_of(to_mp4(path, end_s=end_s)).picture.duration_s == pytest.approx(seconds, abs=0.1)


def test_of_fewer_pictures_the_last_stands_until_the_film_ends(tmp_path):
    path = write_film(tmp_path / "film", [((9, 9, 9), 4.0)], container="mp4", codec="libx264")

    made = facts_of(to_mp4(path, frame_rate=0.4)).picture

    assert made.duration_s == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("webm", "libvpx"), ("matroska", "libx264"), ("mp4", "libx264"), ("matroska", "mpeg4")],
)
def test_a_film_of_pictures_at_odd_times_is_as_long_as_it_is_said_to_be(tmp_path, container, codec):
    """As a recording of a screen is: nothing for seconds, then a burst."""
    times_ms = [*range(0, 500, 40), 2000, 4000, *range(7000, 7400, 40), 8960]
    path = write_film(
        tmp_path / "film",
        [((9, 99, 9), len(times_ms) / 25)],
        container=container,
        codec=codec,
        times_ms=times_ms,
    )

    made = facts_of(to_mp4(path))

    # An MP4 with B-frames knows the end of its last picture only so well.
    near = 0.3 if container == "mp4" else 0.05
    assert made.picture.duration_s == pytest.approx(9.0, abs=near)
    assert made.duration_s == made.picture.duration_s
    assert facts_of(path).picture.duration_s == pytest.approx(9.0, abs=near)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("webm", "libvpx"), ("matroska", "mpeg4"), ("mpegts", "mpeg2video")],
)
def test_pictures_that_stand_as_long_as_the_others_are_known(tmp_path, container, codec):
    path = write_film(tmp_path / "film", RED_BLUE, container=container, codec=codec)

    assert facts_of(path).picture.is_steady


@pytest.mark.parametrize(
    "times_ms",
    [[0, 40, 80, 1200], [0, 40, 80, 400, 440, 480], [0, 500, 520, 1000], [0]],
    ids=["the last late", "a gap", "a burst", "one"],
)
@pytest.mark.parametrize("container", ["matroska", "mp4"])
def test_pictures_at_odd_times_are_known(tmp_path, container, times_ms):
    path = write_film(
        tmp_path / "film",
        [((9, 99, 9), len(times_ms) / 25)],
        container=container,
        codec="libx264",
        codec_options={"bf": "0"},
        times_ms=times_ms,
    )

    assert not facts_of(path).picture.is_steady


@pytest.mark.parametrize("b_frames", [True, False])
def test_only_pictures_that_stand_as_long_as_the_others_are_decoded_out_of_order(
    tmp_path, b_frames
):
    path = write_noisy_film(tmp_path / "film", 1.0, container="matroska", codec="mpeg4")

    out = to_mp4(path, b_frames=b_frames)

    with av.open(str(out)) as film:
        times = [packet.pts for packet in film.demux(video=0) if packet.size]
    assert (times != sorted(times)) is b_frames
    assert facts_of(out).picture.duration_s == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("rate", "is_steady", "fit", "b_frames"),
    [
        (25.0, True, Fit(), True),
        (25.0, True, Fit(height=48), True),
        (25.0, True, Fit(frame_rate=2), False),
        (25.0, False, Fit(), False),
        (0.2, True, Fit(), False),
    ],
    ids=str,
)
def test_it_is_planned_which_pictures_may_be_decoded_out_of_order(rate, is_steady, fit, b_frames):
    picture = Picture("mpeg4", 160, 90, rate, is_steady=is_steady)
    plan = planned(MediaFacts("avi", 1000, 1.0, None, picture), "video", FEW, fit)

    assert plan.picture.b_frames is b_frames


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("container", "codec", "pixels"),
    [
        ("mp4", "libx264", "yuv420p"),
        ("webm", "libvpx", "yuv420p"),
        ("matroska", "mpeg4", "yuv420p"),
        ("avi", "mjpeg", "yuvj420p"),
        ("mov", "png", "rgb24"),
        ("mpegts", "mpeg2video", "yuv420p"),
        ("gif", "gif", "rgb8"),
    ],
)
async def test_a_film_of_one_picture_is_sent(tmp_path, workshop, container, codec, pixels):
    path = write_film(
        tmp_path / "film", [((200, 20, 20), 0.04)], container=container, codec=codec, pix_fmt=pixels
    )

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    assert (sendable.format, sendable.facts.picture.codec) == ("video/mp4", "h264")


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_bare_track_has_the_times_of_its_pictures_counted(tmp_path, codec):
    container = {"libx264": "h264", "libx265": "hevc"}[codec]
    path = write_film(tmp_path / "film", RED_BLUE, container=container, codec=codec)

    made = facts_of(to_mp4(path)).picture

    assert facts_of(path).picture.duration_s == pytest.approx(1.0, abs=0.05)
    assert made.duration_s == pytest.approx(1.0, abs=0.05)


# --- colours -------------------------------------------------------------------


def shown(**tags):
    """What becomes of a picture with these numbers of ITU-T H.273."""
    frame = av.VideoFrame(64, 48, tags.pop("pixels", "yuv420p"))
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    for name, number in tags.items():
        setattr(frame, name, number)
    with av.open("/dev/null", "w", format="null") as sink:
        video = sink.add_stream("rawvideo", rate=25)
        (made,) = Screen(video, frame, PICTURE).show(frame)
    return made


@pytest.mark.parametrize("number", [*range(24), 200, 255])
@pytest.mark.parametrize("name", ["color_primaries", "color_trc", "colorspace"])
def test_colours_that_mean_nothing_are_taken_as_unknown(name, number):
    made = shown(**{name: number})

    assert (made.width, made.height, made.format.name) == (64, 48, "yuv420p")


@pytest.mark.parametrize("pixels", ["rgb24", "gbrp", "gray", "yuvj422p", "yuv444p10le", "pal8"])
def test_pictures_of_any_kind_of_pixels_are_shown(pixels):
    assert shown(pixels=pixels, colorspace=0).format.name == "yuv420p"


def test_pictures_that_are_too_bright_for_a_screen_are_tone_mapped():
    made = shown(pixels="yuv420p10le", color_trc=16, color_primaries=9, colorspace=9)

    assert (made.color_trc, made.color_primaries, made.colorspace) == (1, 1, 1)


@pytest.mark.parametrize(
    ("transfer", "is_hdr"), [("smpte2084", True), ("arib-std-b67", True), ("bt709", False)]
)
def test_a_film_for_brighter_screens_is_known(tmp_path, transfer, is_hdr):
    options = {"x265-params": f"log-level=none:colorprim=bt2020:transfer={transfer}"}
    path = write_film(
        tmp_path / "film",
        RED_BLUE,
        container="mp4",
        codec="libx265",
        pix_fmt="yuv420p10le",
        codec_options=options,
    )

    assert facts_of(path).picture.is_hdr is is_hdr


# --- sound that is announced and not there ---------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize(
    "takes", [FEW, Takes(frozenset(), FEW.video, any_codec=True)], ids=["some", "any"]
)
@pytest.mark.parametrize("codec", ["mpeg2video", "libx264"])
async def test_a_part_that_announces_sound_and_has_none_is_sent(tmp_path, workshop, codec, takes):
    path = write_film(
        tmp_path / "film",
        RED_BLUE,
        container="mpegts",
        codec=codec,
        sound=tone(1.0),
        sound_codec="aac",
    )
    data = path.read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    # Without those of the second track, which has the identifier 0x101.
    path.write_bytes(b"".join(one for one in packets if one[1] & 31 != 1 or one[2] != 1))
    with av.open(str(path)) as film:
        assert len(film.streams.audio) == 1

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=takes)

    assert sendable.facts.sound is None
    assert sendable.facts.picture.duration_s == pytest.approx(1.0, abs=0.1)
