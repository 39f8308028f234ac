"""The page as it is served: Gradio's HTML with the head that is ours."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import fastapi
from anyio import to_thread
from gradio.route_utils import get_root_url
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.shell.encoding import encoded, encoding_for
from components.shell.gradios import GradiosFiles
from components.shell.head import MANIFEST, SKELETON, first_things, manifest, tags
from components.texts import LANGUAGES, Language, language_in

FOR_EVER: Final = "public, max-age=31536000, immutable"
_FILES: Final = Path(__file__).parent / "files"
_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png"}
#: What Gradio 6.31 writes of itself, some of it twice, and its manifest's address, which is
#: wrong below a path.
_GRADIOS: Final = re.compile(
    r'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*|<link rel="manifest"[^>]*>\s*'
)
_START: Final = re.compile(r"<base [^>]*>")
_THEME: Final = re.compile(r'"theme_hash":\s*"(\w+)"')


@dataclass(frozen=True, slots=True)
class Shell:
    """``folder`` is where the drawings are served, ``routes`` what serves them."""

    folder: str
    routes: list[Route]


def create_shell(sources: Path = _FILES) -> Shell:
    """The files as they are in ``sources`` now; their address changes with them."""
    files = {path.name: path.read_bytes() for path in sorted(sources.iterdir())}
    version = hashlib.sha256(b"\0".join(files.values())).hexdigest()[:12]
    folder = f"shell/{version}"

    async def described(request: Request) -> Response:
        language = language_of_page(request)
        return Response(
            manifest(folder, language),
            media_type="application/manifest+json",
            headers={"Cache-Control": "no-cache", "Vary": "Accept-Language"},
        )

    return Shell(
        folder,
        [
            Route(f"/{MANIFEST}", described),
            *(_route(f"/{folder}/{name}", content) for name, content in files.items()),
        ],
    )


def _route(path: str, content: bytes) -> Route:
    async def file(_: Request) -> Response:
        kind = _TYPES[Path(path).suffix]
        return Response(content, media_type=kind, headers={"Cache-Control": FOR_EVER})

    return Route(path, file)


def language_of_page(request: Request) -> Language:
    """The language that the address names, else the one the browser wants most."""
    named = QueryParams(request.url.query).get("lang")
    known = next((one for one in LANGUAGES if one == named), None)
    return known or language_in(request.headers.get("accept-language", ""))


class OwnHead:
    """ASGI middleware that gives Gradio's page our head: ``scripts`` and what it says of itself.

    Its text is sent compressed: most of it is Gradio's description of the page.
    """

    def __init__(self, app: ASGIApp, shell: Shell, gradios: GradiosFiles, scripts: str) -> None:
        self._app = app
        self._shell = shell
        self._gradios = gradios
        self._ours = first_things(), scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; where a page comes back, hold it until it is whole."""
        if scope["type"] != "http" or not scope["path"].endswith("/"):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def send_page(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif message["type"] == "http.response.body" and start is not None:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    request = fastapi.Request(scope)
                    encoding = encoding_for(request.headers.get("accept-encoding", ""))
                    page = self._with_head(b"".join(parts).decode(), request)
                    page = await to_thread.run_sync(encoded, page, encoding)
                    headers = MutableHeaders(scope=start)
                    headers["Content-Length"] = str(len(page))
                    headers["Vary"] = "Accept-Encoding, Accept-Language"
                    if encoding:
                        headers["Content-Encoding"] = encoding
                    await send(start)
                    await send({"type": "http.response.body", "body": page})
            else:
                await send(message)

        await self._app(scope, receive, send_page)

    def _with_head(self, page: str, request: fastapi.Request) -> bytes:
        if "window.gradio_config" not in page:
            return page.encode()
        language = language_of_page(request)
        root = get_root_url(request, "/", request.scope.get("root_path"))
        first, scripts = self._ours
        if theme := _THEME.search(page):  # Gradio asks for it when all its scripts are there
            first += f'<link rel="preload" as="style" href="./theme.css?v={theme[1]}">'
        own = f"{first}{tags(root, self._shell.folder, language)}{self._gradios.scripts}{scripts}"
        page = _GRADIOS.sub("", page)
        page = _START.sub(lambda found: found[0] + own, page, count=1)
        page = page.replace("</head>", f"{self._gradios.styles}</head>", 1)
        page = page.replace("<gradio-app", f"{SKELETON}<gradio-app", 1)
        return page.replace('lang="en"', f'lang="{language}"', 1).encode()


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
