"""The offline API's door: what a request must look like, strictly.

Every refusal is an OpenRouter-shaped error with a sentence that says what was
expected and what came, so that a client's mistake is found here and not by a
model that invents a transcript.
"""

import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

import pybase64

from services.media import forms
from services.media.values import Kind
from services.offline_api import options
from services.offline_api.options import shown

#: What this API is called in ``/models`` and in its answers.
MODEL: Final = "offline/rough-ears-and-eyes"
#: The guide's models, which its examples name; this API answers for them, under
#: its own name.
_STOOD_IN_FOR: Final = frozenset(
    {
        "mistralai/voxtral-small-24b-2507",
        "openai/gpt-4o-audio-preview",
        "openai/gpt-4o",
        "google/gemini-2.5-flash",
        "google/gemini-3-flash-preview",
        "google/gemini-3-pro-preview",
    }
)
AUDIO_FORMATS: Final = forms.named("audio")
VIDEO_MIMES: Final = forms.named("video")
#: The guide's 50 MB, as 1024 × 1024 bytes, before base64.
MOST_FILE_BYTES: Final = 50 * 1024 * 1024
#: A whole request: the largest file in base64, and room for the words of a long conversation.
MOST_BODY_BYTES: Final = -(-MOST_FILE_BYTES // 3) * 4 + 4 * 1024 * 1024

_ROLES: Final = ("system", "developer", "user", "assistant", "tool")
_PART_TYPES: Final = ("text", "input_audio", "video_url")
#: What helps where the guide's cURL example is run with GNU's base64.
_UNWRAPPED: Final = "Base64 goes into JSON as one line: 'base64 -w0' makes it so on Linux."
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,")


class Refusal(Exception):
    """A 4xx answer: ``status`` and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Question:
    """A checked request: the user's last words, and the last media of the conversation.

    ``form`` is an audio format or a video MIME type. Where it ``echoes``, what was understood of
    it is told before the answer.
    """

    prompt: str = field(repr=False)
    kind: Kind
    form: str
    data: bytes = field(repr=False)
    stream: bool
    echoes: bool = False


def check_key(authorization: str) -> None:
    """Any ``Bearer ak_…`` will do, as in the guide.

    Raises:
        Refusal: 401.
    """
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.strip().startswith("ak_"):
        raise Refusal(401, "Missing or invalid API key: expected 'Authorization: Bearer ak_…'.")


def read(body: bytes) -> Question:
    """The question in ``body``.

    Raises:
        Refusal: 400, or 413 for a file over the limit.
    """
    request = json_object(body)
    check_model(request.get("model"))
    if (mistake := options.mistake(request)) is not None:
        raise Refusal(400, mistake)
    turns = _user_turns(request.get("messages"))
    media = [part for turn in turns for part in turn if part["type"] != "text"]
    if not media:
        raise Refusal(400, "Expected one input_audio or video_url part, got 0: I do not chat.")
    prompt = "\n".join(_text(part) for part in turns[-1] if part["type"] == "text")
    kind, form, data = _media(media[-1])
    if len(data) > MOST_FILE_BYTES:
        raise too_large()
    debug = request.get("debug") or {}
    return Question(
        prompt,
        kind,
        form,
        data,
        stream=bool(request.get("stream")),
        echoes=debug.get("echo_upstream_body") is True,
    )


def check_model(model: object) -> None:
    """See that ``model`` is one that this API answers for.

    Raises:
        Refusal: 400.
    """
    if not isinstance(model, str) or not model:
        raise Refusal(400, "'model' is required and must be a string.")
    if model != MODEL and model not in _STOOD_IN_FOR:
        raise Refusal(400, f"{shown(model)} is not a valid model ID here.")


def json_object(body: bytes) -> dict[str, Any]:
    """The object in ``body``.

    Raises:
        Refusal: 400.
    """
    try:
        request = json.loads(body)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        advice = ""
        if error.msg.startswith("Invalid control character") and error.doc[error.pos] in "\r\n":
            advice = f" A string holds a line break. {_UNWRAPPED}"
        raise Refusal(400, f"The body is not valid JSON: {error.msg}, {where}.{advice}") from None
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not valid JSON.") from None
    if not isinstance(request, dict):
        raise Refusal(400, "The body must be a JSON object.")
    return request


def too_large() -> Refusal:
    """What refuses a file over the limit."""
    return Refusal(413, f"The file is over {MOST_FILE_BYTES // 1024**2} MB before base64.")


def _user_turns(messages: object) -> list[list[dict[str, Any]]]:
    """The content parts of each message of the user's."""
    if not isinstance(messages, list) or not messages:
        raise Refusal(400, "'messages' is required and must be a list of at least one message.")
    turns = [_parts(one) for one in messages if _role(one) == "user"]
    if not turns:
        raise Refusal(400, "There is no message with the role 'user'.")
    return turns


def _role(message: object) -> str:
    role = message.get("role") if isinstance(message, dict) else None
    if not isinstance(role, str) or role not in _ROLES:
        raise Refusal(
            400, f"A message needs a 'role', one of {', '.join(_ROLES)}, got {shown(role)}."
        )
    return role


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise Refusal(400, "'content' must be a string or a list of content parts.")
    for part in content:
        if part.get("type") not in _PART_TYPES:
            raise Refusal(
                400,
                f"Unknown content part type {shown(part.get('type'))}: expected 'text', "
                "'input_audio' (not 'audio') or 'video_url' (not 'video').",
            )
    media = sum(part["type"] != "text" for part in content)
    if media > 1:
        raise Refusal(400, f"Expected one input_audio or video_url part in a message, got {media}.")
    return content


def _text(part: dict[str, Any]) -> str:
    text = part.get("text")
    if not isinstance(text, str):
        raise Refusal(400, "A text part needs 'text', a string.")
    return text


def _media(part: dict[str, Any]) -> tuple[Kind, str, bytes]:
    if part["type"] == "input_audio":
        return "audio", *audio_of(part.get("input_audio"))
    return "video", *_video(part.get("video_url"))


def audio_of(audio: object) -> tuple[str, bytes]:
    """The format and the bytes of an ``input_audio``.

    Raises:
        Refusal: 400, or 413.
    """
    if not isinstance(audio, dict) or not isinstance(audio.get("data"), str):
        raise Refusal(400, "'input_audio' needs 'data', a base64 string, and 'format'.")
    form = audio.get("format")
    if form not in AUDIO_FORMATS:
        raise Refusal(
            400,
            f"Unknown audio format {shown(form)}: expected one of {', '.join(AUDIO_FORMATS)}.",
        )
    if audio["data"].startswith("data:"):
        raise Refusal(400, "'input_audio.data' must be bare base64, without a 'data:' prefix.")
    return form, _decoded(audio["data"])


def _video(video: object) -> tuple[str, bytes]:
    url = video.get("url") if isinstance(video, dict) else None
    if not isinstance(url, str) or not url:
        raise Refusal(400, "'video_url' needs 'url', a string.")
    if url.startswith(("http://", "https://")):
        raise Refusal(
            400, "This API works without a network: it cannot open links. Send the video itself."
        )
    match = _DATA_URL.match(url)
    if match is None:
        raise Refusal(400, "'video_url.url' must start with 'data:video/…;base64,' or be a link.")
    if match[1] not in VIDEO_MIMES:
        raise Refusal(
            400, f"Unknown video type {shown(match[1])}: expected one of {', '.join(VIDEO_MIMES)}."
        )
    return match[1], _decoded(url[match.end() :])


def _decoded(data: str) -> bytes:
    if not data:
        raise Refusal(400, "The base64 data is empty.")
    if len(data) > -(-MOST_FILE_BYTES // 3) * 4:
        raise too_large()
    try:
        return pybase64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        is_wrapped = "\n" in data or "\r" in data
    raise Refusal(
        400,
        f"The data is not valid base64: it holds line breaks. {_UNWRAPPED}"
        if is_wrapped
        else "The data is not valid base64: A–Z a–z 0–9 + / without line breaks, padded by '='.",
    )
