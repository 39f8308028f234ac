"""What happens when something is asked, asked again, or stopped."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import gradio as gr

from components.form import Form
from components.parts import Parts, Updates, Values
from components.question import model_update
from components.result.card import Head
from components.result.views import failed, stopped, unshown, views
from components.session import Sessions, visitor_of
from components.texts import texts_for
from services.assistant import Assistant, Report, Tell, place_of
from services.errors import ShowAndTellError

log: Final = logging.getLogger(__name__)

#: Longer than a view takes to a browser.
SETTLE_S: Final = 0.7


class Runs:
    """The page's handlers of runs, over one assistant."""

    def __init__(self, assistant: Assistant, sessions: Sessions, parts: Parts) -> None:
        self._assistant = assistant
        self._sessions = sessions
        self._parts = parts

    async def ask(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """One run, view by view."""
        async for updates in self._run(Form.read(values), request):
            yield updates

    async def anyway(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """One run about what no model can hear well."""
        async for updates in self._run(Form.read(values), request, anyway=True):
            yield updates

    async def fallback(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """The same question to the model that the API offered instead."""
        form = Form.read(values)
        form = replace(form, model=form.fallback_model or form.model)
        # It need not be among those to choose from.
        models = tuple(dict.fromkeys((*self._assistant.models_now(form.kind), form.model)))
        texts, kind = texts_for(request), form.kind
        update = model_update(
            models, form.model, lambda one: self._assistant.fits(kind, one), kind, texts
        )
        yield {self._parts.question.model: update | {"value": form.model}}
        async for updates in self._run(form, request):
            yield updates

    async def _run(
        self, form: Form, request: gr.Request, *, anyway: bool = False
    ) -> AsyncGenerator[Updates, None]:
        visitor, texts = visitor_of(request), texts_for(request)
        head = Head(
            uuid4().hex,
            datetime.now(UTC),
            form.about,
            form.prompt,
            form.asked_model,
            form.media_id,
            form.conversation,
        )
        try:
            ask = form.ask(anyway=anyway)
        except ShowAndTellError as error:
            refused = Report.refused(error, form.asked_model)
            yield self._parts.shown(failed(refused, head, texts))
            return

        self._sessions.asks(visitor, head)
        known: list[Report] = []

        async def run(tell: Tell) -> Report:
            checkpoint = self._sessions.checkpoint(visitor)
            work = self._assistant.run(
                ask,
                tell,
                visitor=visitor,
                payer=self._sessions.payer(request),
                checkpoint=checkpoint,
                stopped=lambda report: self._sessions.knows(visitor, report),
            )
            known.append(await self._sessions.working(visitor, work, heard_by=visitor))
            self._sessions.knows(visitor, known[0])
            return known[0]

        try:
            async with contextlib.aclosing(views(run, head, texts)) as shown:
                async for view in shown:
                    yield self._parts.shown(view)
        except Exception as bug:  # noqa: BLE001  # else the page would be at work for ever
            log.error("a bug in the views: %s", place_of(bug))  # noqa: TRY400  # its message is not logged
            yield self._parts.shown(unshown(head, known[0] if known else None, texts))
        self._sessions.has_shown(visitor)

    async def stopped(self, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """What is known of what was stopped.

        A last view of the run may be on its way while Stop answers, and would put the
        page back to work for ever: so this is told again once that is over.
        """
        head, report = await self._sessions.stop(visitor_of(request))
        shown = self._parts.shown(stopped(head, report, texts_for(request)))
        yield shown
        await asyncio.sleep(SETTLE_S)
        yield shown
