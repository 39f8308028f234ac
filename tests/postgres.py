"""A Postgres of its own, where the system has one."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.free_port import free_port

#: Debian's are where nobody's PATH leads.
_BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
_START_S = 60
#: It does not run as root.
_USER: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


class Postgres:
    """A server with one database, that can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"postgresql://somebody@127.0.0.1:{self._port}/postgres"
        self._server: subprocess.Popen[bytes] | None = None
        initdb = ["--username=somebody", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        self._run("initdb", f"--pgdata={folder}", *initdb)

    def start(self) -> None:
        """Come up."""
        quick = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        settings = [f"-c{one}" for one in (*quick, "listen_addresses=127.0.0.1")]
        settings += [f"-cport={self._port}", "-cunix_socket_directories="]
        self._server = subprocess.Popen(
            [_program("postgres"), f"-D{self._folder}", *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **_USER,
        )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            assert self._server.poll() is None, "Postgres ended"
            assert time.monotonic() < deadline, "Postgres did not come up"
            time.sleep(0.02)

    def end(self) -> None:
        """Leave whoever is connected."""
        if self._server is not None:
            self._server.send_signal(2)  # its "fast" way to end
            self._server.wait()
            self._server = None

    def _answers(self) -> bool:
        ready = [_program("pg_isready"), "-q", "-h127.0.0.1", f"-p{self._port}"]
        return subprocess.run(ready, check=False).returncode == 0

    @staticmethod
    def _run(program: str, *arguments: str) -> None:
        subprocess.run(
            [_program(program), *arguments], check=True, stdout=subprocess.DEVNULL, **_USER
        )


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """One that is up."""
    # Not below what pytest has: that is for its own user alone.
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # its own
    if _USER:
        shutil.chown(folder, _USER["user"], _USER["group"])
    try:
        server = Postgres(folder / "data")
        try:
            server.start()
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    found = shutil.which(name) or (shutil.which(name, path=_BIN) if _BIN else None)
    assert found, "Postgres is not installed: bash tests/run.sh installs it"
    return found
