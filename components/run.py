"""What the page shows while a question is being answered."""

import contextlib
import logging
import time
from collections.abc import AsyncGenerator
from typing import Any, Final

import gradio as gr

from components.answer import empty_html, receipt_html, stats_html
from components.pace import paced
from components.status import error_html, progress_html, sentence_html
from components.texts import Texts
from services.assistant import Ask, Assistant, Partial, Progress, Report
from services.errors import AppFailed, ShowAndTellError

log: Final = logging.getLogger(__name__)

#: Updates of answer, stats, receipt, status, Ask and Stop, in this order.
View = list[Any]

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

    def take(self, batch: list[Progress | Partial | Report]) -> bool:
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


async def views(assistant: Assistant, ask: Ask, texts: Texts) -> AsyncGenerator[View, None]:
    """The page, view by view, until the run is over or has failed.

    A failure leaves the words that came, and everything that was given, alone.
    """
    run = _Run()
    yield [
        texts("answer.empty"),
        empty_html("stats.empty", texts),
        empty_html("receipt.empty", texts),
        progress_html(run.progress, 0, texts),
        *_buttons(running=True),
    ]
    try:
        async with contextlib.aclosing(paced(assistant.run(ask), run.interval_s)) as batches:
            async for batch in batches:
                has_words = run.take(batch)
                if run.report is not None:
                    yield _finished(run.report, run.elapsed_s, texts)
                    return
                news = progress_html(run.progress, run.waited_s, texts)
                yield [run.text if has_words else gr.skip(), *_skipped(2), news, *_skipped(2)]
    except ShowAndTellError as error:
        fault = error
    except Exception as error:  # noqa: BLE001  # the last line of defence of the page
        # The class alone: a message may hold a key, a name or an answer.
        log.error("a run failed with %s", type(error).__name__)  # noqa: TRY400  # nor a traceback
        fault = AppFailed()
    yield [*_skipped(3), error_html(fault, texts), *_buttons(running=False)]


def stopped(texts: Texts) -> View:
    """Status, Ask and Stop after Stop: the run itself says nothing any more."""
    return [sentence_html("status.stopped", texts), *_buttons(running=False)]


def _finished(report: Report, took_s: float, texts: Texts) -> View:
    return [
        report.text,
        stats_html(report, texts),
        receipt_html(report.request, texts),
        sentence_html("status.done", texts, seconds=texts.seconds(took_s)),
        *_buttons(running=False),
    ]


def _buttons(*, running: bool) -> list[Any]:
    return [gr.update(interactive=not running), gr.update(interactive=running)]


def _skipped(count: int) -> list[Any]:
    return [gr.skip()] * count
