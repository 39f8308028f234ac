"""Which models there are for a kind of media.

``GET {base}/models`` is optional in the contract: without it, or without its
modalities, the guide's own lists stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from services.media.facts import Kind

#: The guide's models, its recommendation first.
GUIDE_MODELS: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        "audio": (
            "mistralai/voxtral-small-24b-2507",
            "openai/gpt-4o-audio-preview",
            "openai/gpt-4o",
            "google/gemini-2.5-flash",
        ),
        "video": (
            "openai/gpt-4o",
            "google/gemini-2.5-flash",
            "google/gemini-3-flash-preview",
            "google/gemini-3-pro-preview",
        ),
    }
)
_MOST_MODELS: Final = 2000


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue. ``takes`` is None when the API does not say."""

    id: str
    name: str
    takes: frozenset[str] | None


def parsed(payload: object) -> tuple[Model, ...]:
    """The models of a ``/models`` body; none where it has another shape."""
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, list):
        return ()
    models = (_model(entry) for entry in data[:_MOST_MODELS] if isinstance(entry, dict))
    return tuple(model for model in models if model is not None)


def models_for(
    kind: Kind, catalogue: tuple[Model, ...], allowed: tuple[str, ...]
) -> tuple[str, ...]:
    """Ids to choose from, best first: the guide's, then the others by name.

    ``allowed`` is the host's list for the host's key; empty allows any.
    """
    guide = GUIDE_MODELS[kind]
    fitting = [model.id for model in catalogue if model.takes is not None and kind in model.takes]
    if fitting:
        ids = [*(one for one in guide if one in fitting), *sorted(set(fitting) - set(guide))]
    else:
        ids = list(guide)
    if allowed:
        ids = [one for one in ids if one in allowed] or list(allowed)
    return tuple(ids)


def _model(entry: dict[str, Any]) -> Model | None:
    name = entry.get("id")
    if not isinstance(name, str) or not name or len(name) > 200:
        return None
    architecture = entry.get("architecture")
    takes = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    title = entry.get("name")
    return Model(
        id=name,
        name=title[:200] if isinstance(title, str) and title else name,
        takes=frozenset(one for one in takes if isinstance(one, str))
        if isinstance(takes, list)
        else None,
    )
