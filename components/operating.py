"""What its host asks the app: whether it is up, whether it can work, and how much it does."""

import shutil
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from components.uploads import SPARE_BYTES
from services.assistant import METRICS_TYPE, Assistant

_NOT_READY: Final = 503


def operating_routes(assistant: Assistant, folder: Path) -> list[Route]:
    """``/healthz``, ``/readyz`` and ``/metrics`` over ``assistant``; files go to ``folder``."""

    async def healthz(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> JSONResponse:
        is_ready = {
            "disk": shutil.disk_usage(folder).free > SPARE_BYTES,
            "workers": await assistant.can_work(),
            "api": await assistant.sees_api(),
        }
        return JSONResponse(is_ready, 200 if all(is_ready.values()) else _NOT_READY)

    async def metrics(request: Request) -> Response:
        # How much is asked and what it costs is the host's business: whoever comes through a
        # proxy is somebody else.
        if "x-forwarded-for" in request.headers:
            return PlainTextResponse("", 404)
        return Response(assistant.metrics(), media_type=METRICS_TYPE)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
