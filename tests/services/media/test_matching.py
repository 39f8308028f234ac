"""Which form a file already is, can be put in as it is, or is to be made."""

from dataclasses import replace

import pytest

from services.media.forms import EVERYTHING
from services.media.matching import (
    as_audio,
    as_video,
    audio_target,
    describe,
    is_heard_as_it_is,
    keeps_picture,
    keeps_sound,
    rewrapped_audio,
    rewrapped_video,
)
from services.media.plan import planned
from services.media.values import Fit, MediaFacts, Mix, Picture, Sound, Takes, Track


def _facts(container, *, sound=None, picture=None, pixels="yuv420p"):
    return MediaFacts(
        container,
        1000,
        1.0,
        Sound(sound, 24_000, 1, 1.0, -20.0, 0.0) if sound else None,
        Picture(picture, 160, 90, 25.0, pixels) if picture else None,
    )


def _name(form):
    return form.name if form is not None else None


@pytest.mark.parametrize(
    ("container", "codec", "form"),
    [
        ("wav", "pcm_u8", "wav"),
        ("wav", "pcm_s16le", "wav"),
        ("wav", "pcm_s24le", "wav"),
        ("wav", "pcm_s32le", "wav"),
        ("wav", "pcm_f32le", "wav"),
        ("mp3", "mp3", "mp3"),
        ("aiff", "pcm_s16be", "aiff"),
        ("aiff", "pcm_s24be", "aiff"),
        ("aac", "aac", "aac"),
        ("ogg", "opus", "ogg"),
        ("ogg", "vorbis", "ogg"),
        ("flac", "flac", "flac"),
        ("m4a", "aac", "m4a"),
        ("m4a", "alac", "m4a"),
        ("mp4", "aac", "m4a"),
        ("mov", "alac", "m4a"),
        ("pcm16", "pcm_s16le", "pcm16"),
        ("pcm24", "pcm_s24le", "pcm24"),
    ],
)
def test_sound_the_api_takes_goes_under_its_format(container, codec, form):
    assert _name(as_audio(_facts(container, sound=codec))) == form


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (24_000, 2)])
def test_bare_samples_go_out_only_as_what_a_model_takes_them_for(rate, channels):
    sound = Sound("pcm_s16le", rate, channels, 1.0, -20.0, 0.0)
    assert _name(as_audio(MediaFacts("pcm16", 1000, 1.0, sound, None))) is None


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_mulaw"),
        ("wav", "adpcm_ms"),
        ("wav", "mp3"),
        ("wav", "pcm_f64le"),
        ("mp3", "mp2"),
        ("aiff", "pcm_s16le"),
        ("ogg", "flac"),
        ("ogg", "speex"),
        ("m4a", "ac3"),
        ("mov", "pcm_s16le"),
        ("3gp", "aac"),
        ("webm", "opus"),
        ("matroska", "aac"),
        ("amr", "amr_nb"),
        ("asf", "wmav2"),
    ],
)
def test_other_sound_has_no_format(container, codec):
    assert _name(as_audio(_facts(container, sound=codec))) is None


@pytest.mark.parametrize(
    "facts",
    [_facts("mp4", sound="aac", picture="h264"), _facts("mp4", picture="h264")],
    ids=["a film with sound", "a silent film"],
)
def test_a_film_has_no_audio_format(facts):
    assert _name(as_audio(facts)) is None


@pytest.mark.parametrize("container", ["mp4", "mpeg", "mov", "webm"])
@pytest.mark.parametrize("sound", ["aac", None], ids=["with sound", "silent"])
def test_a_film_the_api_takes_goes_under_its_mime_type(container, sound):
    facts = _facts(container, sound=sound, picture="h264")

    assert _name(as_video(facts)) == f"video/{container}"


@pytest.mark.parametrize(
    "container", ["matroska", "avi", "mpegts", "mpegvideo", "flv", "asf", "3gp", "gif"]
)
def test_another_film_has_no_mime_type(container):
    assert _name(as_video(_facts(container, sound="aac", picture="h264"))) is None


def test_sound_alone_has_no_video_type():
    assert _name(as_video(_facts("mp4", sound="aac"))) is None


@pytest.mark.parametrize(
    ("codec", "target"),
    [
        ("pcm_s16le", "wav"),
        ("pcm_s16be", "wav"),
        ("pcm_u8", "wav"),
        ("pcm_f32le", "wav"),
        ("pcm_f64be", "wav"),
        ("flac", "flac"),
        ("alac", "flac"),
        ("tta", "flac"),
        ("wavpack", "flac"),
        ("ape", "flac"),
        ("wmalossless", "flac"),
        ("pcm_mulaw", "mp3"),
        ("pcm_alaw", "mp3"),
        ("adpcm_ms", "mp3"),
        ("aac", "mp3"),
        ("opus", "mp3"),
        ("amr_nb", "mp3"),
        ("wmav2", "mp3"),
    ],
)
def test_a_conversion_loses_nothing_that_was_not_lost_before(codec, target):
    assert audio_target(_facts("caf", sound=codec)).name == target


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (_facts("webm", sound="opus", picture="vp8"), "webm (vp8, opus)"),
        (_facts("amr", sound="amr_nb"), "amr (amr_nb)"),
        (_facts("gif", picture="gif"), "gif (gif)"),
        (_facts("mxf"), "mxf"),
    ],
    ids=["a film", "a sound", "a silent film", "neither"],
)
def test_a_description_names_container_and_codecs(facts, words):
    assert describe(facts) == words


FEW = Takes(frozenset({"mp3", "wav"}), frozenset({"video/mp4", "video/mov"}))


@pytest.mark.parametrize(
    ("container", "codec", "form"),
    [
        ("mp3", "mp3", "mp3"),
        ("wav", "pcm_s16le", "wav"),
        ("m4a", "aac", None),
        ("ogg", "opus", None),
        ("pcm16", "pcm_s16le", None),
    ],
)
def test_sound_goes_unchanged_only_in_a_format_the_model_takes(container, codec, form):
    assert _name(as_audio(_facts(container, sound=codec), FEW)) == form


@pytest.mark.parametrize(
    ("container", "picture", "pixels", "sound", "mime"),
    [
        ("mp4", "h264", "yuv420p", "aac", "video/mp4"),
        ("mp4", "h264", "yuvj420p", None, "video/mp4"),
        ("mov", "h264", "yuv420p", "pcm_s16le", "video/mov"),
        ("webm", "vp8", "yuv420p", "opus", None),
        ("mp4", "hevc", "yuv420p", "aac", None),
        ("mp4", "h264", "yuv420p10le", "aac", None),
        ("mp4", "h264", "yuv444p", "aac", None),
        ("mp4", "mpeg4", "yuv420p", "aac", None),
        ("mp4", "h264", "yuv420p", "ac3", None),
    ],
)
def test_a_film_goes_unchanged_only_in_codecs_common_in_its_container(
    container, picture, pixels, sound, mime
):
    facts = _facts(container, sound=sound, picture=picture, pixels=pixels)

    assert _name(as_video(facts, FEW)) == mime


def test_a_general_decoder_gets_a_film_with_any_codec():
    facts = _facts("mp4", sound="ac3", picture="hevc", pixels="yuv420p10le")

    assert _name(as_video(facts, Takes(frozenset(), FEW.video, any_codec=True))) == "video/mp4"


@pytest.mark.parametrize(
    ("codec", "takes", "target"),
    [
        ("pcm_s16le", {"mp3"}, "mp3"),
        ("flac", {"mp3", "aac"}, "mp3"),
        ("opus", {"wav"}, "wav"),
        ("opus", {"wav", "mp3"}, "mp3"),
    ],
)
def test_a_conversion_is_to_what_the_model_takes(codec, takes, target):
    facts = _facts("caf", sound=codec)

    assert audio_target(facts, Takes(frozenset(takes), frozenset())).name == target


@pytest.mark.parametrize(
    ("codec", "takes", "target"),
    [
        ("flac", {"mp3", "flac"}, "flac"),
        ("alac", {"mp3", "flac", "wav"}, "flac"),
        ("alac", {"mp3", "wav"}, "wav"),
        ("pcm_s16le", {"flac", "wav"}, "wav"),
        ("opus", {"flac", "wav"}, "wav"),
        ("flac", set(), "mp3"),
    ],
)
def test_what_was_compressed_without_loss_stays_so_where_the_model_takes_it(codec, takes, target):
    facts = _facts("caf", sound=codec)

    assert audio_target(facts, Takes(frozenset(takes), frozenset())).name == target


def _pcm(rate, channels, codec="pcm_s16le"):
    return MediaFacts("mov", 1000, 1.0, Sound(codec, rate, channels, 1.0, -20.0, 0.0), None)


@pytest.mark.parametrize(
    ("facts", "form"),
    [
        (_pcm(48_000, 2), "wav"),
        (_pcm(48_000, 1), "wav"),
        (_pcm(8_000, 2), "wav"),
        (_pcm(48_001, 2), None),
        (_pcm(96_000, 1), None),
        (_pcm(48_000, 3), None),
        (_pcm(48_000, 2, "pcm_s24le"), None),
        (_pcm(48_000, 2, "pcm_s16be"), "aiff"),
        (_pcm(96_000, 6, "flac"), "flac"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bare_samples_are_rewrapped_where_a_conversion_would_not_make_less_of_them(facts, form):
    assert _name(rewrapped_audio(facts, EVERYTHING)) == form


@pytest.mark.parametrize("codec", ["opus", "flac"])
def test_what_a_caf_says_too_little_of_is_not_taken_out_of_it(codec):
    assert rewrapped_audio(_facts("caf", sound=codec), EVERYTHING) is None
    assert _name(rewrapped_audio(_facts("matroska", sound=codec), EVERYTHING)) is not None


@pytest.mark.parametrize(
    ("more", "is_copied"),
    [
        ({}, True),
        ({"hidden_s": 0.09}, True),
        ({"hidden_s": 0.2}, False),
        ({"mix": Mix(0)}, False),
        ({"mix": Mix(None, 0.5)}, False),
    ],
    ids=["as it is", "an encoder's padding", "cut by somebody", "antiphase", "many channels"],
)
def test_what_would_be_heard_otherwise_is_not_taken_over(more, is_copied):
    facts = _facts("matroska", sound="aac", picture="h264")
    facts = replace(facts, sound=replace(facts.sound, **more))

    assert (rewrapped_audio(facts, EVERYTHING) is not None) is is_copied
    assert (rewrapped_video(facts, EVERYTHING) is not None) is is_copied
    assert keeps_sound(facts) is is_copied
    assert keeps_picture(facts)


FIRST, SECOND = Track("aac", 2, is_default=True), Track("aac", 2)


@pytest.mark.parametrize(
    ("tracks", "track", "mix", "is_heard"),
    [
        ((), 0, None, True),
        ((FIRST,), 0, None, True),
        ((FIRST, SECOND), 0, None, True),
        ((FIRST, SECOND), 1, None, False),
        ((FIRST,), 0, Mix(1), False),
    ],
)
def test_a_file_goes_as_it_is_only_if_whoever_plays_it_hears_what_is_meant(
    tracks, track, mix, is_heard
):
    facts = _facts("mp4", sound="aac", picture="h264")
    facts = replace(facts, sound=replace(facts.sound, track=track, mix=mix), tracks=tracks)

    assert is_heard_as_it_is(facts) is is_heard
    assert (planned(facts, "video", EVERYTHING, Fit()).change == "none") is is_heard
