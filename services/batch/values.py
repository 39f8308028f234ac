"""Many files and one question, as values."""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from services.assistant import Bill, Fault, Options, Report

#: How many files a batch has at most, and how many of them are asked about at once.
MOST_CLIPS: Final = 500
AT_ONCE: Final = 8
#: How long a batch is kept, in seconds.
KEPT_S: Final = 24 * 3600

#: ``waiting`` for its turn, or ``asking``; it has its whole answer or ``failed``. One that is
#: ``unsure`` had been begun when the app was killed: it may have been sent, and billed.
#: ``unsent`` were neither.
State = Literal["waiting", "asking", "answered", "failed", "unsure", "unsent"]
#: Those of a batch at rest that can be asked (again).
Again = Literal["unsent", "failed", "unsure"]

_EXCERPT: Final = 120


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about each file."""

    prompt: str = field(repr=False)
    model: str
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Clip:
    """One file of a batch and what became of it.

    ``name`` is the visitor's. ``cost`` is in USD as the API reported it, None where it did not;
    ``excerpt`` is how the answer begins.
    """

    number: int
    name: str = field(repr=False)
    file_bytes: int
    state: State = "unsent"
    fault: Fault | None = None
    bill: Bill = field(default_factory=Bill)
    cost: float | None = None
    excerpt: str = field(default="", repr=False)

    @property
    def is_billed(self) -> bool:
        """Whether something of it may have been billed."""
        return self.state == "unsure" or bool(self.bill.answered or self.bill.open)

    def reported(self, report: Report) -> "Clip":
        """The same, with what came of it."""
        words = " ".join(report.text[: 2 * _EXCERPT].split())
        return replace(
            self,
            state="answered" if report.fault is None else "failed",
            fault=report.fault,
            bill=report.bill,
            cost=report.counted.cost,
            excerpt=words if len(words) <= _EXCERPT else f"{words[:_EXCERPT].rstrip()}…",
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it is at a moment.

    ``halted`` is what has ended it before all were asked, None if that was the visitor.
    ``has_own_key`` tells that it was made with the visitor's key, which is not kept: to go on
    it has to be given again. ``at_once`` is how many are asked about at the same time; it
    ``is_slowed`` while these are fewer because the API is busy.
    """

    question: Question
    clips: tuple[Clip, ...]
    made_at: float
    has_own_key: bool = False
    is_running: bool = False
    is_stopping: bool = False
    at_once: int = AT_ONCE
    is_slowed: bool = False
    halted: Fault | None = None

    @property
    def ends_at(self) -> float:
        """When it is deleted, in seconds of Unix time."""
        return self.made_at + KEPT_S

    def count(self, *states: State) -> int:
        """How many clips are in one of ``states``."""
        return sum(clip.state in states for clip in self.clips)

    @property
    def cost(self) -> float:
        """What it has cost, in USD, as far as the API told."""
        return sum(clip.cost or 0.0 for clip in self.clips)

    @property
    def unpriced(self) -> int:
        """How many clips may have been billed without the API telling a cost."""
        return sum(clip.is_billed and clip.cost is None for clip in self.clips)
