"""A file in a form that can be sent."""

from fractions import Fraction

import av
import av.filter
import numpy as np
import pytest

from services import errors
from services.media.jobs.table import Inspect
from services.media.making import make
from services.media.values import Fit, MediaFacts, RawPcm, Sendable, Sound
from services.media.workshop.job import Read
from services.media.workshop.workshop import Desk
from tests.clips import clip
from tests.making import samples_of, tone, write_film, write_sound
from tests.services.media.direct import facts_of, to_audio, to_mp4
from tests.services.media.preparing import FEW, prepared

RED_BLUE = [((200, 20, 20), 0.6), ((20, 20, 200), 0.6)]
SECONDS = 1.2

UNCHANGED_SOUNDS = {
    "wav": ("wav", "pcm_s16le", "wav"),
    "wav, 24 bit": ("wav", "pcm_s24le", "wav"),
    "wav, float": ("wav", "pcm_f32le", "wav"),
    "mp3": ("mp3", "libmp3lame", "mp3"),
    "aiff": ("aiff", "pcm_s16be", "aiff"),
    "aac": ("adts", "aac", "aac"),
    "ogg": ("ogg", "libopus", "ogg"),
    "flac": ("flac", "flac", "flac"),
    "m4a": ("ipod", "aac", "m4a"),
    "m4a alac": ("ipod", "alac", "m4a"),
    "mp4 without a picture": ("mp4", "aac", "m4a"),
}
UNCHANGED_FILMS = {
    "mp4": ("mp4", "libx264", "aac", "video/mp4"),
    "mov": ("mov", "mpeg4", "pcm_s16le", "video/mov"),
    "mpeg": ("mpeg", "mpeg1video", "mp2", "video/mpeg"),
    "webm": ("webm", "libvpx", "libopus", "video/webm"),
}
#: Muxer, encoder, sample rate → target and the rate it gets.
CONVERTED_SOUNDS = {
    "webm opus of a browser": ("webm", "libopus", 48_000, "mp3", 48_000),
    "amr of a phone, 8 kHz": ("amr", "libopencore_amrnb", 8_000, "mp3", 16_000),
    "telephone wav, 8 kHz": ("wav", "pcm_mulaw", 8_000, "mp3", 16_000),
    "3gp aac": ("3gp", "aac", 44_100, "mp3", 44_100),
    "ac3": ("ac3", "ac3", 48_000, "mp3", 48_000),
    "wma": ("asf", "wmav2", 44_100, "mp3", 44_100),
    "mkv aac, 11 kHz": ("matroska", "aac", 11_025, "mp3", 16_000),
    "mkv aac, 96 kHz": ("matroska", "aac", 96_000, "mp3", 48_000),
    "caf, 24 bit": ("caf", "pcm_s24le", 44_100, "wav", 44_100),
    "caf, float at 96 kHz": ("caf", "pcm_f32le", 96_000, "wav", 48_000),
    "mov pcm, 8 kHz": ("mov", "pcm_s16le", 8_000, "wav", 8_000),
    "caf, 32 bit at 192 kHz": ("caf", "pcm_s32le", 192_000, "wav", 48_000),
    "flac at 192 kHz": ("flac", "flac", 192_000, "wav", 48_000),
    "flac at 192 kHz, flac": ("flac", "flac", 192_000, "flac", 48_000),
    "alac": ("ipod", "alac", 44_100, "flac", 44_100),
    "wavpack": ("wv", "wavpack", 22_050, "wav", 22_050),
    "tta": ("tta", "tta", 16_000, "wav", 16_000),
}
#: What an encoder cannot do without.
OPTIONS = {"wmav2": {"b": "64000"}}
#: Muxer, encoders of picture and sound, further arguments.
CONVERTED_FILMS = {
    "mkv": ("matroska", "libx264", "aac", {}),
    "mkv vp9 opus": ("matroska", "libvpx-vp9", "libopus", {}),
    "mkv, 10 bit": ("matroska", "libx264", "aac", {"pix_fmt": "yuv420p10le"}),
    "avi mpeg-4 mp3": ("avi", "mpeg4", "libmp3lame", {}),
    "avi h264 mp3, B-frames": ("avi", "libx264", "libmp3lame", {}),
    "avi mjpeg pcm": ("avi", "mjpeg", "pcm_s16le", {"pix_fmt": "yuvj420p"}),
    "mpegts mpeg-2": ("mpegts", "mpeg2video", "mp2", {}),
    "mpegts h264": ("mpegts", "libx264", "aac", {}),
    "flv": ("flv", "flv1", "libmp3lame", {}),
    "wmv": ("asf", "mpeg4", "libmp3lame", {}),
    "3gp": ("3gp", "libx264", "aac", {}),
    "mxf": ("mxf", "mpeg2video", None, {}),
    "ivf": ("ivf", "libvpx", None, {}),
    "bare mpeg-2": ("mpeg2video", "mpeg2video", None, {}),
    "gif": ("gif", "gif", None, {"pix_fmt": "rgb8"}),
}


def _times(path):
    with av.open(str(path)) as film:
        return [float(frame.pts * frame.time_base) for frame in film.decode(video=0)]


def _first_picture(path):
    """As it is stored, not as a player turns it; grey."""
    with av.open(str(path)) as film:
        return next(film.decode(video=0)).to_ndarray(format="gray")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("muxer", "codec", "form"), UNCHANGED_SOUNDS.values(), ids=UNCHANGED_SOUNDS.keys()
)
async def test_sound_the_api_takes_goes_unchanged(tmp_path, workshop, muxer, codec, form):
    path = write_sound(tmp_path / "sound", tone(0.3), container=muxer, codec=codec, out_rate=48_000)

    shares, sendable = await prepared(workshop, path, "audio", tmp_path)

    assert sendable == Sendable(path, "audio", form, facts_of(path), converted_from=None)
    assert shares == []


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["pcm16", "pcm24"])
async def test_bare_samples_go_unchanged(tmp_path, workshop, form):
    path = tmp_path / "samples"
    path.write_bytes(bytes(range(96)) * 300)

    _, sendable = await prepared(workshop, path, "audio", tmp_path, RawPcm(form))

    assert (sendable.path, sendable.format) == (path, form)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("muxer", "codec", "sound", "mime"), UNCHANGED_FILMS.values(), ids=UNCHANGED_FILMS.keys()
)
async def test_a_film_the_api_takes_goes_unchanged(tmp_path, workshop, muxer, codec, sound, mime):
    path = write_film(
        tmp_path / "film",
        RED_BLUE,
        container=muxer,
        codec=codec,
        sound=tone(SECONDS),
        sound_codec=sound,
    )

    shares, sendable = await prepared(workshop, path, "video", tmp_path)

    assert sendable == Sendable(path, "video", mime, facts_of(path), converted_from=None)
    assert shares == []


@pytest.mark.anyio
async def test_other_sound_is_converted_in_the_work_directory(tmp_path, workshop):
    path = write_sound(
        tmp_path / "voice", tone(3.0, 48_000), rate=48_000, container="webm", codec="libopus"
    )
    workdir = tmp_path / "work"
    workdir.mkdir()
    before = path.read_bytes()

    _, sendable = await prepared(workshop, path, "audio", workdir, takes=FEW)

    assert sendable.path.parent == workdir
    assert (sendable.kind, sendable.format) == ("audio", "mp3")
    assert sendable.converted_from == "webm (opus)"
    assert sendable.facts == facts_of(sendable.path)
    assert sendable.facts.container == "mp3"
    assert path.read_bytes() == before


@pytest.mark.anyio
async def test_another_film_is_converted_in_the_work_directory(tmp_path, workshop):
    path = write_film(
        tmp_path / "film",
        RED_BLUE,
        container="avi",
        codec="mpeg4",
        sound=tone(SECONDS),
        sound_codec="libmp3lame",
    )
    workdir = tmp_path / "work"
    workdir.mkdir()

    _, sendable = await prepared(workshop, path, "video", workdir)

    assert sendable.path.parent == workdir
    assert (sendable.kind, sendable.format) == ("video", "video/mp4")
    assert sendable.converted_from == "avi (mpeg4, mp3)"
    assert sendable.facts == facts_of(sendable.path)
    assert sendable.facts.container == "mp4"


@pytest.mark.anyio
async def test_a_film_asked_as_audio_sends_its_sound_alone(workshop, tmp_path):
    path = clip("cuts.mp4")

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=FEW)

    assert (sendable.kind, sendable.format) == ("audio", "mp3")
    assert sendable.converted_from == "mp4 (h264, aac)"
    assert sendable.facts.picture is None
    assert sendable.facts.duration_s == pytest.approx(facts_of(path).sound.duration_s, abs=0.1)


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["pcm16", "pcm24"])
async def test_bare_samples_of_a_film_do_not_exist(tmp_path, workshop, form):
    path = tmp_path / "samples"
    path.write_bytes(bytes(9600))

    with pytest.raises(errors.NoPicture):
        await prepared(workshop, path, "video", tmp_path, RawPcm(form))


@pytest.mark.anyio
async def test_sound_asked_as_video_has_no_picture(tmp_path, workshop):
    with pytest.raises(errors.NoPicture):
        await prepared(workshop, clip("party.mp3"), "video", tmp_path)


@pytest.mark.anyio
@pytest.mark.parametrize("container", ["mp4", "matroska"])
async def test_a_silent_film_asked_as_audio_has_no_sound(tmp_path, workshop, container):
    path = write_film(tmp_path / "film", RED_BLUE, container=container, codec="libx264")

    with pytest.raises(errors.NoSound):
        await prepared(workshop, path, "audio", tmp_path)


class Telling:
    """A workshop whose jobs read so far, and make nothing but what is looked at after them."""

    def __init__(self, *seconds, made):
        self._seconds = seconds
        self._made = made

    async def do(self, job, *, read, **_):
        if isinstance(job, Inspect):
            return self._made
        for now in self._seconds:
            read(Read(now, 1000))
        return None


def _sound_of(seconds):
    return MediaFacts(
        "amr", 1000, seconds, Sound("amr_nb", 8_000, 1, seconds, -20.0, 0.1, -3.0), None
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fit", "shares"),
    [
        (Fit(), [0.0, 0.25, 1.0, 1.0]),
        (Fit(end_s=5.0), [0.0, 0.5, 1.0, 1.0]),
        (Fit(start_s=5.0), [0.0, 0.25, 1.0, 1.0]),
    ],
    ids=["the whole", "its beginning", "its end"],
)
async def test_the_share_that_is_done_is_of_what_has_to_be_read(tmp_path, fit, shares):
    """From 0 to 1, whatever the times in a file say."""
    told = []

    await make(
        Desk(Telling(-0.1, 2.5, 10.0, 11.0, made=_sound_of(10.0))),
        tmp_path / "sound",
        _sound_of(10.0),
        "audio",
        FEW,
        tmp_path / "made",
        raw=None,
        fit=fit,
        told=told.append,
    )

    assert told == shares


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_the_share_that_is_done_is_told_while_it_is_made(tmp_path, workshop, kind):
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 2.5), ((20, 20, 200), 2.5)],
        container="matroska",
        codec="mpeg4",
        sound=tone(5.0),
    )

    shares, _ = await prepared(workshop, path, kind, tmp_path, takes=FEW)

    assert shares
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize(
    ("muxer", "codec", "rate", "target", "target_rate"),
    CONVERTED_SOUNDS.values(),
    ids=CONVERTED_SOUNDS.keys(),
)
def test_sound_keeps_its_length_and_level(tmp_path, muxer, codec, rate, target, target_rate):
    path = write_sound(
        tmp_path / "sound",
        tone(SECONDS, rate),
        rate=rate,
        container=muxer,
        codec=codec,
        codec_options=OPTIONS.get(codec),
    )
    before = facts_of(path)

    after = facts_of(to_audio(path, target))

    assert after.container == target
    assert after.sound.codec == {"mp3": "mp3", "wav": "pcm_s16le", "flac": "flac"}[target]
    assert (after.sound.sample_rate, after.sound.channels) == (target_rate, 1)
    assert after.duration_s == pytest.approx(before.duration_s, abs=0.002)
    # LAME turns everything down by half a decibel.
    assert after.sound.level_dbfs == pytest.approx(before.sound.level_dbfs, abs=0.6)


@pytest.mark.parametrize("target", ["mp3", "wav", "flac"])
@pytest.mark.parametrize(
    ("layout", "channels"), [("mono", 1), ("stereo", 2), ("2.1", 2), ("5.1", 2), ("7.1", 2)]
)
def test_more_than_two_channels_become_two(tmp_path, target, layout, channels):
    path = write_sound(
        tmp_path / "sound", tone(0.5), container="caf", codec="pcm_s16le", layout=layout
    )

    assert facts_of(to_audio(path, target)).sound.channels == channels


@pytest.mark.parametrize("seconds", [31.9, 32.0, 33.0, 70.0])
def test_mp3_that_is_made_in_pieces_has_no_seam(tmp_path, seconds):
    """Encoded side by side, half a minute each: a tone goes on as if it had been made at once."""
    path = write_sound(tmp_path / "sound", tone(seconds), container="wav", codec="pcm_s16le")

    made = samples_of(to_audio(path, "mp3"))

    middle = made[8_000 : len(tone(seconds)) - 8_000]
    levels = np.sqrt((middle[: len(middle) // 800 * 800].reshape(-1, 800) ** 2.0).mean(axis=1))
    assert len(made) == round(seconds * 16_000)
    assert levels.max() / levels.min() < 1.02


@pytest.mark.parametrize("target", ["mp3", "wav", "flac"])
def test_sound_that_changes_its_form_half_way_is_converted_whole(tmp_path, target):
    one = write_sound(tmp_path / "one", tone(1.0), container="adts", codec="aac")
    two = write_sound(
        tmp_path / "two",
        tone(1.0, 44_100),
        rate=44_100,
        container="adts",
        codec="aac",
        layout="stereo",
    )
    joined = tmp_path / "joined"
    joined.write_bytes(one.read_bytes() + two.read_bytes())

    after = facts_of(to_audio(joined, target))

    assert after.duration_s == pytest.approx(facts_of(joined).duration_s, abs=0.15)


def test_sound_without_a_sample_in_it_is_unreadable(tmp_path):
    path = write_sound(tmp_path / "sound", tone(0.5), container="wav", codec="pcm_s16le")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"data") + 8])

    with pytest.raises(errors.UnreadableFile):
        to_audio(path, "wav")


@pytest.mark.parametrize(
    ("muxer", "codec", "sound", "further"), CONVERTED_FILMS.values(), ids=CONVERTED_FILMS.keys()
)
def test_a_film_keeps_its_pictures_and_its_length(tmp_path, muxer, codec, sound, further):
    path = write_film(
        tmp_path / "film",
        RED_BLUE,
        container=muxer,
        codec=codec,
        sound=tone(SECONDS) if sound else None,
        sound_codec=sound,
        **further,
    )
    before = facts_of(path)

    out = to_mp4(path)

    after, times = facts_of(out), _times(out)
    assert after.container == "mp4"
    assert after.picture.codec == "h264"
    assert (after.picture.width, after.picture.height) == (
        before.picture.width,
        before.picture.height,
    )
    assert (after.sound.codec if after.sound else None) == ("aac" if sound else None)
    assert after.duration_s == pytest.approx(before.duration_s, abs=0.1)
    # Within a picture's time: a bare track does not say when it begins.
    assert times == pytest.approx([number / 25 for number in range(30)], abs=0.041)


def test_the_picture_and_the_sound_of_a_film_stay_together(tmp_path):
    """A second of red and silence, then blue and a tone, through a container that re-times both."""
    quiet_then_loud = np.concatenate([np.zeros(16_000, np.int16), tone(1.0)])
    path = write_film(
        tmp_path / "film",
        [((250, 0, 0), 1.0), ((0, 0, 250), 1.0)],
        container="avi",
        codec="libx264",
        sound=quiet_then_loud,
        sound_codec="libmp3lame",
    )

    out = to_mp4(path)
    with av.open(str(out)) as film:
        pictures = [
            frame.time
            for frame in film.decode(video=0)
            if frame.to_ndarray(format="rgb24")[:, :, 2].mean() > 125
        ]
    with av.open(str(out)) as film:
        sounds = [
            frame.time for frame in film.decode(audio=0) if np.abs(frame.to_ndarray()).max() > 0.1
        ]

    assert pictures[0] == pytest.approx(1.0, abs=0.05)
    assert sounds[0] == pytest.approx(1.0, abs=0.1)


def test_a_variable_frame_rate_keeps_its_times(tmp_path):
    times_ms = [0, 40, 80, 500, 510, 520, 1500, 1540, 2000, 2500]
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 0.4)],
        container="matroska",
        codec="libx264",
        times_ms=times_ms,
    )

    assert _times(to_mp4(path)) == pytest.approx([time / 1000 for time in times_ms], abs=0.002)


def _later(path, container, **by_s):
    """``path`` in another container, its ``video`` and ``audio`` so many seconds later."""
    out = path.with_name("later")
    with av.open(str(path)) as source, av.open(str(out), "w", format=container) as sink:
        tracks = {track.index: sink.add_stream_from_template(track) for track in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                ticks = round(by_s[packet.stream.type] / packet.time_base)
                packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                packet.stream = tracks[packet.stream.index]
                sink.mux(packet)
    return out


def _starts(path):
    """When the pictures and the sound begin, and when the file says that it is over."""
    with av.open(str(path)) as film:
        loud = next(f for f in film.decode(audio=0) if np.abs(f.to_ndarray()).max() > 0.1)
        return _times(path)[0], loud.time, film.duration / av.time_base


@pytest.mark.parametrize("container", ["mpegts", "matroska", "flv"])
def test_a_film_that_starts_late_is_sent_from_its_start(tmp_path, container):
    """A piece of a broadcast that has been on the air for two hours is not two hours long."""
    path = write_film(
        tmp_path / "film", RED_BLUE, container="mp4", codec="libx264", sound=tone(SECONDS)
    )

    out = to_mp4(_later(path, container, video=7200, audio=7200))

    assert _starts(out) == pytest.approx((0, 0, SECONDS), abs=0.1)


@pytest.mark.parametrize("container", ["mpegts", "matroska", "flv"])
@pytest.mark.parametrize(("video", "audio"), [(0, 0.5), (0.5, 0)], ids=["sound", "picture"])
def test_a_track_that_starts_after_the_other_still_does(tmp_path, container, video, audio):
    path = write_film(
        tmp_path / "film", RED_BLUE, container="mp4", codec="libx264", sound=tone(SECONDS)
    )

    out = to_mp4(_later(path, container, video=video, audio=audio))

    assert _starts(out) == pytest.approx((video, audio, SECONDS + 0.5), abs=0.1)


@pytest.mark.parametrize(
    ("size", "made"), [((2560, 1440), (1920, 1080)), ((1440, 2560), (1080, 1920))]
)
def test_a_picture_gets_no_more_pixels_than_1080p_has(tmp_path, size, made):
    path = write_film(
        tmp_path / "film", [((200, 20, 20), 0.08)], container="avi", codec="mpeg4", size=size
    )
    picture = facts_of(to_mp4(path)).picture
    assert (picture.width, picture.height) == made


def test_joined_films_keep_all_their_sound(tmp_path):
    """The second one's times begin anew."""
    path = write_film(
        tmp_path / "film", RED_BLUE, container="mpegts", codec="libx264", sound=tone(SECONDS)
    )
    path.write_bytes(path.read_bytes() * 2)
    before = facts_of(path)

    after = facts_of(to_mp4(path))

    assert before.sound.duration_s == pytest.approx(2 * SECONDS, abs=0.1)
    assert after.sound.duration_s == pytest.approx(before.sound.duration_s, abs=0.1)


@pytest.mark.parametrize(
    ("size", "even"), [((161, 91), (160, 90)), ((160, 91), (160, 90)), ((3, 3), (2, 2))]
)
def test_odd_sides_become_even(tmp_path, size, even):
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 0.2)],
        container="matroska",
        codec="libx264",
        size=size,
        pix_fmt="yuv444p",
    )

    picture = facts_of(to_mp4(path)).picture

    assert (picture.width, picture.height) == even


def _white_at_the_top(width=160, height=96):
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2] = 250
    return picture


@pytest.mark.parametrize(
    ("rotation", "size", "white"),
    [
        (0, (160, 96), "top"),
        (90, (96, 160), "left"),
        (180, (160, 96), "bottom"),
        (-90, (96, 160), "right"),
    ],
)
def test_a_film_is_turned_as_a_player_would_turn_it(tmp_path, rotation, size, white):
    path = write_film(
        tmp_path / "film",
        [(_white_at_the_top(), 0.2)],
        container="matroska",
        codec="libx264",
        size=(160, 96),
        rotation=rotation,
    )

    picture = _first_picture(to_mp4(path))

    height, width = picture.shape
    halves = {
        "top": picture[: height // 2],
        "bottom": picture[height // 2 :],
        "left": picture[:, : width // 2],
        "right": picture[:, width // 2 :],
    }
    assert (width, height) == size
    assert max(halves, key=lambda half: halves[half].mean()) == white


@pytest.mark.parametrize(
    ("pixel_shape", "rotation", "size"),
    [
        (Fraction(4, 3), 0, (212, 96)),
        (Fraction(3, 4), 0, (160, 128)),
        (Fraction(4, 3), 90, (96, 212)),
        (Fraction(200), 0, (160, 96)),
    ],
    ids=["wide pixels", "narrow pixels", "wide pixels, turned", "absurd pixels"],
)
def test_pixels_become_square(tmp_path, pixel_shape, rotation, size):
    """What knows nothing of the shape of pixels would see a film off a disc squeezed."""
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 0.2)],
        container="matroska",
        codec="libx264",
        size=(160, 96),
        pixel_shape=pixel_shape,
        rotation=rotation,
    )

    picture = facts_of(to_mp4(path)).picture

    assert (picture.width, picture.height) == size


@pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("stereo", 2)])
def test_the_sound_of_a_film_gets_as_many_bits_for_each_channel(tmp_path, layout, channels):
    noise = np.random.default_rng(1).normal(0, 3000, 3 * 48_000).astype(np.int16)
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 3.0)],
        container="avi",
        codec="mpeg4",
        sound=noise,
        sound_rate=48_000,
        sound_codec="libmp3lame",
        layout=layout,
    )

    with av.open(str(to_mp4(path))) as film:
        track = film.streams.audio[0]
        sizes = [packet.size for packet in film.demux(track)]

    assert track.codec_context.channels == channels
    assert sum(sizes) * 8 / 3.0 == pytest.approx(64_000 * channels, rel=0.2)


@pytest.mark.parametrize("kind", ["mp4", "mp3", "wav"])
def test_sound_that_comes_long_after_the_picture_is_made(tmp_path, kind):
    """Whoever opens the file does not know its sample rate yet."""
    noise = np.random.default_rng(1).integers(0, 255, (180, 320, 3), np.uint8)
    path = write_film(
        tmp_path / "film",
        [(np.roll(noise, at, axis=1), 0.1) for at in range(200)],
        container="mpegts",
        codec="mpeg2video",
        size=(320, 180),
        codec_options={"qmin": "1", "qmax": "1"},
        frame_rate=10,
        sound=tone(3.0),
        sound_codec="mp2",
    )
    with av.open(str(path)) as film:
        assert not film.streams.audio[0].codec_context.sample_rate

    sound = facts_of(to_mp4(path) if kind == "mp4" else to_audio(path, kind)).sound

    assert sound.sample_rate >= 44_100
    assert sound.duration_s == pytest.approx(3.0, abs=0.1)


@pytest.fixture
def graphs(monkeypatch):
    """The filter graphs that are built."""
    built, graph = [], av.filter.Graph

    def build():
        built.append(graph())
        return built[-1]

    monkeypatch.setattr(av.filter, "Graph", build)
    return built


def test_the_filters_of_a_film_are_built_once(tmp_path, graphs):
    path = write_film(
        tmp_path / "film", RED_BLUE, container="matroska", codec="libx264", rotation=90
    )

    to_mp4(path)

    assert len(graphs) == 1


def test_the_filters_of_a_film_are_built_anew_when_its_pictures_change(tmp_path, graphs):
    """Joined broadcasts, the second one larger: it is made as large as the first."""
    one, two = (
        write_film(tmp_path / name, RED_BLUE, container="mpegts", codec="mpeg2video", size=size)
        for name, size in (("one", (160, 96)), ("two", (320, 192)))
    )
    one.write_bytes(one.read_bytes() + two.read_bytes())

    picture = facts_of(to_mp4(one)).picture

    assert len(graphs) == 2
    assert (picture.width, picture.height) == (160, 96)


def test_a_film_without_a_picture_that_decodes_is_unreadable(tmp_path):
    path = write_film(tmp_path / "film", RED_BLUE, container="ivf", codec="libvpx")
    data = bytearray(path.read_bytes())
    data[44:] = bytes(len(data) - 44)  # all after the headers of file and first picture
    path.write_bytes(data)

    with pytest.raises(errors.UnreadableFile):
        to_mp4(path)
