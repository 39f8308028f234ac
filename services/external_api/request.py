"""The chat completion request: its content part, and a body that is never held whole."""

import json
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

import pybase64

from services import errors
from services.media.values import Sendable

#: Bytes read at a time: a multiple of 3, so that the base64 of the pieces joins
#: up, and large enough that little is spent around the encoding: 672 KiB send
#: 50 MB a fifth faster than 384 KiB, in 3 MB of memory (tests/benchmarks/send.py).
CHUNK_BYTES: Final = 3 * 224 * 1024
#: How much of a conversation is sent again: about a day's talk, and more than models take.
MOST_TURNS: Final = 50
MOST_TURN_LETTERS: Final = 1_000_000
_MAX_LINK_LETTERS: Final = 2048
_MOST_TEMPERATURE: Final = 2

ReasoningEffort = Literal["minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class VideoLink:
    """An ``https`` address of a video, for the API to fetch. We never do."""

    url: str = field(repr=False)


def checked_link(url: str) -> VideoLink:
    """``url`` as a link that is safe to pass on.

    Raises:
        BadLink: not https, or with user info, without a host, or with a
            character that no address needs.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise errors.BadLink from None
    if (
        parts.scheme != "https"
        or not parts.hostname
        or "@" in parts.netloc
        or len(url) > _MAX_LINK_LETTERS
        or not url.isprintable()
        or any(letter in url for letter in ' \\"<>')
    ):
        raise errors.BadLink
    return VideoLink(url)


def base64_length(file_bytes: int) -> int:
    """The length of ``file_bytes`` bytes in padded base64."""
    return -(-file_bytes // 3) * 4


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request ready to be streamed: JSON, the file in base64, JSON.

    ``file`` is None when the media is a link. Iterating (it can be done again,
    for a repeated try) reads the file from disk, chunk by chunk.
    """

    head: bytes = field(repr=False)
    file: Path | None
    file_bytes: int
    tail: bytes = field(repr=False)

    @property
    def base64_bytes(self) -> int:
        """How many bytes of the body are base64."""
        return base64_length(self.file_bytes)

    @property
    def content_length(self) -> int:
        """The exact length of the body in bytes."""
        return len(self.head) + self.base64_bytes + len(self.tail)

    def chunks(self) -> Iterator[bytes]:
        """The body, in pieces of at most ``CHUNK_BYTES`` × 4/3.

        Raises:
            FileGone: the file is not there any more.
            UnreadableFile: the file is not as long any more as it was.
        """
        yield self.head
        if self.file is not None:
            left = self.file_bytes
            with _opened(self.file) as file:
                while left:
                    # A short read would break the base64 at the seam.
                    piece = file.read(min(CHUNK_BYTES, left))
                    while len(piece) < min(CHUNK_BYTES, left):
                        more = file.read(min(CHUNK_BYTES, left) - len(piece))
                        if not more:
                            raise errors.UnreadableFile
                        piece += more
                    left -= len(piece)
                    yield pybase64.b64encode(piece)
        yield self.tail

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks():
            yield chunk


@dataclass(frozen=True, slots=True)
class Options:
    """What else a model may be told. None, or an empty prompt, is not sent.

    ``temperature`` is 0 to 2, ``max_tokens`` at least 1. ``reasoning_effort`` is
    OpenRouter's (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens).
    """

    system_prompt: str = field(default="", repr=False)
    temperature: float | None = None
    max_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None

    def check(self) -> None:
        """Refuse what no model takes.

        Raises:
            BadOption: a value is outside its range.
        """
        temperature, most, effort = self.temperature, self.max_tokens, self.reasoning_effort
        if temperature is not None and not 0 <= temperature <= _MOST_TEMPERATURE:
            raise errors.BadOption(option="temperature")
        if most is not None and (most < 1 or most != int(most)):
            raise errors.BadOption(option="max_tokens")
        if effort is not None and effort not in get_args(ReasoningEffort):
            raise errors.BadOption(option="reasoning_effort")

    def as_body(self) -> dict[str, Any]:
        """The fields of the request's body, without the system prompt, which is a message."""
        body: dict[str, Any] = {}
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.max_tokens is not None:
            body["max_tokens"] = self.max_tokens
        if self.reasoning_effort is not None:
            body["reasoning"] = {"effort": self.reasoning_effort}
        return body


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of before, and the whole answer that it got."""

    question: str = field(repr=False)
    answer: str = field(repr=False)


def check_turns(turns: Sequence[Turn]) -> None:
    """Refuse turns that are none, or too much: they come back from a browser, and cost.

    Raises:
        ConversationTooLong: there are more than ``MOST_TURNS``, or ``MOST_TURN_LETTERS`` in all.
        BadArgument: one has no question or no answer.
    """
    letters = sum(len(turn.question) + len(turn.answer) for turn in turns)
    if len(turns) > MOST_TURNS or letters > MOST_TURN_LETTERS:
        raise errors.ConversationTooLong(
            turns=len(turns), most_turns=MOST_TURNS, letters=letters, most_letters=MOST_TURN_LETTERS
        )
    if not all(turn.question.strip() and turn.answer.strip() for turn in turns):
        raise errors.BadArgument(argument="earlier")


def chat_request(
    model: str,
    prompt: str,
    media: Sendable | VideoLink,
    options: Options | None = None,
    *,
    earlier: Sequence[Turn] = (),
    stream: bool = True,
) -> ChatRequest:
    """The request that asks ``model`` about ``media``: text part first, then media.

    The media is in the first question of the conversation, once; what was asked and
    answered after that is words alone, and ``prompt`` the last of them.
    """
    options = options or Options()
    mark = secrets.token_hex(16)
    messages: list[dict[str, Any]] = []
    if options.system_prompt:
        messages.append({"role": "system", "content": options.system_prompt})
    first, *later = [*(turn.question for turn in earlier), prompt]
    content = [{"type": "text", "text": first}, content_part(media, mark)]
    messages.append({"role": "user", "content": content})
    for turn, question in zip(earlier, later, strict=True):
        messages.append({"role": "assistant", "content": turn.answer})
        messages.append({"role": "user", "content": question})
    body: dict[str, Any] = {"model": model, "messages": messages, "stream": stream}
    body |= options.as_body()
    if stream:
        body["stream_options"] = {"include_usage": True}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair, which JSON may bring us, is no letter: "?" is sent.
    encoded = text.encode(errors="replace")
    if isinstance(media, VideoLink):
        return ChatRequest(encoded, None, 0, b"")
    head, tail = encoded.split(mark.encode())
    return ChatRequest(head, media.path, media.facts.file_bytes, tail)


def _opened(file: Path) -> FileIO:
    try:
        return file.open("rb", buffering=0)
    except OSError:
        raise errors.FileGone from None


def content_part(media: Sendable | VideoLink, data: str) -> dict[str, Any]:
    """The content part for ``media``, with ``data`` standing where the base64 goes.

    Audio is ``input_audio`` with bare base64 and a format; video is
    ``video_url`` with a data URL, or with the link as it is.
    """
    if isinstance(media, VideoLink):
        return {"type": "video_url", "video_url": {"url": media.url}}
    if media.kind == "video":
        return {"type": "video_url", "video_url": {"url": f"data:{media.format};base64,{data}"}}
    return {"type": "input_audio", "input_audio": {"data": data, "format": media.format}}
