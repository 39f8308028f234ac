"""Several replicas of the app behind the nginx of deploy/, with a Redis, as processes."""

import contextlib
import shutil
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
from tests.postgres import running_postgres
from tests.redis import running_redis, said

DEPLOY = ROOT / "deploy"
#: Debian's is where not everybody's PATH leads.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
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
        self._redis = self._postgres = ""
        self.url = f"http://127.0.0.1:{free_port()}"

    @contextlib.contextmanager
    def running(self, count: int) -> Iterator["Several"]:
        """All of it, while the block lasts."""
        with self._stack:
            self._redis = self._stack.enter_context(running_redis())
            self._postgres = self._stack.enter_context(running_postgres()).url
            ports = [free_port() for _ in range(count)]
            self.start_replicas(ports)
            address = self.url.removeprefix("http://")
            nginx = running_nginx(self.folder / "nginx", [address], list(self.replicas))
            self._stack.enter_context(nginx)
            yield self

    def start_replicas(self, ports: Sequence[int]) -> None:
        """Replicas at ``ports``, all at once: a start is work for seconds."""
        with ThreadPoolExecutor() as starters:
            for name, app in starters.map(self._start_replica, ports):
                self.replicas[name] = app

    def _start_replica(self, port: int) -> tuple[str, RunningApp]:
        folder = self.folder / str(port)
        folder.mkdir(exist_ok=True)
        environ = self._environ | {
            "REDIS_URL": self._redis,
            "BATCH_DATABASE_URL": self._postgres,
            "BATCH_FOLDER": str(self.folder / "batches"),
        }
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
        assert said(self._redis, "FLUSHALL") == b"+OK\r\n"


@contextlib.contextmanager
def running_nginx(
    folder: Path, listen: Sequence[str], replicas: Sequence[str], more: str = ""
) -> Iterator[None]:
    """nginx with the configuration of deploy/, at the addresses ``listen`` before ``replicas``.

    What differs stands in the two files that say where things are; ``more`` is put into that
    of the replicas. An answer names its replica in ``X-Replica``.
    """
    assert NGINX, "nginx is not installed: bash tests/run.sh installs it"
    folder.mkdir()
    shutil.copyfile(DEPLOY / "nginx.conf", folder / "nginx.conf")
    there = (DEPLOY / "replicas.conf").read_text("utf-8")
    lines = [line for line in there.splitlines() if "app-1" not in line]
    at = next(number for number, line in enumerate(lines) if "app-2:7860 resolve" in line)
    lines[at : at + 1] = [lines[at].replace("app-2:7860 resolve", name) for name in replicas]
    here = [line for line in lines if not line.strip().startswith("resolver ")]
    (folder / "replicas.conf").write_text("\n".join([*here, more]))
    places = (DEPLOY / "listen.conf").read_text("utf-8")
    assert "\nlisten 8080;" in places
    places = places.replace("\nlisten 8080;", "".join(f"\nlisten {one};" for one in listen))
    (folder / "listen.conf").write_text(f"{places}\nadd_header X-Replica $upstream_addr always;\n")
    log = folder / "error.log"
    arguments = ["-p", folder, "-e", log, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    with (
        log.open("ab") as sink,
        subprocess.Popen(
            [NGINX, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        ) as server,
    ):

        def is_up():
            assert server.poll() is None, log.read_text()
            with contextlib.suppress(httpx.TransportError):
                url = f"http://{listen[0]}/healthz"
                return httpx.get(url, trust_env=False).status_code == 200

        try:
            until(is_up)
            yield
        finally:
            server.terminate()
