"""The offline API over HTTP: Starlette under uvicorn, on loopback unless told otherwise."""

import asyncio
import contextlib
import errno
import json
import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services import errors
from services.media.values import MediaFacts
from services.media.workshop.workshop import Workshop
from services.offline_api import contract
from services.offline_api.answers import Answers, Tally
from services.offline_api.streaming import LEFT, EventStream, or_none, while_connected

PATH: Final = "/api/v1"
_START_S: Final = 20.0
#: How long a stopped server lets running answers go on.
_GRACE_S: Final = 2
#: A stream says that it is alive at least this often: proxies cut silent ones.
_ALIVE_S: Final = 10.0
_SIGN_OF_LIFE: Final = ": OFFLINE API PROCESSING\n\n"


def application(answers: Answers, *, alive_s: float = _ALIVE_S) -> Starlette:
    """The routes of the contract, as an ASGI application.

    A stream is never silent for longer than ``alive_s`` seconds.
    """

    async def complete(request: Request) -> Response:
        started = time.perf_counter()
        contract.check_key(request.headers.get("authorization", ""))
        question = await asyncio.to_thread(contract.read, await _body(request))
        with contextlib.ExitStack() as work:
            directory = work.enter_context(tempfile.TemporaryDirectory(prefix="offline-api-"))
            path = Path(directory) / "media"
            await asyncio.to_thread(path.write_bytes, question.data)
            facts = await while_connected(request, answers.facts(question, path))
            answer = _Completion(answers, question, facts, path, started)
            if question.stream:
                return EventStream(answer.events(alive_s), work.pop_all())
            return JSONResponse(await while_connected(request, answer.whole()))

    async def models(request: Request) -> Response:
        contract.check_key(request.headers.get("authorization", ""))
        return JSONResponse({"data": [_CATALOGUE_ENTRY]})

    app = Starlette(
        routes=[
            Route(f"{PATH}/chat/completions", complete, methods=["POST"]),
            Route(f"{PATH}/models", models),
        ],
        exception_handlers={
            contract.Refusal: _refused,
            errors.ShowAndTellError: _failed,
            HTTPException: _no_route,
            Exception: _broken,
        },
    )
    app.router.redirect_slashes = False  # nothing is to be sent twice
    return app


_CATALOGUE_ENTRY: Final = {
    "id": contract.MODEL,
    "name": "Offline: Whisper base, simple eyes",
    "description": "Built in, works without a network. Writes down speech in about a hundred "
    "languages with Whisper base; finds shots, colours, brightness and motion. Follows no "
    "instructions.",
    "context_length": None,
    "architecture": {
        "input_modalities": ["text", "audio", "video"],
        "output_modalities": ["text"],
    },
    "pricing": {"prompt": "0", "completion": "0", "audio": "0"},
    "supported_parameters": ["stream", "stream_options"],
}


class _Completion:
    """One answer, streamed or whole."""

    def __init__(
        self,
        answers: Answers,
        question: contract.Question,
        facts: MediaFacts,
        path: Path,
        started: float,
    ) -> None:
        self._tally = Tally()
        self._texts = answers.texts(question, facts, path, self._tally)
        self._started = started
        self._common: dict[str, Any] = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": contract.MODEL,
            "provider": "offline",
        }

    async def whole(self) -> dict[str, Any]:
        """The answer as one ``chat.completion``."""
        text = "".join([text async for text in self._texts])
        message = {"role": "assistant", "content": text.strip()}
        return self._common | {
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            **self._end(),
        }

    async def events(self, alive_s: float) -> AsyncGenerator[str, None]:
        """The answer as an event stream."""
        yield _SIGN_OF_LIFE
        yield self._chunk({"role": "assistant", "content": None})
        async with contextlib.aclosing(or_none(self._texts, alive_s)) as texts:
            try:
                async for text in texts:
                    yield _SIGN_OF_LIFE if text is None else self._chunk({"content": text})
            except errors.ShowAndTellError as error:
                yield _event(_failure(error))
                return
        yield self._chunk({}, "stop")
        yield _event(
            self._common | {"object": "chat.completion.chunk", "choices": []} | self._end()
        )
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return _event(self._common | {"object": "chat.completion.chunk", "choices": [choice]})

    def _end(self) -> dict[str, Any]:
        return {
            "usage": self._tally.as_usage(),
            "processing_time_ms": round((time.perf_counter() - self._started) * 1000),
        }


async def _body(request: Request) -> bytes:
    too_large = contract.Refusal(
        413, f"The request is over {contract.MOST_BODY_BYTES // 1024**2} MB."
    )
    if int(request.headers.get("content-length", 0)) > contract.MOST_BODY_BYTES:
        raise too_large
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > contract.MOST_BODY_BYTES:
                raise too_large
    except ClientDisconnect:
        raise contract.Refusal(LEFT, "The client closed the connection.") from None
    return bytes(body)


def _event(payload: dict[str, Any]) -> str:
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n"


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message}}


def _failure(error: errors.ShowAndTellError) -> dict[str, Any]:
    # What could be read at first and not to its end is still the file's fault.
    status = 400 if isinstance(error, errors.InputError) else 500
    return _error(status, f"The media could not be worked on: {type(error).__name__}.")


def _refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, contract.Refusal)  # it is registered for this class alone
    return JSONResponse(_error(refusal.status, refusal.message), refusal.status)


def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ShowAndTellError)  # it is registered for this class alone
    failure = _failure(error)
    return JSONResponse(failure, failure["error"]["code"])


def _no_route(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, HTTPException)  # it is registered for this class alone
    message = f"No endpoint for {request.method} here: try POST {PATH}/chat/completions."
    return JSONResponse(
        _error(exception.status_code, message), exception.status_code, exception.headers
    )


def _broken(_: Request, __: Exception) -> Response:
    return JSONResponse(_error(500, "The offline API itself failed."), 500)


@contextlib.contextmanager
def workshops(weights: Path | None) -> Iterator[Answers]:
    """Answers with their workshops; without ``weights`` there are no ears."""
    with contextlib.ExitStack() as stack:
        media = stack.enter_context(Workshop("services.media.jobs.table"))
        ears = None
        if weights is not None:
            ears = stack.enter_context(
                Workshop("services.offline_api.jobs", given=str(weights), ahead=1)
            )
        yield Answers(media, ears)


def bind(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address of ``host``.

    ``localhost`` may mean ``::1`` as well as ``127.0.0.1``; a container may know
    that name and yet not have that address.

    Raises:
        OSError: none could be had, or the port is taken.
    """
    sockets: list[socket.socket] = []
    missing = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if sockets:  # any port will do, but the same at all addresses
            port = sockets[0].getsockname()[1]
        try:
            sockets.append(socket.create_server((address[0], port), family=family))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                raise
            missing = error
    if not sockets:
        raise missing
    return sockets


def serve(sockets: list[socket.socket], weights: Path | None) -> None:
    """Serve until interrupted."""
    with workshops(weights) as answers, contextlib.suppress(KeyboardInterrupt):
        _server(application(answers)).run(sockets)


@contextlib.contextmanager
def in_background(weights: Path | None) -> Iterator[str]:
    """Serve on a free loopback port from a thread; yields the base URL.

    Raises:
        AppFailed: it did not come up.
    """
    with workshops(weights) as answers, served(application(answers)) as url:
        yield url


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[str]:
    """``app``, as :func:`in_background` serves it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _server(app)
        thread = threading.Thread(
            target=server.run, args=([listener],), name="offline-api", daemon=True
        )
        thread.start()
        deadline = time.monotonic() + _START_S
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise errors.AppFailed
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
        finally:
            server.should_exit = True
            thread.join(timeout=_START_S)


def _server(app: Starlette) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=_GRACE_S
        )
    )
