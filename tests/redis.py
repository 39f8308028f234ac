"""A Redis of its own, where the system has one."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.free_port import free_port

#: Debian's is where not everybody's PATH leads.
REDIS = shutil.which("redis-server") or shutil.which("redis-server", path="/usr/bin")
_START_S = 30


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    """Its URL; it writes nothing to a disk."""
    assert REDIS, "redis-server is not installed: bash tests/run.sh installs it"
    url = f"redis://127.0.0.1:{free_port()}/0"
    arguments = ["--port", str(urlsplit(url).port), "--bind", "127.0.0.1"]
    arguments += ["--save", "", "--appendonly", "no"]
    with subprocess.Popen([REDIS, *arguments], stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + _START_S
            while not _answers(url):
                assert server.poll() is None, "Redis ended"
                assert time.monotonic() < deadline, "Redis did not come up"
                time.sleep(0.02)
            yield url
        finally:
            server.terminate()


def said(url: str, command: str) -> bytes:
    """What the Redis at ``url`` says to ``command``."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), 1) as talk:
        talk.sendall(f"{command}\r\n".encode())
        return talk.recv(100)


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError):
        return said(url, "PING") == b"+PONG\r\n"
    return False
