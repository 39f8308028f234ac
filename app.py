"""Show & Tell: compose settings, services and page, then launch."""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from typing import Final

import gradio as gr
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from components.headers import SecurityHeaders
from components.look import CSS, create_theme
from components.page import CONCURRENT_RUNS, create_page
from components.scripts import page_script
from components.texts import browser_texts
from services.assistant import Assistant
from services.external_api.client import Client
from services.media.workshop.workshop import Workshop
from services.offline_api.server import in_background
from services.settings import GUIDE_BASE_URL, BadSettings, Settings
from services.temporary import temporary_folder

#: Uploads may be this many times larger than what is sent: conversion shrinks.
UPLOAD_FACTOR: Final = 10
#: When the app is to end: how long running answers may go on, then how long their last
#: words may take to the visitors, then how long open connections are waited for.
FINISH_S: Final = 4.0
LAST_WORDS_S: Final = 0.7
HANG_UP_S: Final = 1


async def healthz(_: Request) -> PlainTextResponse:
    """Says that the page is up."""
    return PlainTextResponse("ok")


def main() -> None:
    """Run the app until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each of Gradio's own calls
    try:
        settings = Settings.from_environ(os.environ)
    except BadSettings as bad:
        sys.exit(f"Show & Tell cannot start: {bad}")
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder())
        except OSError as error:
            sys.exit(f"Show & Tell cannot start: no temporary folder: {error}")
        os.environ.setdefault("GRADIO_TEMP_DIR", str(folder / "uploads"))
        workshop = stack.enter_context(Workshop("services.media.jobs.table"))
        if settings.is_offline:
            base_url = stack.enter_context(in_background())
        else:
            base_url = settings.external_api_base_url or GUIDE_BASE_URL
        i18n = browser_texts()
        assistant = Assistant(settings, workshop, Client(base_url))
        page = create_page(assistant, i18n)
        launch(page, i18n, settings)
        while not told_to_end.wait(1):  # Windows tells a waiting thread of no signal
            pass
        end(page, assistant)


def launch(page: gr.Blocks, i18n: gr.I18n, settings: Settings) -> None:
    """Serve ``page``, and return."""
    page.launch(
        prevent_thread_lock=True,
        i18n=i18n,
        theme=create_theme(),
        css_paths=CSS,
        js=page_script(),
        footer_links=["api"],
        run_history=False,  # it writes every input, keys too, into localStorage
        enable_monitoring=False,
        ssr_mode=False,
        share=False,
        show_error=False,
        max_threads=CONCURRENT_RUNS,
        max_file_size=settings.max_file_bytes * UPLOAD_FACTOR,
        app_kwargs={
            "routes": [Route("/healthz", healthz)],
            "middleware": [Middleware(SecurityHeaders)],
        },
    )


def end(page: gr.Blocks, assistant: Assistant) -> None:
    """End the app within eight seconds, with as little lost as that allows."""
    assistant.stop(FINISH_S)
    time.sleep(LAST_WORDS_S)
    if page.server is not None:
        page.server.config.timeout_graceful_shutdown = HANG_UP_S
    page.close(verbose=False)


if __name__ == "__main__":
    main()
