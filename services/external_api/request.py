"""Requests about media: that of a chat completion, and bodies that are never held whole."""

import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import pybase64

from services import errors
from services.external_api.options import Options
from services.media.values import Sendable

#: Bytes read at a time: a multiple of 3, so that the base64 of the pieces joins
#: up, and large enough that little is spent around the encoding: 672 KiB send
#: 50 MB a fifth faster than 384 KiB, in 3 MB of memory (tests/benchmarks/send.py).
CHUNK_BYTES: Final = 3 * 224 * 1024
#: What a request says of itself, besides its length and the key.
HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {"Accept": "text/event-stream, application/json", "Content-Type": "application/json"}
)
#: How much of a conversation is sent again: about a day's talk, and more than models take.
MOST_TURNS: Final = 50
MOST_TURN_LETTERS: Final = 1_000_000
_MAX_LINK_LETTERS: Final = 2048
#: What of an API a request about media goes to, below its base URL.
ApiEndpoint = Literal["chat/completions", "audio/transcriptions"]


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
class MediaRequest:
    """A request to ``endpoint``, ready to be streamed: JSON, the file in base64, JSON.

    ``file`` is None when the media is a link. Iterating (it can be done again,
    for a repeated try) reads the file from disk, chunk by chunk.
    """

    head: bytes = field(repr=False)
    file: Path | None
    file_bytes: int
    tail: bytes = field(repr=False)
    endpoint: ApiEndpoint = "chat/completions"

    def url_at(self, base_url: str) -> str:
        """Where it goes, at the API whose base URL is ``base_url``."""
        return f"{base_url}/{self.endpoint}"

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
    echoes: bool = False,
) -> MediaRequest:
    """The request that asks ``model`` about ``media``: text part first, then media.

    One that ``echoes`` has a router tell what it passes on (OpenRouter, in streams alone).

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
    if echoes:
        body["debug"] = {"echo_upstream_body": True}
    if isinstance(media, VideoLink):
        return MediaRequest(_encoded(body), None, 0, b"")
    return around(body, mark, media)


def around(
    body: dict[str, Any], mark: str, media: Sendable, endpoint: ApiEndpoint = "chat/completions"
) -> MediaRequest:
    """The request with ``body``, in which the base64 of ``media`` goes where ``mark`` stands."""
    head, tail = _encoded(body).split(mark.encode())
    return MediaRequest(head, media.path, media.facts.file_bytes, tail, endpoint)


def _encoded(body: dict[str, Any]) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair, which JSON may bring us, is no letter: "?" is sent.
    return text.encode(errors="replace")


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
