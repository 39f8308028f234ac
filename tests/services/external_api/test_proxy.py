"""The way to the API by a proxy that the host names: tunnels, requests passed on, refusals."""

import asyncio
import base64
import contextlib
import ssl

import pytest
import trustme
from pydantic import SecretStr

from services import errors
from services.external_api.bill import Bill, Tally
from services.external_api.client import Client
from services.external_api.exchange import Timings
from services.external_api.transport import Network
from services.external_api.trust import tls_context
from tests.capture import HELLO, capturing, completion, http, silence, streamed
from tests.free_port import free_port
from tests.services.external_api.driving import CANARY, REQUEST, Ticking, told, upload
from tests.services.external_api.proxying import proxying

pytestmark = pytest.mark.anyio

WHOLE = http(completion("Hello"), "application/json")


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def tls(authority, tmp_path_factory):
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return tls_context(file)


@contextlib.asynccontextmanager
async def client_by(url, base_url, tls=None, connect_s=10.0, **options):
    """A client that goes to ``base_url`` by the proxy at ``url``."""
    network = Network(tls=tls, proxy=SecretStr(url), connect_s=connect_s)
    async with contextlib.aclosing(
        Client(base_url, network=network, **{"pauses_s": ()} | options)
    ) as client:
        yield client


@pytest.fixture(
    params=[(True, False), (False, False), (True, True), (False, True)],
    ids=["tunnel", "passed on", "tunnel of a proxy with TLS", "passed on by one with TLS"],
)
def both_tls(request, server_tls):
    """The TLS of the API, and that of the proxy, each None where it speaks none."""
    return [server_tls if wanted else None for wanted in request.param]


async def test_an_answer_comes_by_the_proxy(both_tls, tls):
    api_tls, proxy_tls = both_tls
    async with (
        capturing(streamed(*HELLO), tls=api_tls) as server,
        proxying(tls=proxy_tls) as proxy,
        client_by(proxy.origin, server.base_url, tls) as client,
    ):
        outcome = await told(client)
    assert (outcome.fault, outcome.words) == (None, "Hello")
    host = server.origin.partition("//")[2]
    url = f"{server.base_url}/chat/completions"
    (asked,) = proxy.requests
    assert asked.line == f"CONNECT {host} HTTP/1.1" if api_tls else f"POST {url} HTTP/1.1"
    assert len(server.requests) == 1


async def test_the_key_is_not_told_to_a_proxy_that_opens_a_tunnel(server_tls, tls):
    async with (
        capturing(WHOLE, tls=server_tls) as server,
        proxying() as proxy,
        client_by(proxy.origin, server.base_url, tls) as client,
    ):
        await told(client)
    assert CANARY not in str(proxy.requests)


@pytest.mark.parametrize("tunnel", [True, False])
async def test_a_name_and_a_password_go_to_the_proxy_and_not_to_the_api(tunnel, server_tls, tls):
    async with (
        capturing(WHOLE, tls=server_tls if tunnel else None) as server,
        proxying() as proxy,
        client_by(proxy.origin.replace("//", "//me:p%40ss@"), server.base_url, tls) as client,
    ):
        assert (await told(client)).fault is None
    (asked,) = proxy.requests
    wanted = f"Basic {base64.b64encode(b'me:p@ss').decode()}"
    assert asked.header("proxy-authorization") == [wanted]
    if tunnel:
        assert server.requests[0].header("proxy-authorization") == []


async def test_opening_a_tunnel_is_a_part_of_connecting(server_tls, tls, tmp_path):
    async with (
        capturing(streamed(*HELLO), tls=server_tls) as server,
        proxying() as proxy,
        client_by(proxy.origin, server.base_url, tls, clock=Ticking()) as client,
    ):
        outcome = await told(client, upload(tmp_path, 1000))
    assert outcome.stages == ["connect", "upload", "wait", "stream"]
    assert outcome.exchange.timings == Timings(1000.0, 1000.0, 1000.0, 1000.0)


async def test_a_tunnel_is_used_again(server_tls, tls):
    async with (
        capturing(WHOLE, tls=server_tls) as server,
        proxying() as proxy,
        client_by(proxy.origin, server.base_url, tls) as client,
    ):
        await told(client)
        outcome = await told(client)
    assert outcome.exchange.timings.connect == 0.0
    assert (len(proxy.requests), server.connections) == (1, 1)


async def test_a_refusal_amid_the_upload_comes_through(both_tls, tls, tmp_path):
    async def refuse(_, writer):  # and read nothing: what a close would do is another matter
        writer.write(http("too large", "text/plain", 413))
        await asyncio.sleep(60)

    api_tls, proxy_tls = both_tls
    async with (
        capturing(refuse, tls=api_tls, reads_body=False) as server,
        proxying(tls=proxy_tls) as proxy,
        client_by(proxy.origin, server.base_url, tls) as client,
    ):
        outcome = await told(client, upload(tmp_path))
    assert type(outcome.fault) is errors.RequestTooLarge
    assert outcome.fault.said == "too large"
    assert outcome.exchange.sent_share < 1


async def test_hanging_up_reaches_the_api(server_tls, tls):
    asked = asyncio.Event()

    async def silent(*connection):
        asked.set()
        await silence(*connection)

    async with (
        capturing(silent, tls=server_tls) as server,
        proxying() as proxy,
        client_by(proxy.origin, server.base_url, tls) as client,
    ):
        asking = asyncio.create_task(client.complete(REQUEST, None, 60, lambda _: None, Tally()))
        await asyncio.wait_for(asked.wait(), 10)
        asking.cancel()
        await asyncio.wait_for(server.hung_up.wait(), 10)


REFUSALS = {
    "no password": http("", "", 407),
    "not to there": http("", "", 403),
    "nothing there": http("", "", 502),
    "no HTTP": b"SSH-2.0-elsewhere\r\n\r\n",
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
async def test_a_proxy_that_opens_no_tunnel_is_told_as_one(refusal, tls):
    async with (
        proxying(refusal=refusal) as proxy,
        client_by(
            proxy.origin.replace("//", f"//me:{CANARY}@"), "https://127.0.0.1:9", tls
        ) as client,
    ):
        outcome = await told(client)
    assert type(outcome.fault) is errors.ProxyFailed
    assert outcome.bill == Bill()
    assert CANARY not in f"{outcome.fault!r} {outcome}"


async def test_a_proxy_that_takes_the_call_and_says_nothing_is_not_waited_for(tls):
    async with (
        capturing(silence) as proxy,
        client_by(proxy.origin, "https://127.0.0.1:9", tls, connect_s=0.3) as client,
    ):
        outcome = await told(client)
    assert type(outcome.fault) is errors.ProxyFailed


async def test_an_answer_may_take_longer_than_connecting(server_tls, tls):
    async def think(_, writer):
        await asyncio.sleep(0.8)
        writer.write(WHOLE)
        await writer.drain()

    async with (
        capturing(think, tls=server_tls) as server,
        proxying() as proxy,
        client_by(proxy.origin, server.base_url, tls, connect_s=0.5) as client,
    ):
        assert (await told(client)).fault is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "http://proxy.invalid"])
@pytest.mark.parametrize("api", ["http://127.0.0.1:9", "https://127.0.0.1:9"])
async def test_a_proxy_that_is_not_there_is_told_as_one(url, api, tls):
    async with client_by(url.format(port=free_port()), api, tls) as client:
        outcome = await told(client)
    assert type(outcome.fault) is errors.ProxyFailed


async def test_a_certificate_that_is_not_believed_is_told_as_that(server_tls):
    async with (
        capturing(WHOLE, tls=server_tls) as server,
        proxying() as proxy,
        client_by(proxy.origin, server.base_url) as client,
    ):
        outcome = await told(client)
    assert type(outcome.fault) is errors.NotSecure
