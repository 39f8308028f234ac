"""The External API's client: deadlines, what is sent again and what never is.

Nothing is paid for twice by accident: a request goes out again by itself only
when no byte of its body has left, or when the API said that it was too busy to
take it. After anything else the words that came are kept and the person decides.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

from pydantic import SecretStr

from services import errors
from services.external_api import catalogue, reading
from services.external_api.answer import AnswerReader, redacted
from services.external_api.exchange import (
    Answered,
    Cut,
    Event,
    Retrying,
    Silence,
    Stopwatch,
    Words,
    read,
    send,
)
from services.external_api.request import ChatRequest
from services.external_api.transport import Network, TransportError
from services.settings import is_sendable_key

#: How long an event stream may go without data, in seconds. A model that thinks
#: about a film is silent for minutes; a dead one for ever.
SILENCE_S: Final = 180.0
#: Seconds before each repeated try, where the API does not say how long.
PAUSES_S: Final = (1.0, 2.0)
#: The longest wait the API may ask for; a longer one is shown, not waited for.
MOST_PAUSE_S: Final = 20.0

_CATALOGUE_S: Final = 5.0


class Client:
    """The External API at ``base_url``.

    One client serves every run of one event loop and reuses its connections.
    """

    def __init__(
        self,
        base_url: str,
        *,
        network: Network | None = None,
        clock: Callable[[], float] = time.perf_counter,
        silence_s: float = SILENCE_S,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._base_url = base_url
        self._clock = clock
        self._silence_s = silence_s
        self._pauses_s = pauses_s
        self._network = network or Network()
        self._lingering: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._base_url

    async def aclose(self) -> None:
        """Close the connections."""
        for task in self._lingering:
            task.cancel()
        await asyncio.gather(*self._lingering, return_exceptions=True)
        await self._network.aclose()

    async def models(self, key: SecretStr | None) -> tuple[catalogue.Model, ...]:
        """The API's catalogue; empty where the API has none to give."""
        try:
            async with asyncio.timeout(_CATALOGUE_S):
                reply = await self._network.get(f"{self._base_url}/models", _headers(key))
                async with contextlib.aclosing(reply):
                    return catalogue.parsed(await reading.body(reply)) if reply.is_success else ()
        except (TransportError, TimeoutError, errors.ShowAndTellError):
            return ()

    async def complete(
        self, request: ChatRequest, key: SecretStr | None, limit_s: float
    ) -> AsyncGenerator[Event, None]:
        """Send ``request`` and yield what happens, ending with :class:`Answered`.

        Words that came together are yielded together. An attempt that fails
        after something was sent yields a :class:`Cut` first. Closing the
        generator closes the connection.

        Raises:
            BadKey: the key cannot stand in a header.
            ApiError: one of its leaves; ``TimedOut`` after ``limit_s`` seconds,
                ``WentSilent`` when a stream carries no data for too long.
        """
        headers = _headers(key)
        inbox = _Inbox()
        working = asyncio.create_task(self._work(request, headers, limit_s, inbox))
        working.add_done_callback(lambda _: inbox.close())
        try:
            async for event in inbox:
                yield event
            if not inbox.answered:
                await working
        except errors.ApiError as error:
            # What the API says may echo the key; `from None` because the cause
            # may hold the request, and with it the key.
            secret = key.get_secret_value() if key else ""
            facts = {
                name: redacted(fact, secret) if isinstance(fact, str) else fact
                for name, fact in error.facts.items()
            }
            raise type(error)(redacted(error.said, secret), **facts) from None
        finally:
            if inbox.answered:
                self._lingering.add(working)
                working.add_done_callback(self._lingered)
            else:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    def _lingered(self, task: "asyncio.Task[None]") -> None:
        self._lingering.discard(task)
        if not task.cancelled():
            task.exception()  # whatever came after the end is of no consequence

    async def _work(
        self, request: ChatRequest, headers: dict[str, str], limit_s: float, inbox: "_Inbox"
    ) -> None:
        try:
            async with asyncio.timeout(limit_s):
                was_sent = False
                for pause_s in (*self._pauses_s, None):
                    try:
                        await self._once(request, headers, inbox)
                    except (errors.Unreachable, errors.Refused) as error:
                        wait_s = _wait_s(error, pause_s)
                        if wait_s is None and was_sent and isinstance(error, errors.Unreachable):
                            # Not this time, but before: nobody may say that nothing was sent.
                            raise errors.ConnectionLost from None
                        if wait_s is None:
                            raise
                        was_sent = was_sent or isinstance(error, errors.Refused)
                    else:
                        return
                    inbox.put(Retrying(wait_s))
                    await asyncio.sleep(wait_s)
        except TimeoutError:
            raise errors.TimedOut(limit_s=limit_s) from None

    async def _once(self, request: ChatRequest, headers: dict[str, str], inbox: "_Inbox") -> None:
        watch = Stopwatch(self._clock, inbox.put)
        reader = AnswerReader(headers.get("Authorization", "").removeprefix("Bearer "))
        quiet = asyncio.timeout(None)
        reply = None
        try:
            async with quiet:
                url = f"{self._base_url}/chat/completions"
                reply = await send(self._network, url, headers, request, watch)
                async with contextlib.aclosing(reply):
                    await read(reply, reader, inbox.put, watch, Silence(quiet), self._silence_s)
        except (TimeoutError, TransportError) as ended:
            if reader.has_finish_reason:
                # The answer was over; what went missing is what may be said of it.
                inbox.put(Answered(reader.finished(complete=True), watch.timings()))
                return
            raise self._failure(ended, watch, has_reply=reply is not None) from None
        except errors.InputError:
            # The file changed or went while it was sent: it was ours to keep.
            raise errors.AppFailed from None
        finally:
            if watch.body_began and not inbox.answered:
                inbox.put(Cut(reader.so_far(), watch.timings(), watch.sent_share))

    def _failure(
        self, ended: TimeoutError | TransportError, watch: Stopwatch, *, has_reply: bool
    ) -> errors.ApiError:
        if not isinstance(ended, TransportError):
            return errors.WentSilent(limit_s=self._silence_s)
        if not watch.body_began:
            return self._unreachable(ended)
        if ended.reason == "protocol" and not has_reply:
            return errors.BadAnswer()
        return errors.ConnectionLost()

    def _unreachable(self, broken: TransportError) -> errors.Unreachable:
        if broken.reason == "time":
            return errors.ConnectTimedOut(limit_s=self._network.connect_s)
        if broken.reason == "host":
            return errors.UnknownHost()
        return errors.NotSecure() if broken.reason == "tls" else errors.ConnectionFailed()


def _wait_s(error: errors.ApiError, pause_s: float | None) -> float | None:
    """How long to wait before sending again; None: do not."""
    if pause_s is None:
        return None
    asked_s = error.facts.get("retry_after_s")
    if isinstance(error, errors.OutOfCredit):
        pause_s = None  # only if the API says when
    elif isinstance(error, errors.NotSecure) or not isinstance(
        error, errors.Busy | errors.Unreachable
    ):
        return None
    wait_s = asked_s if isinstance(asked_s, int | float) else pause_s
    return None if wait_s is None or wait_s > MOST_PAUSE_S else wait_s


class _Inbox:
    """Events from the task that works to whoever iterates, words joined on the way."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._news = asyncio.Event()
        self._closed = False
        self.answered = False

    def put(self, event: Event) -> None:
        self._events.append(event)
        self.answered = self.answered or isinstance(event, Answered)
        self._news.set()

    def close(self) -> None:
        self._closed = True
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while self._events or not self._closed:
            await self._news.wait()
            self._news.clear()
            events, self._events = self._events, []
            words: list[str] = []
            for event in events:
                if isinstance(event, Words):
                    words.append(event.text)
                    continue
                if words:
                    yield Words("".join(words))
                    words.clear()
                yield event
                if isinstance(event, Answered):
                    return
            if words:
                yield Words("".join(words))


def _headers(key: SecretStr | None) -> dict[str, str]:
    if key is None:
        return {}
    if not is_sendable_key(key.get_secret_value()):
        raise errors.BadKey
    return {"Authorization": f"Bearer {key.get_secret_value()}"}
