"""Who reaches which replica, by the files of deploy/, with nothing of the app behind them."""

import contextlib
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.free_port import free_port
from tests.several import running_nginx

#: As deploy/replicas.conf has it for a proxy before this nginx: it says who comes.
BEHIND_A_PROXY = """
set_real_ip_from 127.0.0.0/8;
set_real_ip_from ::1;
real_ip_header X-Forwarded-For;
"""
VISITORS = 40


class Replica(BaseHTTPRequestHandler):
    """Says yes, and whose request it was told it is."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("X-Told", self.headers["X-Forwarded-For"])
        self.end_headers()

    def log_message(self, *_):
        """A test's output is its result."""


@contextlib.contextmanager
def replica():
    with ThreadingHTTPServer(("127.0.0.1", 0), Replica) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    address = f"127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("replicas") / "nginx"
    with (
        replica() as one,
        replica() as another,
        running_nginx(folder, [address], [one, another], BEHIND_A_PROXY),
        httpx.Client(base_url=f"http://{address}", trust_env=False) as client,
    ):
        yield client


def reached(client, addresses):
    """How many visitors of ``addresses`` reach each of the replicas."""
    told = [client.get("/", headers={"X-Forwarded-For": one}) for one in addresses]
    assert [one.headers["X-Told"] for one in told] == list(addresses)
    return Counter(one.headers["X-Replica"] for one in told)


def test_all_addresses_of_a_household_reach_one_replica(client):
    for household in range(1, 12):  # among them one with a byte that is a line feed
        addresses = [f"2001:db8:7:{household:x}::{number:x}" for number in range(1, VISITORS)]
        assert len(reached(client, addresses)) == 1


@pytest.mark.parametrize(
    "address",
    ["2001:db8:7:{:x}::1", "198.51.100.{}", "::ffff:198.51.100.{}"],
    ids=["of IPv6", "of IPv4", "of IPv4 as IPv6"],
)
def test_visitors_are_shared_out(client, address):
    shares = reached(client, [address.format(number) for number in range(1, VISITORS + 1)])
    assert len(shares) == 2
    assert min(shares.values()) >= VISITORS / 8


def test_who_comes_by_ipv6_is_told_by_that(tmp_path):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    port = free_port()
    listen = [f"127.0.0.1:{port}", f"[::1]:{port}"]
    with replica() as one, running_nginx(tmp_path / "nginx", listen, [one]):
        told = httpx.get(f"http://[::1]:{port}/", trust_env=False)
    assert (told.headers["X-Told"], told.headers["X-Replica"]) == ("::1", one)
