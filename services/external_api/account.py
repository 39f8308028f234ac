"""A visitor's own account, as OpenRouter tells of it: the key it gives, and what that may spend.

Pure. The contract: https://openrouter.ai/docs/guides/overview/auth/oauth for the key,
https://openrouter.ai/docs/api/reference/limits for the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pydantic import SecretStr

from services import errors
from services.external_api.clean import number
from services.settings import is_sendable_key

#: Keys have some 70 letters. What is much longer is none.
_MOST_LETTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Account:
    """What a key may spend, in USD, and until when; None is what was not reported."""

    limit: float | Literal["none"] | None = None
    remaining: float | None = None
    expires_at: datetime | Literal["never"] | None = None


def proof(code: str, verifier: str) -> Mapping[str, str]:
    """What a key is given for: ``code``, and the ``verifier`` of who asked for it (RFC 7636)."""
    return {"code": code, "code_verifier": verifier, "code_challenge_method": "S256"}


def key_in(payload: object) -> SecretStr:
    """The key in an answer to a :func:`proof`.

    Raises:
        BadAnswer: there is none.
    """
    key = payload.get("key") if isinstance(payload, dict) else None
    if not isinstance(key, str) or len(key) > _MOST_LETTERS or not is_sendable_key(key):
        raise errors.BadAnswer
    return SecretStr(key)


def account_in(payload: object) -> Account:
    """What the body of ``/key`` says of the key it was asked with.

    Raises:
        BadAnswer: it is nothing of the kind.
    """
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, dict):
        raise errors.BadAnswer
    limit = number(data.get("limit"))
    return Account(
        limit="none" if _is_null(data, "limit") else limit,
        remaining=number(data.get("limit_remaining")),
        expires_at="never" if _is_null(data, "expires_at") else _moment(data.get("expires_at")),
    )


def _is_null(data: dict[str, Any], name: str) -> bool:
    """Whether it is said that there is none, which is not the same as not to say it."""
    return name in data and data[name] is None


def _moment(value: object) -> datetime | None:
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        return when and (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
