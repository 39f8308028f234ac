"""What visitors may have done with the host's key, counted before each call to the API."""

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from limits import RateLimitItem, RateLimitItemPerDay
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string
from redis.asyncio import ConnectionPool

from services import errors
from services.assistant.ask import Ask
from services.assistant.spending import Spending
from services.settings import Settings

#: How long Redis may take, in seconds.
_REDIS_S: Final = 2.0
_DAY: Final = "day"


#: A call while it goes on; what it gives is told the cost: in USD, None where nobody knows.
Call = contextlib.AbstractAsyncContextManager[Callable[[float | None], None]]


@contextlib.asynccontextmanager
async def uncounted() -> AsyncIterator[Callable[[float | None], None]]:
    """A call that the host does not pay for."""
    yield lambda _: None


@dataclass(frozen=True, slots=True)
class Left:
    """How many calls of ``most`` a visitor has left, until ``reset_s`` seconds from now."""

    calls: int
    most: int
    reset_s: float


class Allowance:
    """The limits of ``settings`` for the host's key: for each visitor, and for all of a day.

    Whoever pays with a key of their own is not counted. A day begins with its first call.
    The counts are in this process, or in Redis for several that share them: where that does not
    answer, the host's key is for nobody.
    """

    def __init__(self, settings: Settings) -> None:
        url = "memory://"
        options: dict[str, Any] = {}
        self._connections: ConnectionPool | None = None
        if settings.redis_url is not None:
            url = settings.redis_url.get_secret_value()
            self._connections = ConnectionPool.from_url(
                url, socket_timeout=_REDIS_S, socket_connect_timeout=_REDIS_S
            )
            options = {"implementation": "redispy", "connection_pool": self._connections}
        storage = storage_from_string(f"async+{url}", wrap_exceptions=True, **options)
        self._limiter = FixedWindowRateLimiter(storage)
        self._settings = settings
        self._visitor = RateLimitItemPerDay(settings.visitor_limit, namespace="visitor")
        self._day = RateLimitItemPerDay(settings.daily_limit, namespace="all")
        self._spending: Spending | None = None
        if settings.daily_cost_limit is not None:
            self._spending = Spending(self._limiter, settings.daily_cost_limit)
        self._at_once: Counter[str] = Counter()

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        if self._connections is not None:
            await self._connections.aclose()

    def bounded(self, ask: Ask) -> Ask:
        """``ask`` with as many tokens as it may have.

        Raises:
            PromptTooLong, TooManyTokens: it wants more than it may have.
        """
        most_letters, most_tokens = self._settings.prompt_limit, self._settings.max_tokens_limit
        letters = len(ask.prompt) + len(ask.options.system_prompt) + len(ask.options.json_schema)
        letters += sum(len(turn.question) + len(turn.answer) for turn in ask.earlier)
        if letters > most_letters:
            raise errors.PromptTooLong(letters=letters, most_letters=most_letters)
        if most_tokens is None:
            return ask
        wanted = ask.options.max_tokens
        if wanted is not None and wanted > most_tokens:
            raise errors.TooManyTokens(most_tokens=most_tokens)
        return replace(ask, options=replace(ask.options, max_tokens=wanted or most_tokens))

    async def left(self, payer: str) -> Left:
        """What ``payer`` has left today.

        Raises:
            LimitsAway: nobody can tell.
        """
        with _told():
            own = await self._limiter.get_window_stats(self._visitor, _name(payer))
            all_ = await self._limiter.get_window_stats(self._day, _DAY)
        now = time.time()
        ends = all_ if all_.remaining < own.remaining else own
        most = self._settings.visitor_limit
        return Left(min(own.remaining, all_.remaining), most, max(ends.reset_time - now, 0.0))

    async def check(self, payer: str) -> None:
        """See that there is something left, before anybody waits for anything.

        Raises:
            HostLimit: there is not.
        """
        with _told():
            if self._spending is not None:
                await self._spending.check()
            for item, name, error in self._counts(payer):
                if not await self._limiter.test(item, name):
                    raise error(retry_after_s=await self._ends_in_s(item, name))

    @contextlib.asynccontextmanager
    async def call(
        self, payer: str, media_s: float | None
    ) -> AsyncIterator[Callable[[float | None], None]]:
        """Count a call of ``payer``'s about ``media_s`` seconds, for as long as it goes on.

        The block gets what is to be told the cost: in USD, or None where nobody knows, as if
        it were never told.

        Raises:
            HostLimit: it may not be made.
        """
        most_s = self._settings.media_limit_s
        if most_s is not None and media_s is not None and media_s > most_s:
            raise errors.MediaTooLong(limit_s=most_s)
        name = _name(payer)
        costs: list[float | None] = [None]
        if self._at_once[name] >= self._settings.visitor_at_once:
            raise errors.TooManyAtOnce(most=self._settings.visitor_at_once)
        self._at_once[name] += 1
        try:
            with _told():
                aside = await self._count(payer)
            try:
                yield costs.append
            finally:
                # Somebody's answer is not lost because it cannot be counted.
                with contextlib.suppress(errors.LimitsAway), _told():
                    if self._spending is not None:
                        await self._spending.settle(aside, costs[-1])
        finally:
            self._at_once[name] -= 1
            if not self._at_once[name]:
                del self._at_once[name]

    async def _count(self, payer: str) -> int:
        """Count a call; it gives what was put aside for its cost."""
        aside = 0 if self._spending is None else await self._spending.put_aside()
        for item, name, error in self._counts(payer):
            if not await self._limiter.hit(item, name):
                if self._spending is not None:
                    await self._spending.settle(aside, 0.0)
                raise error(retry_after_s=await self._ends_in_s(item, name))
        return aside

    def _counts(self, payer: str) -> Iterator[tuple[RateLimitItem, str, type[errors.HostLimit]]]:
        """What is counted, under which name, and what it means when it is used up."""
        yield self._visitor, _name(payer), errors.VisitorLimitReached
        yield self._day, _DAY, errors.DailyLimitReached

    async def _ends_in_s(self, item: RateLimitItem, name: str) -> float:
        stats = await self._limiter.get_window_stats(item, name)
        return max(stats.reset_time - time.time(), 0.0)


def _name(payer: str) -> str:
    """What ``payer`` is counted under: nobody's address is written down."""
    return hashlib.blake2b(payer.encode(), digest_size=16).hexdigest()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What keeps the counts does not answer.

    Raises:
        LimitsAway: that.
    """
    try:
        yield
    except StorageError:
        raise errors.LimitsAway from None
