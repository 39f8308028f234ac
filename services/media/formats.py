"""Which forms go out unchanged, by the External API's guide.

The nine audio formats are the guide's. The four video MIME types are those
OpenRouter documents (https://openrouter.ai/docs/guides/overview/multimodal/videos);
it writes ``video/mov``, not ``video/quicktime``.
"""

from types import MappingProxyType
from typing import Final

from services.media.facts import MediaFacts

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

#: Codecs that lose nothing, so that a conversion should lose nothing either.
LOSSLESS: Final = frozenset({"alac", "ape", "flac", "tta", "wavpack", "wmalossless"})


def audio_format(facts: MediaFacts) -> str | None:
    """The API's audio format that ``facts`` already is, or None: convert it."""
    if facts.sound is None or facts.picture is not None:
        return None
    # An MP4 with nothing but an AAC track is what the name m4a stands for.
    container = "m4a" if facts.container in ("mp4", "mov") else facts.container
    return container if facts.sound.codec in AUDIO_FORMATS.get(container, ()) else None


def video_mime(facts: MediaFacts) -> str | None:
    """The MIME type that ``facts`` already is, or None: convert it."""
    return VIDEO_MIMES.get(facts.container) if facts.picture is not None else None


def audio_target(facts: MediaFacts) -> str:
    """``"wav"`` for sound that lost nothing so far, else ``"mp3"``."""
    codec = facts.sound.codec if facts.sound else ""
    # Not the eight bits of telephones, pcm_alaw and pcm_mulaw.
    plain = codec.startswith(("pcm_s", "pcm_u", "pcm_f"))
    return "wav" if plain or codec in LOSSLESS else "mp3"


def describe(facts: MediaFacts) -> str:
    """Container and codecs, as in ``"webm (vp8, opus)"``."""
    codecs = [track.codec for track in (facts.picture, facts.sound) if track is not None]
    return f"{facts.container} ({', '.join(codecs)})" if codecs else facts.container
