"""Which models there are for a kind of media.

``GET {base}/models`` is optional in the contract: without it, or without its
modalities, the guide's own lists stand.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from services.media.values import Kind

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
#: How long a list of models, and the lack of one, is believed, in seconds.
_BELIEVED_S: Final = 600.0
_MISSED_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue. ``takes`` is None when the API does not say."""

    id: str
    name: str
    takes: frozenset[str] | None


class Catalogue:
    """The models of an API that ``fetch`` reads; asked for once, and again when it is old.

    What is known may be had at once. Who must not decide by less than what the API
    says waits for it: then the same question goes out in the same form whenever it
    is asked. Only the first time costs a wait; after that an old list is
    good until the new one is here.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[tuple[Model, ...]]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._due = -math.inf
        self._fetching: asyncio.Task[None] | None = None
        #: What is known by now: none before the API has said.
        self.now: tuple[Model, ...] = ()

    async def known(self) -> tuple[Model, ...]:
        """The models of the API; none where it has no list to give."""
        if self._clock() >= self._due and (self._fetching is None or self._fetching.done()):
            self._fetching = asyncio.create_task(self._refresh())
        if self._due == -math.inf and self._fetching is not None:
            await asyncio.shield(self._fetching)
        return self.now

    async def _refresh(self) -> None:
        models = await self._fetch()
        self.now = models or self.now
        self._due = self._clock() + (_BELIEVED_S if models else _MISSED_S)


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
