"""The offline API over HTTP: Starlette under uvicorn, on loopback unless told otherwise."""

import asyncio
import contextlib
import json
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
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from services import errors
from services.media.facts import MediaFacts
from services.media.sandbox import Sandbox
from services.offline_api import contract
from services.offline_api.answers import Answers, Tally

PATH: Final = "/api/v1"
_START_S: Final = 20.0


def application(answers: Answers) -> Starlette:
    """The three routes of the contract, as an ASGI application."""

    async def complete(request: Request) -> Response:
        started = time.perf_counter()
        contract.check_key(request.headers.get("authorization", ""))
        question = await asyncio.to_thread(contract.read, await _body(request))
        work = contextlib.ExitStack()
        directory = work.enter_context(tempfile.TemporaryDirectory(prefix="offline-api-"))
        try:
            path = Path(directory) / "media"
            await asyncio.to_thread(path.write_bytes, question.data)
            facts = await answers.facts(question, path)
        except BaseException:
            work.close()
            raise
        run = _Run(answers, question, facts, path, started)
        if question.stream:
            return StreamingResponse(run.events(work), media_type="text/event-stream")
        with work:
            return JSONResponse(await run.whole())

    async def models(request: Request) -> Response:
        contract.check_key(request.headers.get("authorization", ""))
        return JSONResponse({"data": [_CATALOGUE_ENTRY]})

    return Starlette(
        routes=[
            Route(f"{PATH}/chat/completions", complete, methods=["POST"]),
            Route(f"{PATH}/models", models),
        ],
        exception_handlers={contract.Refusal: _refused, 404: _no_route, 405: _no_route},
    )


_CATALOGUE_ENTRY: Final = {
    "id": contract.MODEL,
    "name": "Offline: rough English ears, simple eyes",
    "description": "Built in, works without a network. Hears rough US English with pocketsphinx; "
    "finds shots, colours, brightness and motion. Not an AI model: it follows no instructions.",
    "context_length": None,
    "architecture": {
        "input_modalities": ["text", "audio", "video"],
        "output_modalities": ["text"],
    },
    "pricing": {"prompt": "0", "completion": "0", "audio": "0"},
    "supported_parameters": ["stream", "stream_options"],
}


class _Run:
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

    async def events(self, work: contextlib.ExitStack) -> AsyncGenerator[str, None]:
        """The answer as an event stream; closes ``work`` when it is over."""
        with work:
            yield ": OFFLINE API PROCESSING\n\n"
            yield self._chunk({"role": "assistant", "content": None})
            async with contextlib.aclosing(self._texts) as texts:
                try:
                    async for text in texts:
                        yield self._chunk({"content": text})
                except errors.ShowAndTellError as error:
                    message = f"The media could not be worked on: {type(error).__name__}."
                    yield _event(_error(500, message))
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
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > contract.MOST_BODY_BYTES:
                raise too_large
    except ClientDisconnect:
        raise contract.Refusal(400, "The connection closed before the body was complete.") from None
    return bytes(body)


def _event(payload: dict[str, Any]) -> str:
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n"


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message}}


def _refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, contract.Refusal)  # it is registered for this class alone
    return JSONResponse(_error(refusal.status, refusal.message), refusal.status)


def _no_route(request: Request, exception: Exception) -> Response:
    status = getattr(exception, "status_code", 404)
    message = f"No endpoint for {request.method} here: try POST {PATH}/chat/completions."
    return JSONResponse(_error(status, message), status)


@contextlib.contextmanager
def sandboxes() -> Iterator[Answers]:
    """Answers with their sandboxes, whose workers are started ahead."""
    with (
        Sandbox("services.media.jobs.table", at_once=2) as media,
        Sandbox("services.offline_api.ear", at_once=2) as ears,
    ):
        yield Answers(media, ears)


def _server(answers: Answers, **where: Any) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(application(answers), log_level="warning", access_log=False, **where)
    )


def serve(host: str, port: int) -> None:
    """Serve until interrupted."""
    with sandboxes() as answers:
        _server(answers, host=host, port=port).run()


@contextlib.contextmanager
def in_background() -> Iterator[str]:
    """Serve on a free loopback port from a thread; yields the base URL.

    Raises:
        AppFailed: it did not come up.
    """
    with sandboxes() as answers, socket.create_server(("127.0.0.1", 0)) as listener:
        server = _server(answers)
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
