"""What its host asks the app: whether it is up, whether it can work, and how much it does."""

import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from components.uploads import SPARE_BYTES
from services.assistant import METRICS_TYPE, Assistant

_NOT_READY: Final = 503
#: What proxies add to a request, each its own: those that forward (``X-Forwarded-For`` and its
#: like, RFC 7239), HTTP's own, and those that name the visitor's address.
_PROXIES: Final = re.compile(
    r"x-(original-)?forwarded(-\w+)*|forwarded|via"
    r"|(x-real|cf-connecting|true-client|x-client|fastly-client|fly-client|x-cluster-client)-ip(v6)?"
    r"|x-envoy-external-address|x-appengine-user-ip|x-azure-clientip|cdn-loop"
)


def operating_routes(assistant: Assistant, folder: Path) -> list[Route]:
    """``/healthz``, ``/readyz`` and ``/metrics`` over ``assistant``; files go to ``folder``."""

    async def healthz(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        is_ready = {
            "disk": shutil.disk_usage(folder).free > SPARE_BYTES,
            "workers": await assistant.can_work(),
            "api": await assistant.sees_api(),
        }
        return JSONResponse(is_ready, 200 if all(is_ready.values()) else _NOT_READY)

    async def metrics(_: Request) -> Response:
        return Response(assistant.metrics(), media_type=METRICS_TYPE)

    return [
        Route("/healthz", healthz),
        Route("/readyz", _for_the_host(readyz)),
        Route("/metrics", _for_the_host(metrics)),
    ]


def _for_the_host(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """``answer`` to who comes directly: whoever comes through a proxy is somebody else.

    How much is asked, what it costs and how the host's API does is the host's business.
    """

    async def answered(request: Request) -> Response:
        if any(_PROXIES.fullmatch(name) for name in request.headers):
            return PlainTextResponse("", 404)
        return await answer(request)

    return answered
