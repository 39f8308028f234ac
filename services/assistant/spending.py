"""What the calls with the host's key cost in a day, as far as the API reports it."""

import time
from typing import Final

from limits import RateLimitItemPerDay
from limits.aio.strategies import FixedWindowRateLimiter

from services import errors

#: The API names costs in USD; whole numbers are counted.
_PARTS_OF_A_DOLLAR: Final = 1_000_000
_DAY: Final = "day"
#: What a call is taken to cost before any cost was seen: this share of what a day may.
_FIRST_SHARE: Final = 0.01


class Spending:
    """At most ``most`` USD in a day, counted with ``limiter``.

    What a call costs is known when it is over, and not even then of one that was given up. So
    it has as much put aside as the dearest one so far, which stays where nobody knows better:
    neither many calls at once nor those that leave before the bill spend more than there is.
    """

    def __init__(self, limiter: FixedWindowRateLimiter, most: float) -> None:
        self._limiter = limiter
        parts = max(round(most * _PARTS_OF_A_DOLLAR), 1)
        self._item = RateLimitItemPerDay(parts, namespace="cost")
        self._first = max(round(parts * _FIRST_SHARE), 1)
        self._dearest = 0
        self._aside = 0

    @property
    def _each(self) -> int:
        return self._dearest or self._first

    async def check(self) -> None:
        """See that there is something left for a call.

        Raises:
            DayIsSpent: there is not.
            DayIsPromised: what is left is put aside for the calls under way.
        """
        if not await self._limiter.test(self._item, _DAY, cost=self._each):
            raise await self._refusal()

    async def put_aside(self) -> int:
        """Put aside what a call may cost; it gives what :meth:`settle` wants of it.

        Raises:
            DayIsSpent, DayIsPromised: as above.
        """
        parts = self._each
        if not await self._limiter.hit(self._item, _DAY, cost=parts):
            await self._limiter.hit(self._item, _DAY, cost=-parts)
            raise await self._refusal()
        self._aside += parts
        return parts

    async def settle(self, parts: int, cost: float | None) -> None:
        """Count what the call with these ``parts`` put aside cost, in USD; None is not known."""
        self._aside -= parts
        if cost is None:
            return
        spent = round(cost * _PARTS_OF_A_DOLLAR)
        self._dearest = max(self._dearest, spent)
        if spent != parts:
            await self._limiter.hit(self._item, _DAY, cost=spent - parts)

    async def _refusal(self) -> errors.HostLimit:
        if self._aside:
            return errors.DayIsPromised()
        stats = await self._limiter.get_window_stats(self._item, _DAY)
        return errors.DayIsSpent(retry_after_s=max(stats.reset_time - time.time(), 0.0))
