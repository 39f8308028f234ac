"""The forms that media go out in: the one table of them.

The nine audio formats are the External API's guide's. The four video MIME types are
those OpenRouter documents (https://openrouter.ai/docs/guides/overview/multimodal/videos);
it writes ``video/mov``, not ``video/quicktime``.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from services.media.values import Kind, Takes

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


def file_name(name: str) -> str:
    """What a file of the form ``name`` is called where its own name is not to be told.

    Raises:
        KeyError: there is no such form.
    """
    return f"media.{BY_NAME[name].name.rpartition('/')[2]}"


def named(kind: Kind) -> tuple[str, ...]:
    """The API's names of the forms of ``kind``."""
    return tuple(form.name for form in WIRE_FORMS if form.kind == kind)


#: All the API has a name for.
EVERYTHING: Final = Takes(frozenset(named("audio")), frozenset(named("video")), any_codec=True)
MP4: Final = BY_NAME["video/mp4"]


def named_so(names: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The forms of sound and of video among ``names``, as catalogues write them."""
    found = [form for form in WIRE_FORMS if names & (form.also | {form.name})]
    return (
        frozenset(form.name for form in found if form.kind == "audio"),
        frozenset(form.name for form in found if form.kind == "video"),
    )
