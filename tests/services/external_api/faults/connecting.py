"""Faults before there is a connection: nothing has been sent yet."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator

import trustme

from tests.capture import HELLO, Capture, capturing, http, streamed
from tests.services.external_api.faults import sentences
from tests.services.external_api.faults.fault import Fault


@contextlib.asynccontextmanager
async def refusing() -> AsyncIterator[Capture]:
    """A port that is bound, so that nobody else gets it, and refuses."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield Capture(b"", f"http://127.0.0.1:{bound.getsockname()[1]}")


@contextlib.asynccontextmanager
async def nameless() -> AsyncIterator[Capture]:
    """A name that no server may ever have (RFC 6761, 6.4)."""
    yield Capture(b"", "http://api.invalid")


@contextlib.asynccontextmanager
async def plain_behind_https() -> AsyncIterator[Capture]:
    """A server that expects HTTP where TLS is spoken, and says so in HTTP, as nginx does."""

    async def refuse(reader, writer):
        await reader.read(1)
        writer.write(http("", "", 400))
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        yield Capture(b"", f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@contextlib.asynccontextmanager
async def self_signed() -> AsyncIterator[Capture]:
    """A server whose certificate was issued by nobody one knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with capturing(streamed(*HELLO), tls=context) as server:
        yield server


@contextlib.asynccontextmanager
async def crowded() -> AsyncIterator[Capture]:
    """A server that takes no calls: as many wait as may."""
    with contextlib.ExitStack() as opened:
        listening = opened.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            caller = opened.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listening.getsockname())
        yield Capture(b"", f"http://127.0.0.1:{listening.getsockname()[1]}")


FAULTS = (
    Fault("connection refused", refusing, sentences.CONNECTION_FAILED, "", 0),
    Fault("no such host", nameless, sentences.UNKNOWN_HOST, "", 0),
    Fault("no TLS behind https", plain_behind_https, sentences.NOT_SECURE, "", 0),
    Fault("self-signed certificate", self_signed, sentences.NOT_SECURE, "", 0),
    Fault(
        "calls are not taken",
        crowded,
        sentences.CONNECT_TIMED_OUT,
        "",
        0,
        connect_s=sentences.SHORT_S,
    ),
)
