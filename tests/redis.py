"""A Redis of its own, where the system has one."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

from tests.free_port import free_port

_START_S = 30


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    """Its URL; it writes nothing to a disk."""
    program = shutil.which("redis-server")
    assert program, "redis-server is not installed: bash tests/run.sh installs it"
    port = free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + _START_S
            while not _answers(port):
                assert server.poll() is None, "Redis ended"
                assert time.monotonic() < deadline, "Redis did not come up"
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as talk:
        talk.sendall(b"PING\r\n")
        return talk.recv(16).startswith(b"+PONG")
    return False
