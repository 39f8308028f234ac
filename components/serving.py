"""How the page is served, and how it stops being served."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio import http_server
from gradio.route_utils import CustomCORSMiddleware
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware
from starlette.routing import Route

from components.examples.served import create_examples
from components.gate import MOST_MCP_BYTES, Gate
from components.headers import SecurityHeaders
from components.look import CSS, create_theme
from components.mcp import mend, widen
from components.page import CONCURRENT_RUNS, KEPT_S
from components.request_id import Named
from components.scripts import page_scripts
from components.shares import Shares
from components.shell.gradios import create_gradios_files
from components.shell.served import OwnHead, create_shell
from components.shell.sharing import share_routes
from components.streams import OpenStreams, Watched
from components.uploads import Guarded

#: Of how many visitors Gradio keeps what stands in their fields, some 34 kB each: any name that
#: a request makes up is one.
SESSIONS: Final = 1000
#: How long open connections are waited for when the page is to end, in seconds.
_HANG_UP_S: Final = 1


def serve(
    page: gr.Blocks,
    i18n: gr.I18n,
    streams: OpenStreams,
    own: Sequence[Route],
    *,
    most_upload_bytes: int,
    most_uploads_bytes: int,
    most_share_bytes: int | None = None,
    payer: Callable[[Any], str] | None = None,
    host: str,
    port: int,
    mcp: bool = False,
    frame_ancestors: Sequence[str] = (),
    is_proxy_trusted: bool = False,
) -> None:
    """Serve ``page`` at ``port`` of ``host`` from a thread of its own, and return.

    Who ``payer`` tells apart by a request may have uploads of ``most_share_bytes`` each.
    ``own`` are routes besides those of the page. ``streams`` learns who hears what. Its
    endpoints are served to models as well where ``mcp`` says so; pages of the origins
    ``frame_ancestors`` may show it in a frame; ``is_proxy_trusted`` where one in front names the
    requests.

    Raises:
        OSError: the port is taken; were Gradio not told one, it would take the next.
        RuntimeError: Gradio could not serve them to models.
    """

    def session_of(event: str) -> str:
        # Gradio keeps it where it waits for its turn, and has no other word for it; one that
        # named no session has its own name as that.
        known = page._queue.event_ids_to_events.get(event)  # noqa: SLF001  # see above
        return event if known is None else str(known.session_hash)

    scripts = page_scripts()
    shell = create_shell()
    gradios = create_gradios_files()
    routes = [
        *own,
        *scripts.routes,
        *shell.routes,
        *gradios.routes,
        *share_routes(scripts.folder),
        *create_examples().routes,
    ]
    # In a Space Gradio has a thread that loads the source anew when it is told to, or, without a
    # package of Hugging Face's, ends in a traceback.
    server: Any = http_server
    server.watchfn_spaces = _watch_nothing
    if mcp:
        widen(MOST_MCP_BYTES)
    is_right = threading.Event()
    app, _, _ = page.launch(
        server_name=host,
        server_port=port,
        mcp_server=mcp,
        prevent_thread_lock=True,
        i18n=i18n,
        theme=create_theme(),
        css_paths=list(CSS),
        footer_links=["api"],
        run_history=False,  # it writes every input, keys too, into localStorage
        enable_monitoring=False,
        ssr_mode=False,
        share=False,
        show_error=False,
        max_threads=CONCURRENT_RUNS,
        state_session_capacity=SESSIONS,
        max_file_size=most_upload_bytes,
        app_kwargs={
            "routes": routes,
            "middleware": [
                Middleware(Named, is_proxy_trusted=is_proxy_trusted),
                Middleware(SecurityHeaders, frame_ancestors=frame_ancestors),
                Middleware(
                    Gate,
                    own=[route.path for route in routes],
                    mcp=mcp,
                    most_upload_bytes=most_upload_bytes,
                    is_open=is_right.is_set,
                ),
                Middleware(Watched, streams=streams, session_of=session_of),
                Middleware(OwnHead, shell=shell, gradios=gradios, scripts=scripts.head),
                Middleware(
                    Guarded,
                    folder=Path(get_upload_folder()),
                    most_bytes=most_uploads_bytes,
                    largest_bytes=most_upload_bytes,
                    shares=Shares(most_share_bytes or most_uploads_bytes, KEPT_S[1]),
                    payer=payer,
                ),
            ],
        },
    )
    # Gradio lets every origin read what it serves, with the visitor's credentials.
    app.user_middleware = [one for one in app.user_middleware if not _is_gradios_cors(one)]
    app.middleware_stack = None  # the next request builds it anew
    if page.mcp_error:  # Gradio prints it, and goes on without
        raise RuntimeError(page.mcp_error)
    if page.mcp_server_obj is not None:
        mend(page, page.mcp_server_obj)
    is_right.set()


def _watch_nothing(_: object) -> None:
    """What is served stays what it was at the start."""


def _is_gradios_cors(middleware: Any) -> bool:
    return middleware.cls is CustomCORSMiddleware


def hang_up(page: gr.Blocks) -> None:
    """Stop serving ``page``, with pages open or not."""
    if page.server is not None:
        page.server.config.timeout_graceful_shutdown = _HANG_UP_S
    page.close(verbose=False)
