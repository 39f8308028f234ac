"""Which models there are for a kind of media.

``GET {base}/models`` is optional in the contract: without it, or without its
modalities, the guide's own lists stand.
"""

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from services.external_api.options import PARAMETERS
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
_MOST_NAMES: Final = 200
_MOST_NAME_LETTERS: Final = 64
#: How long a list of models, and the lack of one, is believed, in seconds.
_BELIEVED_S: Final = 600.0
_MISSED_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Prices:
    """What a token costs, in USD; ``audio`` one of sound, None where it is the prompt's."""

    prompt: float
    completion: float
    audio: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue. What the API does not say is None.

    ``takes`` are the modalities of what it is sent, ``gives`` those of its answers, ``parameters``
    what it may be told besides, ``voices`` those in which it speaks.
    ``slug`` is the id's full form (OpenRouter), by which answers may call the model; ``ends``
    the day on which it is taken away. ``gives`` are the modalities of its answers.
    """

    id: str
    name: str
    takes: frozenset[str] | None
    slug: str | None = None
    prices: Prices | None = None
    parameters: frozenset[str] | None = None
    ends: date | None = None
    gives: frozenset[str] | None = None
    voices: tuple[str, ...] | None = None

    @property
    def options(self) -> frozenset[str]:
        """The options, by their names here, that it takes; all where the API lists none.

        Of its voice that is not believed: who gets no sound pays for words alone.
        """
        told = self.parameters
        names = {
            name
            for name, theirs in PARAMETERS.items()
            if told is None or not theirs or theirs & told
        }
        return frozenset(names | ({"voice"} if "audio" in (self.gives or ()) else set()))

    @property
    def only_transcribes(self) -> bool:
        """Whether it writes sounds down, and can be asked nothing."""
        return self.gives is not None and "transcription" in self.gives and "text" not in self.gives


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


def parsed(payload: object, key: str = "") -> tuple[Model, ...]:
    """The models of a ``/models`` body; none where it has another shape.

    One that is called by the ``key`` it was asked for with is none.
    """
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, list):
        return ()
    models = (_model(entry) for entry in data[:_MOST_MODELS] if isinstance(entry, dict))
    return tuple(
        model for model in models if model is not None and (not key or key not in repr(model))
    )


def models_for(
    kind: Kind, catalogue: tuple[Model, ...], allowed: tuple[str, ...]
) -> tuple[str, ...]:
    """Ids to choose from, best first.

    Of those that the catalogue lists: what takes ``kind``, as it or the guide says, then
    what may, and where there is neither, what does not; in each the guide's first, the
    others by name. The guide's alone where there is no catalogue. ``allowed`` is the
    host's list for the host's key; empty allows any.
    """
    guide = GUIDE_MODELS[kind]
    listed = {model.id: _fits(kind, model) for model in catalogue}
    ids: list[str] = [] if listed else list(guide)
    for fits in (True, None, False):
        if fits is not False or not ids:
            some = {one for one in listed if listed[one] is fits}
            ids += [*(one for one in guide if one in some), *sorted(some.difference(guide))]
    if allowed:
        ids = [one for one in ids if one in allowed] or list(allowed)
    return tuple(ids)


def fits(kind: Kind, catalogue: tuple[Model, ...], model_id: str) -> bool | None:
    """Whether the model takes ``kind``; None where it is listed and nobody says.

    Of what is not listed whoever chose it has said so.
    """
    entry = next((model for model in catalogue if model.id == model_id), None)
    return True if entry is None else _fits(kind, entry)


def _fits(kind: Kind, model: Model) -> bool | None:
    if model.takes is not None:
        return kind in model.takes
    return True if model.id in GUIDE_MODELS[kind] else None


#: Behind a model's id: the date of a snapshot ("-2024-08-06", "-20250929", "-0613"), a
#: stable version ("-001") or "-latest"; how it is routed and paid (OpenRouter's ":free").
_BEHIND: Final = re.compile(
    r"(?:[-@](?:\d{4}-\d\d-\d\d|\d{8}|\d{6}|\d{4}|\d{3}|latest))?(?::[a-z]+)?"
)


def is_another(asked: str, told: str | None, catalogue: tuple[Model, ...]) -> bool:
    """Whether another model answered than the one ``asked``, as far as their ids tell.

    An id without its maker, with the snapshot or with the way it is routed is of the
    same model; another size or version is not, nor is a preview.
    """
    if told is None:
        return False
    slug = next((model.slug for model in catalogue if model.id == asked), None)
    return not any(_is_same(one.lower(), told.lower()) for one in (asked, slug) if one)


def _is_same(asked: str, told: str) -> bool:
    *asked_makers, asked_name = asked.split("/")
    *told_makers, told_name = told.split("/")
    both = min(len(asked_makers), len(told_makers))
    if both and asked_makers[-both:] != told_makers[-both:]:
        return False
    asked_name, told_name = _without_common_variant(asked_name, told_name)
    short, long = sorted((asked_name, told_name), key=len)
    return long.startswith(short) and _BEHIND.fullmatch(long, len(short)) is not None


def _without_common_variant(*names: str) -> list[str]:
    variants = {name.partition(":")[2] for name in names}
    return [name.partition(":")[0] for name in names] if len(variants) == 1 else list(names)


def _model(entry: dict[str, Any]) -> Model | None:
    name = entry.get("id")
    if not isinstance(name, str) or not name or len(name) > 200:
        return None
    architecture = entry.get("architecture")
    modalities = architecture if isinstance(architecture, dict) else {}
    title, slug = entry.get("name"), entry.get("canonical_slug")
    return Model(
        id=name,
        name=title[:200] if isinstance(title, str) and title else name,
        takes=_words(modalities.get("input_modalities")),
        slug=slug[:200] if isinstance(slug, str) and slug else None,
        prices=_prices(entry.get("pricing")),
        parameters=_words(entry.get("supported_parameters")),
        ends=_day(entry.get("expiration_date")),
        gives=_words(modalities.get("output_modalities")),
        voices=_names(entry.get("supported_voices")),
    )


def _words(told: object) -> frozenset[str] | None:
    if not isinstance(told, list):
        return None
    return frozenset(one for one in told if isinstance(one, str))


def _names(told: object) -> tuple[str, ...] | None:
    """The names in their order, those that are too long left out; None where there are none."""
    if not isinstance(told, list):
        return None
    names = (one for one in told if isinstance(one, str) and 0 < len(one) <= _MOST_NAME_LETTERS)
    return tuple(dict.fromkeys(names))[:_MOST_NAMES] or None


def _prices(told: object) -> Prices | None:
    """The prices; None where one of the two that count is missing, or depends (-1)."""
    if not isinstance(told, dict):
        return None
    prompt, completion = _price(told.get("prompt")), _price(told.get("completion"))
    if prompt is None or completion is None:
        return None
    return Prices(prompt, completion, _price(told.get("audio")))


def _price(told: object) -> float | None:
    """USD a token: the contract has it as a string."""
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return None
    try:
        price = float(told)
    except (ValueError, OverflowError):
        return None
    return price if math.isfinite(price) and price >= 0 else None


def _day(told: object) -> date | None:
    if not isinstance(told, str):
        return None
    try:
        return date.fromisoformat(told[:10])
    except ValueError:
        return None
