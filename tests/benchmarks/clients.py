"""This client and the ones it is measured beside, each called in the same way.

A maker takes the origin of a server and is a context manager around ``send``.
Libraries are imported by the one who uses them: not in the memory of the others.
"""
# ruff: noqa: PLC0415  # see above

import asyncio
import base64
import contextlib
import functools
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from services.events import Delta, Progress
from services.external_api.bill import Tally
from services.external_api.client import Client
from services.external_api.request import MediaRequest, chat_request
from services.media.values import MediaFacts, Sendable

MODEL, PROMPT, KEY = "m", "What is said?", "ak_benchmark"
LIMIT_S: Final = 300.0

#: Takes the text of an answer, piece by piece.
Take = Callable[[str], None]
Send = Callable[..., None]
AsyncSend = Callable[..., Awaitable[None]]
Maker = Callable[[str], AbstractContextManager[Send]]
AsyncMaker = Callable[[str], AbstractAsyncContextManager[AsyncSend]]


@contextlib.contextmanager
def media(megabytes: int) -> Iterator[Path]:
    """A file of that size; 0 for a kilobyte."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        for _ in range(megabytes * 1024 or 1):
            file.write(bytes(range(256)) * 4)
        file.flush()
        yield Path(file.name)


def body(path: Path) -> dict[str, Any]:
    """The request of the guide's first example, made as it makes it."""
    data = base64.b64encode(path.read_bytes()).decode()
    audio = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    text = {"type": "text", "text": PROMPT}
    return {"model": MODEL, "messages": [{"role": "user", "content": [text, audio]}]}


def _ignored(_: str) -> None:
    """Take no text."""


@contextlib.asynccontextmanager
async def this_client_async(origin: str) -> AsyncIterator[AsyncSend]:
    client = Client(f"{origin}/api/v1")

    async def send(path: Path, take: Take = _ignored) -> None:
        def tell(event: Progress | Delta) -> None:
            if isinstance(event, Delta):
                take(event.text)

        request = _request(path)
        exchange = await client.complete(request, SecretStr(KEY), LIMIT_S, tell, Tally())
        if exchange.fault is not None:
            raise exchange.fault

    async with contextlib.aclosing(client):
        yield send


def _request(path: Path) -> MediaRequest:
    facts = MediaFacts("wav", path.stat().st_size, None, None, None)
    return chat_request(MODEL, PROMPT, Sendable(path, "audio", "wav", facts, None))


@contextlib.contextmanager
def this_client(origin: str) -> Iterator[Send]:
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        send = runner.run(stack.enter_async_context(this_client_async(origin)))
        try:
            yield lambda *arguments: runner.run(send(*arguments))
        finally:
            runner.run(stack.aclose())


@contextlib.contextmanager
def guide(origin: str) -> Iterator[Send]:
    import requests

    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {KEY}"
        post = functools.partial(session.post, _url(origin), timeout=LIMIT_S)
        yield lambda path: post(json=body(path)).raise_for_status()


@contextlib.contextmanager
def openai(origin: str) -> Iterator[Send]:
    from openai import OpenAI

    with OpenAI(**_openai_options(origin)) as client:

        def send(path: Path, take: Take | None = None) -> None:
            if take is None:
                client.chat.completions.create(**body(path))
                return
            for chunk in client.chat.completions.create(**body(path), stream=True):
                if chunk.choices and (text := chunk.choices[0].delta.content):
                    take(text)

        yield send


@contextlib.asynccontextmanager
async def openai_async(origin: str) -> AsyncIterator[AsyncSend]:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(**_openai_options(origin)) as client:

        async def send(path: Path) -> None:
            await client.chat.completions.create(**body(path))

        yield send


@contextlib.contextmanager
def httpx_json(origin: str) -> Iterator[Send]:
    import httpx

    with httpx.Client(**_httpx_options()) as client:
        yield lambda path: client.post(_url(origin), json=body(path)).raise_for_status()


@contextlib.asynccontextmanager
async def httpx_json_async(origin: str) -> AsyncIterator[AsyncSend]:
    import httpx

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(**_httpx_options(), limits=limits) as client:

        async def send(path: Path) -> None:
            (await client.post(_url(origin), json=body(path))).raise_for_status()

        yield send


def _url(origin: str) -> str:
    return f"{origin}/api/v1/chat/completions"


def _httpx_options() -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {KEY}"}
    return {"timeout": LIMIT_S, "headers": headers, "trust_env": False}


def _openai_options(origin: str) -> dict[str, Any]:
    # Its five seconds for a connection pass while it encodes the files of others.
    return {
        "base_url": f"{origin}/api/v1",
        "api_key": KEY,
        "max_retries": 0,
        "timeout": LIMIT_S,
    }
