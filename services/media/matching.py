"""Which form a file already is, can be put in as it is, or is to be made."""

from types import MappingProxyType
from typing import Final

from services.media.forms import BY_NAME, EVERYTHING, MP4, WIRE_FORMS, WireForm
from services.media.values import MediaFacts, Picture, Sound, Takes

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
#: Container → codecs whose packets there say too little to stand in another: a CAF has
#: no header of Opus or FLAC.
_BOUND: Final = MappingProxyType({"caf": frozenset({"opus", "flac"})})
#: Players leave out so much of what an encoder adds at the beginning and the end. Where
#: they leave out more, somebody has cut the recording, and what was cut is not to be sent.
_MOST_HIDDEN_S: Final = 0.1
#: How much may be hidden in a file that goes out as it is: whoever reads it otherwise than we
#: do hears no more than that. Some encoders add a quarter of a second.
_MOST_UNHEARD_S: Final = 1.0
#: What headers, indices and tags take up, in bytes, and as a share of a file. FLAC has 8 KiB
#: of padding for tags that are still to be written.
_FREE_BYTES: Final = 12 * 1024
_FREE_SHARE: Final = 0.05


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
    if sound is None or not _can_be_copied(facts, sound):
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
    if facts.sound is not None and not _can_be_copied(facts, facts.sound):
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
        and _can_be_copied(facts, facts.sound)
    )


def is_heard_as_it_is(facts: MediaFacts) -> bool:
    """Whether whoever plays the file hears the sound that is meant.

    They play one track, and models mix its channels to one
    (https://ai.google.dev/gemini-api/docs/audio says so of Gemini).
    """
    sound = facts.sound
    if sound is None:
        return True
    is_played = len(facts.tracks) < 2 or facts.tracks[sound.track].is_default
    return is_played and sound.mix is None


def is_all_heard(facts: MediaFacts) -> bool:
    """Whether what was heard of the file is all that others could hear in it.

    The length that a header tells may be a lie. What we decode goes by it, and what is
    counted is what we decode, but who gets the file may go by its bytes.
    """
    if facts.sound is not None and facts.sound.hidden_s > _MOST_UNHEARD_S:
        return False
    unread_s = facts.unread_share * (facts.duration_s or 0.0) / max(1 - facts.unread_share, 1e-9)
    is_little = facts.unread_share * facts.file_bytes <= _FREE_BYTES
    return is_little or facts.unread_share <= _FREE_SHARE or unread_s <= _MOST_UNHEARD_S


def _can_be_copied(facts: MediaFacts, sound: Sound) -> bool:
    """Whether the packets of ``sound``, in another container, sound as they did."""
    return (
        sound.mix is None
        and sound.hidden_s <= _MOST_HIDDEN_S
        and sound.codec not in _BOUND.get(facts.container, ())
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
