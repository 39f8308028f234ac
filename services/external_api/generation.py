"""What an API tells of an answer afterwards: ``GET /generation`` of OpenRouter.

Pure. The contract: https://openrouter.ai/docs/api-reference/get-a-generation. Fields have the
names that they have there.
"""

from dataclasses import dataclass, fields
from typing import Any, Final
from urllib.parse import quote

from services import errors
from services.external_api.clean import characters, number, redacted, word

_MOST_TRIED: Final = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """A provider that the question was passed on to, and the HTTP status that it answered with."""

    provider: str
    status: float | None


@dataclass(frozen=True, slots=True)
class Generation:
    """What was counted; None is what was not told. Times are in milliseconds, the cost in USD.

    ``num_input_audio_prompt`` are the sounds that were in the question, ``num_media_prompt`` its
    pictures and films; ``native_tokens_*`` is the model's own count. ``tried`` are the providers
    that were asked, in order.
    """

    provider_name: str | None = None
    num_input_audio_prompt: float | None = None
    num_media_prompt: float | None = None
    native_tokens_prompt: float | None = None
    native_tokens_completion: float | None = None
    native_tokens_reasoning: float | None = None
    native_tokens_cached: float | None = None
    latency: float | None = None
    generation_time: float | None = None
    total_cost: float | None = None
    tried: tuple[Tried, ...] = ()


_NUMBERS: Final = tuple(
    one.name for one in fields(Generation) if one.name not in ("provider_name", "tried")
)


def generation_url(base_url: str, id_: str) -> str:
    """Where what is told of the answer called ``id_`` is asked for."""
    return f"{base_url}/generation?id={quote(characters(id_), safe='')}"


def generation_in(payload: object, key: str = "") -> Generation:
    """What the body of ``/generation`` tells, without the ``key`` that it was asked for with.

    Raises:
        BadAnswer: it is nothing of the kind.
    """
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, dict):
        raise errors.BadAnswer
    tried = data.get("provider_responses")
    found = [_tried(one, key) for one in (tried if isinstance(tried, list) else [])[:_MOST_TRIED]]
    return Generation(
        provider_name=_word(data.get("provider_name"), key),
        tried=tuple(one for one in found if one is not None),
        **{name: number(data.get(name)) for name in _NUMBERS},
    )


def _tried(told: Any, key: str) -> Tried | None:
    provider = _word(told.get("provider_name"), key) if isinstance(told, dict) else None
    return Tried(provider, number(told.get("status"))) if provider else None


def _word(told: object, key: str) -> str | None:
    found = word(told)
    return found and redacted(found, key)
