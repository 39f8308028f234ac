"""What many files may cost, said before they are asked about."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from services.assistant import Ask, Assistant, Costs, LocalFile
from services.batch.gathering import looked_at
from services.batch.values import Question
from services.errors import ShowAndTellError

#: How many files are looked at: the sum of the others is not guessed.
MOST_PRICED: Final = 100
#: How many at once: the places for work on files are shared fairly, but not without end.
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Price:
    """What is known so far of what ``count`` files may cost.

    ``costs`` is the sum of those that were ``looked`` at and of which it can be told, in USD;
    ``unknown`` are those of which it cannot, ``unread`` those that cannot be sent. What is in
    ``zips`` is not looked at.
    """

    count: int
    zips: int = 0
    looked: int = 0
    unknown: int = 0
    unread: int = 0
    costs: Costs | None = None

    @property
    def to_look_at(self) -> int:
        """How many will be looked at."""
        return min(self.count - self.zips, MOST_PRICED)

    @property
    def left_out(self) -> int:
        """How many will not, because there are so many."""
        return self.count - self.zips - self.to_look_at

    @property
    def is_known(self) -> bool:
        """Whether the sum is that of all files."""
        missing = self.zips + self.unknown + self.unread + self.left_out
        return not missing and self.costs is not None


async def price(
    assistant: Assistant,
    files: Sequence[Path],
    question: Question,
    told: Callable[[Price], None],
    *,
    visitor: str = "",
) -> Price:
    """What ``files`` may cost together; ``told`` hears it after each that was looked at.

    Raises:
        FileGone: one of them is not there any more.
    """
    _, zips = await asyncio.to_thread(looked_at, files)
    plain = [path for path, zipped in zip(files, zips, strict=True) if not zipped]
    so_far = Price(len(files), sum(zips))
    ask = Ask(None, question.prompt, question.model, question.options)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def look(path: Path) -> None:
        nonlocal so_far
        is_unread, costs = False, None
        async with turns:
            try:
                seen = await assistant.forecast(
                    replace(ask, media=LocalFile(path)), visitor=visitor, tell=_to_nobody
                )
            except ShowAndTellError:
                is_unread = True  # why is told of it when it is asked about
            else:
                costs = None if seen is None else seen.costs
        summed = so_far.costs
        if costs is not None:
            summed = costs if summed is None else summed + costs
        so_far = replace(
            so_far,
            looked=so_far.looked + 1,
            unread=so_far.unread + is_unread,
            unknown=so_far.unknown + (costs is None and not is_unread),
            costs=summed,
        )
        told(so_far)

    async with asyncio.TaskGroup() as looks:
        for path in plain[:MOST_PRICED]:
            looks.create_task(look(path))
    return so_far


def _to_nobody(_: object) -> None:
    """For a look of which nobody follows how far it is."""
