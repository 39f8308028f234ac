"""The offline API over HTTP: Starlette under uvicorn, on loopback unless told otherwise."""

import asyncio
import contextlib
import errno
import functools
import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services import errors
from services.media.workshop.workshop import Workshop
from services.offline_api import catalogue, contract, transcription
from services.offline_api.answers import Answers, Tally
from services.offline_api.completion import FAILURES, Completion, error, error_of, padded
from services.offline_api.generations import Generations, told_of
from services.offline_api.streaming import LEFT, LivingResponse, Patient, while_connected

PATH: Final = "/api/v1"
_START_S: Final = 20.0
#: How long a stopped server lets running answers go on.
_GRACE_S: Final = 2
#: How long a stream waits for the look at the media, which may end in a proper 400.
_LOOK_S: Final = 1.0
#: An answer says that it is alive at least this often: a client of OpenRouter's
#: gives up after five seconds of nothing, proxies after a minute.
_ALIVE_S: Final = 3.0


def application(
    answers: Answers, *, look_s: float = _LOOK_S, alive_s: float = _ALIVE_S
) -> Starlette:
    """The routes of the contract, as an ASGI application.

    A refusal that takes no longer than ``look_s`` has its status even of a stream, and
    of a whole answer within ``alive_s``. Nothing is silent for longer than that, in seconds.
    """
    generations = Generations()

    async def complete(request: Request) -> Response:
        started = time.perf_counter()
        authorization = request.headers.get("authorization", "")
        contract.check_key(authorization)
        question = await asyncio.to_thread(contract.read, await _body(request))
        async with contextlib.AsyncExitStack() as work:
            directory = work.enter_context(tempfile.TemporaryDirectory(prefix="offline-api-"))
            path = Path(directory) / "media"
            await asyncio.to_thread(path.write_bytes, question.data)
            note = functools.partial(generations.note, authorization)
            answer = Completion(answers, question, path, started, note)
            if question.stream:
                texts = Patient(answer.texts(), look_s, alive_s)
                await work.enter_async_context(contextlib.aclosing(texts))
                await while_connected(request, anext(texts))
                return LivingResponse(answer.events(texts), "text/event-stream", work.pop_all())
            return await _whole(request, work, answer.whole(), alive_s)

    async def transcribe(request: Request) -> Response:
        started = time.perf_counter()
        authorization = request.headers.get("authorization", "")
        contract.check_key(authorization)
        # No answer of this endpoint has a field for it.
        name = f"gen-{secrets.token_hex(12)}"
        content_type = request.headers.get("content-type", "")
        wanted = await transcription.read(await _body(request), content_type)
        async with contextlib.AsyncExitStack() as work:
            directory = work.enter_context(tempfile.TemporaryDirectory(prefix="offline-api-"))
            path = Path(directory) / "media"
            await asyncio.to_thread(path.write_bytes, wanted.sound.data)

            async def written() -> AsyncGenerator[str, None]:
                tally = Tally()
                facts = await answers.facts(wanted.sound, path)
                heard = await answers.heard(wanted.sound, facts, path, wanted.language, tally)
                document = transcription.document(wanted, heard, facts, tally)
                took_ms = round((time.perf_counter() - started) * 1000)
                told = told_of(name, "audio", tally, took_ms, api_type="stt", is_streamed=False)
                generations.note(authorization, told)
                yield document

            answer = await _whole(request, work, written(), alive_s)
            answer.headers["X-Generation-Id"] = name
            return answer

    async def generation(request: Request) -> Response:
        authorization = request.headers.get("authorization", "")
        contract.check_key(authorization)
        found = generations.found(authorization, request.query_params.get("id", ""))
        return JSONResponse(found)

    app = Starlette(
        routes=[
            Route(f"{PATH}/chat/completions", complete, methods=["POST"]),
            Route(f"{PATH}/audio/transcriptions", transcribe, methods=["POST"]),
            Route(f"{PATH}/generation", generation),
            Route(f"{PATH}/models", _models),
            Route(f"{PATH}/models/user", _models),  # where LiteLLM looks
            Route(f"{PATH}/models/{{id:path}}", _model),
        ],
        exception_handlers={
            **dict.fromkeys(FAILURES, _failed),
            HTTPException: _no_route,
            Exception: _broken,
        },
    )
    app.router.redirect_slashes = False  # nothing is to be sent twice
    return app


async def _whole(
    request: Request,
    work: contextlib.AsyncExitStack,
    documents: AsyncGenerator[str, None],
    alive_s: float,
) -> Response:
    """The one document that comes, which ends ``work``."""
    patient = Patient(documents, alive_s, alive_s)
    await work.enter_async_context(contextlib.aclosing(patient))
    document = await while_connected(request, anext(patient))
    if document is None:
        return LivingResponse(padded(patient), "application/json", work.pop_all())
    return Response(document, media_type="application/json")


async def _models(request: Request) -> Response:
    contract.check_key(request.headers.get("authorization", ""))
    wanted = request.query_params.get("output_modalities", "all")
    return JSONResponse(catalogue.listed(wanted))


async def _model(request: Request) -> Response:
    contract.check_key(request.headers.get("authorization", ""))
    if request.path_params["id"] != contract.MODEL:
        raise contract.Refusal(404, f"The only model here is {contract.MODEL}.")
    return JSONResponse(catalogue.ENTRY)


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


def _failed(_: Request, failure: Exception) -> Response:
    body = error(failure)
    return JSONResponse(body, body["error"]["code"])


def _no_route(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, HTTPException)  # it is registered for this class alone
    message = f"No endpoint for {request.method} here: try POST {PATH}/chat/completions."
    return JSONResponse(
        error_of(exception.status_code, message), exception.status_code, exception.headers
    )


def _broken(_: Request, __: Exception) -> Response:
    return JSONResponse(error_of(500, "The offline API itself failed."), 500)


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
