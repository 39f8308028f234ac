"""Records how real servers answer: ``python -m tests.services.external_api.recorded.record``.

See ``README.md`` beside this file. Answers are kept byte for byte, as they came
from the socket, in ``SERVER/NAME.http``; what was asked, and of which versions,
in ``SERVER/asked.json``.
"""

import argparse
import base64
import contextlib
import datetime as dt
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SERVERS = HERE / "servers"
ROOT = HERE.parents[3]
MEDIA = ROOT / "tests" / "media"
PORT, OFFLINE_API, UPSTREAM = 4101, 4102, 4103  # as in servers/litellm.yaml
START_S = 120.0
#: Starts with sk-, which LiteLLM insists on. It opens nothing once this is over.
KEY = f"sk-{secrets.token_hex(24)}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: without a ``key`` it carries none, and without a ``model`` no body.

    ``{key}`` in the key is the recording's own, which the server takes.
    ``clip_bytes`` of the clip are sent, all of them where that is None.
    ``change`` is laid over the JSON that the page would send; None takes a name
    away. ``headers`` go along. ``first`` is asked just before, and its answer is
    not waited for if it ``is_slow``.
    """

    name: str
    model: str = ""
    path: str = "chat/completions"
    key: str | None = "{key}"
    clip: str = "party.mp3"
    clip_bytes: int | None = None
    format: str = "mp3"
    headers: tuple[str, ...] = ()
    change: dict[str, Any] = field(default_factory=dict)
    first: "Asked | None" = None
    is_slow: bool = False

    def shown(self) -> dict[str, Any]:
        """The request as a reader needs to know it: without media and key."""
        shown: dict[str, Any] = {"key": self.key}
        if self.headers:
            shown["headers"] = self.headers
        if self.model:
            part = "" if self.clip_bytes is None else f"the first {self.clip_bytes} bytes of "
            shown["body"] = self.body(f"<base64 of {part}tests/media/{self.clip}>")
        if self.first is not None:
            shown["asked just before"] = self.first.shown()
        return {"request": f"{'POST' if self.model else 'GET'} /v1/{self.path}", **shown}

    def body(self, data: str) -> dict[str, Any]:
        """The JSON to send."""
        part: dict[str, Any] = {
            "type": "input_audio",
            "input_audio": {"data": data, "format": self.format},
        }
        if self.clip.endswith(".mp4"):
            part = {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{data}"}}
        content = [{"type": "text", "text": "What is said?"}, part]
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return {name: value for name, value in (body | self.change).items() if value is not None}

    def raw(self) -> bytes:
        """The request as bytes, after which the server is to close."""
        body = b""
        if self.model:
            data = base64.b64encode((MEDIA / self.clip).read_bytes()[: self.clip_bytes]).decode()
            body = json.dumps(self.body(data)).encode()
        lines = [
            f"{'POST' if self.model else 'GET'} /v1/{self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{PORT}",
            *([] if self.key is None else [f"Authorization: Bearer {self.key.format(key=KEY)}"]),
            *self.headers,
            "Accept: text/event-stream, application/json",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Server:
    """A server: its packages, how it is started, and what it is asked.

    ``{home}`` in the command is where the packages are, ``{servers}`` is the folder
    ``servers`` beside this file.
    """

    packages: tuple[str, ...]
    command: tuple[str, ...]
    asked: tuple[Asked, ...]


WHOLE = {"stream": False, "stream_options": None}

LITELLM = ("litellm", "prisma", "fastapi", "starlette")
LITELLM_COMMAND = (
    *("{home}/bin/litellm", "--host", "127.0.0.1", "--port", str(PORT), "--telemetry", "False"),
    "--config",
)


def portkey(name: str, model: str, **more: Any) -> Asked:
    """A request that tells Portkey where the provider of ``model`` is."""
    provider = f"http://127.0.0.1:{UPSTREAM}/{model}/v1"
    if model == "heard":
        provider = f"http://127.0.0.1:{OFFLINE_API}/api/v1"
        model = "offline/rough-ears-and-eyes"
    headers = ("x-portkey-provider: openai", f"x-portkey-custom-host: {provider}")
    return Asked(name, model, key="ak_recording", headers=headers, **more)


ALL = {
    "litellm": Server(
        LITELLM,
        (*LITELLM_COMMAND, "{servers}/litellm.yaml"),
        (
            Asked("heard-streamed", "heard"),
            Asked("heard-streamed-without-usage", "heard", change={"stream_options": None}),
            Asked("heard-whole", "heard", change=WHOLE),
            Asked("seen-streamed", "heard", clip="cuts.mp4"),
            Asked("priced-streamed", "priced"),
            Asked("priced-whole", "priced", change=WHOLE),
            Asked("counted-streamed", "counted"),
            Asked("counted-whole", "counted", change=WHOLE),
            Asked("thoughtful-streamed", "thoughtful"),
            Asked("moderated-streamed", "moderated"),
            Asked("mute-streamed", "mute"),
            Asked("fails-midway", "fails-midway"),
            Asked("breaks-midway", "breaks-midway"),
            Asked("busy", "busy"),
            Asked("limited", "limited", first=Asked("", "limited")),
            Asked("broken", "broken"),
            Asked("too-long", "too-long"),
            Asked("unpaid", "unpaid"),
            Asked("strict", "strict"),
            Asked("slow", "slow"),
            Asked("away", "away"),
            Asked("wrong-format", "heard", format="wav"),
            Asked("rejected-key", "rejected-key"),
            Asked("no-key", "heard", key=None),
            Asked("wrong-key", "heard", key="{key}-wrong"),
            Asked("unknown-model", "unknown"),
            Asked("unknown-path", "heard", path="chat/completion"),
            Asked("models", path="models"),
        ),
    ),
    "litellm_keys": Server(
        LITELLM,
        (*LITELLM_COMMAND, "{servers}/litellm_keys.yaml"),
        (
            Asked("spent-key", "heard", key="{key}-spent"),
            Asked(
                "hurried-key",
                "heard",
                key="{key}-hurried",
                first=Asked("", "heard", key="{key}-hurried"),
            ),
            Asked("expired-key", "heard", key="{key}-expired"),
            Asked("narrow-key", "heard", key="{key}-narrow"),
        ),
    ),
    "litserve": Server(
        ("litserve", "fastapi", "starlette", "uvicorn"),
        ("{home}/bin/python", "{servers}/litserve_app.py", str(PORT)),
        (
            Asked("counting-streamed", "counting"),
            Asked("counting-whole", "counting", change=WHOLE),
            Asked("plain-streamed", "plain"),
            Asked("plain-whole", "plain", change=WHOLE),
            # A refusal repeats what was sent, so that little is.
            Asked("unknown-format", "plain", clip="party.flac", clip_bytes=60, format="flac"),
            Asked("video", "plain", clip="cuts.mp4", clip_bytes=60),
            Asked("full-streamed", "full"),
            Asked("full-whole", "full", change=WHOLE),
            Asked("crashing-whole", "crashing", change=WHOLE),
            Asked("crashing-midway", "crashing-midway"),
            Asked("late-whole", "plain", change=WHOLE, first=Asked("", "slow", is_slow=True)),
            Asked("models", path="models"),
        ),
    ),
    "portkey": Server(
        ("@portkey-ai/gateway",),
        (
            *("node", "--require", "{servers}/loopback.cjs"),
            "{home}/node_modules/@portkey-ai/gateway/build/start-server.js",
            *("--headless", f"--port={PORT}"),
        ),
        (
            portkey("heard-whole", "heard", change=WHOLE),
            portkey("heard-streamed", "heard"),
            portkey("busy", "busy", change=WHOLE),
            portkey("broken", "broken", change=WHOLE),
            portkey("strict", "strict", change=WHOLE),
            portkey("wrong-format", "heard", format="wav", change=WHOLE),
            Asked("no-provider", "heard"),
        ),
    ),
}


def main() -> None:
    """Record all answers of one server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", choices=ALL)
    parser.add_argument(
        "home", type=Path, help="where its packages are: a virtual environment, or an npm project"
    )
    parser.add_argument("--log", type=Path, help="what the servers' own output is added to")
    given = parser.parse_args()
    server, home = ALL[given.server], given.home.absolute()
    # LiteLLM is not to ask elsewhere for its table of prices.
    environ = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "RECORDING_KEY": KEY}
    commands = [
        ([sys.executable, "-m", "services.offline_api", "--port", str(OFFLINE_API)], OFFLINE_API),
        ([sys.executable, str(SERVERS / "upstream.py"), str(UPSTREAM)], UPSTREAM),
        ([part.format(home=home, servers=SERVERS) for part in server.command], PORT),
    ]
    folder = HERE / given.server
    folder.mkdir(exist_ok=True)
    with contextlib.ExitStack() as started:
        for command, port in commands:
            started.enter_context(running(command, port, environ, given.log))
        for asked in server.asked:
            answer = answer_to(asked)
            assert KEY.encode() not in answer, f"{asked.name} tells the key"
            (folder / f"{asked.name}.http").write_bytes(answer)
            print(asked.name, answer.splitlines()[0].decode(), len(answer), sep="\t")
    (folder / "asked.json").write_text(manifest(server, home))


def manifest(server: Server, home: Path) -> str:
    """What was asked, a line for each answer, and of what."""
    asked = [f"    {json.dumps(one.name)}: {json.dumps(one.shown())}" for one in server.asked]
    lines = [
        "{",
        f'  "made by": {json.dumps(versions(server.packages, home))},',
        f'  "date": "{dt.datetime.now(dt.UTC).date()}",',
        '  "asked": {',
        ",\n".join(asked),
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def running(
    command: list[str], port: int, environ: dict[str, str], log: Path | None
) -> Iterator[None]:
    """The server of ``command``, once it accepts connections at ``port``."""
    with contextlib.ExitStack() as stack:
        if listens(port):
            raise SystemExit(f"port {port} is taken")
        out = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        # In a group of its own: LitServe leaves its workers behind when it ends.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=out, stderr=out, start_new_session=True
        )
        stack.callback(process.wait)
        stack.enter_context(contextlib.suppress(ProcessLookupError))
        stack.callback(os.killpg, process.pid, signal.SIGTERM)
        deadline = time.monotonic() + START_S
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"did not start: {' '.join(command)}")
            time.sleep(0.2)
        yield


def listens(port: int) -> bool:
    """Whether connections are accepted at ``port``."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def answer_to(asked: Asked) -> bytes:
    """All that comes back for ``asked``, until the server closes."""
    before = threading.Thread(target=answer_to, args=(asked.first,))
    if asked.first is not None:
        before.start()
        before.join(0.3 if asked.first.is_slow else None)
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", PORT), timeout=60) as connection:
        connection.sendall(asked.raw())
        while piece := connection.recv(65536):
            answer += piece
    if asked.first is not None:
        before.join()
    return bytes(answer)


def versions(packages: tuple[str, ...], home: Path) -> dict[str, str]:
    """The versions of what the answers were made by."""
    if (home / "node_modules").is_dir():
        manifests = {name: home / "node_modules" / name / "package.json" for name in packages}
        return {"node": said_by("node", "--version").removeprefix("v")} | {
            name: json.loads(manifest.read_text())["version"]
            for name, manifest in manifests.items()
        }
    program = (
        "import importlib.metadata, json, platform, sys;"
        "versions = {name: importlib.metadata.version(name) for name in sys.argv[1:]};"
        "print(json.dumps({'python': platform.python_version()} | versions))"
    )
    found: dict[str, str] = json.loads(said_by(f"{home}/bin/python", "-c", program, *packages))
    return found


def said_by(*command: str) -> str:
    """What ``command`` prints."""
    return subprocess.check_output(command, text=True).strip()


if __name__ == "__main__":
    main()
