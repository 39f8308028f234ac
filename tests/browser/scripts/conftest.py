"""A page with nothing on it but the scripts, and what their tests are written with."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from components.headers import SecurityHeaders
from components.scripts import page_scripts
from components.shell.sharing import share_routes

HERE = Path(__file__).parent


def _application() -> Starlette:
    """``/blank``, and ``/started`` where the scripts run as Gradio starts them."""
    scripts = page_scripts()
    folder = scripts.routes[0].path.removesuffix("start.js")
    imports = json.dumps({"imports": {"scripts/": folder}})

    def page(head: str) -> HTMLResponse:
        return HTMLResponse(f'<!doctype html><html lang="en"><head><base href="./">{head}</head>')

    return Starlette(
        routes=[
            Route("/blank", lambda _: page(f'<script type="importmap">{imports}</script>')),
            Route("/started", lambda _: page(scripts.head)),
            Mount("/tests", StaticFiles(directory=HERE)),
            *scripts.routes,
            *share_routes(scripts.folder),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )


@contextlib.contextmanager
def _serving(app: Starlette) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            # Whoever comes before it is up waits in the listener's queue.
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def scripts_url() -> Iterator[str]:
    """Where the scripts are served; the same again below ``/some/path``."""
    app = _application()
    with _serving(Starlette(routes=[Mount("/some/path", app), Mount("/", app)])) as url:
        yield url


@pytest.fixture(scope="session")
def blank(scripts_url, browser):
    """A page that imports the scripts; who wants it empty loads it again."""
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(f"{scripts_url}/blank")
        yield page
