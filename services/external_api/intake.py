"""Which forms of media each model takes.

The contract's nine audio formats and four video types are what the API has names
for; a model takes some of them, and one that ignores a form it does not know
invents a transcript. So a model of which nothing is known gets mp3 and MP4, the
forms of the guide's own examples.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from services.external_api.catalogue import Model
from services.media import forms
from services.media.values import Takes

_MP4: Final = frozenset({"video/mp4"})

#: For a model of which nothing is known.
UNKNOWN: Final = Takes(frozenset({"mp3"}), _MP4)

#: How the ids of a maker's models begin → what they take; the longest counts.
_BY_MAKER: Final = MappingProxyType(
    {
        # "Currently supported formats are mp3 and wav", of input_audio in a chat
        # completion (https://platform.openai.com/docs/api-reference/chat/create).
        # It documents no video; the guide's example is an MP4.
        "openai/": Takes(frozenset({"wav", "mp3"}), _MP4),
        # WAV, MP3, AIFF, AAC, OGG Vorbis and FLAC
        # (https://ai.google.dev/gemini-api/docs/audio); MP4, MPEG, MOV and WebM
        # among nine kinds of video
        # (https://ai.google.dev/gemini-api/docs/video-understanding), from AVI to
        # WMV, which no plain player opens: its decoder is a general one.
        "google/gemini": Takes(
            frozenset({"wav", "mp3", "aiff", "aac", "ogg", "flac"}),
            frozenset(forms.named("video")),
            any_codec=True,
        ),
        # All of these were heard right by Voxtral, at another host of it
        # (https://github.com/togethercomputer/openapi/pull/269). It takes no video.
        "mistralai/": Takes(frozenset({"wav", "mp3", "m4a", "flac", "ogg"}), _MP4),
        # The built-in API takes whatever the contract has a name for.
        "offline/": forms.EVERYTHING,
    }
)


def takes(model_id: str, catalogue: Iterable[Model]) -> Takes:
    """The forms that the model of this id takes.

    A catalogue that names forms among the model's modalities ("audio/mpeg",
    "video/mp4", "wav") knows best, if it names one that can be made of any file:
    mp3 or wav, MP4. Otherwise it is what the model's maker documents.
    """
    known = max((one for one in _BY_MAKER if model_id.startswith(one)), key=len, default=None)
    documented = UNKNOWN if known is None else _BY_MAKER[known]
    entry = next((one for one in catalogue if one.id == model_id), None)
    said = entry.takes or frozenset() if entry is not None else frozenset()
    audio, video = forms.named_so(said)
    return Takes(
        audio if audio & {"mp3", "wav"} else documented.audio,
        video if video & _MP4 else documented.video,
        documented.any_codec,
    )
