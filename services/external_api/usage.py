"""What an answer cost, as far as the API counted it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.external_api.clean import number


@dataclass(frozen=True, slots=True)
class Usage:
    """What was counted: tokens, and ``cost`` in USD. Each None where that was not told.

    ``seconds`` are those of the sound, which transcriptions may be billed by.
    """

    prompt_tokens: float | None
    completion_tokens: float | None
    total_tokens: float | None
    audio_tokens: float | None
    video_tokens: float | None
    cost: float | None
    seconds: float | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any] | None) -> "Usage":
        """The ``usage`` of an answer as the API ``told`` it.

        No request is of no tokens. Servers that count none (LitServe), or only those
        of the answer (LiteLLM, where the provider says nothing), write zeros: such a
        zero, and what it is made up of, was not counted. Transcriptions have names of
        their own for the same.
        """
        told = told or {}
        prompt = number(told.get("prompt_tokens", told.get("input_tokens")))
        completion = number(told.get("completion_tokens", told.get("output_tokens")))
        total = number(told.get("total_tokens"))
        details = told.get("prompt_tokens_details", told.get("input_token_details"))
        details = details if isinstance(details, Mapping) and prompt != 0 else {}
        if not any((prompt, completion, total)):
            completion = None
        return cls(
            prompt_tokens=prompt or None,
            completion_tokens=completion,
            total_tokens=total or None,
            audio_tokens=number(details.get("audio_tokens")),
            video_tokens=number(details.get("video_tokens")),
            cost=number(told.get("cost")),
            seconds=number(told.get("seconds")) or None,
        )
