"""Several replicas of the app behind the nginx of deploy/, with a Redis, as processes."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.browser.conftest import ROOT, RunningApp, running_app
from tests.browser.scripted_api import Handler, Script, ScriptedApi, delta
from tests.free_port import free_port

DEPLOY = ROOT / "deploy"
#: Debian's are where not everybody's PATH leads.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
REDIS = shutil.which("redis-server") or shutil.which("redis-server", path="/usr/bin")
#: What a question that is to be answered only once the test says so begins with.
WAIT = "Wait, "


def until(holds, patience_s=30.0):
    """Wait until something holds."""
    deadline = time.monotonic() + patience_s
    while not (held := holds()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)
    return held


def echo(api: ScriptedApi) -> Script:
    """What makes ``api`` say what it was asked, and which file came with it."""

    def script(handler: Handler) -> None:
        parts = handler.asked["messages"][-1]["content"]
        question = next(part["text"] for part in parts if part["type"] == "text")
        sound = next(part["input_audio"]["data"] for part in parts if part["type"] != "text")

        def payloads() -> Iterator[Any]:
            yield delta(f"{question} ")
            if question.startswith(WAIT):
                api.over.wait(120)
            yield delta(sound)
            yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            yield "[DONE]"

        handler.stream(payloads())

    return script


class Several:
    """The replicas by name, as nginx's ``X-Replica`` has it, and what is around them."""

    def __init__(self, folder: Path, api: ScriptedApi, environ: dict[str, str]) -> None:
        self.api = api
        self.replicas: dict[str, RunningApp] = {}
        self.folder = folder
        self._environ = environ
        self._stack = contextlib.ExitStack()
        self._redis_port = free_port()
        self.url = f"http://127.0.0.1:{free_port()}"

    @contextlib.contextmanager
    def running(self, count: int) -> Iterator["Several"]:
        """All of it, while the block lasts."""
        with self._stack:
            self._start_redis()
            ports = [free_port() for _ in range(count)]
            self.start_replicas(ports)
            self._start_nginx()
            yield self

    def start_replicas(self, ports: Sequence[int]) -> None:
        """Replicas at ``ports``, all at once: a start is work for seconds."""
        with ThreadPoolExecutor() as starters:
            for name, app in starters.map(self._start_replica, ports):
                self.replicas[name] = app

    def _start_replica(self, port: int) -> tuple[str, RunningApp]:
        folder = self.folder / str(port)
        folder.mkdir(exist_ok=True)
        environ = self._environ | {"REDIS_URL": f"redis://127.0.0.1:{self._redis_port}/0"}
        app = self._stack.enter_context(running_app(folder, environ, port))
        return f"127.0.0.1:{port}", app

    def revive(self) -> None:
        """Start those again that were killed, and wait until nginx has found out."""
        dead = [name for name, one in self.replicas.items() if one.process.poll() is not None]
        self.start_replicas([int(name.rpartition(":")[2]) for name in dead])

    def forget(self) -> None:
        """Nobody has asked for anything today."""
        self.api.reset()
        self.api.script = echo(self.api)
        assert self.redis("FLUSHALL") == b"+OK\r\n"

    def redis(self, command: str) -> bytes:
        """What Redis says to ``command``."""
        with socket.create_connection(("127.0.0.1", self._redis_port)) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(100)

    def _start_redis(self) -> None:
        assert REDIS, "redis-server is not installed: bash tests/run.sh installs it"
        arguments = ["--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", ""]
        self._process([REDIS, *arguments, "--dir", str(self.folder)])

        def answers():
            with contextlib.suppress(ConnectionError):
                return self.redis("PING") == b"+PONG\r\n"

        until(answers)

    def _start_nginx(self) -> None:
        """nginx with the configuration of deploy/ and the two files that say where things are."""
        assert NGINX, "nginx is not installed: bash tests/run.sh installs it"
        folder = self.folder / "nginx"
        folder.mkdir()
        shutil.copyfile(DEPLOY / "nginx.conf", folder / "nginx.conf")
        there = (DEPLOY / "replicas.conf").read_text("utf-8")
        lines = [line for line in there.splitlines() if "app-1" not in line]
        at = next(number for number, line in enumerate(lines) if "app-2:7860 resolve" in line)
        lines[at : at + 1] = [
            lines[at].replace("app-2:7860 resolve", name) for name in self.replicas
        ]
        here = [line for line in lines if not line.strip().startswith("resolver ")]
        (folder / "replicas.conf").write_text("\n".join(here))
        listen = (DEPLOY / "listen.conf").read_text("utf-8")
        assert "\nlisten 8080;" in listen
        listen = listen.replace("listen 8080", f"listen {self.url.removeprefix('http://')}")
        (folder / "listen.conf").write_text(
            f"{listen}\nadd_header X-Replica $upstream_addr always;\n"
        )
        log = folder / "error.log"
        server = self._process(
            [
                *(NGINX, "-p", folder, "-e", log, "-c", folder / "nginx.conf"),
                *("-g", "daemon off;"),
            ],
            log,
        )

        def is_up():
            assert server.poll() is None, log.read_text()
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200

        until(is_up)

    def _process(
        self, arguments: Sequence[Any], log: Path | None = None
    ) -> "subprocess.Popen[bytes]":
        sink = self._stack.enter_context((log or self.folder / "redis.log").open("ab"))
        process = subprocess.Popen(
            list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
        self._stack.callback(process.wait, 30)
        self._stack.callback(process.terminate)
        return process
