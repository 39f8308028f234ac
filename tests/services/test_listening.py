"""An address that cannot be served at, and what is said of it."""

import socket

import pytest

from services.listening import CannotListen, check_address
from tests.free_port import free_port


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "[::1]"])
def test_a_free_port_is_free_and_stays_so(host):
    port = free_port()
    for _ in range(2):
        check_address(host, port)


@pytest.mark.parametrize("there", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_is_taken_is_named_with_the_way_out(host, there):
    with socket.create_server((there, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen) as refused:
            check_address(host, port)
    assert str(refused.value) == (
        f"port {port} is taken: end what is served there, or set GRADIO_SERVER_PORT to another port"
    )
    assert refused.value.__cause__ is None


def test_a_port_that_a_server_has_just_left_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address):
            server.accept()[0].close()  # its side of the connection stays a while
    check_address(*address)


def test_a_port_that_is_not_for_everybody_says_so(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "not for you")

    monkeypatch.setattr(socket, "create_server", refuse)  # who runs this may be root
    with pytest.raises(CannotListen, match=r"^this user may not serve at port 80: set GRADIO_S"):
        check_address("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such name"])
def test_an_address_of_another_machine_says_so(host):
    with pytest.raises(CannotListen, match=f"^{host} is no address of this machine: set GRADIO_S"):
        check_address(host, free_port())
