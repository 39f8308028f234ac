"""``GET /generation``: what was counted for an answer, told afterwards.

The fields are those that OpenRouter's SDK requires (``GenerationResponse`` of ``openrouter``
1.3.84 on PyPI): null where there is nothing here to be told.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from services.media.values import Kind
from services.offline_api import contract
from services.offline_api.answers import Tally
from services.offline_api.options import shown

#: Of how many answers that is known.
_MOST: Final = 1000
_NOTHING: Final = dict.fromkeys(
    (
        *("app_id", "cache_discount", "external_user", "http_referer", "moderation_latency"),
        *("native_tokens_completion_images", "num_fetches", "num_search_results", "preset_id"),
        *("provider_responses", "router", "service_tier", "upstream_id"),
        *("upstream_inference_cost", "user_agent", "web_search_engine", "workspace_id"),
    )
)


class Generations:
    """The latest answers. Each is told of to the key that it was given to, and to no other."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Mapping[str, Any]] = OrderedDict()

    def note(self, authorization: str, told: Mapping[str, Any]) -> None:
        """Remember what is ``told`` of an answer, at the cost of the oldest."""
        self._kept[_name(authorization), told["id"]] = told
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def found(self, authorization: str, id_: str) -> Mapping[str, Any]:
        """What is told of the answer called ``id_``.

        Raises:
            Refusal: 404, where there is none for that key.
        """
        told = self._kept.get((_name(authorization), id_))
        if told is None:
            raise contract.Refusal(404, f"Generation {shown(id_)} not found.")
        return {"data": told}


def told_of(
    id_: str,
    kind: Kind,
    tally: Tally,
    took_ms: int,
    *,
    api_type: Literal["completions", "stt"],
    is_streamed: bool,
) -> dict[str, Any]:
    """What there is to be told of an answer about a piece of media of ``kind``."""
    prompt = tally.prompt_words + tally.audio_frames + tally.pictures
    return {
        **_NOTHING,
        "id": id_,
        "api_type": api_type,
        "cancelled": False,
        "created_at": datetime.now(UTC).isoformat(),
        "data_region": "global",
        "finish_reason": "stop",
        "native_finish_reason": "stop",
        "generation_time": took_ms,
        "latency": took_ms,
        "is_byok": False,
        "model": contract.MODEL,
        "native_tokens_prompt": prompt,
        "native_tokens_completion": tally.answer_words,
        "native_tokens_reasoning": 0,
        "native_tokens_cached": 0,
        "num_input_audio_prompt": int(kind == "audio"),
        "num_media_prompt": int(kind == "video"),
        "num_media_completion": 0,
        "origin": "",
        "provider_name": "offline",
        "streamed": is_streamed,
        "tokens_prompt": prompt,
        "tokens_completion": tally.answer_words,
        "total_cost": 0,
        "usage": 0,
    }


def _name(authorization: str) -> str:
    """Whom an answer belongs to: nobody's key is kept."""
    key = authorization.partition(" ")[2].strip()
    return hashlib.blake2b(key.encode(errors="replace"), digest_size=16).hexdigest()
