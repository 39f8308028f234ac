"""What the API tells of answers afterwards, where it tells that."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from services import errors
from services.external_api.client import Client
from services.external_api.generation import Generation
from services.external_api.transcription import is_absent

#: An answer may be unknown for a second after it came: how long to wait before asking again.
PAUSES_S: Final = (0.5, 1.0, 2.0)
#: How long an API that tells nothing is not asked again, in seconds.
_BELIEVED_S: Final = 3600.0


class Generations:
    """The answers of the API behind ``client``, asked about with the key that they were given to.

    ``host_key`` is that of who brings none.
    """

    def __init__(
        self,
        client: Client,
        host_key: Callable[[], SecretStr | None],
        clock: Callable[[], float],
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._client = client
        self._host_key = host_key
        self._clock = clock
        self._pauses_s = pauses_s
        self._asked_again_at = -math.inf

    async def told(self, id_: str, api_key: SecretStr | None) -> Generation | None:
        """What is told of the answer called ``id_``; None where the API tells that of none.

        Raises:
            BadKey, ApiError: it cannot be asked, does not take the key, or knows no such answer.
        """
        key = api_key or self._host_key()
        for pause_s in (*self._pauses_s, None):
            if self._clock() < self._asked_again_at:
                return None
            try:
                return await self._client.generation(id_, key)
            except errors.UnexpectedStatus as refused:
                if not is_absent(refused):
                    raise
                break
            except errors.NotFound as missing:
                if pause_s is None:
                    if "generation" in missing.said.lower():
                        raise  # it knows of others, and not of this one
                    break
            await asyncio.sleep(pause_s)
        self._asked_again_at = self._clock() + _BELIEVED_S
        return None
