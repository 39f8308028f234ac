"""What a model thinks before it answers, told apart from the answer.

Servers give it a field of its own, or leave it in the text, where the model wrote it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

#: Fields of a message or delta that hold thoughts as a text, by who calls it so:
#: DeepSeek, vLLM, llama.cpp and LiteLLM; OpenRouter. Where there are several, all say
#: the same.
_TEXTS: Final = ("reasoning_content", "reasoning")
#: The field that holds them in pieces (OpenRouter), and what their text is called.
_DETAILS: Final = "reasoning_details"
_DETAIL_TEXTS: Final = ("text", "summary")
#: The types of content parts that hold them (Mistral).
PART_TYPES: Final = frozenset({"thinking", "reasoning"})

_TAGS: Final = ("think", "thinking", "thought", "reasoning")
_OPENINGS: Final = tuple(f"<{tag}>" for tag in _TAGS)
_OPENING: Final = re.compile(rf"\s*<({'|'.join(_TAGS)})>")


@dataclass(frozen=True, slots=True)
class Added:
    """What a payload adds: to the answer's ``text``, and to the ``thought`` before it.

    ``sound`` is what can be played of it by now.
    """

    text: str
    thought: str = ""
    sound: bytes = field(default=b"", repr=False)


def thought_of(message: Mapping[str, Any]) -> str:
    """The thoughts in the fields of ``message``, a whole one or a delta."""
    for name in _TEXTS:
        if name in message and isinstance(text := message[name], str) and text:
            return text
    if not isinstance(details := message.get(_DETAILS), list):
        return ""
    texts = (
        detail.get(name) for detail in details if isinstance(detail, dict) for name in _DETAIL_TEXTS
    )
    return "".join(text for text in texts if isinstance(text, str))


def thought_in(part: Mapping[str, Any]) -> str:
    """The thoughts in a content part whose type is one of ``PART_TYPES``."""
    inner = part.get("thinking") or part.get("text")
    if isinstance(inner, list):
        texts = (one.get("text") for one in inner if isinstance(one, dict))
        return "".join(text for text in texts if isinstance(text, str))
    return inner if isinstance(inner, str) else ""


class Tagged:
    """Tells ``<think>…</think>`` at the beginning of a text from what follows it.

    The text may come in pieces of any length. What may still become a tag is held.
    """

    def __init__(self) -> None:
        self._take = self._before
        self._held = ""
        self._closing = ""
        #: Whether all that comes now is the text itself.
        self.is_over = False

    def take(self, text: str) -> Added:
        """What is known of ``text`` and of what was held before; for a text that is not over."""
        text, self._held = self._held + text, ""
        return self._take(text)

    def rest(self) -> Added:
        """What was held, now that nothing more comes."""
        held, self._held = self._held, ""
        return Added("", held) if self._closing else Added(held)

    def _before(self, text: str) -> Added:
        if (opening := _OPENING.match(text)) is not None:
            self._closing, self._take = f"</{opening[1]}>", self._inside
            return self._inside(text[opening.end() :])
        start = text.lstrip()
        if any(one.startswith(start) for one in _OPENINGS):
            self._held = text
            return Added("")
        self.is_over = True
        return Added(text)

    def _inside(self, text: str) -> Added:
        thought, closing, after = text.partition(self._closing)
        if closing:
            self._closing, self._take = "", self._behind
            return replace(self._behind(after), thought=thought)
        lengths = range(len(self._closing) - 1, 0, -1)
        half = next((n for n in lengths if text.endswith(self._closing[:n])), 0)
        self._held = text[len(text) - half :]
        return Added("", text[: len(text) - half])

    def _behind(self, text: str) -> Added:
        """Between a thought and the answer there are empty lines."""
        text = text.lstrip()
        self.is_over = bool(text)
        return Added(text)
