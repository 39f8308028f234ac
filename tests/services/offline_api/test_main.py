"""``python -m services.offline_api``."""

import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.offline_api.server import bind
from tests.services.offline_api.asking import A_MOMENT, audio, said, words

ROOT = Path(__file__).parents[3]


@contextlib.contextmanager
def running(*arguments):
    with subprocess.Popen(
        [sys.executable, "-m", "services.offline_api", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_says_where_it_is_and_answers_there():
    with running("--host", "127.0.0.1", "--port", "0") as process:
        said_first = process.stdout.readline()
        _, _, address = said_first.partition("http://")
        url = "http://" + address.split()[0]

        assert url.endswith("/api/v1")
        assert "ak_" in said_first
        assert words(said(url, audio(A_MOMENT, "pcm16"))) == "No speech heard."


def test_it_ends_quietly_when_interrupted():
    with running("--host", "127.0.0.1", "--port", "0") as process:
        address = process.stdout.readline().partition("http://")[2].split("/")[0]
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as wire:
            wire.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert wire.recv(1)  # it serves, so it has come as far as to wait for requests
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (out, err) == ("", "")
    assert process.returncode == 0


def test_a_port_that_is_taken_is_said_in_a_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running("--host", "127.0.0.1", "--port", port) as process:
            _, err = process.communicate(timeout=30)

    assert process.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in err.splitlines()[-1]


def test_localhost_is_listened_to_at_every_address_it_has_here():
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in bind("localhost", 0)]

        assert {one.getsockname()[0] for one in sockets} <= {"127.0.0.1", "::1"}
        assert sockets


def test_an_address_of_another_machine_cannot_be_listened_to():
    with pytest.raises(OSError, match="Cannot assign requested address"):
        bind("192.0.2.1", 0)
