"""Driving the client: over a transport that is told what to answer, or over a socket."""

import contextlib
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from services import errors
from services.external_api.client import Client
from services.external_api.exchange import Cut, Event, Retrying, Words
from services.external_api.request import ChatRequest, VideoLink, chat_request
from services.external_api.transport import Network
from services.media.values import MediaFacts, Sendable
from tests.capture import capturing

CANARY = "ak_canary-0123456789"
KEY = SecretStr(CANARY)
REQUEST = chat_request("maker/model", "What?", VideoLink("https://videos.example/1"))
EVENT_STREAM = "text/event-stream"


class Ticking:
    """A clock that is a second later each time it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


class Told(httpx.AsyncBaseTransport):
    """A transport that gives, or raises, what it is told, and keeps the requests.

    Something to call is called for each answer. Before it reads the body, a
    request has not been sent.
    """

    def __init__(self, answer: Any, *, reads_body: bool = True) -> None:
        self._answer = answer
        self._reads_body = reads_body
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx's."""
        self.requests.append(request)
        if self._reads_body:
            await request.aread()
        given = await self._answer() if callable(self._answer) else self._answer
        if isinstance(given, Exception):
            raise given
        return given


@contextlib.asynccontextmanager
async def client_over(answer: Any, *, reads_body: bool = True, **options: Any):
    """A client over a transport that is :class:`Told`, and the requests it got."""
    transport = Told(answer, reads_body=reads_body)
    client = Client("http://api.test/v1", network=Network(transport), **{"pauses_s": ()} | options)
    async with contextlib.aclosing(client):
        yield client, transport.requests


@contextlib.asynccontextmanager
async def client_at(answer: Any, *, reads_body: bool = True, **options: Any):
    """A client of a loopback server that gives ``answer``, and that server."""
    async with (
        capturing(answer, reads_body=reads_body) as server,
        contextlib.aclosing(Client(server.base_url, **options)) as client,
    ):
        yield client, server


async def told(
    client: Client, request: ChatRequest = REQUEST, key: SecretStr | None = KEY, limit_s: float = 20
) -> tuple[list[Event], errors.ShowAndTellError | None]:
    """All events, and the error at the end, if there is one."""
    events = []
    try:
        async with contextlib.aclosing(client.complete(request, key, limit_s)) as run:
            async for event in run:
                events.append(event)  # noqa: PERF401  # what came before an error counts
    except errors.ShowAndTellError as error:
        return events, error
    return events, None


def words(events: list[Event]) -> str:
    """All words of ``events``."""
    return "".join(event.text for event in events if isinstance(event, Words))


def pauses(events: list[Event]) -> list[float]:
    """The pauses before each repeated try."""
    return [event.wait_s for event in events if isinstance(event, Retrying)]


def cuts(events: list[Event]) -> list[Cut]:
    """What was told of attempts that were cut."""
    return [event for event in events if isinstance(event, Cut)]


def answer_of(
    body: str | bytes, content_type: str = "application/json", status: int = 200
) -> httpx.Response:
    """An answer whose body is still to be read."""
    body = body.encode() if isinstance(body, str) else body

    async def pieces():
        yield body

    return httpx.Response(status, headers={"Content-Type": content_type}, content=pieces())


def upload(folder: Path, size: int = 20_000_000) -> ChatRequest:
    """A request with a file of ``size`` bytes in it."""
    path = folder / "media"
    with path.open("wb") as file:
        file.truncate(size)
    facts = MediaFacts("mp3", size, 1.0, None, None)
    return chat_request("m", "?", Sendable(path, "audio", "mp3", facts, None))
