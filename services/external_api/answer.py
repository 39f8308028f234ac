"""Reading a chat completion, streamed or whole, in every shape it comes.

Pure: takes decoded JSON, touches no network. Tolerant where servers differ
(content as a string, null or a list of parts; fields missing or null) and
strict where silence would be a lie: see :meth:`AnswerReader.finished`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services import errors
from services.external_api.clean import Masked, characters, masked, number, plain, redacted, word
from services.external_api.extras import Extras, ExtrasReader
from services.external_api.passed_on import PassedOn, passed_on_in
from services.external_api.reasons import reason_of
from services.external_api.refusals import failed_answer
from services.external_api.sound import LiveSound
from services.external_api.thinking import PART_TYPES, Added, Tagged, thought_in, thought_of
from services.media.values import Spoken

#: What is kept of the facts that payloads tell beside their words, by name.
_FACTS: Final = ("id", "model", "provider", "usage", "processing_time_ms", "language")


@dataclass(frozen=True, slots=True)
class Completion:
    """What the API said about its answer; None for what it did not say.

    ``usage`` is as it came, with the cost that the headers told where it has none.
    ``server_ms`` is ``processing_time_ms``. ``language`` is that of the words that were
    heard: the offline API tells it, others need not. ``id`` is the API's own for the answer.
    ``words`` and ``segments`` are those of a transcription, with their times. ``passed_on`` is
    what a router told of what it sent to the provider.
    """

    model: str | None
    provider: str | None
    finish_reason: str | None
    usage: Mapping[str, Any] | None
    server_ms: float | None
    language: str | None = None
    id: str | None = None
    extras: Extras = field(default_factory=Extras)
    words: tuple[Spoken, ...] = field(default=(), repr=False)
    segments: tuple[Spoken, ...] = field(default=(), repr=False)
    passed_on: PassedOn | None = None


class AnswerReader:
    """Collects one answer from its payloads: the chunks of a stream, or one body.

    ``key`` is taken out of the answer, and of whatever the API says about it.
    """

    def __init__(self, key: str = "") -> None:
        self._key = key
        self._finish_reason: str | None = None
        self._facts: dict[str, Any] = {}
        self._passed_on: PassedOn | None = None
        self._cost: float | None = None
        self._has_content = self._has_text = self._is_over = False
        self._half = ""
        self._text_mask, self._thought_mask = Masked(key), Masked(key)
        self._tagged = Tagged()
        self._thoughts: list[str] = []
        self._spoken: list[str] = []
        self._extras = ExtrasReader(key)
        #: What the sound of the answer is, as it comes.
        self.sound: Final = LiveSound()
        #: Whether the last payload was a chunk of a stream.
        self.is_chunk = False

    def priced(self, cost: str) -> None:
        """Note the ``cost`` that a header tells; 0 there may be one that nobody knows."""
        self._cost = number(cost) or None

    def called(self, name: str) -> None:
        """Note the ``name`` that a header gives the answer: a transcription has it nowhere else."""
        if name:
            self._facts["id"] = name

    def take(self, payload: object) -> Added:
        """What ``payload`` adds, perhaps nothing.

        Raises:
            FailedAnswer, SameAgain: the payload is, or holds, an error.
            BadAnswer: it is not a chat completion or a chunk of one.
        """
        if not isinstance(payload, dict):
            raise errors.BadAnswer
        if payload.get("error"):
            raise failed_answer(reason_of(payload))
        for name in _FACTS:
            if payload.get(name) is not None:
                self._facts[name] = payload[name]
        if "debug" in payload:
            self._passed_on = passed_on_in(payload, self._key) or self._passed_on
        if "citations" in payload:
            self._extras.take_citations(payload["citations"])
        choice = _choice(payload)
        return self._choice(choice) if choice else Added("")

    def rest(self) -> Added:
        """What was held back, now that nothing more comes."""
        tagged = self._tagged.rest()
        added = self._added(tagged.text, tagged.thought)
        last = self._noted(self._text_mask.rest(), self._thought_mask.rest())
        return Added(added.text + last.text, added.thought + last.thought)

    def _choice(self, choice: dict[str, Any]) -> Added:
        if choice.get("error"):
            raise failed_answer(reason_of(choice))
        reason = self._told(choice.get("finish_reason"))
        self._finish_reason = reason or self._finish_reason
        if reason == "error":
            raise errors.FailedAnswer
        delta = choice.get("delta")
        self.is_chunk = bool(delta)
        message = delta or choice.get("message")
        if not isinstance(message, dict):
            text = choice.get("text")  # a completion that is no chat
            return self._said(text if isinstance(text, str) else "", "")
        self._extras.take(message)
        thought = thought_of(message)
        text = message.get("content")
        if isinstance(text, list):
            text, more = self._parts(text)
            thought += more
        elif not isinstance(text, str):
            text = ""
        self._has_content = self._has_content or bool(text)
        audio = message.get("audio")
        if audio is None:
            return self._said(text, thought)
        added = self._said(text + self._heard(audio), thought)
        data = audio.get("data") if delta and isinstance(audio, dict) else None
        return replace(added, sound=self.sound.take(data)) if isinstance(data, str) else added

    def _parts(self, parts: list[Any]) -> tuple[str, str]:
        """The text of content parts, and the thoughts among them."""
        texts, thoughts = [], []
        for part in parts:
            if not isinstance(part, dict):
                continue
            self._extras.take_part(part)
            if part.get("type") in PART_TYPES:
                thoughts.append(thought_in(part))
            elif isinstance(part.get("text"), str):
                texts.append(part["text"])
        return "".join(texts), "".join(thoughts)

    def _heard(self, audio: object) -> str:
        """What of a sound's transcript is text: all of it, unless there is other text."""
        transcript = audio.get("transcript") if isinstance(audio, dict) else None
        if not isinstance(transcript, str):
            return ""
        if not self._has_content:
            return transcript
        self._spoken.append(characters(transcript))
        return ""

    def _said(self, text: str, thought: str) -> Added:
        if text and not self._tagged.is_over:
            tagged = self._tagged.take(text)
            text, thought = tagged.text, thought + tagged.thought
        return self._added(text, thought)

    def _added(self, text: str, thought: str) -> Added:
        text = self._text_mask.take(self._whole(text))
        thought = self._thought_mask.take(characters(thought)) if thought else ""
        return self._noted(text, thought)

    def _noted(self, text: str, thought: str) -> Added:
        self._has_text = self._has_text or bool(text.strip())
        if thought:
            self._thoughts.append(thought)
        return Added(text, thought)

    def _whole(self, text: str) -> str:
        """``text`` in whole characters: a server may cut a surrogate pair in two."""
        if not self._half and text.isascii():
            return text
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return characters(text.removesuffix(self._half))

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
            SameAgain: it is over, and something else stands in the place of words.
            EmptyAnswer: it is over and there is nothing.
        """
        if not self._is_over and self._finish_reason is None:
            raise errors.IncompleteAnswer
        completion = self.so_far()
        extras = completion.extras
        if self._has_text or extras.has_media:
            return completion
        if extras.refusal:
            raise errors.ModelRefused(extras.refusal)
        if extras.tools:
            raise errors.ToolsWanted(tools=", ".join(extras.tools))
        if self._finish_reason == "length":
            raise errors.LimitReached
        if self._finish_reason == "content_filter":
            raise errors.AnswerFiltered
        raise errors.EmptyAnswer(finish_reason=self._finish_reason or "")

    def so_far(self) -> Completion:
        """What is known of the answer up to here, whatever became of it."""
        usage = plain(self._facts.get("usage"), self._key)
        usage = usage if isinstance(usage, dict) else None
        if self._cost is not None and number((usage or {}).get("cost")) is None:
            usage = (usage or {}) | {"cost": self._cost}
        return Completion(
            model=self._word("model"),
            provider=self._word("provider"),
            finish_reason=self._finish_reason,
            usage=usage,
            server_ms=number(self._facts.get("processing_time_ms")),
            language=self._word("language"),
            id=self._word("id"),
            extras=self._extras.so_far("".join(self._thoughts), "".join(self._spoken)),
            passed_on=self._passed_on,
        )

    def _word(self, name: str) -> str | None:
        return self._told(self._facts.get(name))

    def _told(self, name: object) -> str | None:
        """``name``, if it is a short text, without the key: taken out before it is cut."""
        told = word(masked(name, self._key) if isinstance(name, str) else name)
        return told and redacted(told, self._key)


def _choice(payload: dict[str, Any]) -> dict[str, Any] | None:
    choices = payload.get("choices")
    if choices is None:
        return None
    if not isinstance(choices, list):
        raise errors.BadAnswer
    return choices[0] if choices and isinstance(choices[0], dict) else None
