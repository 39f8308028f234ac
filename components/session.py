"""Who is here: what is done for a visitor, and what is kept for them while they stay.

Gradio notices a closed tab at a handler's next yield, and leaves a handler that
was stopped between two views as it is until it is collected. A model bills by
the second: so the work itself is cancelled, wherever it stands.
"""

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import gradio as gr

from components.result.card import Head
from components.streams import OpenStreams
from services.assistant import Checkpoint, Report

Outcome = TypeVar("Outcome")

#: Of how many visitors something is kept who do nothing just now. Programs never say
#: that they leave.
_KEPT: Final = 200
#: How long a run goes on of which nobody would hear, in seconds: a connection is made anew
#: in less.
UNHEARD_S: Final = 5.0
#: How long what is cancelled may take to end, in seconds.
_END_S: Final = 2.0


@dataclass(slots=True)
class _Session:
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    working: "set[asyncio.Task[object]]" = field(default_factory=set)
    #: What the card is about of a run whose end the page has not shown yet, and what is
    #: known of that end.
    head: Head | None = None
    known: Report | None = None

    @property
    def is_empty(self) -> bool:
        return self.checkpoint.is_empty and self.head is None


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
    ``streams`` knows who hears of what is done for them, None where that is not watched.
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

    def asks(self, visitor: str, head: Head) -> None:
        """Note what the card is about of a run of ``visitor``'s that begins."""
        session = self._sessions.setdefault(visitor, _Session())
        session.head, session.known = head, None

    def knows(self, visitor: str, report: Report) -> None:
        """Note what is known of a run of ``visitor``'s that is over, or was stopped."""
        self._sessions.setdefault(visitor, _Session()).known = report

    def is_shown_a_run(self, visitor: str) -> bool:
        """Whether ``visitor``'s page is about to show the end of a run."""
        session = self._sessions.get(visitor)
        return session is not None and session.head is not None

    def has_shown(self, visitor: str) -> None:
        """``visitor``'s page has the end of its run: nothing of it is left to be told."""
        session = self._sessions.get(visitor)
        if session is not None:
            session.head = session.known = None
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
        loop = asyncio.get_running_loop()
        heard = loop.time()
        while loop.time() - heard < self._unheard_s:
            await asyncio.sleep(self._unheard_s / 10)
            if self._streams.hears(heard_by):
                heard = loop.time()
        task.cancel()

    async def stop(self, visitor: str) -> tuple[Head | None, Report | None]:
        """``visitor`` pressed Stop: cancel what is done for them, and tell what is known of it.

        A run that was over by then, and whose end the page has not got, is told as it ended.
        """
        session = self._sessions.get(visitor)
        if session is None:
            return None, None
        if session.working:
            self._cancel(session)
            await asyncio.wait(set(session.working), timeout=_END_S)
        head, report = session.head, session.known
        self.has_shown(visitor)
        return head, report

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
