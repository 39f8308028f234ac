"""Visitors' own accounts, where the API has them."""

from typing import Final

from pydantic import SecretStr

from services import errors
from services.external_api.account import Account
from services.external_api.client import Client


class Accounts:
    """Those of the API behind ``client``. Nothing of them is kept.

    ``sign_in_at`` is the page where visitors sign in, None where they cannot.
    """

    def __init__(self, sign_in_at: str | None, client: Client) -> None:
        self.sign_in_at: Final = sign_in_at
        self._client = client

    async def sign_in(self, code: str, verifier: str) -> SecretStr:
        """The visitor's own key, for the ``code`` they came back with.

        Raises:
            SignInNotAsked: nobody signs in here.
            ApiError: the code was refused, or the API could not be asked.
        """
        if self.sign_in_at is None:
            raise errors.SignInNotAsked
        return await self._client.sign_in(code, verifier)

    async def told(self, key: SecretStr) -> Account:
        """What the API tells of ``key``: how much it may spend.

        Raises:
            BadKey, ApiError: it cannot be asked about, or the API does not take it.
        """
        return await self._client.account(key)
