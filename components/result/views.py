"""What the page shows while a question is being answered."""

import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from components.result.cards import (
    empty_html,
    mark_html,
    receipt_html,
    stats_html,
    warnings_html,
)
from components.result.extras import extras_html, thought_html
from components.result.pace import paced
from components.status import (
    billed_sentence,
    fault_html,
    is_worth_a_retry,
    progress_html,
    sentence_html,
)
from components.texts import Texts
from services.assistant import Delta, Event, Fault, Progress, Report, Tell, Thought
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
    """What the page shows of a run. What is None stays as it is; the buttons follow ``state``.

    Every view has the whole state: a browser may miss any one of them.
    """

    state: State
    status: str
    thought: str | None = None
    answer: str | None = None
    mark: str | None = None
    extras: str | None = None
    stats: str | None = None
    receipt: str | None = None
    fallback: Fallback | None = None


_FAST_S: Final = 0.1
_SLOW_S: Final = 0.5
#: Letters at which the page, which renders the whole text each time, is slowest.
_LONG_LETTERS: Final = 20_000


class _Shown:
    """What is known of one run so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._exchange_began: float | None = None
        self._deltas: list[str] = []
        self._thoughts: list[str] = []
        self._letters = 0
        self.progress = Progress("inspect")

    def take(self, events: Iterable[Event]) -> set[type[Event]]:
        """Take the events in; tells of which kinds there were some."""
        kinds: set[type[Event]] = set()
        for event in events:
            kinds.add(type(event))
            if isinstance(event, Progress):
                self.progress = event
                if event.limit_s is not None and self._exchange_began is None:
                    self._exchange_began = time.monotonic()
                continue
            texts = self._deltas if isinstance(event, Delta) else self._thoughts
            texts.append(event.text)
            self._letters += len(event.text)
        return kinds

    @property
    def text(self) -> str:
        """All words so far."""
        return "".join(self._deltas)

    @property
    def thought(self) -> str:
        """All thoughts so far."""
        return "".join(self._thoughts)

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
    run: Callable[[Tell], Awaitable[Report]], texts: Texts, *, again: bool = False
) -> AsyncGenerator[View, None]:
    """The page, view by view, until ``run`` is over.

    A failure leaves the words that came, and everything that was given, alone;
    and so does a run that asks ``again``, until it has words of its own. An
    answer is marked as incomplete until the end of it has come.
    """
    shown = _Shown()
    yield View(
        "running",
        progress_html(shown.progress, 0, texts),
        thought=None if again else "",
        answer=None if again else texts("answer.empty"),
        mark=None if again else "",
        extras=None if again else "",
        stats=empty_html("stats.empty", texts),
        receipt=empty_html("receipt.empty", texts),
    )
    async with contextlib.aclosing(paced(run, shown.interval_s)) as batches:
        async for batch in batches:
            came = shown.take(batch.events)
            has_words, has_thought = Delta in came, Thought in came
            report = batch.outcome
            if report is not None and report.fault is None:
                yield _finished(report, shown.elapsed_s, texts)
                return
            if report is None or has_words or has_thought:
                yield View(
                    "running",
                    progress_html(shown.progress, shown.waited_s, texts),
                    thought=thought_html(shown.thought, texts) if has_thought else None,
                    answer=shown.text if has_words else None,
                    mark=mark_html("mark.incomplete", texts) if has_words else None,
                )
            if report is not None:
                nothing_came = not again and not shown.text
                yield _failed(report, texts("answer.none") if nothing_came else None, texts)


def stopped(report: Report | None, texts: Texts) -> View:
    """The page after Stop, with what is known of the run: the run itself says nothing any more."""
    if report is None:
        return View("rest", sentence_html("status.stopped", texts, billed=""))
    billed = billed_sentence(report.bill, report.kept_pieces, texts)
    status = sentence_html("status.stopped", texts, billed=billed)
    return View("rest", status, **_cards(report, texts))


def unshown(report: Report | None, texts: Texts) -> View:
    """A run of which this app could not show what came; the words, where there are any."""
    billed = texts("billed.open")
    if report is not None:
        billed = billed_sentence(report.bill, report.kept_pieces, texts)
    status = fault_html(Fault.of(AppFailed()), billed, texts)
    return View("failed", status, answer=(report and report.text) or None)


def _finished(report: Report, took_s: float, texts: Texts) -> View:
    seconds = texts.seconds(took_s)
    return View(
        "rest",
        sentence_html("status.done", texts, seconds=seconds),
        thought=thought_html(report.extras.reasoning, texts),
        answer=report.text if report.text.strip() else texts("answer.wordless"),
        mark=warnings_html(report, texts),
        extras=extras_html(report.extras, texts),
        **_cards(report, texts),
    )


def _failed(report: Report, answer: str | None, texts: Texts) -> View:
    assert report.fault is not None
    state: State = "rest"
    if report.fault.is_a(PoorRecording):
        state = "poor"
    elif is_worth_a_retry(report):
        state = "failed"
    billed = billed_sentence(report.bill, report.kept_pieces, texts)
    # The sentence has these two already.
    extras = extras_html(replace(report.extras, refusal="", tools=()), texts)
    model = next(iter(report.fault.fallbacks), None)
    fallback = Fallback(model, texts("fallback.button", model=model)) if model else None
    return View(
        state,
        fault_html(report.fault, billed, texts),
        answer=answer,
        extras=extras or None,
        fallback=fallback,
        **_cards(report, texts),
    )


def _cards(report: Report, texts: Texts) -> dict[str, Any]:
    if report.request is None:
        return {}
    return {
        "stats": stats_html(report, texts),
        "receipt": receipt_html(report.request, report.options, texts),
    }
