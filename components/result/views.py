"""What the page shows while a question is being answered."""

import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from components.result.card import (
    Head,
    Words,
    broken_html,
    ended_html,
    finished_html,
    running_html,
)
from components.result.pace import paced
from components.status import (
    billed_sentence,
    fault_html,
    fault_sentences,
    is_worth_a_retry,
    progress_html,
    said_html,
    sentence_html,
)
from components.texts import Texts
from services.assistant import Event, Fault, Progress, Report, Sound, Tell, Thought
from services.errors import AppFailed, PoorRecording

#: What a run is in, as far as the buttons are concerned.
State = Literal["running", "rest", "failed", "poor"]


@dataclass(frozen=True, slots=True)
class Fallback:
    """Another model that may be asked instead, and what the button says that does it."""

    model: str
    words: str


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows of a run: the line of news, and its card, None for none of its own.

    Every view has the whole state: a browser may miss any one of them.
    """

    state: State
    status: str
    card: str | None = None
    fallback: Fallback | None = None


_FAST_S: Final = 0.1
_SLOW_S: Final = 0.5
#: Letters at which the page, which renders the whole text each time, is slowest.
_LONG_LETTERS: Final = 20_000


class Shown:
    """What is known of one run so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._exchange_began: float | None = None
        self._deltas: list[str] = []
        self._thoughts: list[str] = []
        self._letters = 0
        self._speaks = False
        self.progress = Progress("inspect")

    def take(self, events: Iterable[Event]) -> None:
        """Take the events in."""
        for event in events:
            if isinstance(event, Progress):
                self.progress = event
                if event.limit_s is not None and self._exchange_began is None:
                    self._exchange_began = time.monotonic()
                continue
            if isinstance(event, Sound):
                self._speaks = True
                continue
            texts = self._thoughts if isinstance(event, Thought) else self._deltas
            texts.append(event.text)
            self._letters += len(event.text)

    @property
    def words(self) -> Words:
        """All that came so far."""
        return Words("".join(self._thoughts), "".join(self._deltas), self._speaks)

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
    run: Callable[[Tell], Awaitable[Report]], head: Head, texts: Texts
) -> AsyncGenerator[View, None]:
    """The page, view by view, until ``run`` is over.

    An answer is marked as incomplete until the end of it has come, and so is what
    came of one that failed.
    """
    shown = Shown()
    yield _running(shown, head, 0, texts)
    async with contextlib.aclosing(paced(run, shown.interval_s)) as batches:
        async for batch in batches:
            shown.take(batch.events)
            if batch.outcome is None:
                yield _running(shown, head, shown.waited_s, texts)
            elif batch.outcome.fault is None:
                yield _finished(batch.outcome, head, texts)
            else:
                yield failed(batch.outcome, head, texts)


def _running(shown: Shown, head: Head, waited_s: float, texts: Texts) -> View:
    status = progress_html(shown.progress, waited_s, texts)
    return View("running", status, running_html(head, shown.words, texts))


def stopped(head: Head | None, report: Report | None, texts: Texts) -> View:
    """The page after Stop, with what is known of the run: the run itself says nothing any more."""
    if head is not None and report is not None and report.fault is None:
        return _finished(report, head, texts)
    billed = ""
    if report is not None:
        billed = billed_sentence(report.bill, report.kept_pieces, texts)
    status = sentence_html("status.stopped", texts)
    if head is None:
        return View("rest", status)
    said = said_html("Stopped", texts("card.was_stopped"), billed)
    return View("rest", status, ended_html(head, "stopped", report, said, texts))


def unshown(head: Head, report: Report | None, texts: Texts) -> View:
    """A run of which this app could not show what came; the words, where there are any."""
    fault = Fault.of(AppFailed())
    billed = texts("billed.open")
    if report is not None:
        billed = billed_sentence(report.bill, report.kept_pieces, texts)
    told = fault_html(fault, billed, texts)
    words = Words(text=report.text) if report is not None else Words()
    status = sentence_html("status.failed", texts, what=fault_sentences(fault, texts)[0])
    return View("failed", status, broken_html(head, words, told, texts))


def _finished(report: Report, head: Head, texts: Texts) -> View:
    seconds = texts.took(report.timings_ms.total / 1000)
    status = sentence_html("status.done", texts, seconds=seconds)
    return View("rest", status, finished_html(head, report, texts))


def failed(report: Report, head: Head, texts: Texts) -> View:
    """The page after a run that has no whole answer, and the ways out of that."""
    fault = report.fault
    assert fault is not None  # it is why there is none
    state: State = "rest"
    if fault.is_a(PoorRecording):
        state = "poor"
    elif is_worth_a_retry(report):
        state = "failed"
    billed = billed_sentence(report.bill, report.kept_pieces, texts)
    told = fault_html(fault, billed, texts)
    model = next(iter(fault.fallbacks), None)
    status = sentence_html("status.failed", texts, what=fault_sentences(fault, texts)[0])
    return View(
        state,
        status,
        ended_html(head, "failed", report, told, texts),
        Fallback(model, texts("fallback.button", model=model)) if model else None,
    )
