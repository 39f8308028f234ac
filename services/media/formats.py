"""Which forms go out unchanged, by the External API's guide and by what a model takes.

The nine audio formats are the guide's. The four video MIME types are those
OpenRouter documents (https://openrouter.ai/docs/guides/overview/multimodal/videos);
it writes ``video/mov``, not ``video/quicktime``.
"""

from types import MappingProxyType
from typing import Final

from services.media.facts import MediaFacts, Picture, Takes

#: Containers that are audio formats of the API under the same name, each with
#: the codecs that mean the same thing to every decoder of that format.
AUDIO_FORMATS: Final = MappingProxyType(
    {
        "wav": frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"}),
        "mp3": frozenset({"mp3"}),
        "aiff": frozenset({"pcm_s8", "pcm_s16be", "pcm_s24be", "pcm_s32be"}),
        "aac": frozenset({"aac"}),
        "ogg": frozenset({"vorbis", "opus"}),
        "flac": frozenset({"flac"}),
        "m4a": frozenset({"aac", "alac"}),
        "pcm16": frozenset({"pcm_s16le"}),
        "pcm24": frozenset({"pcm_s24le"}),
    }
)

#: Containers that are video formats of the API → the MIME type of the data URL.
VIDEO_MIMES: Final = MappingProxyType(
    {
        "mp4": "video/mp4",
        "mpeg": "video/mpeg",
        "mov": "video/mov",
        "webm": "video/webm",
    }
)

#: All the API has a name for.
EVERYTHING: Final = Takes(frozenset(AUDIO_FORMATS), frozenset(VIDEO_MIMES.values()), any_codec=True)

#: Codecs that lose nothing, so that a conversion should lose nothing either.
LOSSLESS: Final = frozenset({"alac", "ape", "flac", "tta", "wavpack", "wmalossless"})

#: Containers of film → the codecs of picture and of sound that every player of
#: it has. A model that is known for MP4 and nothing else is fed by someone's
#: plain player, and browsers' are the measure of those: HEVC, MPEG-4 part 2 or
#: ten bits a sample in an MP4 they do not play
#: (https://developer.mozilla.org/docs/Web/Media/Guides/Formats/Containers).
_COMMON_CODECS: Final = MappingProxyType(
    {
        "mp4": (frozenset({"h264"}), frozenset({"aac", "mp3"})),
        "mov": (frozenset({"h264"}), frozenset({"aac", "pcm_s16le"})),
        "mpeg": (frozenset({"mpeg1video", "mpeg2video"}), frozenset({"mp2"})),
        "webm": (frozenset({"vp8", "vp9"}), frozenset({"opus", "vorbis"})),
    }
)
#: What a general decoder opens in an MP4, whatever the bits of a sample.
_MP4_CODECS: Final = frozenset({"h264", "hevc"})
_COMMON_PIXELS: Final = frozenset({"yuv420p", "yuvj420p"})  # 8 bit, 4:2:0

#: Codec of sound → the formats it may be rewrapped to, best first.
_REWRAPPED: Final = MappingProxyType(
    {
        "aac": ("m4a", "aac"),
        "alac": ("m4a",),
        "mp3": ("mp3",),
        "opus": ("ogg",),
        "vorbis": ("ogg",),
        "flac": ("flac",),
        # Samples of more than 16 bits are converted: that makes less of them.
        "pcm_u8": ("wav",),
        "pcm_s16le": ("wav",),
        "pcm_s16be": ("aiff",),
    }
)
#: For the same reason bare samples are rewrapped up to here only.
_MOST_PCM_RATE: Final = 48_000
_MOST_PCM_CHANNELS: Final = 2

#: Sample rate and channels that bare samples are taken to have
#: (https://platform.openai.com/docs/guides/realtime-conversations).
BARE: Final = (24_000, 1)

#: Containers whose times and headers suit a copy of their tracks into MP4 or WebM.
#: Not AVI: it does not say when a picture is shown.
_COPIED_FROM: Final = frozenset({"mp4", "mov", "3gp", "matroska", "webm", "mpegts", "flv"})


def audio_format(facts: MediaFacts, takes: Takes = EVERYTHING) -> str | None:
    """The API's audio format that ``facts`` already is, None if ``takes`` has no such."""
    if facts.sound is None or facts.picture is not None:
        return None
    # An MP4 with nothing but an AAC track is what the name m4a stands for.
    name = "m4a" if facts.container in ("mp4", "mov") else facts.container
    if name in ("pcm16", "pcm24") and (facts.sound.sample_rate, facts.sound.channels) != BARE:
        return None  # nobody could tell the model
    is_one = facts.sound.codec in AUDIO_FORMATS.get(name, ())
    return name if is_one and name in takes.audio else None


def video_mime(facts: MediaFacts, takes: Takes = EVERYTHING) -> str | None:
    """The MIME type that ``facts`` already is, None if ``takes`` has no such.

    A model of which no more is known than the containers it takes gets only the
    codecs that are common in them.
    """
    mime = VIDEO_MIMES.get(facts.container)
    if facts.picture is None or mime not in takes.video:
        return None
    return mime if takes.any_codec or _is_common(facts.container, facts) else None


def rewrapped_audio(facts: MediaFacts, takes: Takes) -> str | None:
    """The format the sound of ``facts`` can be put in as it is, of those ``takes`` has."""
    sound = facts.sound
    if sound is None:
        return None
    if sound.codec.startswith("pcm_") and (
        sound.sample_rate > _MOST_PCM_RATE or sound.channels > _MOST_PCM_CHANNELS
    ):
        return None
    return next((one for one in _REWRAPPED.get(sound.codec, ()) if one in takes.audio), None)


def rewrapped_video(facts: MediaFacts, takes: Takes) -> str | None:
    """``"mp4"`` or ``"webm"``, when all tracks can be put there as they are, and are taken."""
    if facts.container not in _COPIED_FROM:
        return None
    return next(
        (
            container
            for container in ("mp4", "webm")
            if VIDEO_MIMES[container] in takes.video
            and (
                _is_common(container, facts)
                or (container == "mp4" and takes.any_codec and _is_made_for_mp4(facts))
            )
        ),
        None,
    )


def _is_made_for_mp4(facts: MediaFacts) -> bool:
    picture, sound = facts.picture, facts.sound
    return (
        picture is not None
        and picture.codec in _MP4_CODECS
        and (sound is None or sound.codec in _COMMON_CODECS["mp4"][1])
    )


def keeps_picture(facts: MediaFacts) -> bool:
    """Whether the picture of ``facts`` can go into an MP4 as it is."""
    return (
        facts.container in _COPIED_FROM
        and facts.picture is not None
        and _has_common_picture("mp4", facts.picture)
    )


def keeps_sound(facts: MediaFacts) -> bool:
    """Whether the sound of ``facts`` can go into an MP4 as it is."""
    return (
        facts.container in _COPIED_FROM
        and facts.sound is not None
        and facts.sound.codec in _COMMON_CODECS["mp4"][1]
    )


def audio_target(facts: MediaFacts, takes: Takes = EVERYTHING) -> str:
    """What to convert to: ``"wav"`` for sound that lost nothing so far, else ``"mp3"``."""
    codec = facts.sound.codec if facts.sound else ""
    # Not the eight bits of telephones, pcm_alaw and pcm_mulaw.
    is_plain = codec.startswith(("pcm_s", "pcm_u", "pcm_f"))
    best = ("wav", "mp3") if is_plain or codec in LOSSLESS else ("mp3", "wav")
    return next((one for one in best if one in takes.audio), "mp3")


def describe(facts: MediaFacts) -> str:
    """Container and codecs, as in ``"webm (vp8, opus)"``."""
    codecs = [track.codec for track in (facts.picture, facts.sound) if track is not None]
    return f"{facts.container} ({', '.join(codecs)})" if codecs else facts.container


def _is_common(container: str, facts: MediaFacts) -> bool:
    sound = facts.sound
    return (
        facts.picture is not None
        and _has_common_picture(container, facts.picture)
        and (sound is None or sound.codec in _COMMON_CODECS[container][1])
    )


def _has_common_picture(container: str, picture: Picture) -> bool:
    return picture.codec in _COMMON_CODECS[container][0] and picture.pixel_format in _COMMON_PIXELS
