"""How the page is served, and how it stops being served."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio.route_utils import CustomCORSMiddleware
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware
from starlette.routing import Route

from components.examples.served import create_examples
from components.gate import Gate
from components.headers import SecurityHeaders
from components.look import CSS, create_theme
from components.mcp import mend
from components.page import CONCURRENT_RUNS
from components.scripts import page_scripts
from components.shell.gradios import create_gradios_files
from components.shell.served import OwnHead, create_shell
from components.shell.sharing import share_routes
from components.streams import OpenStreams, Watched
from components.uploads import Guarded

#: Of how many visitors Gradio keeps what stands in their fields, some 130 kB each: any name that
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
    host: str,
    port: int,
    mcp: bool = False,
    frame_ancestors: Sequence[str] = (),
) -> None:
    """Serve ``page`` at ``port`` of ``host`` from a thread of its own, and return.

    ``own`` are routes besides those of the page. ``streams`` learns who hears what. Its
    endpoints are served to models as well where ``mcp`` says so; pages of the origins
    ``frame_ancestors`` may show it in a frame.

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
                Middleware(SecurityHeaders, frame_ancestors=frame_ancestors),
                Middleware(
                    Gate,
                    own=[route.path for route in routes],
                    mcp=mcp,
                    most_upload_bytes=most_upload_bytes,
                ),
                Middleware(Watched, streams=streams, session_of=session_of),
                Middleware(OwnHead, shell=shell, gradios=gradios, scripts=scripts.head),
                Middleware(
                    Guarded,
                    folder=Path(get_upload_folder()),
                    most_bytes=most_uploads_bytes,
                    largest_bytes=most_upload_bytes,
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


def _is_gradios_cors(middleware: Any) -> bool:
    return middleware.cls is CustomCORSMiddleware


def hang_up(page: gr.Blocks) -> None:
    """Stop serving ``page``, with pages open or not."""
    if page.server is not None:
        page.server.config.timeout_graceful_shutdown = _HANG_UP_S
    page.close(verbose=False)
