"""The examples as files of the page's own origin."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

_FILES: Final = Path(__file__).parent / "files"
_TYPES: Final = {".mp3": "audio/mpeg", ".mp4": "video/mp4"}


@dataclass(frozen=True, slots=True)
class Examples:
    """``addresses`` has for each file's name where it is, relative to the page."""

    addresses: dict[str, str]
    routes: list[Route]


def create_examples(sources: Path = _FILES) -> Examples:
    """The files as they are in ``sources`` now; their addresses change with them."""
    files = sorted(sources.iterdir())
    version = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]
    addresses = {path.name: f"examples/{version}/{path.name}" for path in files}
    return Examples(addresses, [_route(f"/{addresses[path.name]}", path) for path in files])


def _route(address: str, path: Path) -> Route:
    # A file's response knows ranges, without which Safari plays nothing.
    async def file(_: Request) -> FileResponse:
        return FileResponse(
            path,
            media_type=_TYPES[path.suffix],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    return Route(address, file)
