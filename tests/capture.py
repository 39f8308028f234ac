"""A loopback HTTP server that keeps every request byte for byte and answers as it is told."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from services.assistant import Assistant
from services.external_api.client import Client
from services.settings import Settings

#: What the server says, as raw bytes, or what it does with the connection.
Answer = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; ``body`` is what came of it when it was cut."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> list[str]:
        """All values of the header ``name``."""
        return [value for one, value in self.headers if one.lower() == name]

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass
class Capture:
    """What the server has seen; :attr:`answer` may be changed at any time."""

    answer: Answer
    origin: str = ""
    #: False: answer on the headers alone, as a server that refuses at once.
    reads_body: bool = True
    #: What a GET is answered with; None: :attr:`answer`, like anything else.
    catalogue: bytes | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    #: Set when a client closed its end before the server did.
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    #: For a test to set once words have reached it; an answer may wait for that.
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_url(self) -> str:
        """The base URL to give a client."""
        return f"{self.origin}/api/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        with contextlib.suppress(ConnectionError):
            while request := await self._request(reader):
                if self.catalogue is not None and request.line.startswith("GET "):
                    writer.write(self.catalogue)
                    continue
                self.requests.append(request)
                if not isinstance(self.answer, bytes):
                    await self.answer(reader, writer)
                    break
                writer.write(self.answer)
                await writer.drain()
                if b"connection: close" in self.answer.partition(b"\r\n\r\n")[0].lower():
                    break
        if reader.at_eof() or reader.exception():
            self.hung_up.set()
        writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        line, *lines = head.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
        headers = tuple(
            (name, value.strip()) for name, _, value in (x.partition(":") for x in lines)
        )
        length = next(
            (int(value) for name, value in headers if name.lower() == "content-length"), 0
        )
        try:
            body = await reader.readexactly(length if self.reads_body else 0)
        except asyncio.IncompleteReadError as cut:
            body = cut.partial
        return Request(line, headers, body)


@contextlib.asynccontextmanager
async def capturing(
    answer: Answer, *, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[Capture]:
    """A server on a free loopback port, for as long as the block lasts."""
    capture = Capture(answer, **options)
    talks: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks[writer] = asyncio.create_task(capture.serve(reader, writer))

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    capture.origin = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield capture
    finally:
        # A connection is accepted, made and met in three turns of the loop. Python 3.11
        # loses one, and leaves its socket open, whose server is closed before the second.
        for listener in server.sockets:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        for _ in range(3):
            await asyncio.sleep(0)
        server.close()
        for task in talks.values():
            task.cancel()
        ends = await asyncio.gather(*talks.values(), return_exceptions=True)
        # A talk that had not begun has closed nothing.
        for writer in talks:
            writer.transport.abort()
        await asyncio.sleep(0)
        await server.wait_closed()
        for end in ends:
            if isinstance(end, Exception):  # being cancelled is none
                raise end


def nobody(_: object) -> None:
    """Is told what happens where the report alone counts."""


@contextlib.asynccontextmanager
async def assistant_at(base_url: str, workshop: Any, **environ: str) -> AsyncIterator[Assistant]:
    """An assistant over the API at ``base_url``, with a host's key unless ``environ`` says."""
    settings = Settings.from_environ(
        {"EXTERNAL_API_BASE_URL": base_url, "EXTERNAL_API_KEY": "ak_host"} | environ
    )
    async with contextlib.aclosing(Client(base_url)) as client:
        assistant = Assistant(settings, workshop, client)
        try:
            yield assistant
        finally:
            await asyncio.to_thread(assistant.stop, 0)


def http(body: bytes | str, content_type: str = "", status: int = 200, *headers: str) -> bytes:
    """A whole HTTP answer, after which the connection stays open."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} As Told", f"Content-Length: {len(body)}", *headers]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def streamed(*events: Any, done: bool = True) -> bytes:
    """An HTTP answer that is an event stream of JSON ``events``."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + sse(
        *events, done=done
    )


def sse(*events: Any, done: bool = True) -> bytes:
    """An event stream of JSON ``events``."""
    datas = [*(json.dumps(event, ensure_ascii=False) for event in events), *["[DONE]"] * done]
    return "".join(f"data: {data}\n\n" for data in datas).encode()


def delta(text: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of a streamed answer; ``finish_reason`` goes into its choice."""
    choice = {"index": 0, "delta": {"content": text}}
    if "finish_reason" in more:
        choice["finish_reason"] = more.pop("finish_reason")
    return {"object": "chat.completion.chunk", "choices": [choice], **more}


#: A short, complete, streamed answer.
HELLO = (delta("Hel"), delta("lo", finish_reason="stop"))


def completion(content: Any, **more: Any) -> str:
    """A whole answer, as JSON."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    choice["finish_reason"] = more.pop("finish_reason", "stop")
    return json.dumps({"object": "chat.completion", "choices": [choice], **more})


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Say nothing until the client hangs up."""
    await reader.read()


def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection as a crashed server does: with an RST."""
    reset_socket(writer.get_extra_info("socket"))
    writer.transport.abort()


def reset_socket(connection: Any) -> None:
    """Have the socket end with an RST once it is closed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
