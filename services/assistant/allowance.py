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
from services.settings import Settings

#: How long Redis may take, in seconds.
_REDIS_S: Final = 2.0
#: The API names costs in USD; whole numbers are counted.
_PARTS_OF_A_DOLLAR: Final = 1_000_000
_DAY: Final = "day"


#: A call while it goes on; what it cost is told to what it gives.
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
        self._cost: RateLimitItem | None = None
        if settings.daily_cost_limit is not None:
            most = max(round(settings.daily_cost_limit * _PARTS_OF_A_DOLLAR), 1)
            self._cost = RateLimitItemPerDay(most, namespace="cost")
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
        letters = len(ask.prompt) + len(ask.options.system_prompt)
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
            for item, name, error in self._counts(payer):
                if not await self._limiter.test(item, name):
                    raise error(retry_after_s=await self._ends_in_s(item, name))

    @contextlib.asynccontextmanager
    async def call(
        self, payer: str, media_s: float | None
    ) -> AsyncIterator[Callable[[float | None], None]]:
        """Count a call of ``payer``'s about ``media_s`` seconds, for as long as it goes on.

        The block gets what is to be told the cost, in USD, once that is known.

        Raises:
            HostLimit: it may not be made.
        """
        most_s = self._settings.media_limit_s
        if most_s is not None and media_s is not None and media_s > most_s:
            raise errors.MediaTooLong(limit_s=most_s)
        name, costs = _name(payer), [0.0]
        if self._at_once[name] >= self._settings.visitor_at_once:
            raise errors.TooManyAtOnce(most=self._settings.visitor_at_once)
        self._at_once[name] += 1
        try:
            await self._count(payer)
            yield lambda cost: costs.append(cost or 0.0)
        finally:
            self._at_once[name] -= 1
            if not self._at_once[name]:
                del self._at_once[name]
            # Somebody's answer is not lost because it cannot be counted.
            with contextlib.suppress(errors.LimitsAway):
                await self._spend(sum(costs))

    async def _count(self, payer: str) -> None:
        with _told():
            for item, name, error in self._counts(payer):
                # What was spent is counted when it is known: then there was something left.
                is_left = (
                    await self._limiter.test(item, name)
                    if item is self._cost
                    else await self._limiter.hit(item, name)
                )
                if not is_left:
                    raise error(retry_after_s=await self._ends_in_s(item, name))

    async def _spend(self, cost: float) -> None:
        parts = round(cost * _PARTS_OF_A_DOLLAR)
        if self._cost is not None and parts > 0:
            with _told():
                await self._limiter.hit(self._cost, _DAY, cost=parts)

    def _counts(self, payer: str) -> Iterator[tuple[RateLimitItem, str, type[errors.HostLimit]]]:
        """What is counted, under which name, and what it means when it is used up."""
        if self._cost is not None:
            yield self._cost, _DAY, errors.DayIsSpent
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
