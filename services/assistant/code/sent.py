"""The request that went out, without its file and its key: what code of it is made from.

A browser keeps the question, the report and nothing of the body. So the body is written anew
from these, by what wrote it when it was sent, and believed where it is as long as it was then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.assistant.report import Report
from services.assistant.sent_request import SentRequest
from services.external_api.request import ApiEndpoint, MediaRequest, Turn, VideoLink, chat_request
from services.external_api.transcription import ENDPOINT as TRANSCRIPTIONS
from services.external_api.transcription import transcription_request
from services.media.forms import BY_NAME, file_name
from services.media.values import Sendable

#: In the place of the key, which nothing here has ever seen: the variable that holds it.
KEY_NAME: Final = "EXTERNAL_API_KEY"


@dataclass(frozen=True, slots=True)
class SentCall:
    """A request as it went to ``url``.

    Its body is ``head``, the file in base64, ``tail``. ``file_name`` is what that file is called
    in code, None where a link was sent: all of the body is then ``head``. ``pieces`` is in how
    many requests the sound went out, which are alike but for the piece in each; ``body_bytes``
    is the length of them all. The answer of a chat completion is a stream of events, that of a
    transcription one document.
    """

    url: str
    head: str = field(repr=False)
    tail: str = field(repr=False)
    file_name: str | None
    body_bytes: int
    pieces: int = 1
    endpoint: ApiEndpoint = "chat/completions"

    @property
    def is_streamed(self) -> bool:
        """Whether the answer is a stream of events."""
        return self.endpoint == "chat/completions"

    def body(self, media: str) -> str:
        """The body, with ``media`` where the base64 goes, if it has any."""
        return self.head if self.file_name is None else f"{self.head}{media}{self.tail}"


def sent_call(report: Report, question: str, earlier: Sequence[Turn] = ()) -> SentCall | None:
    """The request that ``report`` is of, which asked ``question`` after ``earlier``.

    None where nothing was sent, or where what was sent can no longer be told for certain.
    """
    sent = report.request
    media = None if sent is None else _media(sent)
    if sent is None or sent.url is None or sent.body_bytes is None or media is None:
        return None
    request = next(
        (
            one
            for one in _requests(report, sent.endpoint, question, media, earlier)
            if (len(one.head) + len(one.tail)) * sent.pieces + (sent.base64_bytes or 0)
            == sent.body_bytes
        ),
        None,
    )
    if request is None:
        return None
    return SentCall(
        url=sent.url,
        head=request.head.decode(),
        tail=request.tail.decode(),
        file_name=None if isinstance(media, VideoLink) else file_name(media.format),
        body_bytes=sent.body_bytes,
        pieces=sent.pieces,
        endpoint=sent.endpoint,
    )


def _requests(
    report: Report,
    endpoint: ApiEndpoint,
    question: str,
    media: Sendable | VideoLink,
    earlier: Sequence[Turn],
) -> Iterator[MediaRequest]:
    """What may have been sent to ``endpoint``. Its length tells what else was asked for with it."""
    model, options = report.asked_model, report.options
    if endpoint != TRANSCRIPTIONS:
        for echoes in (False, True):
            yield chat_request(model, question, media, options, earlier=earlier, echoes=echoes)
    elif isinstance(media, Sendable):
        for is_timed in (True, False):
            yield transcription_request(model, media, options, is_timed=is_timed)


def _media(sent: SentRequest) -> Sendable | VideoLink | None:
    """What was sent, as far as a body tells of it."""
    if sent.link is not None:
        return VideoLink(sent.link)
    form = BY_NAME.get(sent.format or sent.mime or "")
    if form is None or sent.facts is None:
        return None
    return Sendable(Path(), form.kind, form.name, sent.facts, sent.converted_from)
