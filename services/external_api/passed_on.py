"""What a router says that it passed on to the provider: ``debug.echo_upstream_body`` of OpenRouter.

Pure. The body comes in whichever shape that provider has, with all that was sent within. Of it is
kept which media there were, as what and how long, and none of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from services.external_api.clean import redacted, word

#: The keys below which providers have media: OpenAI's and OpenRouter's, Gemini's, Anthropic's.
_KEYS: Final = frozenset(
    {
        *("input_audio", "audio_url", "video_url", "image_url", "input_video", "file"),
        *("inlineData", "inline_data", "fileData", "file_data", "source"),
    }
)
#: Where what they are of is named, the best first.
_FORMS: Final = ("format", "mimeType", "mime_type", "media_type")
_DATA_URL: Final = re.compile(r"data:([\w.+/-]{1,100})[^,]{0,100},")
#: How base64 begins; what stands there in its place is as long as nobody knows what.
_BASE64: Final = re.compile(r"[\w+/=-]{8,64}", re.ASCII)
_MOST_DEPTH: Final = 12
_MOST_MEDIA: Final = 10


@dataclass(frozen=True, slots=True)
class PassedMedia:
    """Media in what was passed on, by the name of its part: its form, and its letters of base64.

    Each is None where that is not told: it may be an address.
    """

    part: str
    form: str | None
    base64_bytes: int | None


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What the provider got: for which ``model``, None where that is not told, and which media."""

    model: str | None
    media: tuple[PassedMedia, ...]


def passed_on_in(payload: dict[str, Any], key: str = "") -> PassedOn | None:
    """What the first chunk of a stream tells of it, without ``key``; None where it does not."""
    debug = payload.get("debug")
    body = debug.get("echo_upstream_body") if isinstance(debug, dict) else None
    if not isinstance(body, dict):
        return None
    found = [media for media, _ in zip(_media(body, key), range(_MOST_MEDIA), strict=False)]
    return PassedOn(_word(body.get("model"), key), tuple(found))


def _media(node: object, key: str, depth: int = 0) -> Iterator[PassedMedia]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(node, list):
        for one in node:
            yield from _media(one, key, depth + 1)
    elif isinstance(node, dict):
        for name, value in node.items():
            media = _of(name, value, key) if name in _KEYS else None
            if media is not None:
                yield media
            else:
                yield from _media(value, key, depth + 1)


def _of(part: str, value: object, key: str) -> PassedMedia | None:
    """The media in ``value``: a text, or an object that has one for its longest."""
    fields = value if isinstance(value, dict) else {"data": value}
    data = max((one for one in fields.values() if isinstance(one, str)), key=len, default="")
    form = next((one for name in _FORMS if (one := _word(fields.get(name), key))), None)
    if (url := _DATA_URL.match(data)) is not None:
        return PassedMedia(part, _word(url[1], key), len(data) - url.end())
    if _BASE64.fullmatch(data[:64]):
        return PassedMedia(part, form, len(data))
    # An address, or a word about what is not shown; of a text alone nobody knows what it is.
    is_media = isinstance(value, dict) and bool(data)
    return PassedMedia(part, form, None) if is_media else None


def _word(told: object, key: str) -> str | None:
    found = word(told)
    return found and redacted(found, key)
