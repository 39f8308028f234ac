"""Faults of a connection: cut, silent, slow, or not speaking HTTP."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from tests.capture import (
    HELLO,
    Answer,
    Capture,
    capturing,
    completion,
    delta,
    http,
    reset,
    silence,
    sse,
    streamed,
)
from tests.services.external_api.faults import sentences
from tests.services.external_api.faults.fault import Fault, Place, fails, works
from tests.services.external_api.faults.sentences import SECOND_S, SHORT_S

#: Uploads that no socket's buffer swallows.
LARGE, LARGER = 20 * 1024 * 1024, 40 * 1024 * 1024
DRIP_S = 0.002

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
NDJSON = EVENTS.replace(b"text/event-stream", b"application/x-ndjson")
HEL = streamed(HELLO[0], done=False)


def early(answer: Answer) -> Place:
    """A server that gives ``answer`` on the headers and closes over the unread body."""
    return lambda: capturing(answer, reads_body=False)


def then_silence(first: bytes) -> Answer:
    """Says ``first`` and nothing more."""

    async def answer(reader, writer):
        writer.write(first)
        await reader.read()

    return answer


def without_end(first: bytes, more: bytes, pause_s: float = 0.0) -> Answer:
    """Says ``first`` and then ``more``, again and again."""

    async def answer(_, writer):
        writer.write(first)
        while not writer.is_closing():
            writer.write(more)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return answer


def dripping(whole: bytes) -> Answer:
    """Says ``whole``, a byte every few milliseconds."""

    async def answer(_, writer):
        for byte in whole:
            writer.write(bytes([byte]))
            await asyncio.sleep(DRIP_S)

    return answer


def after_interim(interim: bytes) -> Answer:
    """Says ``interim`` on the headers, reads the whole body, then answers."""

    async def answer(reader, writer):
        writer.write(interim)
        left = -(-LARGE // 3) * 4
        while left > 0 and (piece := await reader.read(1024 * 1024)):
            left -= len(piece)
        writer.write(http(completion("Hello"), "application/json", 200, "Connection: close"))

    return answer


async def break_off_once_over(_, writer):
    """Reset the connection after a finish reason, without [DONE]."""
    writer.write(streamed(*HELLO, done=False))
    await writer.drain()
    await asyncio.sleep(0.05)  # else the reset would overtake the words
    reset(writer)


def refusal(status: int) -> Answer:
    """Refuses, and closes at once."""
    told = http('{"error": {"message": "not this"}}', "application/json", status)

    async def answer(_, writer):
        writer.write(told)
        await writer.drain()

    return answer


async def hang_up(_, writer):
    """Close the connection without a word."""
    writer.close()


async def leave_unread(*_):
    """Do nothing, so that what the client sends fills the buffers."""
    await asyncio.Event().wait()


async def refuse_politely(reader, writer):
    """Refuse, close one's own side, and read on until the client is done."""
    writer.write(http('{"error": "too large"}', "application/json", 413, "Connection: close"))
    writer.write_eof()
    await reader.read()


async def break_off(_, writer):
    """Reset the connection without a word."""
    reset(writer)


async def break_off_amid_upload(reader, writer):
    """Reset the connection once a part of the body has come."""
    await reader.readexactly(100_000)
    reset(writer)


@contextlib.asynccontextmanager
async def break_off_once_heard() -> AsyncIterator[Capture]:
    """A server that resets the connection after the first words, and not before they are read."""

    async def answer(_, writer):
        writer.write(HEL)
        await server.heard.wait()
        reset(writer)

    async with capturing(answer) as server:
        yield server


def cut(content_type: str, body: bytes, *headers: str) -> bytes:
    """An answer that is broken off after ``body``."""
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {content_type}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


FAULTS = (
    # While the body is on its way.
    Fault(
        "reset amid the upload",
        early(break_off_amid_upload),
        sentences.CONNECTION_LOST,
        "",
        upload_bytes=LARGE,
        part_sent=True,
    ),
    *(
        Fault(
            f"{status} amid the upload",
            early(refusal(status)),
            sentences.saying(sentences.OF_STATUS[status], "not this"),
            "",
            upload_bytes=LARGER,
            part_sent=True,
        )
        for status in (401, 413)
    ),
    Fault(
        "a polite 413 amid the upload",
        early(refuse_politely),
        sentences.saying(sentences.OF_STATUS[413], "too large"),
        "",
        upload_bytes=LARGE,
        part_sent=True,
    ),
    Fault(
        "nobody reads the upload",
        early(leave_unread),
        sentences.TIMED_OUT_LATER,
        "",
        upload_bytes=LARGE,
        part_sent=True,
        limit_s=SECOND_S,
    ),
    # Before the headers.
    fails("closed without an answer", hang_up, sentences.CONNECTION_LOST),
    fails("reset without an answer", break_off, sentences.CONNECTION_LOST),
    # The deadline's affair: only a stream is expected to go on.
    fails(
        "silence before the headers",
        silence,
        sentences.TIMED_OUT,
        limit_s=SHORT_S,
        silence_s=SHORT_S / 10,
    ),
    fails("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\nConnection: close\r\n\r\n", sentences.BAD_ANSWER),
    fails(
        "a huge header",
        http(completion("Hello"), "application/json", 200, "X-Much: " + "x" * 300_000),
        sentences.BAD_ANSWER,
    ),
    # After them.
    fails(
        "silence amid a stream",
        then_silence(HEL),
        sentences.WENT_SILENT,
        "Hel",
        silence_s=SHORT_S,
    ),
    fails(
        "the deadline amid a stream",
        then_silence(HEL),
        sentences.TIMED_OUT_LATER,
        "Hel",
        limit_s=SECOND_S,
    ),
    # Comments are signs of life: who sends nothing else has the whole time of the run.
    fails(
        "keep-alives amid a stream",
        without_end(HEL, b": OPENROUTER PROCESSING\n\n", 0.01),
        sentences.TIMED_OUT_LATER,
        "Hel",
        limit_s=SECOND_S,
        silence_s=SHORT_S,
    ),
    fails(
        "keep-alives until the deadline",
        without_end(EVENTS, b": OPENROUTER PROCESSING\n\n", 0.01),
        sentences.TIMED_OUT_LATER,
        limit_s=SECOND_S,
        silence_s=SHORT_S,
    ),
    fails(
        "empty lines until the deadline",
        without_end(NDJSON, b"\n", 0.01),
        sentences.TIMED_OUT_LATER,
        limit_s=SECOND_S,
        silence_s=SHORT_S,
    ),
    fails(
        "silence amid lines of JSON",
        then_silence(NDJSON + json.dumps(HELLO[0]).encode() + b"\n"),
        sentences.WENT_SILENT,
        "Hel",
        silence_s=SHORT_S,
    ),
    fails(
        "white space without end",
        without_end(cut("application/json", b""), b" \n", 0.01),
        sentences.TIMED_OUT,
        limit_s=SHORT_S,
    ),
    fails(
        "silence amid JSON",
        then_silence(cut("application/json", b"{", "Content-Length: 99")),
        sentences.TIMED_OUT,
        limit_s=SHORT_S,
    ),
    fails(
        "silence amid a refusal",
        then_silence(b"HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n"),
        sentences.TIMED_OUT_REFUSED,
        limit_s=SHORT_S,
    ),
    Fault("reset amid a stream", break_off_once_heard, sentences.CONNECTION_LOST, "Hel"),
    fails(
        "a stream without its last chunk",
        cut("text/event-stream", b"5\r\n: x\n\n\r\n", "Transfer-Encoding: chunked"),
        sentences.CONNECTION_LOST,
    ),
    fails(
        "a chunk of no length",
        cut("text/event-stream", b"length\r\n: x\n\n\r\n", "Transfer-Encoding: chunked"),
        sentences.CONNECTION_LOST,
    ),
    fails(
        "JSON that is cut",
        cut("application/json", b"{", "Content-Length: 99"),
        sentences.CONNECTION_LOST,
    ),
    fails(
        "a refusal that is cut",
        b"HTTP/1.1 401 No\r\nConnection: close\r\nContent-Length: 99\r\n\r\n{",
        sentences.OF_STATUS[401],
    ),
    # Slow, or cut when all had been said, and yet good.
    works(
        "a stream that is cut after [DONE]",
        cut("text/event-stream", sse(*HELLO), "Content-Length: 9999"),
    ),
    works("a reset after the finish reason", break_off_once_over),
    works(
        "silence after the finish reason",
        then_silence(streamed(*HELLO, done=False)),
        silence_s=SHORT_S,
    ),
    works(
        "keep-alives after the finish reason",
        without_end(streamed(*HELLO, done=False), b": OPENROUTER PROCESSING\n\n", 0.01),
        silence_s=SHORT_S,
    ),
    works(
        "the deadline after the finish reason",
        then_silence(streamed(*HELLO, done=False)),
        limit_s=SECOND_S,
    ),
    fails(
        "the deadline after a finish reason and no words",
        then_silence(streamed(delta("", finish_reason="stop"), done=False)),
        sentences.TIMED_OUT_LATER,
        limit_s=SECOND_S,
    ),
    *(
        Fault(
            f"{name} amid the upload",
            early(after_interim(interim)),
            None,
            "Hello",
            upload_bytes=LARGE,
        )
        for name, interim in (
            ("100 Continue", b"HTTP/1.1 100 Continue\r\n\r\n"),
            ("103 Early Hints", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 2),
        )
    ),
    works("a drip of events", dripping(EVENTS + sse(*HELLO))),
    works("a drip of JSON", dripping(cut("application/json", completion("Hello").encode()))),
)
