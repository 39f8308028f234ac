"""The models that may be asked: what the API says of them, and what this app has seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from services.assistant.ask import Ask
from services.assistant.cost import Costs, costs
from services.assistant.rates import Rates
from services.assistant.report import Report
from services.external_api.catalogue import Catalogue, Model, fits, is_another, models_for
from services.external_api.intake import takes
from services.media.values import Kind, Takes


@dataclass(frozen=True, slots=True)
class Hears:
    """How many ``words`` of a clip that was sent as a test a model got ``right``."""

    right: int
    words: int


class Models:
    """The models of ``catalogue``; ``allowed`` are those that the host's key is for, none: all."""

    def __init__(self, catalogue: Catalogue, allowed: tuple[str, ...]) -> None:
        self._catalogue = catalogue
        self._allowed = allowed
        self._rates = Rates()
        self._hears: dict[str, Hears] = {}

    def now(self, kind: Kind) -> tuple[str, ...]:
        """Ids of the models for ``kind`` as far as they are known without waiting, best first."""
        return models_for(kind, self._catalogue.now, self._allowed)

    async def all(self, kind: Kind) -> tuple[str, ...]:
        """The same, once the API has said which it has."""
        await self._catalogue.known()
        return self.now(kind)

    def fits(self, kind: Kind, model: str) -> bool | None:
        """Whether ``model`` takes ``kind``; None where the API lists it and does not say."""
        return fits(kind, self._catalogue.now, model)

    def described(self, model: str) -> Model:
        """What the API says of ``model``: no more than its id, where that is nothing."""
        listed = (one for one in self._catalogue.now if one.id == model)
        return next(listed, Model(model, model, None))

    def note(self, model: str, hears: Hears) -> None:
        """Remember what a test of ``model`` has shown, if it is one of those to choose from."""
        if self.is_listed(model):
            self._hears[model] = hears

    def hears(self, model: str) -> Hears | None:
        """What the latest test of ``model`` has shown; None where there was none."""
        return self._hears.get(model)

    def is_listed(self, model: str) -> bool:
        """Whether ``model`` is one of those to choose from."""
        kinds: tuple[Kind, ...] = get_args(Kind)
        return any(model in self.now(kind) for kind in kinds)

    async def leaves_out(self, ask: Ask) -> tuple[str, ...]:
        """The options of ``ask`` that its model does not list, once the API has said which it has.

        In the order of their names. Who asks for nothing besides waits for nothing.
        """
        if not ask.options.given:
            return ()
        await self._catalogue.known()
        return tuple(sorted(ask.options.given - self.described(ask.model).options))

    async def takes(self, model: str) -> Takes:
        """The formats that ``model`` takes, once the API has said which models it has."""
        return takes(model, await self._catalogue.known())

    def told_another(self, asked: str) -> Callable[[str | None], bool]:
        """What tells whether the model that answered is another than ``asked``."""
        return lambda told: is_another(asked, told, self._catalogue.now)

    def costs(self, ask: Ask, kind: Kind, seconds: float | None) -> Costs | None:
        """What ``ask`` may cost, of which ``seconds`` are sent; None where nobody can tell."""
        model = self.described(ask.model)
        if model.prices is None or model.only_transcribes:  # they are paid by the second, or not
            return None
        options = ask.options.without(ask.options.given - model.options)
        if options.voice:
            return None  # nobody can tell how long it will speak
        turns = sum(len(turn.question) + len(turn.answer) for turn in ask.earlier)
        return costs(
            model.prices,
            self._rates.of(ask.model, kind),
            kind,
            seconds,
            len(ask.prompt) + len(options.system_prompt) + len(options.json_schema) + turns,
            options.max_tokens,
            thinks="reasoning" in (model.parameters or ()),
        )

    def learn(self, report: Report) -> None:
        """Remember what ``report`` tells of the model that answered."""
        self._rates.learn(report)
