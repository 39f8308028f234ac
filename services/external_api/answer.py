"""Reading a chat completion, streamed or whole, in every shape it comes.

Pure: takes decoded JSON, touches no network. Tolerant where servers differ
(content as a string, null or a list of parts; fields missing or null) and
strict where silence would be a lie: see :meth:`AnswerReader.finished`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services import errors

_MOST_SAID: Final = 600
_MOST: Final = 1e12
_MOST_DEPTH: Final = 8
#: What may be a key: behind "Bearer", or with the beginning of one.
_SUSPECTS: Final = re.compile(r"(?i)\bbearer\s+[\w.\-]{6,}|\b(?:ak|sk|pk|hf)[-_][\w\-]+")
_BEARER: Final = "bearer"
#: A run of letters and digits that is longer than any word in a model's id, or a UUID.
#: Without a digit it has to be longer: Hugging Face's tokens are 34 letters.
_RUNS: Final = re.compile(r"[A-Za-z0-9]{16,}")
_FEWEST_LETTERS: Final = 30
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Usage:
    """What was counted: tokens, and ``cost`` in USD. Each None where that was not told."""

    prompt_tokens: float | None
    completion_tokens: float | None
    total_tokens: float | None
    audio_tokens: float | None
    video_tokens: float | None
    cost: float | None

    @classmethod
    def of(cls, told: Mapping[str, Any] | None) -> "Usage":
        """The ``usage`` of an answer as the API ``told`` it."""
        told = told or {}
        details = told.get("prompt_tokens_details")
        details = details if isinstance(details, Mapping) else {}
        return cls(
            prompt_tokens=_number(told.get("prompt_tokens")),
            completion_tokens=_number(told.get("completion_tokens")),
            total_tokens=_number(told.get("total_tokens")),
            audio_tokens=_number(details.get("audio_tokens")),
            video_tokens=_number(details.get("video_tokens")),
            cost=_number(told.get("cost")),
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """What the API said about its answer; None for what it did not say.

    ``usage`` is as it came. ``server_ms`` is ``processing_time_ms``. ``language`` is
    that of the words that were heard: the offline API tells it, others need not.
    """

    model: str | None
    provider: str | None
    finish_reason: str | None
    usage: Mapping[str, Any] | None
    server_ms: float | None
    language: str | None = None


def redacted(text: str, key: str = "") -> str:
    """``text`` without ``key`` or anything that looks like a key, and not too long."""
    if key:
        text = text.replace(key, "…")
    return _characters(_SUSPECTS.sub(_hidden, text)[:_MOST_SAID].strip())


def _hidden(suspect: re.Match[str]) -> str:
    """The suspect's place, if it looks like a key. In steps, so that no text takes long."""
    text = suspect[0]
    is_key = text.lower().startswith(_BEARER) or _UUID.search(text) is not None
    for run in _RUNS.findall(text):
        is_key = is_key or not run.isalpha() or len(run) >= _FEWEST_LETTERS
    return "…" if is_key else text


def said(payload: object) -> str:
    """The message of an error body: ``error.message``, and ``metadata.raw`` behind it."""
    if not isinstance(payload, dict):
        return ""
    error = payload.get("error", payload)
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        error = payload  # a server may say no more here than that there is one
    message = error.get("message") or error.get("detail") or payload.get("message") or ""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if isinstance(raw, dict | list):
        raw = json.dumps(raw, ensure_ascii=False)
    parts = [part for part in (message, raw) if isinstance(part, str) and part]
    return ": ".join(dict.fromkeys(parts))


class AnswerReader:
    """Collects one answer from its payloads: the chunks of a stream, or one body.

    ``key`` is taken out of whatever the API says about its answer.
    """

    def __init__(self, key: str = "") -> None:
        self._key = key
        self._finish_reason: str | None = None
        self._facts: dict[str, Any] = {}
        self._has_text = self._is_over = False
        self._half = ""

    def take(self, payload: object) -> str:
        """The text that ``payload`` adds, perhaps empty.

        Raises:
            FailedAnswer: the payload is, or holds, an error.
            BadAnswer: it is not a chat completion or a chunk of one.
        """
        if not isinstance(payload, dict):
            raise errors.BadAnswer
        if payload.get("error"):
            raise errors.FailedAnswer(said(payload))
        for name in ("model", "provider", "usage", "processing_time_ms", "language"):
            if payload.get(name) is not None:
                self._facts[name] = payload[name]
        text = self._whole("".join(self._choice(choice) for choice in _choices(payload)))
        self._has_text = self._has_text or bool(text.strip())
        return text

    def _choice(self, choice: dict[str, Any]) -> str:
        if choice.get("error"):
            raise errors.FailedAnswer(said(choice))
        reason = _word(choice.get("finish_reason"))
        self._finish_reason = reason or self._finish_reason
        if reason == "error":
            raise errors.FailedAnswer
        message = choice.get("delta") or choice.get("message")
        return _text(message.get("content")) if isinstance(message, dict) else ""

    def _whole(self, text: str) -> str:
        """``text`` in whole characters: a server may cut a surrogate pair in two."""
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return _characters(text.removesuffix(self._half))

    @property
    def has_finish_reason(self) -> bool:
        """Whether the answer is over, though more may be said about it."""
        return self._finish_reason is not None

    def end(self) -> None:
        """Note that the end was announced: by a whole JSON body, or ``[DONE]``."""
        self._is_over = True

    def finished(self) -> Completion:
        """What is known of the answer, now that it ended.

        Some servers omit ``[DONE]``; a finish reason does as well.

        Raises:
            IncompleteAnswer: it stopped without saying that it was over.
            EmptyAnswer: it is over and there is no text.
        """
        if not self._is_over and self._finish_reason is None:
            raise errors.IncompleteAnswer
        if not self._has_text:
            raise errors.EmptyAnswer(finish_reason=self._finish_reason or "")
        return self.so_far()

    def so_far(self) -> Completion:
        """What is known of the answer up to here, whatever became of it."""
        usage = _plain(self._facts.get("usage"), self._key)
        return Completion(
            model=self._word("model"),
            provider=self._word("provider"),
            finish_reason=self._finish_reason and redacted(self._finish_reason, self._key),
            usage=usage if isinstance(usage, dict) else None,
            server_ms=_number(self._facts.get("processing_time_ms")),
            language=self._word("language"),
        )

    def _word(self, name: str) -> str | None:
        word = _word(self._facts.get(name))
        return word and redacted(word, self._key)


def _choices(payload: dict[str, Any]) -> list[dict[str, Any]]:
    choices = payload.get("choices")
    if choices is None:
        choices = []
    if not isinstance(choices, list):
        raise errors.BadAnswer
    return [choice for choice in choices[:1] if isinstance(choice, dict)]


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(text for text in texts if isinstance(text, str))
    return ""


def _characters(text: str) -> str:
    # JSON may carry half a surrogate pair, which nothing further on could encode.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _word(value: object) -> str | None:
    return _characters(value[:200]) if isinstance(value, str) and value else None


def _plain(value: object, key: str, depth: int = 0) -> Any:
    """``value`` as JSON that everybody can read: whole letters, numbers of a usual size.

    What is no such number, or lies too deep, is unknown.
    """
    if isinstance(value, dict) and depth < _MOST_DEPTH:
        return {redacted(name, key): _plain(inner, key, depth + 1) for name, inner in value.items()}
    if isinstance(value, list) and depth < _MOST_DEPTH:
        return [_plain(inner, key, depth + 1) for inner in value]
    if isinstance(value, str):
        return redacted(value, key)
    if isinstance(value, bool):
        return value
    return value if _number(value) is not None else None


def _number(value: object) -> float | None:
    # An int may be too large for a float, and a float may be NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST:
        return None
    return float(value)
