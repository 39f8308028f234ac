"""The forms that media go out in: one table, and what goes out unchanged by it.

The nine audio formats are the External API's guide's. The four video MIME types are
those OpenRouter documents (https://openrouter.ai/docs/guides/overview/multimodal/videos);
it writes ``video/mov``, not ``video/quicktime``.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from services.media.values import Kind, MediaFacts, Picture, Takes

_NONE: Final = frozenset[str]()


@dataclass(frozen=True, slots=True, kw_only=True)
class WireForm:
    """A form that the API has a name for.

    ``name`` is what stands in the content part: an audio format, or a video's MIME
    type. ``also`` are other names that a catalogue may write for it. ``containers``
    are ours of files that have this form if their sound is one of ``sounds``, the
    codecs that mean the same to every decoder of it; of video these, and ``pictures``,
    are the codecs that every player of it has. ``takes_over`` are the sound codecs
    that are rewrapped into it when they stand in another container. ``muxer`` is
    FFmpeg's name of the container, ``bare`` its name of samples without a header.
    """

    name: str
    kind: Kind
    containers: frozenset[str]
    sounds: frozenset[str]
    pictures: frozenset[str] = _NONE
    takes_over: frozenset[str] = _NONE
    also: frozenset[str] = _NONE
    muxer: str = ""
    bare: str = ""


#: Best first, where more than one would do. The codecs of film are those that
#: browsers play: a model that is known for MP4 and nothing else is fed by someone's
#: plain player. HEVC, MPEG-4 part 2 or ten bits a sample in an MP4 they do not play
#: (https://developer.mozilla.org/docs/Web/Media/Guides/Formats/Containers).
WIRE_FORMS: Final = (
    WireForm(
        name="wav",
        kind="audio",
        containers=frozenset({"wav"}),
        sounds=frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"}),
        # Samples of more than 16 bits are converted: that makes less of them.
        takes_over=frozenset({"pcm_u8", "pcm_s16le"}),
        also=frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"}),
        muxer="wav",
    ),
    WireForm(
        name="mp3",
        kind="audio",
        containers=frozenset({"mp3"}),
        sounds=frozenset({"mp3"}),
        takes_over=frozenset({"mp3"}),
        also=frozenset({"audio/mp3", "audio/mpeg"}),
        muxer="mp3",
    ),
    WireForm(
        name="aiff",
        kind="audio",
        containers=frozenset({"aiff"}),
        sounds=frozenset({"pcm_s8", "pcm_s16be", "pcm_s24be", "pcm_s32be"}),
        takes_over=frozenset({"pcm_s16be"}),
        also=frozenset({"audio/aiff", "audio/x-aiff"}),
        muxer="aiff",
    ),
    WireForm(
        name="m4a",
        kind="audio",
        # An MP4 with nothing but an AAC track is what the name m4a stands for.
        containers=frozenset({"m4a", "mp4", "mov"}),
        sounds=frozenset({"aac", "alac"}),
        takes_over=frozenset({"aac", "alac"}),
        also=frozenset({"audio/m4a", "audio/x-m4a", "audio/mp4"}),
        muxer="ipod",
    ),
    WireForm(
        name="aac",
        kind="audio",
        containers=frozenset({"aac"}),
        sounds=frozenset({"aac"}),
        takes_over=frozenset({"aac"}),
        also=frozenset({"audio/aac"}),
        muxer="adts",
    ),
    WireForm(
        name="ogg",
        kind="audio",
        containers=frozenset({"ogg"}),
        sounds=frozenset({"vorbis", "opus"}),
        takes_over=frozenset({"vorbis", "opus"}),
        also=frozenset({"audio/ogg"}),
        muxer="ogg",
    ),
    WireForm(
        name="flac",
        kind="audio",
        containers=frozenset({"flac"}),
        sounds=frozenset({"flac"}),
        takes_over=frozenset({"flac"}),
        also=frozenset({"audio/flac", "audio/x-flac"}),
        muxer="flac",
    ),
    WireForm(
        name="pcm16",
        kind="audio",
        containers=frozenset({"pcm16"}),
        sounds=frozenset({"pcm_s16le"}),
        bare="s16le",
    ),
    WireForm(
        name="pcm24",
        kind="audio",
        containers=frozenset({"pcm24"}),
        sounds=frozenset({"pcm_s24le"}),
        bare="s24le",
    ),
    WireForm(
        name="video/mp4",
        kind="video",
        containers=frozenset({"mp4"}),
        pictures=frozenset({"h264"}),
        sounds=frozenset({"aac", "mp3"}),
        muxer="mp4",
    ),
    WireForm(
        name="video/webm",
        kind="video",
        containers=frozenset({"webm"}),
        pictures=frozenset({"vp8", "vp9"}),
        sounds=frozenset({"opus", "vorbis"}),
        muxer="webm",
    ),
    WireForm(
        name="video/mpeg",
        kind="video",
        containers=frozenset({"mpeg"}),
        pictures=frozenset({"mpeg1video", "mpeg2video"}),
        sounds=frozenset({"mp2"}),
    ),
    WireForm(
        name="video/mov",
        kind="video",
        containers=frozenset({"mov"}),
        pictures=frozenset({"h264"}),
        sounds=frozenset({"aac", "pcm_s16le"}),
    ),
)

#: The table by its names: what stands in a content part → the form.
BY_NAME: Final = MappingProxyType({form.name: form for form in WIRE_FORMS})


def named(kind: Kind) -> tuple[str, ...]:
    """The API's names of the forms of ``kind``."""
    return tuple(form.name for form in WIRE_FORMS if form.kind == kind)


#: All the API has a name for.
EVERYTHING: Final = Takes(frozenset(named("audio")), frozenset(named("video")), any_codec=True)
MP4: Final = BY_NAME["video/mp4"]

#: Codecs that lose nothing, so that a conversion should lose nothing either.
LOSSLESS: Final = frozenset({"alac", "ape", "flac", "tta", "wavpack", "wmalossless"})

#: What a general decoder opens in an MP4, whatever the bits of a sample.
_MP4_PICTURES: Final = frozenset({"h264", "hevc"})
_COMMON_PIXELS: Final = frozenset({"yuv420p", "yuvj420p"})  # 8 bit, 4:2:0

#: Bare samples are rewrapped up to here only: conversion makes less of them.
_MOST_PCM_RATE: Final = 48_000
_MOST_PCM_CHANNELS: Final = 2

#: Sample rate and channels that bare samples are taken to have
#: (https://platform.openai.com/docs/guides/realtime-conversations).
BARE: Final = (24_000, 1)

#: Containers whose times and headers suit a copy of their tracks into MP4 or WebM.
#: Not AVI: it does not say when a picture is shown.
_COPIED_FROM: Final = frozenset({"mp4", "mov", "3gp", "matroska", "webm", "mpegts", "flv"})


def named_so(names: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The forms of sound and of video among ``names``, as catalogues write them."""
    found = [form for form in WIRE_FORMS if names & (form.also | {form.name})]
    return (
        frozenset(form.name for form in found if form.kind == "audio"),
        frozenset(form.name for form in found if form.kind == "video"),
    )


def as_audio(facts: MediaFacts, takes: Takes = EVERYTHING) -> WireForm | None:
    """The form of sound that ``facts`` already is, None if ``takes`` has no such."""
    sound = facts.sound
    if sound is None or facts.picture is not None:
        return None
    for form in WIRE_FORMS:
        if form.kind == "audio" and facts.container in form.containers:
            # Of samples without a header nobody could tell the model.
            is_told = not form.bare or (sound.sample_rate, sound.channels) == BARE
            is_taken = form.name in takes.audio and sound.codec in form.sounds
            return form if is_told and is_taken else None
    return None


def as_video(facts: MediaFacts, takes: Takes = EVERYTHING) -> WireForm | None:
    """The form of video that ``facts`` already is, None if ``takes`` has no such.

    A model of which no more is known than the containers it takes gets only the
    codecs that are common in them.
    """
    if facts.picture is None:
        return None
    for form in WIRE_FORMS:
        if form.name in takes.video and facts.container in form.containers:
            return form if takes.any_codec or _is_common(form, facts) else None
    return None


def rewrapped_audio(facts: MediaFacts, takes: Takes) -> WireForm | None:
    """The form the sound of ``facts`` can be put in as it is, of those ``takes`` has."""
    sound = facts.sound
    if sound is None:
        return None
    if sound.codec.startswith("pcm_") and (
        sound.sample_rate > _MOST_PCM_RATE or sound.channels > _MOST_PCM_CHANNELS
    ):
        return None
    return next(
        (
            form
            for form in WIRE_FORMS
            if form.name in takes.audio and sound.codec in form.takes_over
        ),
        None,
    )


def rewrapped_video(facts: MediaFacts, takes: Takes) -> WireForm | None:
    """The form all tracks of ``facts`` can be put in as they are, of those ``takes`` has."""
    if facts.container not in _COPIED_FROM:
        return None
    return next(
        (
            form
            for form in WIRE_FORMS
            if form.name in takes.video
            and form.muxer
            and (
                _is_common(form, facts)
                or (form is MP4 and takes.any_codec and _is_made_for_mp4(facts))
            )
        ),
        None,
    )


def _is_made_for_mp4(facts: MediaFacts) -> bool:
    picture, sound = facts.picture, facts.sound
    return (
        picture is not None
        and picture.codec in _MP4_PICTURES
        and (sound is None or sound.codec in MP4.sounds)
    )


def keeps_picture(facts: MediaFacts) -> bool:
    """Whether the picture of ``facts`` can go into an MP4 as it is."""
    return (
        facts.container in _COPIED_FROM
        and facts.picture is not None
        and _has_common_picture(MP4, facts.picture)
    )


def keeps_sound(facts: MediaFacts) -> bool:
    """Whether the sound of ``facts`` can go into an MP4 as it is."""
    return (
        facts.container in _COPIED_FROM
        and facts.sound is not None
        and facts.sound.codec in MP4.sounds
    )


def audio_target(facts: MediaFacts, takes: Takes = EVERYTHING) -> WireForm:
    """What to convert to: wav or flac for sound that lost nothing so far, else mp3.

    What was compressed without loss stays that, so that it does not grow.
    """
    codec = facts.sound.codec if facts.sound else ""
    # Not the eight bits of telephones, pcm_alaw and pcm_mulaw.
    is_plain = codec.startswith(("pcm_s", "pcm_u", "pcm_f"))
    best: tuple[str, ...] = ("wav", "mp3") if is_plain else ("mp3", "wav")
    if codec in LOSSLESS:
        best = ("flac", "wav", "mp3")
    return BY_NAME[next((one for one in best if one in takes.audio), "mp3")]


def describe(facts: MediaFacts) -> str:
    """Container and codecs, as in ``"webm (vp8, opus)"``."""
    codecs = [track.codec for track in (facts.picture, facts.sound) if track is not None]
    return f"{facts.container} ({', '.join(codecs)})" if codecs else facts.container


def _is_common(form: WireForm, facts: MediaFacts) -> bool:
    sound = facts.sound
    return (
        facts.picture is not None
        and _has_common_picture(form, facts.picture)
        and (sound is None or sound.codec in form.sounds)
    )


def _has_common_picture(form: WireForm, picture: Picture) -> bool:
    return picture.codec in form.pictures and picture.pixel_format in _COMMON_PIXELS
