"""One run over clips of a batch: who asks, what is left, and what ends it."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from services import errors
from services.assistant import Ask, Assistant, Fault, LocalFile, Progress, Report
from services.batch.pace import Pace, Purse, Turns
from services.batch.values import Clip, State
from services.events import Event

#: What would be the same for every other clip.
_ENDS: Final = (
    errors.AppStopping,
    errors.VisitorLimitReached,
    errors.DailyLimitReached,
    errors.DayIsSpent,
    errors.LimitsAway,
    errors.PromptTooLong,
    errors.TooManyTokens,
    errors.NoPrompt,
    errors.BadOption,
    errors.MissingKey,
    errors.BadKey,
    errors.ModelNotAllowed,
    errors.KeyRejected,
    errors.OutOfCredit,
    errors.NotFound,
    errors.Unreachable,
)
#: What is over in a moment, and nothing was sent or a model saw.
_PASSES: Final = (errors.TooManyAtOnce, errors.DayIsPromised, errors.Busy)
#: How often a clip is asked about anew for that, besides what the client does by itself.
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom, and who pays; the key of ``ask`` is nowhere else."""

    ask: Ask
    visitor: str
    payer: str


@dataclass(eq=False)
class Running:
    """The run of this ``number`` over clips, by what they were ``before``."""

    assistant: Assistant
    number: int
    asker: Asker
    before: Mapping[int, State]
    pace: Pace
    purse: Purse
    told: Callable[[], None]
    is_stopping: bool = False
    halted: Fault | None = None
    calls: "dict[int, asyncio.Task[Report]]" = field(default_factory=dict)
    #: Those that have their turn.
    turns: set[int] = field(default_factory=set)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._turns = Turns(self.pace, self.purse)
        self._left = set(self.before)

    @property
    def goes_on(self) -> bool:
        """Whether another clip may be asked about."""
        return not self.is_stopping and self.halted is None

    def stop(self) -> None:
        """Ask about no other clip; a second time: give up those under way, too."""
        if self.is_stopping:
            for call in self.calls.values():
                call.cancel()
        self.is_stopping = True
        self._turns.wake()

    def halt(self, fault: Fault) -> None:
        """Ask about no other clip because of ``fault``."""
        self.halted = self.halted or fault
        self._turns.wake()

    async def turn(self, number: int, path: Path) -> bool:
        """Wait for the turn of a clip with this file; False if it has none."""
        if self.goes_on:
            await self._look(path)
        try:
            has_turn = await self._turns.take(lambda: self.goes_on)
        except errors.BatchError as error:
            self.halt(Fault.of(error))
            has_turn = False
        if has_turn:
            self.turns.add(number)
        return has_turn

    async def _look(self, path: Path) -> None:
        """Look at a file while others are asked about: what is known of it is not looked at again.

        What is wrong with it is told when it is asked about.
        """
        ask = replace(self.asker.ask, media=LocalFile(path))
        with contextlib.suppress(errors.ShowAndTellError):
            await self.assistant.forecast(ask, visitor=self.asker.visitor, tell=_to_nobody)

    def end(self, number: int) -> None:
        """Nothing more is done about a clip."""
        self._give_back(number)
        self._left.discard(number)
        if not self._left:
            self.over.set()

    async def ask(self, number: int, path: Path) -> Report:
        """What comes of asking about the file of a clip."""
        report = await self._asked(number, path)
        for _ in range(_TRIES):
            if not self.goes_on or not _has_passed_by(report):
                break
            assert report.fault is not None  # that is what passes
            self._busy(report.fault.facts.get("retry_after_s"))
            await asyncio.sleep(self.pace.wait_s)
            report = await self._asked(number, path)
        self._settle(report)
        # The next one need not wait until this one is written down.
        self._give_back(number)
        if report.fault is None:
            self.pace.well()
        elif any(report.fault.is_a(one) for one in _ENDS):
            self.halt(report.fault)
        return report

    def _give_back(self, number: int) -> None:
        if number in self.turns:
            self.turns.discard(number)
            self._turns.give_back()

    async def _asked(self, number: int, path: Path) -> Report:
        known: list[Report] = []
        asker = self.asker
        call = asyncio.create_task(
            self.assistant.run(
                replace(asker.ask, media=LocalFile(path)),
                self._hear,
                visitor=asker.visitor,
                payer=asker.payer,
                stopped=known.append,
            )
        )
        self.calls[number] = call
        try:
            return await call
        except asyncio.CancelledError:
            if not call.cancelled():
                call.cancel()
                raise
            return known[0] if known else Report.refused(errors.Stopped(), asker.ask.model)
        finally:
            del self.calls[number]

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress) and event.stage == "retry":
            self._busy(event.wait_s)

    def _busy(self, wait_s: float | str | None) -> None:
        self.pace.busy(wait_s if isinstance(wait_s, int | float) else None)
        self.told()

    def _settle(self, report: Report) -> None:
        cost = report.counted.cost
        if cost is not None:
            self.purse.paid(cost)
        elif report.bill.answered:
            self.purse.unpriced()
        elif report.bill.open:
            self.purse.paid(None)


def _to_nobody(_: object) -> None:
    """For a look of which nobody follows how far it is."""


def _has_passed_by(report: Report) -> bool:
    """Whether the same may go well in a moment, and cost nothing so far."""
    fault, bill = report.fault, report.bill
    if fault is None or bill.open or bill.answered:
        return False
    return any(fault.is_a(one) for one in _PASSES)


def spent_before(purse: Purse, clips: Iterable[Clip]) -> Purse:
    """``purse`` with what ``clips`` have cost before this run."""
    clips = tuple(clips)
    for clip in clips:
        if clip.cost is not None:
            purse.paid(clip.cost)
    for clip in clips:
        if clip.cost is None and clip.is_billed:
            if clip.bill.answered:
                purse.unpriced()
            else:
                purse.paid(None)
    return purse
