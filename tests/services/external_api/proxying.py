"""A small HTTP proxy on loopback, which keeps what it is asked."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from tests.capture import Capture, Request, capturing


@contextlib.asynccontextmanager
async def proxying(
    *, tls: ssl.SSLContext | None = None, refusal: bytes = b""
) -> AsyncIterator[Capture]:
    """A proxy for as long as the block lasts; with a ``refusal`` it does nothing else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _serve(proxy.requests[-1], reader, writer)

    async with capturing(refusal or serve, tls=tls, reads_body=False) as proxy:
        yield proxy


async def _serve(
    request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    method, target, version = request.line.split(" ")
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            lines = [f"{method} {parts.path} {version}", *map(": ".join, request.headers)]
            far_writer.write("\r\n".join([*lines, "", ""]).encode())
        # What one side has ended, the other is let go of.
        ways = [_pass_on(reader, far_writer), _pass_on(far_reader, writer)]
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        far_writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
