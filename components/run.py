"""What the page shows while a question is being answered."""

import contextlib
import logging
import time
from collections.abc import AsyncGenerator
from typing import Any, Final, Literal, NamedTuple

import gradio as gr

from components.answer import empty_html, mark_html, receipt_html, stats_html, warnings_html
from components.pace import paced
from components.status import error_html, is_worth_a_retry, progress_html, sentence_html
from components.texts import Texts
from services.assistant import Partial, Progress, Report
from services.errors import AppFailed, ShowAndTellError, UnfitRecording

log: Final = logging.getLogger(__name__)

Event = Progress | Partial | Report

#: What a run is in, as far as the buttons are concerned.
State = Literal["running", "rest", "failed", "unfit"]

_SKIP: Final = gr.skip()


class View(NamedTuple):
    """What of the page changes, by the components that show it."""

    answer: Any = _SKIP
    mark: Any = _SKIP
    stats: Any = _SKIP
    receipt: Any = _SKIP
    kept: Any = _SKIP  # the pieces that a retry need not ask about again
    status: Any = _SKIP
    ask: Any = _SKIP
    stop: Any = _SKIP
    retry: Any = _SKIP
    anyway: Any = _SKIP


_FAST_S: Final = 0.1
_SLOW_S: Final = 0.5
#: Letters at which the page, which renders the whole text each time, is slowest.
_LONG_LETTERS: Final = 20_000


class _Run:
    """What is known of one run so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._exchange_began: float | None = None
        self._parts: list[str] = []
        self._letters = 0
        self.progress = Progress("inspect")
        self.report: Report | None = None

    def take(self, batch: list[Event]) -> bool:
        """Take the events in; tells whether words were added."""
        words = 0
        for event in batch:
            if isinstance(event, Progress):
                self.progress = event
                if event.limit_s is not None and self._exchange_began is None:
                    self._exchange_began = time.monotonic()
            elif isinstance(event, Partial):
                self._parts.append(event.text)
                words += len(event.text)
            else:
                self.report = event
        self._letters += words
        return words > 0

    @property
    def text(self) -> str:
        """All words so far."""
        return "".join(self._parts)

    @property
    def elapsed_s(self) -> float:
        """Seconds since Ask."""
        return time.monotonic() - self._began

    @property
    def waited_s(self) -> float:
        """Seconds that count against the deadline."""
        return time.monotonic() - (self._exchange_began or self._began)

    def interval_s(self) -> float:
        """How long to leave the browser alone: longer as the text grows."""
        return min(_FAST_S + (_SLOW_S - _FAST_S) * self._letters / _LONG_LETTERS, _SLOW_S)


async def views(
    events: AsyncGenerator[Event, None], texts: Texts, *, again: bool = False
) -> AsyncGenerator[View, None]:
    """The page, view by view, until the run of ``events`` is over or has failed.

    A failure leaves the words that came, and everything that was given, alone;
    and so does a run that asks ``again``, until it has words of its own. An
    answer is marked as incomplete until the end of it has come.
    """
    run = _Run()
    yield View(
        answer=_SKIP if again else texts("answer.empty"),
        mark=_SKIP if again else "",
        stats=empty_html("stats.empty", texts),
        receipt=empty_html("receipt.empty", texts),
        status=progress_html(run.progress, 0, texts),
        **_buttons("running"),
    )
    try:
        async with contextlib.aclosing(paced(events, run.interval_s)) as batches:
            async for batch in batches:
                has_words = run.take(batch)
                if run.report is not None and run.report.is_complete:
                    yield _finished(run.report, run.elapsed_s, texts)
                    return
                yield View(
                    answer=run.text if has_words else _SKIP,
                    mark=mark_html("mark.incomplete", texts) if has_words else _SKIP,
                    status=progress_html(run.progress, run.waited_s, texts),
                )
    except ShowAndTellError as error:
        fault = error
    except Exception as error:  # noqa: BLE001  # the last line of defence of the page
        # The class alone: a message may hold a key, a name or an answer.
        log.error("a run failed with %s", type(error).__name__)  # noqa: TRY400  # nor a traceback
        fault = AppFailed()
    yield View(
        **(_cards(run.report, texts) if run.report else {}),
        status=error_html(fault, texts),
        **_buttons(_after(fault)),
    )


def stopped(texts: Texts) -> View:
    """The page after Stop: the run itself says nothing any more."""
    return View(status=sentence_html("status.stopped", texts), **_buttons("rest"))


def _finished(report: Report, took_s: float, texts: Texts) -> View:
    return View(
        answer=report.text,
        mark=warnings_html(report, texts),
        **_cards(report, texts),
        status=sentence_html("status.done", texts, seconds=texts.seconds(took_s)),
        **_buttons("rest"),
    )


def _cards(report: Report, texts: Texts) -> dict[str, Any]:
    return {
        "stats": stats_html(report, texts),
        "receipt": receipt_html(report.request, texts),
        "kept": report.kept,
    }


def _after(fault: ShowAndTellError) -> State:
    if isinstance(fault, UnfitRecording):
        return "unfit"
    return "failed" if is_worth_a_retry(fault) else "rest"


def _buttons(state: State) -> dict[str, Any]:
    return {
        "ask": gr.update(interactive=state != "running"),
        "stop": gr.update(interactive=state == "running"),
        "retry": gr.update(visible=state == "failed"),
        "anyway": gr.update(visible=state == "unfit"),
    }
