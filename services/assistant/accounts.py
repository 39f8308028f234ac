"""Visitors' own accounts, where the API has them."""

import math
import time
from typing import Final

from limits import RateLimitItemPerHour
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from pydantic import SecretStr

from services import errors
from services.external_api.account import Account
from services.external_api.client import Client

#: A person comes back with a code or two. Each is asked about at the API, by whoever sends one.
_CODES: Final = RateLimitItemPerHour(10, namespace="codes")
_CODES_OF_ALL: Final = RateLimitItemPerHour(600, namespace="codes of all")


class Accounts:
    """Those of the API behind ``client``. Nothing of them is kept.

    ``sign_in_at`` is the page where visitors sign in, None where they cannot. How many codes
    were tried is counted in this process: it is this process's calls that it bounds.
    """

    def __init__(self, sign_in_at: str | None, client: Client) -> None:
        self.sign_in_at: Final = sign_in_at
        self._client = client
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def sign_in(self, visitor: str, code: str, verifier: str) -> SecretStr:
        """The visitor's own key, for the ``code`` they came back with.

        Raises:
            SignInNotAsked: nobody signs in here.
            TooManySignIns: the visitor, or all of them, tried too many codes.
            ApiError: the code was refused, or the API could not be asked.
        """
        if self.sign_in_at is None:
            raise errors.SignInNotAsked
        for item, name in ((_CODES, visitor), (_CODES_OF_ALL, "")):
            if not await self._limiter.hit(item, name):
                stats = await self._limiter.get_window_stats(item, name)
                raise errors.TooManySignIns(
                    retry_after_s=_whole_minutes_s(stats.reset_time - time.time())
                )
        return await self._client.sign_in(code, verifier)

    async def told(self, key: SecretStr) -> Account:
        """What the API tells of ``key``: how much it may spend.

        Raises:
            BadKey, ApiError: it cannot be asked about, or the API does not take it.
        """
        return await self._client.account(key)


def _whole_minutes_s(seconds: float) -> float:
    """``seconds``, so that nobody comes back too early."""
    return max(math.ceil(seconds / 60), 1) * 60.0
