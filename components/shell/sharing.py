"""Where the page takes what another app shares with it: a service worker in the browser."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

ADDRESS: Final = "share"
WORKER: Final = "share-worker.js"
#: What the web app manifest says of it (https://w3c.github.io/web-share-target/).
TARGET: Final = {
    "action": ADDRESS,
    "method": "POST",
    "enctype": "multipart/form-data",
    "params": {"files": [{"name": "media", "accept": ["audio/*", "video/*"]}]},
}


def share_routes(scripts: str) -> list[Route]:
    """The worker, whose scope is the page, with its modules in the folder ``scripts``."""
    source = f'import {{ takeShares }} from "./{scripts}/shell/share.js";\ntakeShares(self);\n'

    async def worker(_: Request) -> Response:
        # A browser looks for another one by itself.
        return Response(source, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    async def unshared(_: Request) -> Response:
        # No worker was there to take it: what was sent is not read.
        return RedirectResponse("./#not-shared", status_code=303)

    return [Route(f"/{WORKER}", worker), Route(f"/{ADDRESS}", unshared, methods=["POST"])]
