"""The External API's client: deadlines, what is sent again and what never is.

Nothing is paid for twice by accident: a request goes out again by itself only
when no byte of its body has left, or when the API said that it was too busy to
take it. After anything else the words that came are kept and the person decides.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Final

from pydantic import SecretStr

from services import errors
from services.events import Progress, Tell
from services.external_api import account, catalogue, reading
from services.external_api.again import PAUSES_S, pause_before
from services.external_api.answer import AnswerReader
from services.external_api.bill import Tally
from services.external_api.clean import redacted
from services.external_api.exchange import LINGER_S, Attempt, Exchange, read, send
from services.external_api.generation import Generation, generation_in, generation_url
from services.external_api.refusals import refusal_of
from services.external_api.request import MediaRequest
from services.external_api.silence import Silence
from services.external_api.transcription import ENDPOINT as TRANSCRIPTIONS
from services.external_api.transcription import TranscriptionReader
from services.external_api.transport import Network, Reply, TransportError
from services.settings import is_sendable_key

#: How long a stream may go without a byte, in seconds. A model that thinks about a
#: film is silent for minutes; a dead one for ever.
SILENCE_S: Final = 180.0
#: How long a question about an account may take, in seconds: somebody waits for it.
ACCOUNT_S: Final = 20.0

_CATALOGUE_S: Final = 5.0
#: How a code is refused, by its status: OpenRouter says 403, and 400 of how it was made.
_CODE_REFUSED: Final = (
    errors.RequestRejected,
    errors.KeyRejected,
    errors.Forbidden,
    errors.NotFound,
)


def _nobody(_: Exchange) -> None:
    """For who does not want what came of a request that was cancelled."""


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

    async def is_there(self) -> bool:
        """Whether anything answers at the API's address, whatever it says."""
        try:
            async with asyncio.timeout(_CATALOGUE_S):
                reply = await self._network.get(f"{self._base_url}/models", {})
                await reply.aclose()
        except (TransportError, TimeoutError):
            return False
        return True

    async def models(self, key: SecretStr | None) -> tuple[catalogue.Model, ...]:
        """The API's catalogue; empty where the API has none to give."""
        try:
            async with asyncio.timeout(_CATALOGUE_S):
                # Without being asked OpenRouter does not list what writes down and nothing else.
                listed = f"{self._base_url}/models?output_modalities=text,transcription"
                reply = await self._network.get(listed, _headers(key))
                async with contextlib.aclosing(reply):
                    body = await reading.body(reply) if reply.is_success else None
                    return catalogue.parsed(body, key.get_secret_value() if key else "")
        except (TransportError, TimeoutError, errors.ShowAndTellError):
            return ()

    async def sign_in(self, code: str, verifier: str) -> SecretStr:
        """The key that is given for ``code``, once: so it is never asked for again.

        Raises:
            CodeRefused: it was used before, is too old, or is not that of ``verifier``.
            ApiError: one of its leaves, else.
        """
        payload = account.proof(code, verifier)
        try:
            answer = await self._answer(
                self._network.post_json(f"{self._base_url}/auth/keys", payload)
            )
        except _CODE_REFUSED as refused:
            said = redacted(redacted(refused.said, code), verifier)
            raise errors.CodeRefused(said) from None
        return account.key_in(answer)

    async def account(self, key: SecretStr) -> account.Account:
        """What ``key`` may spend.

        Raises:
            BadKey: it cannot stand in a header.
            ApiError: one of its leaves.
        """
        return account.account_in(await self._told(f"{self._base_url}/key", key))

    async def generation(self, id_: str, key: SecretStr | None) -> Generation:
        """What the API has counted for the answer called ``id_``; raises as :meth:`account`.

        NotFound: it knows of none, perhaps for a second yet, or it never tells.
        """
        told = await self._told(generation_url(self._base_url, id_), key)
        return generation_in(told, key.get_secret_value() if key else "")

    async def _told(self, url: str, key: SecretStr | None) -> Any:
        try:
            return await self._answer(self._network.get(url, _headers(key)))
        except errors.ApiError as error:
            raise _redacted(error, key.get_secret_value() if key else "") from None

    async def _answer(self, asked: Awaitable[Reply]) -> Any:
        """The JSON that comes of a small request."""
        try:
            async with asyncio.timeout(ACCOUNT_S):
                reply = await asked
                async with contextlib.aclosing(reply):
                    if not reply.is_success:
                        raise refusal_of(reply, await reading.refusal(reply))
                    return await reading.body(reply)
        except TransportError as broken:
            raise self._unreachable(broken) from None
        except TimeoutError:
            raise errors.ConnectTimedOut(limit_s=ACCOUNT_S) from None

    async def complete(
        self,
        request: MediaRequest,
        key: SecretStr | None,
        limit_s: float,
        tell: Tell,
        tally: Tally,
        cut: Callable[[Exchange], None] = _nobody,
    ) -> Exchange:
        """Send ``request``; its answer, or its fault with what came before.

        ``tell`` hears the phases and the words, ``tally`` what may be billed. Cancelling
        closes the connection, and ``cut`` gets what had come. The fault is a leaf of
        ApiError, ``TimedOut`` after ``limit_s`` seconds and ``WentSilent`` when a stream
        carries nothing for too long; or AppFailed where the file changed under our hands.

        Raises:
            BadKey: the key cannot stand in a header.
        """
        headers = _headers(key)
        secret = key.get_secret_value() if key else ""
        attempt = self._attempt(request, secret, tell, tally, limit_s)
        try:
            async with asyncio.timeout(limit_s):
                for pause_s in (*self._pauses_s, None):
                    attempt = self._attempt(request, secret, tell, tally, limit_s)
                    try:
                        return await self._once(request, headers, attempt)
                    except errors.ApiError as error:
                        wait_s = pause_before(error, pause_s)
                        if wait_s is None:
                            return attempt.failed(_redacted(error, secret))
                    tell(Progress("retry", limit_s=limit_s, wait_s=wait_s))
                    await asyncio.sleep(wait_s)
                raise AssertionError("the last try has no pause after it")
        except asyncio.CancelledError:
            cut(attempt.failed(errors.Stopped()))
            raise
        except TimeoutError:
            if attempt.reader.has_finish_reason:
                with contextlib.suppress(errors.EmptyAnswer):
                    return self._over(attempt, secret)  # what may be said of it is missing
            return attempt.failed(errors.TimedOut(limit_s=limit_s))
        except errors.InputError:
            # The file changed or went while it was sent: it was ours to keep.
            return attempt.failed(errors.AppFailed())

    @staticmethod
    def _over(attempt: Attempt, secret: str) -> Exchange:
        """The answer of an ``attempt`` that the deadline ended, or why there is none."""
        try:
            return attempt.answered()
        except errors.SameAgain as error:
            return attempt.failed(_redacted(error, secret))

    def _attempt(
        self, request: MediaRequest, secret: str, tell: Tell, tally: Tally, limit_s: float
    ) -> Attempt:
        is_written = request.endpoint == TRANSCRIPTIONS
        reader = TranscriptionReader(secret) if is_written else AnswerReader(secret)
        return Attempt(reader, self._clock, tell, tally, limit_s)

    async def _once(
        self, request: MediaRequest, headers: dict[str, str], attempt: Attempt
    ) -> Exchange:
        quiet = asyncio.timeout(None)
        reply = None
        try:
            async with contextlib.AsyncExitStack() as connection, quiet:
                url = request.url_at(self._base_url)
                reply = await send(self._network, url, headers, request, attempt)
                connection.push_async_callback(reply.aclose)
                rest = await read(reply, attempt, Silence(quiet), self._silence_s)
                answer = attempt.answered()
                if rest is not None:
                    self._linger(rest, connection.pop_all())
                return answer
        except (TimeoutError, TransportError) as ended:
            if attempt.reader.has_finish_reason:
                # The answer was over; what went missing is what may be said of it.
                return attempt.answered()
            raise self._failure(ended, attempt, has_reply=reply is not None) from None

    def _linger(
        self, rest: AsyncGenerator[Any, None], connection: contextlib.AsyncExitStack
    ) -> None:
        """Read the ``rest`` of a stream behind its end: then the connection can be used again."""

        async def read_on() -> None:
            async with connection:
                # Whatever comes after the end is of no consequence.
                with contextlib.suppress(TimeoutError, TransportError, errors.ApiError):
                    async with asyncio.timeout(LINGER_S), contextlib.aclosing(rest):
                        async for _ in rest:
                            pass

        task = asyncio.create_task(read_on())
        self._lingering.add(task)
        task.add_done_callback(self._lingering.discard)

    def _failure(
        self, ended: TimeoutError | TransportError, attempt: Attempt, *, has_reply: bool
    ) -> errors.ApiError:
        if not isinstance(ended, TransportError):
            return errors.WentSilent(limit_s=self._silence_s)
        if not attempt.body_began:
            return self._unreachable(ended)
        if ended.reason == "protocol" and not has_reply:
            return errors.BadAnswer()
        return errors.ConnectionLost()

    def _unreachable(self, broken: TransportError) -> errors.Unreachable:
        if self._network.has_proxy and broken.reason != "tls":
            return errors.ProxyFailed()  # it is all that we connect to
        if broken.reason == "time":
            return errors.ConnectTimedOut(limit_s=self._network.connect_s)
        if broken.reason == "host":
            return errors.UnknownHost()
        return errors.NotSecure() if broken.reason == "tls" else errors.ConnectionFailed()


def _redacted(error: errors.ApiError, secret: str) -> errors.ApiError:
    """``error`` without the key, which what the API says may echo, and without its causes."""
    facts = {
        name: redacted(fact, secret) if isinstance(fact, str) else fact
        for name, fact in error.facts.items()
    }
    return type(error)(redacted(error.said, secret), **facts)


def _headers(key: SecretStr | None) -> dict[str, str]:
    if key is None:
        return {}
    if not is_sendable_key(key.get_secret_value()):
        raise errors.BadKey
    return {"Authorization": f"Bearer {key.get_secret_value()}"}
