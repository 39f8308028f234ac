"""``POST /audio/transcriptions``: a sound is written down, with the times of what is said.

The contract: https://openrouter.ai/docs/guides/overview/multimodal/stt. Of its two forms JSON is
sent: the body is then made, streamed and told as code like that of a chat completion.
"""

import re
import secrets
from dataclasses import replace
from typing import Any, Final

from services import errors
from services.external_api.answer import AnswerReader, Completion
from services.external_api.clean import characters, masked, number
from services.external_api.options import Options
from services.external_api.request import ApiEndpoint, MediaRequest, around
from services.external_api.thinking import Added
from services.media.values import Sendable, Spoken

ENDPOINT: Final[ApiEndpoint] = "audio/transcriptions"
#: More than are said in the longest sound that anybody writes down at once.
_MOST: Final = 50_000
#: The statuses with which an API says that it has no such endpoint, or not for this model.
_ABSENT: Final = frozenset({404, 405, 501})
#: What says that it takes a form alone, which is not sent: OpenAI; LiteLLM and vLLM.
_FORM: Final = re.compile(
    r"multipart|form-data|\bfile\b.{0,20}\brequired", re.IGNORECASE | re.DOTALL
)
#: What is said of a model that tells no times: those refuse to be asked for them.
_TIMES: Final = re.compile(r"verbose_json|response_format|timestamp", re.IGNORECASE)


def transcription_request(
    model: str, media: Sendable, options: Options, *, is_timed: bool = True
) -> MediaRequest:
    """The request that has ``model`` write ``media``, a sound, down.

    Of the ``options`` it takes the temperature alone. The times of words and segments are asked
    for where it ``is_timed``.
    """
    mark = secrets.token_hex(16)
    body: dict[str, Any] = {
        "model": model,
        "input_audio": {"data": mark, "format": media.format},
    }
    if is_timed:
        body["response_format"] = "verbose_json"
        body["timestamp_granularities"] = ["segment", "word"]
    if options.sent_temperature is not None:
        body["temperature"] = options.sent_temperature
    return around(body, mark, media, ENDPOINT)


def is_absent(fault: errors.ShowAndTellError | None) -> bool:
    """Whether ``fault`` says that there is no such endpoint, for this model or as it is asked."""
    if isinstance(fault, errors.RequestRejected):
        return _FORM.search(fault.said) is not None
    return fault is not None and fault.facts.get("status") in _ABSENT


def has_no_times(fault: errors.ShowAndTellError | None) -> bool:
    """Whether ``fault`` says that this model is not to be asked for times."""
    return isinstance(fault, errors.RequestRejected) and bool(_TIMES.search(fault.said))


class TranscriptionReader(AnswerReader):
    """Collects a transcription: one document with the words, and their times if it has any."""

    def __init__(self, key: str = "") -> None:
        super().__init__(key)
        self._secret = key
        self._words: tuple[Spoken, ...] = ()
        self._segments: tuple[Spoken, ...] = ()

    def take(self, payload: object) -> Added:
        """What ``payload`` adds.

        Raises:
            FailedAnswer, SameAgain: the payload is an error.
            BadAnswer: it is no transcription.
        """
        if not isinstance(payload, dict) or payload.get("error"):
            return super().take(payload)
        if not isinstance(payload.get("text"), str):
            raise errors.BadAnswer
        self._words = self._timed(payload.get("words"), "word")
        self._segments = self._timed(payload.get("segments"), "text")
        message = {"content": payload["text"]}
        return super().take({**payload, "choices": [{"message": message}]})

    def so_far(self) -> Completion:
        """What is known of it up to here."""
        return replace(super().so_far(), words=self._words, segments=self._segments)

    def _timed(self, told: object, name: str) -> tuple[Spoken, ...]:
        """The words in ``told``, whose text is called ``name``; those without times are none."""
        entries = told[:_MOST] if isinstance(told, list) else []
        found = [self._one(entry, name) for entry in entries if isinstance(entry, dict)]
        return tuple(one for one in found if one is not None)

    def _one(self, entry: dict[str, Any], name: str) -> Spoken | None:
        start_s, end_s, text = number(entry.get("start")), number(entry.get("end")), entry.get(name)
        if start_s is None or end_s is None or not 0 <= start_s <= end_s:
            return None
        if not isinstance(text, str) or not text.strip():
            return None
        return Spoken(start_s, end_s, masked(characters(text), self._secret).strip())
