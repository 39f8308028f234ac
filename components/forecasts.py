"""What will be sent, said before it is: whenever something that decides it has changed."""

import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, Final

import gradio as gr

from components.comparing import ask_words
from components.fitting import AS_IS, choices, track_choices
from components.form import Form
from components.offering import usable
from components.parts import Parts, Updates, Values
from components.result.pace import paced
from components.sending import forecast_html, sending_html
from components.session import visitor_of
from components.status import progress_html, unsent_html
from components.texts import texts_for
from services.assistant import Assistant, Costs, Forecast, Progress, Tell, place_of
from services.errors import AppFailed, ShowAndTellError

log: Final = logging.getLogger(__name__)

#: How often a look at a file shows how far it is.
_LOOK_S: Final = 0.25


class Forecasts:
    """The page's handler of forecasts, over one assistant."""

    def __init__(self, assistant: Assistant, parts: Parts) -> None:
        self._assistant = assistant
        self._parts = parts

    async def forecast(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """What will be sent, and what else could be."""
        form, texts = usable(Form.read(values), self._assistant.models), texts_for(request)
        sending, fitting, ask = self._parts.sending, self._parts.fitting, self._parts.question.ask
        card = fitting.plan
        choice, track = fitting.choice, fitting.track
        # What it costs is not known before the media are.
        calls: Updates = {ask: gr.update(value=ask_words(form.calls, None, texts))}
        nothing: Updates = {sending: "", card: "", choice: gr.update(visible=False), **calls}
        if form.media is None:
            yield nothing
            return
        looking = Progress("inspect")
        yield {card: progress_html(looking, 0, texts), **calls}
        try:

            async def look(tell: Tell) -> tuple[Forecast, Forecast]:
                return await self._look(form, request, tell)

            looks = paced(look, lambda: _LOOK_S)
            async with contextlib.aclosing(looks) as batches:
                async for batch in batches:
                    if batch.outcome is not None:
                        plain, wanted = batch.outcome
                        yield {
                            fitting.found: f"{plain.kind} {form.media_id}",
                            sending: sending_html(wanted, len(form.conversation), texts),
                            card: forecast_html(wanted, texts),
                            choice: choices(plain, form.fit, texts),
                            track: track_choices(plain, form.track, texts),
                            ask: gr.update(value=ask_words(form.calls, wanted.costs, texts)),
                        }
                    elif batch.events:
                        looking = _last(batch.events, looking)
                        yield {card: progress_html(looking, 0, texts)}
        except _NothingToLookAt:
            yield nothing
        except ShowAndTellError as error:
            yield {sending: "", card: unsent_html(error, texts)}
        except Exception as bug:  # noqa: BLE001  # else the page would look at the file for ever
            log.error("a bug in a forecast: %s", place_of(bug))  # noqa: TRY400  # its message is not logged
            yield {sending: "", card: unsent_html(AppFailed(), texts)}

    async def _look(self, form: Form, request: gr.Request, tell: Tell) -> tuple[Forecast, Forecast]:
        """What would be sent of the media as it is, and what of it as it was chosen.

        The choices there are depend on the file, and not on what is chosen. What it costs is
        what all models cost that are asked.
        """
        visitor = visitor_of(request)
        looked = []
        for one in (replace(form, fit=AS_IS, track=""), form):
            forecast = await self._assistant.forecast(one.ask(), visitor=visitor, tell=tell)
            if forecast is None:
                raise _NothingToLookAt
            looked.append(forecast)
        plain, wanted = looked
        for model in form.models[1:]:
            ask = replace(form.ask(), model=model)
            other = await self._assistant.forecast(ask, visitor=visitor, tell=tell)
            assert other is not None  # it is of the same file
            wanted = replace(wanted, costs=_both(wanted.costs, other.costs))
        if wanted.costs is not None:
            costs = Costs(wanted.costs.least * form.repeats, wanted.costs.most * form.repeats)
            wanted = replace(wanted, costs=costs)
        return plain, wanted


def _both(one: Costs | None, other: Costs | None) -> Costs | None:
    return None if one is None or other is None else one + other


class _NothingToLookAt(Exception):  # nothing is wrong
    """A link is passed on as it is."""


def _last(events: tuple[Any, ...], before: Progress) -> Progress:
    return next((one for one in reversed(events) if isinstance(one, Progress)), before)
