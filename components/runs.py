"""What happens when something is asked, asked again, or stopped."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import gradio as gr
from gradio.blocks import Block

from components.comparing import SIDE_BY_SIDE
from components.form import Form
from components.offering import usable
from components.parts import Parts, Updates, Values
from components.question import OTHER
from components.result.card import Head
from components.result.compared import Told, compared_views, over, read_again
from components.result.comparison import Comparison
from components.result.views import failed, stopped, unshown, views
from components.session import Sessions, visitor_of
from components.texts import texts_for
from services.assistant import Ask, Assistant, Event, Report, Sound, Tell, place_of
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

    def wire(self, form: set[Block]) -> list[Any]:
        """What asks, and what stops it; it gives all after which a run is over."""
        question, feed = self._parts.question, self._parts.feed
        shown = self._parts.of_runs()
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        chosen = [*shown, question.model, question.other_model]
        asking: list[Any] = [
            gr.on(pressed, handler, form, outputs, **quiet)
            for pressed, handler, outputs in (
                ([question.ask.click, feed.retry.click], self.ask, shown),
                ([feed.anyway.click], self.anyway, shown),
                ([feed.fallback.click], self.fallback, chosen),
                ([feed.again.change], self.again, shown),
            )
        ]
        return [*asking, question.stop.click(self.stopped, None, shown, cancels=asking, **quiet)]

    async def ask(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """One run, view by view."""
        async for updates in self._run(Form.read(values), request):
            yield updates

    async def anyway(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """One run about what no model can hear well."""
        async for updates in self._run(Form.read(values), request, anyway=True):
            yield updates

    async def fallback(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """The same question to the model that the API offered instead.

        One that is not among those to choose from is as if it had been typed: it stays, whenever
        these are told anew.
        """
        form = Form.read(values)
        form = replace(form, model=form.fallback_model or form.model)
        question = self._parts.question
        if form.model in self._assistant.models.now(form.kind):
            yield {question.model: form.model}
        else:
            yield {question.model: OTHER, question.other_model: form.model}
        async for updates in self._run(form, request):
            yield updates

    async def again(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """What failed in a comparison, once more; the answers that came stay."""
        form = usable(Form.read(values), self._assistant.models)
        told = read_again(form.again)
        # Of other media than those in front there is nothing here to be sent.
        if told is None or told[0].heads[0].media != form.media_id:
            return
        about, before = told
        about = replace(about, heads=self._named(about.heads))
        first = about.heads[0]
        try:
            ask = replace(form.ask(), prompt=first.prompt, earlier=first.earlier)
        except ShowAndTellError:
            return
        async with contextlib.aclosing(self._compared(ask, about, before, request)) as shown:
            async for updates in shown:
                yield updates

    async def _run(
        self, form: Form, request: gr.Request, *, anyway: bool = False
    ) -> AsyncGenerator[Updates, None]:
        texts, form = texts_for(request), usable(form, self._assistant.models)
        asked = [_head(form, model) for model in form.models for _ in range(form.repeats)]
        heads = self._named(asked)
        try:
            ask = form.ask(anyway=anyway)
        except ShowAndTellError as error:
            refused = Report.refused(error, form.asked_model)
            yield self._parts.shown(failed(refused, heads[0], texts))
            return
        if len(heads) > 1:
            about = Comparison(uuid4().hex, heads, form.reference, is_blind=form.blind)
            shown = self._compared(ask, about, {}, request)
        else:
            shown = self._one(ask, heads[0], request)
        async with contextlib.aclosing(shown) as updates:
            async for one in updates:
                yield one

    def _named(self, heads: Sequence[Head]) -> tuple[Head, ...]:
        models = self._assistant.models
        return tuple(replace(one, name=models.described(one.model).name) for one in heads)

    async def _one(
        self, ask: Ask, head: Head, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        visitor, texts = visitor_of(request), texts_for(request)
        self._sessions.asks(visitor, head)
        known: list[Report] = []

        async def run(tell: Tell) -> Report:
            known.append(await self._answer(ask, head, request, tell))
            return known[0]

        try:
            async with contextlib.aclosing(views(run, head, texts)) as shown:
                async for view in shown:
                    yield self._parts.shown(view)
        except Exception as bug:  # noqa: BLE001  # else the page would be at work for ever
            log.error("a bug in the views: %s", place_of(bug))  # noqa: TRY400  # its message is not logged
            yield self._parts.shown(unshown(head, known[0] if known else None, texts))
        self._sessions.has_shown(visitor)

    async def _compared(
        self, ask: Ask, about: Comparison, before: Mapping[str, Report], request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        """Several calls side by side, but for those that were over ``before``.

        Each is a run like any other.
        """
        visitor, texts = visitor_of(request), texts_for(request)
        self._sessions.asks(visitor, about)
        for head_id, report in before.items():
            self._sessions.knew(visitor, head_id, report)
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def call(head: Head, tell: Callable[[Told], None]) -> None:
            async with places:
                report = await self._answer(
                    replace(ask, model=head.model),
                    head,
                    request,
                    lambda event: tell(Told(head.id, event)),
                )
            tell(Told(head.id, report))

        async def calls(tell: Callable[[Told], None]) -> None:
            async with asyncio.TaskGroup() as group:
                for head in about.heads:
                    if head.id not in before:
                        group.create_task(call(head, tell))

        try:
            coming = compared_views(calls, about, before, texts)
            async with contextlib.aclosing(coming) as shown:
                async for view in shown:
                    yield self._parts.shown(view)
        except Exception as bug:  # noqa: BLE001  # else the page would be at work for ever
            log.error("a bug in the views: %s", place_of(bug))  # noqa: TRY400  # its message is not logged
            yield self._parts.shown(unshown(about.heads[0], None, texts))
        self._sessions.has_shown(visitor)

    async def _answer(self, ask: Ask, head: Head, request: gr.Request, tell: Tell) -> Report:
        visitor, spoken = visitor_of(request), self._sessions.spoken

        def told(event: Event) -> None:
            if isinstance(event, Sound):
                spoken.add(head.id, event)
            tell(event)

        work = self._assistant.run(
            ask,
            told,
            visitor=visitor,
            payer=self._sessions.payer(request),
            checkpoint=self._sessions.checkpoint(visitor),
            stopped=lambda report: self._sessions.knows(visitor, head, report),
        )
        try:
            report = await self._sessions.working(visitor, work, heard_by=visitor)
        finally:
            spoken.end(head.id)
        self._sessions.knows(visitor, head, report)
        if report.id is not None:
            self._sessions.answered(visitor, report.id, has_own_key=ask.api_key is not None)
        return report

    async def stopped(self, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """What is known of what was stopped.

        A last view of the run may be on its way while Stop answers, and would put the
        page back to work for ever: so this is told again once that is over.
        """
        about, known = await self._sessions.stop(visitor_of(request))
        texts = texts_for(request)
        if isinstance(about, Comparison):
            view = await over(about, known, texts)
        else:
            view = stopped(about, known.get(about.id) if about else None, texts)
        shown = self._parts.shown(view)
        yield shown
        await asyncio.sleep(SETTLE_S)
        yield shown


def _head(form: Form, model: str) -> Head:
    """What the card of ``model``'s answer is about."""
    now = datetime.now(UTC)
    return Head(uuid4().hex, now, form.about, form.prompt, model, form.media_id, form.conversation)
