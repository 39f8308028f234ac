"""An External API that says what the test tells it, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

#: A script: writes an answer with the handler; a return ends the connection.
Script = Callable[["Handler"], None]


@dataclass
class ScriptedApi:
    """Serves on a free loopback port until closed."""

    key: str = "ak_canary_of_the_host"
    script: Script | None = None
    #: What it lists as its models; None: it has no list.
    catalogue: Any = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    #: Set when a client went away while the script was still writing.
    hung_up: threading.Event = field(default_factory=threading.Event)
    #: Scripts wait on this instead of sleeping for ever.
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), self.handler())
        self._server.api = self  # type: ignore[attr-defined]  # for the handler
        # Its end is looked for that often, in seconds.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def handler(self) -> type["Handler"]:
        """What answers; who knows more than completions has one of their own."""
        return Handler

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/api/v1"

    def reset(self) -> None:
        self.script = None
        self.requests.clear()
        self.hung_up.clear()
        self.over.clear()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512  # five, else: a crowd that comes at once would be sent away


class Handler(BaseHTTPRequestHandler):
    """Runs the script on every chat completion."""

    protocol_version = "HTTP/1.1"
    # Else the body waits 40 ms for a word that the head has come.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        catalogue = self.server.api.catalogue  # type: ignore[attr-defined]  # of our server
        if catalogue is None:
            self.answer_json({"error": {"code": 404, "message": "none here"}}, 404)
        else:
            self.answer_json(catalogue)

    def do_POST(self) -> None:
        api: ScriptedApi = self.server.api  # type: ignore[attr-defined]  # of our server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked = json.loads(body)
        api.requests.append(self.asked)
        assert api.script is not None, "the test has no script for this request"
        try:
            api.script(self)
        except (BrokenPipeError, ConnectionResetError):
            api.hung_up.set()

    def answer_json(self, payload: Any, status: int = 200) -> None:
        body = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, payloads: Iterator[Any]) -> None:
        """Events, one a payload; a string goes out as it is."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for payload in payloads:
            data = payload if isinstance(payload, str) else json.dumps(payload)
            self.wfile.write(f"data: {data}\n\n".encode())
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its result."""


def completion(text: str, **more: Any) -> dict[str, Any]:
    """A whole chat completion with nothing optional in it but ``more``."""
    message = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]} | more


def delta(text: str) -> dict[str, Any]:
    """A chunk of a streamed one."""
    return {"choices": [{"index": 0, "delta": {"content": text}}]}
