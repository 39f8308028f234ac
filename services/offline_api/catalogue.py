"""What ``/models`` lists: the one model there is.

The fields are those that strict clients require: OpenRouter's SDKs refuse the
list without any of them. The last two are OpenAI's.
"""

from typing import Any, Final

from services.offline_api import contract

ENTRY: Final[dict[str, Any]] = {
    "id": contract.MODEL,
    "canonical_slug": contract.MODEL,
    "name": "Offline: Whisper-base",
    "description": "Built in, works without a network. Writes down speech in about a hundred "
    "languages with Whisper base; finds shots, colours, brightness and motion. Follows no "
    "instructions.",
    "created": 1_795_392_000,  # 2026-11-23, when it was begun
    "hugging_face_id": None,
    "context_length": None,
    "architecture": {
        "modality": "text+audio+video->text+transcription",
        "tokenizer": "Other",
        "instruct_type": None,
        "input_modalities": ["text", "audio", "video"],
        "output_modalities": ["text", "transcription"],
    },
    "pricing": {"prompt": "0", "completion": "0", "audio": "0"},
    "top_provider": {
        "context_length": None,
        "max_completion_tokens": None,
        "is_moderated": False,
    },
    "per_request_limits": None,
    "supported_parameters": ["stream", "stream_options"],
    "default_parameters": None,
    "supported_voices": None,
    "knowledge_cutoff": None,
    "expiration_date": None,
    "links": {"details": f"/api/v1/models/{contract.MODEL}"},
    "object": "model",
    "owned_by": "offline",
}


def listed(modalities: str) -> dict[str, Any]:
    """The list of the models that give one of ``modalities``: words with commas between, or all.

    OpenRouter lists what writes down and nothing else only where that is asked for.
    """
    own = ENTRY["architecture"]["output_modalities"]
    wanted = {one.strip() for one in modalities.split(",")}
    data = [ENTRY] if wanted & {"all", *own} else []
    return {"object": "list", "data": data, "links": {"next": None}, "total_count": len(data)}
