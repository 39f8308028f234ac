"""The one module that talks HTTP: sends a request, times it, reads the answer."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

import httpx
import httpx_sse
from pydantic import SecretStr

from services import errors
from services.external_api import catalogue
from services.external_api.answer import AnswerReader, Completion, redacted, said
from services.external_api.request import ChatRequest
from services.settings import is_sendable_key

_T = TypeVar("_T")

Phase = Literal["connect", "upload", "wait", "stream"]

_CONNECT_S: Final = 10.0
_CATALOGUE_S: Final = 5.0
_MOST_ANSWER_BYTES: Final = 16 * 1024 * 1024
_MOST_ERROR_BYTES: Final = 64 * 1024
_EVENT_STREAM: Final = "text/event-stream"

#: httpcore's trace events → the phase that begins with them.
_BEGINNINGS: Final[dict[str, Phase]] = {
    "connection.connect_tcp.started": "connect",
    "http11.send_request_headers.started": "upload",
    "http11.send_request_body.complete": "wait",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A phase of the exchange has begun."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class Words:
    """Text that was added to the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of each phase; None where it was not observed.

    ``connect`` is 0 on a connection that was open already. ``wait`` lasts from
    the last byte sent to the first text; ``stream`` from there to the end, None
    when the answer came in one piece.
    """

    connect: float | None
    upload: float | None
    wait: float | None
    stream: float | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is complete."""

    completion: Completion
    timings: Timings


class _Stopwatch:
    """When each phase began, by the transport's own trace."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began: dict[Phase, float] = {}
        self.phases: asyncio.Queue[Phase | None] = asyncio.Queue()

    async def trace(self, event: str, _: object) -> None:
        if (phase := _BEGINNINGS.get(event)) is not None:
            self.begin(phase)

    def begin(self, phase: Phase) -> None:
        if phase not in self._began:
            self._began[phase] = self._clock()
            self.phases.put_nowait(phase)

    def has_begun(self, phase: Phase) -> bool:
        return phase in self._began

    def timings(self) -> Timings:
        now = self._clock()

        def between(one: Phase, two: Phase | None) -> float | None:
            start = self._began.get(one)
            end = now if two is None else self._began.get(two)
            return None if start is None or end is None else (end - start) * 1000

        reused = self.has_begun("upload") and not self.has_begun("connect")
        return Timings(
            connect=0.0 if reused else between("connect", "upload"),
            upload=between("upload", "wait"),
            wait=between("wait", "stream" if self.has_begun("stream") else None),
            stream=between("stream", None),
        )


class Client:
    """The External API at ``base_url``.

    One client serves every run of one event loop and reuses its connections.
    No redirect is followed and no proxy of the environment is used: both would
    send a person's voice elsewhere.
    """

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._base_url = base_url
        self._clock = clock
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._base_url

    async def aclose(self) -> None:
        """Close the idle connections."""
        await self._http.aclose()

    async def models(self, key: SecretStr | None) -> tuple[catalogue.Model, ...]:
        """The API's catalogue; empty where the API has none to give."""
        try:
            async with asyncio.timeout(_CATALOGUE_S):
                async with self._http.stream(
                    "GET", f"{self._base_url}/models", headers=_headers(key)
                ) as response:
                    if not response.is_success:
                        return ()
                    return catalogue.parsed(_decoded(await _body(response, _MOST_ANSWER_BYTES)))
        except (httpx.HTTPError, TimeoutError, errors.ShowAndTellError):
            return ()

    async def complete(
        self, request: ChatRequest, key: SecretStr | None, limit_s: float
    ) -> AsyncGenerator[Reached | Words | Answered, None]:
        """Send ``request`` once and yield what happens, ending with :class:`Answered`.

        Closing the generator closes the connection. Nothing is sent twice.

        Raises:
            BadKey: the key cannot stand in a header.
            ApiError: one of its leaves; ``TimedOut`` after ``limit_s`` seconds.
        """
        deadline = asyncio.get_running_loop().time() + limit_s
        watch = _Stopwatch(self._clock)
        secret = key.get_secret_value() if key else ""
        try:
            async with contextlib.aclosing(
                self._exchange(request, key, deadline, watch)
            ) as exchange:
                async for event in exchange:
                    yield event
        except TimeoutError:
            raise errors.TimedOut(limit_s=limit_s) from None
        except errors.ApiError as error:
            # What the API says may echo the key; `from None` because the cause
            # may hold the request, and with it the key.
            raise type(error)(redacted(error.said, secret), **error.facts) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise errors.ConnectionFailed from None
        except httpx.DecodingError:
            raise errors.BadAnswer from None
        except httpx.HTTPError:
            lost = watch.has_begun("upload")
            raise (errors.ConnectionLost() if lost else errors.ConnectionFailed()) from None

    async def _exchange(
        self, request: ChatRequest, key: SecretStr | None, deadline: float, watch: _Stopwatch
    ) -> AsyncGenerator[Reached | Words | Answered, None]:
        sending = asyncio.create_task(self._send(request, key, watch))
        sending.add_done_callback(lambda _: watch.phases.put_nowait(None))
        try:
            while (phase := await _by(deadline, watch.phases.get())) is not None:
                yield Reached(phase)
            response = sending.result()
            async with contextlib.aclosing(self._answer(response, deadline, watch)) as answer:
                async for event in answer:
                    yield event
        finally:
            sending.cancel()
            for sent in await asyncio.gather(sending, return_exceptions=True):
                if isinstance(sent, httpx.Response):
                    await sent.aclose()

    async def _send(
        self, request: ChatRequest, key: SecretStr | None, watch: _Stopwatch
    ) -> httpx.Response:
        return await self._http.send(
            self._http.build_request(
                "POST",
                f"{self._base_url}/chat/completions",
                headers=_headers(key)
                | {
                    "Accept": f"{_EVENT_STREAM}, application/json",
                    "Content-Type": "application/json",
                    "Content-Length": str(request.content_length),
                },
                content=request,
                extensions={"trace": watch.trace},
            ),
            stream=True,
        )

    async def _answer(
        self, response: httpx.Response, deadline: float, watch: _Stopwatch
    ) -> AsyncGenerator[Reached | Words | Answered, None]:
        if not response.is_success:
            raise await _by(deadline, _refusal(response))
        reader = AnswerReader()
        complete = False
        if response.headers.get("content-type", "").lower().startswith(_EVENT_STREAM):
            async with contextlib.aclosing(_payloads(response)) as payloads:
                while (data := await _by(deadline, anext(payloads, None))) is not None:
                    if data == "[DONE]":
                        complete = True
                        break
                    if text := reader.take(_decoded(data)):
                        if not watch.has_begun("stream"):
                            watch.begin("stream")
                            yield Reached("stream")
                        yield Words(text)
        else:
            body = await _by(deadline, _body(response, _MOST_ANSWER_BYTES))
            complete = True
            if text := reader.take(_decoded(body)):
                yield Words(text)
        yield Answered(reader.finished(complete=complete), watch.timings())


async def _by(deadline: float, work: Awaitable[_T]) -> _T:
    async with asyncio.timeout_at(deadline):
        return await work


async def _payloads(response: httpx.Response) -> AsyncGenerator[str, None]:
    # An event stream is UTF-8, whatever charset is claimed, and httpx-sse minds
    # the case of the type (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    response.headers["content-type"] = _EVENT_STREAM
    async with contextlib.aclosing(httpx_sse.EventSource(response).aiter_sse()) as events:
        async for event in events:
            if event.data.strip():
                yield event.data.strip()


async def _body(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > most:
            raise errors.BadAnswer
    return bytes(body)


def _decoded(body: str | bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise errors.BadAnswer from None


async def _refusal(response: httpx.Response) -> errors.Refused:
    body = bytearray()
    with contextlib.suppress(httpx.HTTPError):  # the status is known, cut or not
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > _MOST_ERROR_BYTES:
                break
    try:
        message = said(json.loads(bytes(body)))
    except (ValueError, RecursionError):
        is_text = response.headers.get("content-type", "").startswith("text/plain")
        message = body.decode("utf-8", "replace") if is_text else ""
    refusal = errors.REFUSALS.get(response.status_code, errors.UnexpectedStatus)
    return refusal(message, status=response.status_code)


def _headers(key: SecretStr | None) -> dict[str, str]:
    if key is None:
        return {}
    if not is_sendable_key(key.get_secret_value()):
        raise errors.BadKey
    return {"Authorization": f"Bearer {key.get_secret_value()}"}
