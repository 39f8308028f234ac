"""Gradio's own files, named in the head so that they come side by side, and kept for ever.

Gradio's page finds out step by step what it needs: a script, its imports, the component
scripts, theirs, and a style sheet for each. On a slow line every step costs a way there and
back, and every file a place in a queue of six. ``gradio_files.txt`` has the names that
our page needs, in the order in which it asks; what another Gradio has not is left out.
"""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gradio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from components.shell.encoding import KEPT_QUALITY, encoded, encoding_for

_FOLDER: Final = Path(gradio.__file__).parent / "templates/frontend/assets"
_NAMES: Final = Path(__file__).parent / "gradio_files.txt"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}
#: A player of live streams, a third of all bytes, which every audio and video component imports.
#: This page has none to play: each of what it exports says that it cannot.
_STREAMS: Final = "hls-"
_NO_STREAMS: Final = b"const no = () => false;\nexport { no as n, no as r, no as t };\n"
#: Linked by Gradio's page itself.
_FIRST: Final = "index-"


@dataclass(frozen=True, slots=True)
class GradiosFiles:
    """``scripts`` go to the start of the head, ``styles`` to its end."""

    scripts: str
    styles: str
    routes: list[Route]


def create_gradios_files(names: Path = _NAMES, folder: Path = _FOLDER) -> GradiosFiles:
    """The files of ``folder`` that are among ``names``, one a line."""
    wanted = names.read_text("utf-8").split()
    there = {name: folder / name for name in wanted if (folder / name).is_file()}
    sheets = [name for name in there if name.endswith(".css") and not name.startswith(_FIRST)]
    sheet = b"\n".join(there[name].read_bytes() for name in sheets)
    address = f"shell/{hashlib.sha256(sheet).hexdigest()[:12]}/gradio.css"
    return GradiosFiles(
        # The styles before all: nothing is seen without them, and six files come at a time.
        scripts=f'<link rel="preload" as="style" href="{address}">'
        + "".join(
            f'<link rel="preload" as="style" crossorigin href="./assets/{name}">'
            for name in there
            if name.endswith(".css") and name.startswith(_FIRST)
        )
        + "".join(
            f'<link rel="modulepreload" crossorigin href="./assets/{name}">'
            for name in there
            if name.endswith(".js")
        ),
        # A sheet that is linked already Gradio does not load; one that is disabled nobody does.
        styles=f'<link rel="stylesheet" href="{address}">'
        + "".join(f'<link rel="stylesheet" disabled href="./assets/{name}">' for name in sheets),
        routes=[
            _route(f"/{address}", sheet),
            *(_route(f"/assets/{name}", _content(path)) for name, path in there.items()),
        ],
    )


def _content(path: Path) -> bytes:
    return _NO_STREAMS if path.name.startswith(_STREAMS) else path.read_bytes()


def _route(path: str, content: bytes) -> Route:
    @functools.cache
    def made(encoding: str) -> bytes:
        return encoded(content, encoding, KEPT_QUALITY)

    def file(request: Request) -> Response:  # in a thread: it may have to be made
        encoding = encoding_for(request.headers.get("accept-encoding", ""))
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if encoding:
            headers["Content-Encoding"] = encoding
        return Response(made(encoding), media_type=_TYPES[Path(path).suffix], headers=headers)

    return Route(path, file)
