"""Driving the client: over a transport that is told what to answer, or over a socket."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from services import errors
from services.events import Delta, Progress, Stage
from services.external_api.bill import Bill, Tally
from services.external_api.client import Client
from services.external_api.exchange import Exchange
from services.external_api.request import MediaRequest, VideoLink, chat_request
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request came to, all that was told of it in its order, and its bill."""

    exchange: Exchange
    events: tuple[Progress | Delta, ...]
    bill: Bill

    @property
    def fault(self) -> errors.ShowAndTellError | None:
        """The error at the end, if there is one."""
        return self.exchange.fault

    @property
    def words(self) -> str:
        """All text that was told."""
        return "".join(event.text for event in self.events if isinstance(event, Delta))

    @property
    def pauses(self) -> list[float | None]:
        """The pauses before each repeated try."""
        return [event.wait_s for event in self._told("retry")]

    @property
    def stages(self) -> list[str]:
        """The stages that were told, without how far each was."""
        return [event.stage for event in self._told() if event.share is None]

    @property
    def shares(self) -> list[float]:
        """How far the upload was, each time that was told."""
        return [event.share for event in self._told("upload") if event.share is not None]

    def _told(self, stage: Stage | None = None) -> list[Progress]:
        steps = [event for event in self.events if isinstance(event, Progress)]
        return [step for step in steps if stage in (None, step.stage)]


async def told(
    client: Client,
    request: MediaRequest = REQUEST,
    key: SecretStr | None = KEY,
    limit_s: float = 20,
) -> Outcome:
    """What ``request`` comes to."""
    events: list[Progress | Delta] = []
    tally = Tally()
    exchange = await client.complete(request, key, limit_s, events.append, tally)
    return Outcome(exchange, tuple(events), tally.bill())


def answer_of(
    body: str | bytes, content_type: str = "application/json", status: int = 200
) -> httpx.Response:
    """An answer whose body is still to be read."""
    body = body.encode() if isinstance(body, str) else body

    async def pieces():
        yield body

    return httpx.Response(status, headers={"Content-Type": content_type}, content=pieces())


def upload(folder: Path, size: int = 20_000_000) -> MediaRequest:
    """A request with a file of ``size`` bytes in it."""
    path = folder / "media"
    with path.open("wb") as file:
        file.truncate(size)
    facts = MediaFacts("mp3", size, 1.0, None, None)
    return chat_request("m", "?", Sendable(path, "audio", "mp3", facts, None))
