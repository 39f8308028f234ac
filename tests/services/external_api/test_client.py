"""One exchange with the External API: what is sent, what is read, what goes wrong."""

import asyncio
import contextlib
import json
import logging
import traceback
import zlib

import httpx
import pytest
from pydantic import SecretStr

from services import errors
from services.external_api.catalogue import Model
from services.external_api.client import Client
from services.external_api.exchange import Answered, Cut, Reached, Timings, Words
from services.external_api.request import VideoLink, chat_request
from services.external_api.transport import Network
from services.media.facts import MediaFacts, Sendable
from tests.capture import (
    HELLO,
    capturing,
    completion,
    delta,
    http,
    reset,
    silence,
    sse,
    streamed,
)
from tests.clock import run_at_once
from tests.free_port import free_port

KEY = SecretStr("ak_canary-0123456789")
LINK = VideoLink("https://videos.example/1")
REQUEST = chat_request("maker/model", "What?", LINK)
EVENT_STREAM = "text/event-stream"

pytestmark = pytest.mark.anyio


@contextlib.asynccontextmanager
async def client_over(answer, **options):
    """A client over a transport that gives ``answer``, and the requests it got."""
    requests = []

    async def handle(request):
        requests.append(request)
        return await answer() if callable(answer) else answer

    transport = httpx.MockTransport(handle)
    options = {"pauses_s": ()} | options
    client = Client("http://api.test/v1", network=Network(transport), **options)
    async with contextlib.aclosing(client):
        yield client, requests


async def events_of(client, request=REQUEST, key=KEY, limit_s=20.0):
    async with contextlib.aclosing(client.complete(request, key, limit_s)) as events:
        return [event async for event in events]


async def ending_of(client, request=REQUEST, limit_s=20.0):
    """The words that came, and the error that ended them, if one did."""
    words, event = "", None
    try:
        async for event in client.complete(request, KEY, limit_s):
            words += event.text if isinstance(event, Words) else ""
    except errors.ShowAndTellError as error:
        return words, error
    assert isinstance(event, Answered)
    return words, None


async def ending_over(answer):
    """As :func:`ending_of`, over a transport, with exactly one request."""
    async with client_over(answer) as (client, requests):
        ending = await ending_of(client)
    assert len(requests) == 1
    return ending


async def text_of(answer):
    """The words of a good ``answer``."""
    words, error = await ending_over(answer)
    assert error is None
    return words


async def failure_of(answer, expected):
    """The error that ``answer`` makes."""
    _, error = await ending_over(answer)
    assert type(error) is expected
    return error


def answer_of(body, content_type="application/json", status=200, size=10**6):
    """An answer whose body arrives in pieces of ``size`` bytes."""
    body = body.encode() if isinstance(body, str) else body

    async def pieces():
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return httpx.Response(status, headers={"Content-Type": content_type}, content=pieces())


STREAMS = {
    "plain": sse(*HELLO),
    "CRLF": sse(*HELLO).replace(b"\n", b"\r\n"),
    "CR": sse(*HELLO).replace(b"\n", b"\r"),
    "no space after data": sse(*HELLO).replace(b"data: ", b"data:"),
    "comments": b": OPENROUTER PROCESSING\n\n" + sse(*HELLO).replace(b"\n\n", b"\n\n:\n\n: x\n"),
    "other fields": sse(*HELLO).replace(b"data:", b"event: message\nid: 1\nretry: 5\ndata:"),
    "empty data": b"data:\n\ndata: \n\n" + sse(*HELLO),
    "data in two lines": sse(*HELLO).replace(b', "choices"', b',\ndata: "choices"'),
    "no [DONE]": sse(*HELLO, done=False),
    "content null first": sse(delta(None, model="m"), *HELLO),
    "usage last with no choices": sse(*HELLO, {"choices": [], "usage": {"cost": 1}}),
    "usage last with an empty delta": sse(*HELLO, delta("", usage={"cost": 1})),
    "words after [DONE]": sse(*HELLO) + sse(delta("!")),
    "nonsense after [DONE]": sse(*HELLO) + b"data: {\n\n",
}


@pytest.mark.parametrize("size", [1, 7, 10**6])
@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
async def test_every_shape_of_an_event_stream_is_read(stream, size):
    assert await text_of(answer_of(stream, EVENT_STREAM, size=size)) == "Hello"


@pytest.mark.parametrize("size", [1, 2, 3, 10**6])
async def test_letters_split_between_reads_are_whole(size):
    words = "Привет, 世界 \U0001f3a4 \u2028 next\u0085line"
    stream = sse(delta(words, finish_reason="stop"))
    assert await text_of(answer_of(stream, EVENT_STREAM, size=size)) == words


@pytest.mark.parametrize(
    "content_type",
    [
        "text/event-stream; charset=utf-8",
        "Text/Event-Stream",
        "text/event-stream;charset=ISO-8859-1",
    ],
)
async def test_an_event_stream_is_known_by_its_type_and_read_as_utf_8(content_type):
    stream = sse(delta("Привет", finish_reason="stop"))
    assert await text_of(answer_of(stream, content_type)) == "Привет"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(completion("Hello"), id="JSON"),
        pytest.param(" \n\n \r\n\t" + completion("Hello"), id="white space first"),
        pytest.param("\ufeff" + completion("Hello"), id="byte order mark"),
        pytest.param(completion([{"type": "text", "text": "Hello"}]), id="content as parts"),
    ],
)
async def test_plain_json_answers_a_streaming_request(body):
    assert await text_of(answer_of(body)) == "Hello"


async def test_a_compressed_answer_is_read():
    answer = httpx.Response(
        200,
        headers={"Content-Type": "application/json", "Content-Encoding": "deflate"},
        stream=httpx.ByteStream(zlib.compress(completion("Hello").encode())),
    )
    assert await text_of(answer) == "Hello"


async def test_the_completion_holds_what_the_api_said():
    usage = {"total_tokens": 9, "cost": 0.001}
    stream = sse(*HELLO, {"choices": [], "usage": usage, "model": "m", "processing_time_ms": 5})
    async with client_over(answer_of(stream, EVENT_STREAM)) as (client, _):
        *_, last = await events_of(client)
    assert (last.completion.model, last.completion.usage) == ("m", usage)
    assert (last.completion.finish_reason, last.completion.server_ms) == ("stop", 5)


BODIES = {
    "JSON": ('{"error": {"code": 1, "message": "too bad"}}', "application/json", "too bad"),
    "raw": (
        '{"error": {"message": "Provider returned error", "metadata": {"raw": "no GPU"}}}',
        "application/json",
        "Provider returned error: no GPU",
    ),
    "JSON as text": ('{"error": {"message": "too bad"}}', "text/plain", "too bad"),
    "text": ("too bad", "text/plain; charset=utf-8", "too bad"),
    "HTML": ("<html><h1>Bad gateway</h1></html>", "text/html", ""),
    "empty": ("", "application/json", ""),
    "a list": ("[1, 2]", "application/json", ""),
    "deep": ("[" * 50_000, "application/json", ""),
    "endless": ("x" * 1_000_000, "application/json", ""),
    "no UTF-8": (b'{"error": {"message": "\xff"}}', "application/json", ""),
}


@pytest.mark.parametrize("status", errors.REFUSALS)
async def test_every_status_has_its_error(status):
    refused = await failure_of(answer_of("{}", status=status), errors.REFUSALS[status])
    assert refused.facts == {"status": status}


@pytest.mark.parametrize("status", [201 + 99, 301, 307, 405, 418, 504, 599])
async def test_a_status_of_no_contract_is_unexpected(status):
    refused = await failure_of(answer_of("{}", status=status), errors.UnexpectedStatus)
    assert refused.facts == {"status": status}


@pytest.mark.parametrize(("body", "content_type", "message"), BODIES.values(), ids=BODIES)
async def test_a_refusal_says_what_the_api_said(body, content_type, message):
    refused = await failure_of(answer_of(body, content_type, 422), errors.RequestRejected)
    assert refused.said == message


@pytest.mark.parametrize(
    ("body", "content_type", "expected", "words"),
    [
        pytest.param(
            '{"error": {"message": "x"}}',
            "application/json",
            errors.FailedAnswer,
            "",
            id="200 with only an error",
        ),
        pytest.param(
            completion("", finish_reason="error"),
            "application/json",
            errors.FailedAnswer,
            "",
            id="finish reason error",
        ),
        pytest.param(
            sse(HELLO[0], {"error": {"message": "x"}}),
            EVENT_STREAM,
            errors.FailedAnswer,
            "Hel",
            id="error in a stream",
        ),
        pytest.param(
            sse(HELLO[0], delta("", error={"code": "x"}), done=False),
            EVENT_STREAM,
            errors.FailedAnswer,
            "Hel",
            id="error beside choices, no [DONE]",
        ),
        pytest.param(
            sse(HELLO[0], delta("", finish_reason="error")),
            EVENT_STREAM,
            errors.FailedAnswer,
            "Hel",
            id="finish reason error in a stream",
        ),
        pytest.param(sse(), EVENT_STREAM, errors.EmptyAnswer, "", id="[DONE] alone"),
        pytest.param(
            sse(delta("", finish_reason="stop")),
            EVENT_STREAM,
            errors.EmptyAnswer,
            "",
            id="a stream without words",
        ),
        pytest.param(completion(None), "application/json", errors.EmptyAnswer, "", id="null"),
        pytest.param("{}", "application/json", errors.EmptyAnswer, "", id="empty object"),
        pytest.param(b"", EVENT_STREAM, errors.IncompleteAnswer, "", id="a stream of nothing"),
        pytest.param(
            b": PROCESSING\n\n", EVENT_STREAM, errors.IncompleteAnswer, "", id="comments alone"
        ),
        pytest.param(
            sse(HELLO[0], done=False),
            EVENT_STREAM,
            errors.IncompleteAnswer,
            "Hel",
            id="a stream that stops",
        ),
        pytest.param(
            sse(HELLO[0])[:-3],
            EVENT_STREAM,
            errors.IncompleteAnswer,
            "Hel",
            id="a stream cut in [DONE]",
        ),
        pytest.param("<html>Hello</html>", "text/html", errors.BadAnswer, "", id="HTML"),
        pytest.param("", "application/json", errors.BadAnswer, "", id="empty body"),
        pytest.param("[1]", "application/json", errors.BadAnswer, "", id="a list"),
        pytest.param("[" * 100_000, "application/json", errors.BadAnswer, "", id="deep"),
        pytest.param(b"\xff\xfe{", "application/json", errors.BadAnswer, "", id="no UTF-8"),
        pytest.param(
            sse(HELLO[0], done=False) + b"data: {oops\n\n",
            EVENT_STREAM,
            errors.BadAnswer,
            "Hel",
            id="nonsense in a stream",
        ),
        pytest.param(
            " " * (17 * 1024 * 1024), "application/json", errors.BadAnswer, "", id="over 16 MB"
        ),
    ],
)
async def test_a_success_that_is_none_is_an_error(body, content_type, expected, words):
    came, failed = await ending_over(answer_of(body, content_type))
    assert (came, type(failed)) == (words, expected)
    assert failed.billed == "perhaps"


async def test_a_broken_compression_is_a_bad_answer():
    answer = httpx.Response(
        200,
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        stream=answer_of(b"this is no gzip").stream,
    )
    await failure_of(answer, errors.BadAnswer)


async def test_an_error_in_a_stream_says_what_the_api_said():
    body = sse(HELLO[0], {"error": {"code": "502", "message": "it broke"}, "choices": []})
    failed = await failure_of(answer_of(body, EVENT_STREAM), errors.FailedAnswer)
    assert failed.said == "it broke"


# --- over a real socket ---------------------------------------------------


async def ending_at(answer, *, request=REQUEST, limit_s=20.0, **options):
    """As :func:`ending_of`, from a server on loopback, with exactly one request."""
    async with (
        capturing(answer, **options) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        ending = await ending_of(client, request, limit_s)
    assert len(server.requests) == 1
    return ending


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(b"", id="before the headers"),
        pytest.param(streamed(done=False), id="before the first word"),
        pytest.param(streamed(HELLO[0], done=False), id="in the middle"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", id="before the JSON"),
        pytest.param(b"HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n", id="before the reason"),
    ],
)
async def test_a_server_that_falls_silent_runs_into_the_deadline(first):
    async def answer(reader, writer):
        writer.write(first)
        await reader.read()

    words, failed = await ending_at(answer, limit_s=0.3)
    assert (words, type(failed)) == ("Hel" if b"Hel" in first else "", errors.TimedOut)
    assert failed.facts == {"limit_s": 0.3}


async def test_comments_do_not_put_the_deadline_off():
    async def answer(reader, writer):
        writer.write(streamed(done=False))
        while not writer.is_closing():
            writer.write(b": PROCESSING\n\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    _, failed = await ending_at(answer, limit_s=0.2)
    assert type(failed) is errors.TimedOut


async def test_nobody_at_the_other_end_is_a_failed_connection():
    async with contextlib.aclosing(Client(f"http://127.0.0.1:{free_port()}/v1")) as client:
        _, failed = await ending_of(client)
    assert type(failed) is errors.ConnectionFailed
    assert failed.billed == "nothing_sent"


async def test_a_reset_instead_of_an_answer_is_a_lost_connection():
    async def answer(_, writer):
        reset(writer)

    _, lost = await ending_at(answer)
    assert type(lost) is errors.ConnectionLost
    assert lost.billed == "perhaps"


async def test_a_reset_in_a_stream_keeps_the_words_that_came():
    heard = asyncio.Event()

    async def answer(_, writer):
        writer.write(streamed(HELLO[0], done=False))
        await heard.wait()
        reset(writer)

    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        events = client.complete(REQUEST, KEY, 20)
        while await anext(events) != Words("Hel"):
            pass
        heard.set()
        assert isinstance(await anext(events), Cut)
        with pytest.raises(errors.ConnectionLost):
            await anext(events)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 99\r\n\r\n{",
            id="a body that is cut",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: text/event-stream\r\n\r\n5\r\n: x\n\n\r\n",
            id="a last chunk that is missing",
        ),
    ],
)
async def test_a_broken_off_answer_is_a_lost_connection(answer):
    _, lost = await ending_at(answer)
    assert type(lost) is errors.ConnectionLost


async def test_what_is_no_http_is_a_bad_answer():
    _, failed = await ending_at(b"SSH-2.0-OpenSSH_9.2\r\nConnection: close\r\n\r\n")
    assert type(failed) is errors.BadAnswer


async def test_a_refusal_that_is_cut_is_a_refusal():
    answer = b"HTTP/1.1 401 No\r\nConnection: close\r\nContent-Length: 99\r\n\r\n{"
    _, refused = await ending_at(answer)
    assert type(refused) is errors.KeyRejected


async def test_a_refusal_that_does_not_end_is_hung_up_on():
    async def answer(_, writer):
        writer.write(b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"no " * 10_000)
            await writer.drain()

    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
        asyncio.timeout(10),
    ):
        _, refused = await ending_of(client)
        await server.hung_up.wait()
    assert type(refused) is errors.ProviderFailed
    assert refused.said.startswith("no no no")
    assert len(refused.said) <= 600


def big_request(tmp_path, size=20_000_000):
    path = tmp_path / "media"
    with path.open("wb") as file:
        file.truncate(size)
    facts = MediaFacts("mp3", size, 1.0, None, None)
    return chat_request("m", "?", Sendable(path, "audio", "mp3", facts, None))


async def test_a_refusal_in_the_middle_of_an_upload_is_heard(tmp_path):
    async def answer(reader, writer):
        body = '{"error": {"message": "too large"}}'
        writer.write(http(body, "application/json", 413, "Connection: close"))
        writer.write_eof()
        await reader.read()  # a close with unread bytes would reset the connection

    _, refused = await ending_at(answer, request=big_request(tmp_path), reads_body=False)
    assert (type(refused), refused.said) == (errors.RequestTooLarge, "too large")


async def test_a_file_that_shrinks_in_the_middle_of_an_upload_ends_it(tmp_path):
    request = big_request(tmp_path)

    async def answer(reader, writer):
        with request.file.open("r+b") as file:
            file.truncate(1_000_000)
        await reader.read()

    _, failed = await ending_at(answer, request=request, reads_body=False)
    assert type(failed) is errors.UnreadableFile


async def test_what_is_sent_is_what_the_contract_says():
    async with (
        capturing(streamed(*HELLO)) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        await events_of(client)
    (request,) = server.requests
    assert request.line == "POST /api/v1/chat/completions HTTP/1.1"
    assert request.body == b"".join(REQUEST.chunks())
    assert request.header("content-length") == [str(REQUEST.content_length)]
    assert request.header("transfer-encoding") == []
    assert request.header("authorization") == [f"Bearer {KEY.get_secret_value()}"]
    assert request.header("cookie") == []


async def test_without_a_key_no_authorization_is_sent():
    async with (
        capturing(streamed(*HELLO)) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        await events_of(client, key=None)
    assert server.requests[0].header("authorization") == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status):
    async with capturing(streamed(*HELLO)) as elsewhere:
        answer = http("", "", status, f"Location: {elsewhere.base_url}/chat/completions")
        _, refused = await ending_at(answer)
        assert type(refused) is errors.UnexpectedStatus
        assert elsewhere.connections == 0


async def test_proxies_of_the_environment_are_not_used(monkeypatch):
    async with capturing(streamed(*HELLO)) as proxy, capturing(streamed(*HELLO)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with contextlib.aclosing(Client(server.base_url)) as client:
            await events_of(client)
    assert (proxy.connections, len(server.requests)) == (0, 1)


async def test_closing_the_events_closes_the_connection():
    async def answer(reader, writer):
        writer.write(streamed(HELLO[0], done=False))
        await reader.read()

    async with (
        capturing(answer) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
        asyncio.timeout(10),
    ):
        async with contextlib.aclosing(client.complete(REQUEST, KEY, 20)) as events:
            while await anext(events) != Words("Hel"):
                pass
        await server.hung_up.wait()


@pytest.mark.parametrize("phase", ["upload", "wait"])
async def test_cancelling_before_the_answer_closes_the_connection(phase, tmp_path):
    request = REQUEST if phase == "wait" else big_request(tmp_path)
    reached = asyncio.Event()

    async def ask(client):
        async for event in client.complete(request, KEY, 20):
            if event == Reached(phase):
                reached.set()

    async with (
        capturing(silence, reads_body=False) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
        asyncio.timeout(10),
    ):
        asking = asyncio.create_task(ask(client))
        await reached.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await server.hung_up.wait()


async def test_a_connection_that_dies_under_the_next_request_sends_nothing_twice():
    async def die(_, writer):
        reset(writer)

    async with (
        capturing(http(completion("Hello"), "application/json")) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        await events_of(client)
        server.answer = die
        _, lost = await ending_of(client)
    assert type(lost) is errors.ConnectionLost
    assert (len(server.requests), server.connections) == (2, 1)


# --- the key --------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    ["ak_a\nb", "ak_a\r\nX-Evil: 1", "ak_ключ", "ak_é", "ak a", "ak_\0", "ak_\x7f", "", "ak_a\n"],
    ids=["LF", "CRLF", "Cyrillic", "Latin-1", "space", "NUL", "DEL", "empty", "LF last"],
)
async def test_a_key_no_header_can_carry_is_refused_before_anything_is_sent(key):
    async with capturing(streamed(*HELLO)) as server:
        async with contextlib.aclosing(Client(server.base_url)) as client:
            with pytest.raises(errors.BadKey) as bad:
                await events_of(client, key=SecretStr(key))
        assert server.connections == 0
    if key:
        assert key not in f"{bad.value!r} {''.join(traceback.format_exception(bad.value))}"


CANARY = KEY.get_secret_value()
ECHOES = {
    "JSON": (401, f'{{"error": {{"message": "bad key {CANARY}"}}}}', "application/json"),
    "raw": (
        400,
        f'{{"error": {{"message": "x", "metadata": {{"raw": "Bearer {CANARY}"}}}}}}',
        "application/json",
    ),
    "text": (403, f"Authorization: Bearer {CANARY}", "text/plain"),
    "HTML": (502, f"<html>{CANARY}</html>", "text/html"),
    "a success": (200, f'{{"error": "{CANARY}"}}', "application/json"),
    "a stream": (200, sse({"error": {"message": CANARY}}).decode(), EVENT_STREAM),
    "no JSON": (200, CANARY, "application/json"),
}


@pytest.mark.parametrize(("status", "body", "content_type"), ECHOES.values(), ids=ECHOES)
async def test_a_key_that_is_echoed_is_shown_nowhere(status, body, content_type, caplog):
    caplog.set_level(logging.DEBUG)
    _, raised = await ending_at(http(body, content_type, status))
    assert isinstance(raised, errors.ApiError)
    shown = [str(raised), repr(raised), raised.said, repr(raised.facts), caplog.text]
    shown += traceback.format_exception(raised)
    assert CANARY not in "".join(shown)


async def test_a_good_run_logs_no_key(caplog):
    caplog.set_level(logging.DEBUG)
    async with (
        capturing(streamed(*HELLO)) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        await events_of(client)
    assert CANARY not in caplog.text
    assert CANARY not in repr(client)


# --- phases and timings ---------------------------------------------------


class Ticking:
    """A clock that is a second later each time it is read."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


async def test_phases_are_reached_in_order_and_timed(tmp_path):
    async with (
        capturing(streamed(*HELLO)) as server,
        contextlib.aclosing(Client(server.base_url, clock=Ticking())) as client,
    ):
        events = await events_of(client, big_request(tmp_path, 1000))
    assert [event.phase if isinstance(event, Reached) else event for event in events[:-1]] == [
        "connect",
        "upload",
        "wait",
        "stream",
        Words("Hello"),
    ]
    assert events[-1].timings == Timings(1000.0, 1000.0, 1000.0, 1000.0)


async def test_an_answer_in_one_piece_has_no_stream_time():
    async with (
        capturing(http(completion("Hello"), "application/json")) as server,
        contextlib.aclosing(Client(server.base_url, clock=Ticking())) as client,
    ):
        events = await events_of(client)
    assert Reached("stream") not in events
    assert events[-1].timings == Timings(1000.0, 1000.0, 1000.0, None)


async def test_a_connection_that_was_open_took_no_time():
    async with (
        capturing(http(completion("Hello"), "application/json")) as server,
        contextlib.aclosing(Client(server.base_url, clock=Ticking())) as client,
    ):
        await events_of(client)
        events = await events_of(client)
        assert server.connections == 1
    assert Reached("connect") not in events
    assert events[-1].timings == Timings(0.0, 1000.0, 1000.0, None)


async def test_what_the_transport_does_not_tell_is_unknown():
    answer = answer_of(completion("Hello"))
    async with client_over(answer, clock=Ticking()) as (client, _):
        *_, last = await events_of(client)
    assert last.timings == Timings(None, None, None, None)


# --- the catalogue --------------------------------------------------------


CATALOGUE = json.dumps(
    {"data": [{"id": "a/b", "name": "B", "architecture": {"input_modalities": ["audio"]}}]}
)


async def test_models_are_those_of_the_catalogue():
    async with (
        capturing(http(CATALOGUE, "application/json")) as server,
        contextlib.aclosing(Client(server.base_url)) as client,
    ):
        models = await client.models(KEY)
    assert models == (Model("a/b", "B", frozenset({"audio"})),)
    assert server.requests[0].line == "GET /api/v1/models HTTP/1.1"
    assert server.requests[0].header("authorization") == [f"Bearer {CANARY}"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answer_of("{}", status=404), id="404"),
        pytest.param(answer_of(CATALOGUE, status=500), id="500"),
        pytest.param(answer_of("<html></html>", "text/html"), id="HTML"),
        pytest.param(answer_of("[]"), id="another shape"),
        pytest.param(answer_of("[" * 100_000), id="deep"),
        pytest.param(answer_of(" " * (17 * 1024 * 1024)), id="over 16 MB"),
    ],
)
async def test_without_a_catalogue_there_are_no_models(answer):
    async with client_over(answer) as (client, requests):
        assert await client.models(KEY) == ()
    assert len(requests) == 1


async def test_an_api_that_cannot_be_reached_has_no_models():
    async with contextlib.aclosing(Client(f"http://127.0.0.1:{free_port()}/v1")) as client:
        assert await client.models(KEY) == ()


async def test_a_bad_key_asks_for_no_models():
    async with client_over(answer_of(CATALOGUE)) as (client, requests):
        assert await client.models(SecretStr("a b")) == ()
    assert requests == []


def test_a_catalogue_that_does_not_come_is_given_up_after_five_seconds():
    async def test():
        async with client_over(asyncio.Event().wait) as (client, _):
            now = asyncio.get_running_loop().time
            began = now()
            assert await client.models(KEY) == ()
            assert now() - began == pytest.approx(5, abs=0.5)

    run_at_once(test())


@pytest.mark.parametrize(("takes_s", "ends_with"), [(299, type(None)), (301, errors.TimedOut)])
def test_an_answer_may_take_as_long_as_the_limit(takes_s, ends_with):
    async def slow():
        await asyncio.sleep(takes_s)
        return answer_of(completion("Hello"))

    async def test():
        async with client_over(slow) as (client, _):
            _, error = await ending_of(client, limit_s=300)
        assert type(error) is ends_with

    run_at_once(test())
