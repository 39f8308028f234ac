"""What happens when many files are asked about, stopped, gone on with, saved or deleted."""

import contextlib
import math
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio.blocks import Block

from components.batch.files import ZIP, Zips
from components.batch.fold import CONFIRM_JS, REMEMBER_JS, REMEMBERED_JS, SAVE_JS, Fold
from components.batch.shown import batch_html, refused_html
from components.batch.watching import watched
from components.form import Form
from components.inputs.audio_file import upload_source
from components.parts import Updates, Values
from components.result.templates import rendered
from components.session import Sessions, visitor_of
from components.status import sentence_html
from components.texts import Texts, texts_for
from services.assistant import Fault
from services.batch import Again, Batch, Batches, Question
from services.errors import BadLimit, BatchError, BatchGone, ShowAndTellError

#: The states that a press asks about again, by the name of its button.
_AGAIN: Final[dict[str, Again]] = {"resume": "unsent", "failed": "failed", "unsure": "unsure"}
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "api_visibility": "private"}
_QUICK: Final[dict[str, Any]] = _QUIET | {"queue": False}


class Batching:
    """The page's handlers of batches."""

    def __init__(self, batches: Batches, zips: Zips, sessions: Sessions, fold: Fold) -> None:
        self._batches = batches
        self._sessions = sessions
        self._fold = fold
        self._zips = zips

    def wire(self, page: gr.Blocks, form: set[Block]) -> list[Any]:
        """Who listens to what; it gives all after which something may have been paid."""
        fold, shown = self._fold, list(self._nothing())
        given = form | {fold.files, fold.limit, fold.token}
        fold.files.change(
            self.files_given, [fold.files], [fold.start], trigger_mode="always_last", **_QUICK
        )
        asking = [
            fold.start.click(self.all_asked, given, shown, **_QUIET),
            fold.resume.click(self.rest_asked, given, shown, **_QUIET),
            fold.failed.click(self.failed_asked, given, shown, **_QUIET),
            fold.unsure.click(self.unsure_asked, given, shown, **_QUIET),
        ]
        left = gr.Textbox(visible=False)
        page.load(None, None, [left, fold.known], js=REMEMBERED_JS).then(
            self.found_again, [left], shown, **_QUIET
        )
        fold.token.change(None, [fold.token], [fold.known], js=REMEMBER_JS)
        fold.another.click(self.put_away, None, [*shown, fold.files], **_QUICK)
        fold.earlier.input(self.earlier_chosen, [fold.earlier], shown, **_QUIET)
        fold.stop.click(self.batch_stopped, [fold.token], [fold.stop], **_QUICK)
        fold.download.click(self.saved, [fold.token], [fold.saved], **_QUIET).success(
            None, [fold.saved], None, js=SAVE_JS
        )
        fold.delete.click(self.deleted, [fold.token], shown, js=CONFIRM_JS, **_QUIET)
        return asking

    async def files_given(self, files: list[str] | None, request: gr.Request) -> Updates:
        """The press says of how many it is."""
        texts, count = texts_for(request), len(files or ())
        words = texts("batch.start_some", count=texts.number(count)) if count else None
        return {
            self._fold.start: gr.update(interactive=count > 0, value=words or texts("batch.start"))
        }

    async def all_asked(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """A new batch of the files that were given."""
        form, texts = Form.read(values), texts_for(request)
        yield {
            self._fold.outcome: sentence_html("batch.gathering", texts),
            self._fold.start: gr.update(interactive=False),
        }
        try:
            most_of(values[self._fold.limit])  # before anything is kept
            token = await self._batches.make(
                [Path(one) for one in values[self._fold.files] or ()],
                Question(form.prompt, form.asked_model, form.options),
                has_own_key=form.key is not None,
                visitor=visitor_of(request),
                payer=self._sessions.payer(request),
            )
        except ShowAndTellError as error:
            refused = refused_html(Fault.of(error), texts)
            yield self._nothing() | {
                self._fold.outcome: refused,
                self._fold.start: gr.update(interactive=True),
            }
            return
        async for updates in self._asked(token, ["unsent"], values, request):
            yield updates

    async def rest_asked(
        self, values: Values, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        """Those that were not sent."""
        async for updates in self._again("unsent", values, request):
            yield updates

    async def failed_asked(
        self, values: Values, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        """Those that failed, once more."""
        async for updates in self._again("failed", values, request):
            yield updates

    async def unsure_asked(
        self, values: Values, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        """Those that may have been sent, once more."""
        async for updates in self._again("unsure", values, request):
            yield updates

    async def found_again(self, token: str, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """The batch that the browser knows of, as it is."""
        if not token:
            yield {self._fold.token: gr.skip()}
            return
        async for updates in self._watched(token, None, request):
            yield updates | {self._fold.fold: gr.update(open=True)}

    async def put_away(self) -> Updates:
        """Another one can be made; this one stays among the earlier."""
        return self._nothing() | {self._fold.files: None}

    async def earlier_chosen(
        self, token: str, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        """One that was put away, as it is."""
        async for updates in self._watched(token, None, request):
            yield updates

    async def batch_stopped(self, token: str, request: gr.Request) -> Updates:
        """No other one is sent; pressed again, those under way are given up."""
        self._batches.stop(token)
        return {self._fold.stop: gr.update(value=texts_for(request)("batch.stop_now"))}

    async def saved(self, token: str, request: gr.Request) -> Updates:
        """A zip of what is finished, and the way to it."""
        texts = texts_for(request)
        try:
            batch = await self._batches.get(token)
        except BatchError as error:
            return {self._fold.saved: refused_html(Fault.of(error), texts)}
        path = await self._zips.make(token, batch, texts)
        words, source = texts("batch.saved", name=ZIP), upload_source(str(path))
        return {self._fold.saved: rendered("batch_saved", source=source, name=ZIP, words=words)}

    async def deleted(self, token: str, request: gr.Request) -> Updates:
        """Nothing is left of it; without a token nobody wanted that."""
        if not token:
            return {self._fold.token: gr.skip()}
        self._zips.drop(token)
        try:
            await self._batches.delete(token)
        except BatchError as error:
            refused = refused_html(Fault.of(error), texts_for(request))
            return {self._fold.outcome: refused, self._fold.token: gr.skip()}
        return self._nothing()

    async def _again(
        self, state: Again, values: Values, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        token = str(values[self._fold.token] or "")
        async for updates in self._asked(token, [state], values, request):
            yield updates

    async def _asked(
        self, token: str, again: Iterable[Again], values: Values, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        fault: Fault | None = None
        try:
            await self._batches.start(
                token,
                again,
                key=Form.read(values).key,
                most_usd=most_of(values[self._fold.limit]),
                visitor=visitor_of(request),
                payer=self._sessions.payer(request),
            )
        except ShowAndTellError as error:
            fault = Fault.of(error)
        async for updates in self._watched(token, fault, request):
            yield updates

    async def _watched(
        self, token: str, fault: Fault | None, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        texts = texts_for(request)
        try:
            async with contextlib.aclosing(
                watched(self._batches, self._sessions, token, visitor_of(request))
            ) as batches:
                async for batch in batches:
                    yield self._shown(token, batch, fault, texts)
        except BatchError as error:
            # One that is only out of reach stays the visitor's.
            kept = "" if isinstance(error, BatchGone) else token
            yield self._nothing() | {
                self._fold.outcome: refused_html(Fault.of(error), texts),
                self._fold.token: kept,
            }

    def _shown(self, token: str, batch: Batch, fault: Fault | None, texts: Texts) -> Updates:
        """``batch``, and what can be done about it; all of it in every view."""
        fold = self._fold
        running = batch.is_running
        updates: Updates = {
            fold.given: gr.update(visible=False),
            fold.start: gr.update(visible=False),
            fold.outcome: batch_html(batch, fault, texts),
            fold.stop: gr.update(
                visible=running,
                value=texts("batch.stop_now" if batch.is_stopping else "batch.stop"),
            ),
            fold.another: gr.update(visible=not running, value=texts("batch.another")),
            fold.delete: gr.update(visible=not running, value=texts("batch.delete")),
            fold.token: token,
            fold.saved: gr.skip(),
        }
        for name, state in _AGAIN.items():
            count = batch.count(state)
            key = "batch.resume" if name == "resume" else f"batch.again_{name}"
            updates[getattr(fold, name)] = gr.update(
                visible=count > 0 and not running, value=texts(key, count=texts.number(count))
            )
        done = batch.count("answered", "failed")
        updates[fold.download] = gr.update(
            visible=done > 0, value=texts("batch.download", count=texts.number(done))
        )
        return updates

    def _nothing(self) -> Updates:
        """There is no batch."""
        fold = self._fold
        asking = (fold.stop, fold.resume, fold.failed, fold.unsure)
        hidden = (*asking, fold.download, fold.another, fold.delete)
        return {one: gr.update(visible=False) for one in hidden} | {
            fold.fold: gr.skip(),
            fold.given: gr.update(visible=True),
            fold.start: gr.update(visible=True),
            fold.outcome: "",
            fold.saved: "",
            fold.token: "",
        }


def most_of(limit: str | None) -> float | None:
    """What may be spent, in USD; None where there is no limit.

    Raises:
        BadLimit: it is no amount of money.
    """
    if not limit or not limit.strip():
        return None
    try:
        # In Russian a decimal has a comma.
        most = float(limit.strip().removeprefix("$").replace(",", "."))
    except ValueError:
        raise BadLimit from None
    if not math.isfinite(most) or most <= 0:
        raise BadLimit
    return most
