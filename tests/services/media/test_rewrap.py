"""Tracks that only stand in the wrong container are taken over as they are."""

from fractions import Fraction

import av
import numpy as np
import pytest

from services.media.estimate import estimate
from services.media.forms import EVERYTHING
from services.media.values import Fit, Takes
from tests.making import samples_of, tone, write_film, write_sound
from tests.services.media.direct import facts_of
from tests.services.media.preparing import FEW, prepared

RED_BLUE = [((200, 20, 20), 0.6), ((20, 20, 200), 0.6)]
SECONDS = 1.2
GEMINI = Takes(
    frozenset({"wav", "mp3", "aiff", "aac", "ogg", "flac"}), EVERYTHING.video, any_codec=True
)

#: Muxer, encoder, sample rate, channels → format; for a model that takes everything.
SOUNDS = {
    "webm opus of a recorder": ("webm", "libopus", 48_000, "mono", "ogg"),
    "webm opus, 5.1": ("webm", "libopus", 48_000, "5.1", "ogg"),
    "mkv aac": ("matroska", "aac", 16_000, "mono", "m4a"),
    "ts aac": ("mpegts", "aac", 16_000, "mono", "m4a"),
    "3gp aac": ("3gp", "aac", 16_000, "mono", "m4a"),
    "flv mp3": ("flv", "libmp3lame", 44_100, "mono", "mp3"),
    "avi mp3": ("avi", "libmp3lame", 44_100, "mono", "mp3"),
    "caf alac": ("caf", "alac", 44_100, "stereo", "m4a"),
    "mov pcm": ("mov", "pcm_s16le", 16_000, "stereo", "wav"),
    "au": ("au", "pcm_s16be", 8_000, "mono", "aiff"),
}
#: Muxer, encoders of picture and sound, further arguments.
FILMS = {
    "mov": ("mov", "libx264", "aac", {}),
    "mkv": ("matroska", "libx264", "aac", {}),
    "mkv, silent": ("matroska", "libx264", None, {}),
    "mkv mp3": ("matroska", "libx264", "libmp3lame", {}),
    "ts": ("mpegts", "libx264", "aac", {}),
    "flv": ("flv", "libx264", "aac", {}),
    "3gp": ("3gp", "libx264", "aac", {}),
    "mkv, pixels not square": ("matroska", "libx264", "aac", {"pixel_shape": Fraction(4, 3)}),
}


def _packets(path, kind):
    with av.open(str(path)) as container:
        stream = next(one for one in container.streams if one.type == kind)
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def _film(path, muxer, codec, sound, further):
    return write_film(
        path / "film",
        RED_BLUE,
        container=muxer,
        codec=codec,
        sound=tone(SECONDS) if sound else None,
        sound_codec=sound,
        **further,
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("muxer", "codec", "rate", "layout", "form"), SOUNDS.values(), ids=SOUNDS.keys()
)
async def test_sound_is_put_in_a_container_the_model_takes(
    tmp_path, workshop, muxer, codec, rate, layout, form
):
    path = write_sound(
        tmp_path / "sound",
        tone(SECONDS, rate),
        rate=rate,
        container=muxer,
        codec=codec,
        layout=layout,
    )
    before = facts_of(path)

    _, sendable = await prepared(workshop, path, "audio", tmp_path)

    after = sendable.facts
    assert (sendable.change, sendable.format) == ("remux", form)
    assert (after.sound.codec, after.sound.channels) == (before.sound.codec, before.sound.channels)
    assert after.sound.sample_rate == before.sound.sample_rate
    assert after.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert after.sound.level_dbfs == pytest.approx(before.sound.level_dbfs, abs=0.3)


@pytest.mark.anyio
async def test_flac_in_another_container_is_flac_again(tmp_path, workshop):
    plain = write_sound(tmp_path / "plain", tone(SECONDS), container="flac", codec="flac")
    path = _rewrapped(plain, "matroska")

    _, sendable = await prepared(workshop, path, "audio", tmp_path)

    assert (sendable.change, sendable.format) == ("remux", "flac")
    assert facts_of(sendable.path).sound == facts_of(plain).sound


@pytest.mark.anyio
async def test_what_is_rewrapped_is_not_encoded_again(tmp_path, workshop):
    path = write_sound(
        tmp_path / "voice", tone(SECONDS, 48_000), rate=48_000, container="webm", codec="libopus"
    )

    _, sendable = await prepared(workshop, path, "audio", tmp_path)

    assert _packets(sendable.path, "audio") == _packets(path, "audio")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("takes", "form"), [(EVERYTHING, "m4a"), (GEMINI, "aac"), (FEW, "mp3")], ids=["m4a", "aac", "-"]
)
async def test_the_sound_of_a_film_is_copied_where_the_model_takes_it(
    tmp_path, workshop, takes, form
):
    path = _film(tmp_path, "mp4", "libx264", "aac", {})

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=takes)

    assert sendable.format == form
    assert sendable.change == ("transcode" if form == "mp3" else "remux")
    assert sendable.facts.picture is None
    assert sendable.facts.duration_s == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.anyio
@pytest.mark.parametrize(("muxer", "codec", "sound", "further"), FILMS.values(), ids=FILMS.keys())
async def test_a_film_is_put_into_mp4_as_it_is(tmp_path, workshop, muxer, codec, sound, further):
    path = _film(tmp_path, muxer, codec, sound, further)

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    assert (sendable.change, sendable.format) == ("remux", "video/mp4")
    assert sendable.facts.container == "mp4"
    with av.open(str(path)) as before, av.open(str(sendable.path)) as after:
        frames = [
            [(frame.time, frame.to_ndarray()) for frame in film.decode(video=0)]
            for film in (before, after)
        ]
    assert len(frames[0]) == len(frames[1]) == 30
    starts = [times[0][0] for times in frames]
    for (old_s, old), (new_s, new) in zip(*frames, strict=True):
        assert new_s - starts[1] == pytest.approx(old_s - starts[0], abs=0.002)
        assert np.array_equal(old, new)


@pytest.mark.anyio
async def test_a_film_that_starts_late_is_rewrapped_from_its_start(tmp_path, workshop):
    path = _film(tmp_path, "mpegts", "libx264", "aac", {})
    with av.open(str(path)) as film:
        assert film.start_time > 0

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    with av.open(str(sendable.path)) as film:
        assert next(film.decode(video=0)).time == pytest.approx(0, abs=0.05)


@pytest.mark.anyio
@pytest.mark.parametrize("container", ["mov", "matroska"])
async def test_a_film_that_is_rewrapped_is_still_turned(tmp_path, workshop, container):
    path = _film(tmp_path, container, "libx264", "aac", {"rotation": 90, "size": (160, 96)})

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    assert sendable.change == "remux"
    with av.open(str(sendable.path)) as film:
        assert next(film.decode(video=0)).rotation == 90


@pytest.mark.anyio
async def test_vp9_in_matroska_becomes_webm_where_that_is_taken(tmp_path, workshop):
    path = _film(tmp_path, "matroska", "libvpx-vp9", "libopus", {})

    _, sendable = await prepared(workshop, path, "video", tmp_path)

    assert (sendable.change, sendable.format) == ("remux", "video/webm")
    assert sendable.facts.container == "webm"


@pytest.mark.anyio
@pytest.mark.parametrize("sound", ["libopus", "ac3"])
async def test_a_picture_is_copied_when_only_the_sound_must_change(tmp_path, workshop, sound):
    path = _film(tmp_path, "matroska", "libx264", sound, {})

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    assert sendable.change == "transcode"
    assert sendable.facts.sound.codec == "aac"
    assert len(_packets(sendable.path, "video")) == len(_packets(path, "video"))
    assert sum(map(len, _packets(sendable.path, "video"))) == pytest.approx(
        sum(map(len, _packets(path, "video"))), rel=0.05
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("muxer", "codec", "further"),
    [
        ("mp4", "libx265", {}),
        ("mov", "libx264", {"pix_fmt": "yuv420p10le"}),
        ("mp4", "mpeg4", {}),
        ("matroska", "libx264", {"size": (161, 91), "pix_fmt": "yuv444p"}),
        ("avi", "libx264", {}),
        ("webm", "libvpx", {"sound_codec": "libopus"}),
    ],
    ids=["hevc", "10 bit", "mpeg-4 part 2", "4:4:4 with odd sides", "avi", "webm"],
)
async def test_a_model_nobody_knows_gets_h264_and_aac(tmp_path, workshop, muxer, codec, further):
    sound = further.pop("sound_codec", "aac" if muxer != "avi" else "libmp3lame")
    path = _film(tmp_path, muxer, codec, sound, further)

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    assert (sendable.change, sendable.format) == ("transcode", "video/mp4")
    picture = sendable.facts.picture
    assert (picture.codec, picture.pixel_format) == ("h264", "yuv420p")
    assert sendable.facts.sound.codec == "aac"
    assert sendable.facts.duration_s == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.anyio
async def test_hevc_goes_to_a_general_decoder_as_it_is(tmp_path, workshop):
    path = _film(tmp_path, "matroska", "libx265", "aac", {})

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=GEMINI)

    assert (sendable.change, sendable.facts.picture.codec) == ("remux", "hevc")


@pytest.mark.anyio
async def test_joined_films_that_do_not_bear_it_are_made_anew(tmp_path, workshop):
    """The second one's times begin anew, which no MP4 can say."""
    path = _film(tmp_path, "mpegts", "libx264", "aac", {})
    path.write_bytes(path.read_bytes() * 2)

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    assert sendable.change == "transcode"
    assert sendable.facts.sound.duration_s == pytest.approx(2 * SECONDS, abs=0.2)


@pytest.mark.anyio
async def test_an_endless_gif_is_played_once(tmp_path, workshop):
    path = tmp_path / "film"
    with av.open(str(path), "w", format="gif", options={"loop": "0"}) as sink:
        video = sink.add_stream("gif", rate=10)
        video.width, video.height, video.pix_fmt = 64, 36, "rgb8"
        for shade in range(10):
            picture = np.full((36, 64, 3), shade * 20, np.uint8)
            sink.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        sink.mux(video.encode(None))
    assert b"NETSCAPE2.0" in path.read_bytes()

    _, sendable = await prepared(workshop, path, "video", tmp_path, takes=FEW)

    assert sendable.facts.duration_s == pytest.approx(1.0, abs=0.15)


def _with_hidden(path, ticks):
    """The MP4 at ``path`` with an edit list by which so many ticks more are not played."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 16
    start = int.from_bytes(data[at : at + 4], "big")
    data[at : at + 4] = (start + ticks).to_bytes(4, "big")
    path.write_bytes(data)
    return path


@pytest.mark.anyio
@pytest.mark.parametrize("codec", ["libopus", "aac"])
async def test_what_an_edit_list_hides_is_not_sent(tmp_path, workshop, codec):
    """A tone that somebody cut off: it is still in the file, and a copy would have it."""
    rate = 48_000
    sound = np.concatenate([tone(0.5, rate, 1200), tone(1.5, rate, 300)])
    path = write_sound(tmp_path / "sound", sound, rate=rate, container="mp4", codec=codec)
    _with_hidden(path, rate // 2)
    assert facts_of(path).sound.hidden_s == pytest.approx(0.5, abs=0.05)

    for takes in (EVERYTHING, GEMINI, FEW):
        said = estimate(facts_of(path), "audio", takes, Fit())
        _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=takes)
        assert sendable.facts.duration_s == pytest.approx(1.5, abs=0.06)
        assert (sendable.change, sendable.format) == (said.change, said.format)


@pytest.mark.anyio
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100])
async def test_mp3_out_of_matroska_keeps_its_beginning(tmp_path, workshop, rate):
    """FFmpeg would write a header by which the first 4096 samples are not played."""
    path = write_sound(
        tmp_path / "sound",
        np.concatenate([tone(0.3, rate), np.zeros(2 * rate, np.int16)]),
        rate=rate,
        container="matroska",
        codec="libmp3lame",
    )
    facts = facts_of(path)

    _, sendable = await prepared(workshop, path, "audio", tmp_path)

    assert (sendable.change, sendable.format) == ("remux", "mp3")
    assert facts.duration_s - 0.01 <= sendable.facts.duration_s <= facts.duration_s + 0.1
    assert (samples_of(sendable.path) > 3000).sum() == pytest.approx(
        (samples_of(path) > 3000).sum(), rel=0.02
    )


@pytest.mark.anyio
@pytest.mark.parametrize("codec", ["flac", "alac", "pcm_s16le"])
@pytest.mark.parametrize("takes", [EVERYTHING, GEMINI, FEW], ids=["all", "some", "few"])
async def test_what_is_promised_of_a_caf_is_what_is_sent(tmp_path, workshop, codec, takes):
    """It says too little of FLAC for its packets to stand in another container."""
    container = {"flac": "flac", "alac": "ipod", "pcm_s16le": "wav"}[codec]
    plain = write_sound(tmp_path / "plain", tone(SECONDS), container=container, codec=codec)
    path = _rewrapped(plain, "caf")
    said = estimate(facts_of(path), "audio", takes, Fit())

    _, sendable = await prepared(workshop, path, "audio", tmp_path, takes=takes)

    assert (sendable.change, sendable.format) == (said.change, said.format)


def _rewrapped(path, container):
    """The sound of ``path`` as it is, in another container, beside it."""
    out = path.with_name("rewrapped")
    with av.open(str(path)) as source, av.open(str(out), "w", format=container) as sink:
        track = sink.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux():
            if packet.size:
                packet.stream = track
                sink.mux(packet)
    return out
