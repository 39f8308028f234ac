"""Who is here: what is done for a visitor, and what is kept for them while they stay.

Gradio notices a closed tab at a handler's next yield, and leaves a handler that
was stopped between two views as it is until it is collected. A model bills by
the second: so the work itself is cancelled, wherever it stands.
"""

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import gradio as gr

from components.result.card import Head
from components.result.comparison import Comparison
from components.result.spoken import Spoken
from components.streams import OpenStreams
from services.assistant import Checkpoint, Report

Outcome = TypeVar("Outcome")

#: Of how many visitors something is kept who do nothing just now. Programs never say
#: that they leave.
_KEPT: Final = 200
#: Of how many answers of a visitor's it is known that they are theirs.
_ANSWERS: Final = 100
#: How long a run goes on of which nobody would hear, in seconds: a connection is made anew
#: in less.
UNHEARD_S: Final = 5.0
#: How often within that it is looked whether anybody hears.
_LOOKS: Final = 10
#: How long what is cancelled may take to end, in seconds.
_END_S: Final = 2.0


@dataclass(slots=True)
class _Session:
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    working: "set[asyncio.Task[object]]" = field(default_factory=set)
    #: What is asked in a run whose end the page has not shown yet, and what is known of that
    #: end, by the id of each head.
    about: Head | Comparison | None = None
    known: dict[str, Report] = field(default_factory=dict)
    #: What all answers of this tab cost, in USD, as far as the API told.
    cost: float = 0.0
    #: The API's ids of the latest answers, and whether a key of the visitor's own was for them.
    answers: OrderedDict[str, bool] = field(default_factory=OrderedDict)

    @property
    def is_empty(self) -> bool:
        is_idle = self.checkpoint.is_empty and self.about is None
        return is_idle and not self.cost and not self.answers


def visitor_of(request: gr.Request) -> str:
    """Who sent ``request``: Gradio's hash of the session."""
    return str(request.session_hash or "")


def _place_of(told: str) -> str:
    """Whose address ``told`` is, without a port; "" where it is none.

    Of IPv6 a household has a whole network (RFC 6177), and each of its devices many addresses.
    """
    told = told.strip()
    if told.startswith("["):
        told = told[1:].partition("]")[0]
    elif told.count(":") == 1:
        told = told.partition(":")[0]
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


class Sessions:
    """The visitors, by Gradio's hash of the session.

    ``trusted_proxies`` stand before this app, and say from which address a request comes;
    ``streams`` knows who hears of what is done for them, None where that is not watched. What is
    said in answers to them is in ``spoken``.
    """

    def __init__(
        self,
        trusted_proxies: int = 0,
        streams: OpenStreams | None = None,
        *,
        unheard_s: float = UNHEARD_S,
    ) -> None:
        self._trusted_proxies = trusted_proxies
        self._streams = streams
        self._unheard_s = unheard_s
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self.spoken: Final = Spoken()

    def payer(self, request: gr.Request) -> str:
        """Who is counted where the host pays.

        It is the address that the first of the proxies saw, each of which adds the one that it
        sees to the end of ``X-Forwarded-For``. Without such proxies anybody could write it, and
        all behind one have the same: then it is the session.
        """
        # A proxy may add a line of its own below that of the visitor.
        told = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        if 0 < self._trusted_proxies <= len(told):
            address = _place_of(told[-self._trusted_proxies])
            if address:
                return address
        return visitor_of(request)

    def checkpoint(self, visitor: str) -> Checkpoint:
        """The answered pieces of ``visitor``'s questions."""
        session = self._sessions.setdefault(visitor, _Session())
        self._sessions.move_to_end(visitor)
        return session.checkpoint

    def asks(self, visitor: str, about: Head | Comparison) -> None:
        """Note what is asked in a run of ``visitor``'s that begins."""
        session = self._sessions.setdefault(visitor, _Session())
        session.about, session.known = about, {}

    def knows(self, visitor: str, head: Head, report: Report) -> None:
        """Note what is known of a call of ``visitor``'s that is over, or was stopped."""
        session = self._sessions.setdefault(visitor, _Session())
        if head.id not in session.known:
            self.paid(visitor, report)
        session.known[head.id] = report

    def paid(self, visitor: str, report: Report) -> None:
        """Add what a call of ``visitor``'s cost, as far as the API told."""
        self.spent(visitor, report.counted.cost or 0.0)

    def spent(self, visitor: str, usd: float) -> None:
        """Add what calls of ``visitor``'s cost together."""
        self._sessions.setdefault(visitor, _Session()).cost += usd

    def answered(self, visitor: str, id_: str, *, has_own_key: bool) -> None:
        """Note that the answer that the API calls ``id_`` is ``visitor``'s."""
        answers = self._sessions.setdefault(visitor, _Session()).answers
        answers[id_] = has_own_key
        if len(answers) > _ANSWERS:
            answers.popitem(last=False)

    def answers(self, visitor: str) -> Mapping[str, bool]:
        """The ids of ``visitor``'s answers, and whether a key of their own was for each."""
        session = self._sessions.get(visitor)
        return {} if session is None else session.answers

    def knew(self, visitor: str, head_id: str, report: Report) -> None:
        """Note what was known, and paid, before a run of ``visitor``'s began."""
        self._sessions.setdefault(visitor, _Session()).known[head_id] = report

    def cost(self, visitor: str) -> float:
        """What all runs of ``visitor``'s have cost, in USD, as far as the API told."""
        session = self._sessions.get(visitor)
        return 0.0 if session is None else session.cost

    def is_shown_a_run(self, visitor: str) -> bool:
        """Whether ``visitor``'s page is about to show the end of a run."""
        session = self._sessions.get(visitor)
        return session is not None and session.about is not None

    def has_shown(self, visitor: str) -> None:
        """``visitor``'s page has the end of its run: nothing of it is left to be told."""
        session = self._sessions.get(visitor)
        if session is not None:
            session.about, session.known = None, {}
            self._forget()

    async def working(self, visitor: str, work: Awaitable[Outcome], heard_by: str = "") -> Outcome:
        """The outcome of ``work``, whose task is cancelled once ``visitor`` is gone.

        So it is when the session ``heard_by`` has no connection on which it would hear of it:
        when it has closed that, or never opened one.
        """
        task = asyncio.current_task()
        assert task is not None  # a coroutine runs in one
        session = self._sessions.setdefault(visitor, _Session())
        session.working.add(task)
        watch = asyncio.create_task(self._watch(task, heard_by))
        try:
            return await work
        finally:
            watch.cancel()
            session.working.discard(task)
            self._forget()

    async def _watch(self, task: "asyncio.Task[object]", heard_by: str) -> None:
        """Cancel ``task`` once nobody has been there to hear of it for a while."""
        if self._streams is None or not heard_by:
            return
        # By looks, not by the clock: while this process is too busy to take a connection on,
        # nobody can open one.
        looks = 0
        while looks < _LOOKS:
            await asyncio.sleep(self._unheard_s / _LOOKS)
            looks = 0 if self._streams.hears(heard_by) else looks + 1
        task.cancel()

    async def stop(self, visitor: str) -> tuple[Head | Comparison | None, dict[str, Report]]:
        """``visitor`` pressed Stop: cancel what is done for them, and tell what is known of it.

        A run that was over by then, and whose end the page has not got, is told as it ended.
        """
        session = self._sessions.get(visitor)
        if session is None:
            return None, {}
        if session.working:
            self._cancel(session)
            await asyncio.wait(set(session.working), timeout=_END_S)
        about, known = session.about, session.known
        self.has_shown(visitor)
        return about, known

    def left(self, visitor: str) -> None:
        """``visitor`` closed the tab: cancel, and keep nothing."""
        session = self._sessions.pop(visitor, None)
        if session is not None:
            self._cancel(session)

    @staticmethod
    def _cancel(session: _Session) -> None:
        for task in session.working:
            task.cancel()

    def _forget(self) -> None:
        """Let go of who has nothing, and of the oldest who only keep."""
        idle = [name for name, one in self._sessions.items() if not one.working]
        for name in idle:
            if self._sessions[name].is_empty:
                del self._sessions[name]
        kept = [name for name in idle if name in self._sessions]
        for name in kept[: max(len(kept) - _KEPT, 0)]:
            del self._sessions[name]
