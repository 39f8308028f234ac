"""Whatever httpx raises comes out as our own, and with nothing chained to it."""

import asyncio
import contextlib
import inspect
import sys
import traceback

import httpcore
import httpx
import httpx_sse
import pytest

from services import errors
from services.external_api.bill import Bill
from services.external_api.client import Client
from services.external_api.delivery import Delivery
from services.external_api.transport import Network, TransportError
from tests.services.external_api.driving import CANARY, KEY, Told, client_over, told

pytestmark = pytest.mark.anyio

URL = "http://api.test/v1"
HEADERS = {"Authorization": f"Bearer {CANARY}"}
RAISED = sorted(
    {
        one
        for one in (*vars(httpx).values(), httpx_sse.SSEError)
        if inspect.isclass(one) and issubclass(one, Exception)
    },
    key=lambda one: one.__name__,
)


def made(one):
    """An exception of class ``one`` that holds the key in each place it has."""
    request = httpx.Request("POST", f"{URL}/{CANARY}", headers=HEADERS)
    parts = {
        "message": f"Bearer {CANARY}",
        "request": request,
        "response": httpx.Response(500, request=request, headers=HEADERS),
    }
    wanted = inspect.signature(one).parameters
    error = one(**{name: part for name, part in parts.items() if name in wanted})
    error.__cause__ = OSError(CANARY)
    return error


def assert_silent(error):
    """Nothing that is shown or logged of ``error`` leads to the key."""
    assert CANARY not in "".join(traceback.format_exception(error))
    assert CANARY not in f"{error!r} {vars(error)}"


async def no_body():
    yield b""


async def trace(*_):
    pass


def test_no_exception_of_httpx_is_missing_here():
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "httpx"]
    all_of_httpx = {
        one
        for module in modules
        for one in vars(module).values()
        if inspect.isclass(one) and issubclass(one, Exception) and one.__module__ == "httpx"
    }
    assert len(all_of_httpx) > 20
    assert all_of_httpx <= set(RAISED)


@pytest.mark.parametrize("one", RAISED)
@pytest.mark.parametrize("method", ["post", "get"])
async def test_an_exception_on_the_way_out_is_a_transport_error(method, one):
    network = Network(Told(made(one)))
    call = {
        "post": lambda: network.post(URL, HEADERS, no_body(), trace, Delivery(1, lambda: None)),
        "get": lambda: network.get(URL, HEADERS),
    }[method]
    with pytest.raises(TransportError) as broken:
        await call()
    assert_silent(broken.value)


@pytest.mark.parametrize("one", RAISED)
async def test_an_exception_while_reading_is_a_transport_error(one):
    async def body():
        yield b"{"
        raise made(one)

    reply = await Network(Told(httpx.Response(200, content=body()))).get(URL, HEADERS)
    with pytest.raises(TransportError) as broken:
        assert [piece async for piece in reply.pieces()] == [b"{"]
    assert_silent(broken.value)


@pytest.mark.parametrize(
    ("reads_body", "kind"),
    [
        pytest.param(False, errors.Unreachable, id="before the body"),
        pytest.param(True, (errors.ConnectionLost, errors.BadAnswer), id="after the body"),
    ],
)
@pytest.mark.parametrize("one", RAISED)
async def test_a_run_that_meets_it_on_the_way_out_fails_with_an_error_of_ours(
    one, reads_body, kind
):
    async with client_over(made(one), reads_body=reads_body) as (client, _):
        outcome = await told(client)
    assert isinstance(outcome.fault, kind)
    assert_silent(outcome.fault)


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json"])
@pytest.mark.parametrize("one", RAISED)
async def test_a_run_that_meets_it_while_reading_fails_with_an_error_of_ours(one, content_type):
    async def body():
        yield b" "
        raise made(one)

    headers = {"Content-Type": content_type}
    async with client_over(httpx.Response(200, headers=headers, content=body())) as (client, _):
        outcome = await told(client)
    assert type(outcome.fault) is errors.ConnectionLost
    assert_silent(outcome.fault)


async def test_any_number_of_questions_is_on_the_way_at_once():
    """Each waits for a model: none may wait for another's connection."""
    count, here, all_here = 40, 0, asyncio.Event()

    async def answer(reader, writer):
        nonlocal here
        await reader.readuntil(b"\r\n\r\n")
        here += 1
        if here == count:
            all_here.set()
        await all_here.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with (
        asyncio.timeout(20),
        await asyncio.start_server(answer, "127.0.0.1", 0) as server,
        contextlib.aclosing(Network()) as network,
    ):
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        replies = await asyncio.gather(*(network.get(url, {}) for _ in range(count)))
        for reply in replies:
            await reply.aclose()

    assert [reply.status for reply in replies] == [200] * count


#: What goes wrong below httpx; it knows of each but ConnectionNotAvailable, which
#: the pool keeps to itself: it takes another connection then.
BELOW = sorted(
    {one for one in vars(httpcore).values() if inspect.isclass(one) and issubclass(one, Exception)}
    - {httpcore.ConnectionNotAvailable},
    key=lambda one: one.__name__,
)


class Breaking(httpcore.AsyncNetworkBackend, httpcore.AsyncNetworkStream):
    """Connections that raise ``error`` where it is wanted, and come to an end where not."""

    def __init__(self, error, where):
        self._error = error
        self._where = where

    def _reach(self, where):
        if where == self._where:
            raise self._error

    async def connect_tcp(self, *_, **__):
        self._reach("connect")
        return self

    async def write(self, *_, **__):
        self._reach("write")

    async def read(self, *_, **__):
        self._reach("read")
        return b""

    async def aclose(self):
        pass

    def get_extra_info(self, _):
        return None


@pytest.mark.parametrize(
    ("where", "bill"),
    [
        pytest.param("connect", Bill(), id="connecting"),
        pytest.param("write", Bill(), id="writing the headers"),
        pytest.param("read", Bill(open=1), id="reading"),
    ],
)
@pytest.mark.parametrize("one", BELOW)
async def test_what_goes_wrong_below_httpx_ends_in_an_error_of_ours(one, where, bill):
    transport = httpx.AsyncHTTPTransport(trust_env=False)
    backend = Breaking(one(CANARY), where)
    transport._pool = httpcore.AsyncConnectionPool(network_backend=backend)
    async with contextlib.aclosing(Client(URL, network=Network(transport), pauses_s=())) as client:
        outcome = await told(client)
    assert isinstance(outcome.fault, errors.ApiError)
    assert outcome.bill == bill
    assert_silent(outcome.fault)


@pytest.mark.parametrize("one", RAISED)
async def test_a_catalogue_that_meets_it_is_empty(one):
    async with client_over(made(one)) as (client, _):
        assert await client.models(KEY) == ()


@pytest.mark.parametrize(
    "base_url",
    [
        pytest.param("http://256.256.256.256/v1", id="no IPv4"),
        pytest.param("http://[v1.x]/v1", id="no IPv6"),
        pytest.param("http://xn--a/v1", id="no IDNA"),
        pytest.param("http://api.test/" + "v" * 70_000, id="long"),
    ],
)
async def test_an_address_that_httpx_refuses_is_one_of_no_server(base_url):
    client = Client(base_url, network=Network(Told(None)), pauses_s=())
    outcome = await told(client)
    assert type(outcome.fault) is errors.UnknownHost
    assert await client.models(KEY) == ()
