"""A process for every piece of work on a stranger's file.

One worker does one job and ends, so that what a file does to it cannot reach the
next person's file. A worker has no environment and the
:class:`~services.media.workshop.job.Limits` of its job. It is killed, with all that
it may have started, when one of them is reached, when it gives no sign of life,
when nobody waits for it any more, and when this process ends.

What is left out: a limit on processes (the system counts those of a user, not
of a worker, threads among them, and does not hold root to it) and a filter of
system calls or paths (Linux alone has them, and needs a library or a right for
them). A container around the app is the place for both.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from services.media.workshop.anew import Starter
from services.media.workshop.job import Job, News, Read, Result, adapter
from services.media.workshop.lanes import Lanes, Taken
from services.media.workshop.replies import Conversation
from services.media.workshop.zygote import Forked

#: At least so many jobs of a kind at once: one that waits for a disk holds up no other.
_FEWEST_PLACES: Final = 2
_MOST_PLACES: Final = 8


def _nothing(_: object) -> None:
    """For who does not want to know."""


class Workshop:
    """Does the jobs of one module, each in a process of its own.

    ``module`` is the dotted name of a module of :class:`Job` classes. Work of either
    length has ``places``, by default one for each processor. ``given`` is what the
    module's ``get_ready`` gets in each worker; where that takes long, so many workers
    are kept ``ahead``.
    """

    def __init__(
        self,
        module: str,
        places: int | None = None,
        *,
        given: str = "",
        ahead: int = 0,
        starter: Callable[[str, str, int], Starter] = Forked,
    ) -> None:
        cores = min(max(os.cpu_count() or 1, _FEWEST_PLACES), _MOST_PLACES)
        self._lanes = Lanes(places or cores)
        self._starter = starter(module, given, ahead)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def taken(self) -> Taken:
        """How busy it is now."""
        return self._lanes.taken

    def close(self) -> None:
        """Let go of what was started ahead; running jobs end with their callers."""
        self._starter.close()

    async def do(
        self,
        job: Job[Result, News],
        *,
        visitor: str = "",
        is_long: bool = False,
        read: Callable[[Read], None] = _nothing,
        news: Callable[[News], None] = _nothing,
        waiting: Callable[[int], None] = _nothing,
    ) -> Result:
        """The result of ``job``; what it tells goes to ``read`` and ``news`` as it comes.

        ``is_long`` work queues apart from the short; ``waiting`` hears the number in
        the queue whenever it changes.

        Raises:
            InputError: the class that the job named, if files can be at fault in that way.
            TooMuchInside: decoding it would go past the limits.
            UnreadableFile: the worker crashed, hung or went past a limit.
            AppFailed: no worker could be started, or it met a bug of ours.
        """
        request = {
            "job": type(job).__name__,
            "is_long": is_long,
            "request": adapter(type(job)).dump_python(job, mode="json"),
        }
        async with self._lanes.place(visitor, is_long=is_long, told=waiting):
            outcome: Result = await self._starter.converse(
                json.dumps(request).encode() + b"\n", Conversation(job, read, news)
            )
            return outcome


@dataclass(frozen=True, slots=True)
class Desk:
    """The workshop, for one visitor, who hears their number while they wait."""

    workshop: Workshop
    visitor: str = ""
    waiting: Callable[[int], None] = _nothing

    async def do(
        self,
        job: Job[Result, News],
        *,
        is_long: bool = False,
        read: Callable[[Read], None] = _nothing,
        news: Callable[[News], None] = _nothing,
    ) -> Result:
        """As :meth:`Workshop.do`."""
        return await self.workshop.do(
            job, visitor=self.visitor, is_long=is_long, read=read, news=news, waiting=self.waiting
        )
