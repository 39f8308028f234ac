"""What else a model may be told, besides the question: each checked, and as the body has it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from services import errors
from services.external_api.response_format import ResponseFormat

_MOST_TEMPERATURE: Final = 2
#: More tokens than any model writes, and as much as JSON's readers have a number for.
MOST_TOKENS: Final = 2**31 - 1
_TEMPERATURE_DIGITS: Final = 4
_VOICE: Final = re.compile(r"\w[\w .:/-]{0,63}")

ReasoningEffort = Literal["minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Options:
    """What else a model may be told. None, or an empty prompt, is not sent.

    ``temperature`` is 0 to 2, ``max_tokens`` 1 to ``MOST_TOKENS``. ``reasoning_effort`` is
    OpenRouter's (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens).
    ``json_schema`` is what the answer is to fit, as :meth:`ResponseFormat.read` takes it;
    ``voice`` the name of the one in which it is to be spoken as well.
    """

    system_prompt: str = field(default="", repr=False)
    temperature: float | None = None
    max_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    json_schema: str = field(default="", repr=False)
    voice: str = ""

    @property
    def response_format(self) -> ResponseFormat | None:
        """What the answer is to fit; None where that is nothing, or no schema."""
        try:
            return ResponseFormat.read(self.json_schema) if self.json_schema.strip() else None
        except errors.BadSchema:
            return None

    @property
    def given(self) -> frozenset[str]:
        """The names of those that are set."""
        return frozenset(
            one.name for one in fields(self) if getattr(self, one.name) not in (None, "")
        )

    def without(self, names: Collection[str]) -> "Options":
        """The same, with nothing set among ``names``."""
        unset: dict[str, Any] = {one.name: one.default for one in fields(self) if one.name in names}
        return replace(self, **unset)

    def check(self) -> None:
        """Refuse what no model takes.

        Raises:
            BadOption: a value is outside its range.
            BadSchema: what the answer is to fit cannot be read as one.
        """
        temperature, most, effort = self.temperature, self.max_tokens, self.reasoning_effort
        if temperature is not None and not 0 <= temperature <= _MOST_TEMPERATURE:
            raise errors.BadOption(option="temperature")
        if most is not None and not (1 <= most <= MOST_TOKENS and most == int(most)):
            raise errors.BadOption(option="max_tokens")
        if effort is not None and effort not in get_args(ReasoningEffort):
            raise errors.BadOption(option="reasoning_effort")
        if self.json_schema.strip():
            ResponseFormat.read(self.json_schema)
        if self.voice and not _VOICE.fullmatch(self.voice):
            raise errors.BadOption(option="voice")

    @property
    def sent_temperature(self) -> float | None:
        """The temperature as it is sent.

        Python alone writes 1.0 and 1e-05: what is sent, every language can write again.
        """
        if self.temperature is None:
            return None
        rounded = round(float(self.temperature), _TEMPERATURE_DIGITS)
        return int(rounded) if rounded.is_integer() else rounded

    def as_body(self) -> dict[str, Any]:
        """The fields of the request's body, without the system prompt, which is a message."""
        body: dict[str, Any] = {}
        if self.sent_temperature is not None:
            body["temperature"] = self.sent_temperature
        if self.max_tokens is not None:
            body["max_tokens"] = self.max_tokens
        if self.reasoning_effort is not None:
            body["reasoning"] = {"effort": self.reasoning_effort}
        if (wanted := self.response_format) is not None:
            body["response_format"] = wanted.as_body()
        if self.voice:
            # Bare samples are the one form in which makers stream sound.
            body["modalities"] = ["text", "audio"]
            body["audio"] = {"voice": self.voice, "format": "pcm16"}
        return body


#: Each option → what a model that takes it lists among its ``supported_parameters``
#: (https://openrouter.ai/docs/api-reference/list-available-models), any of these. A system
#: prompt is a message and no parameter: every model takes it. A voice is for those that list
#: audio among what they give.
PARAMETERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "system_prompt": frozenset(),
        "temperature": frozenset({"temperature"}),
        "max_tokens": frozenset({"max_tokens", "max_completion_tokens"}),
        "reasoning_effort": frozenset({"reasoning", "reasoning_effort"}),
        # Who lists "response_format" alone promises JSON of any shape.
        "json_schema": frozenset({"structured_outputs"}),
    }
)
