"""Show & Tell: compose settings, services and page, then launch."""

import contextlib
import os
import sys

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from components.headers import SecurityHeaders
from components.look import CSS, create_theme
from components.page import create_page
from components.scripts import page_scripts
from components.texts import browser_texts
from services.assistant import Assistant
from services.external_api.client import Client
from services.media.sandbox import Sandbox
from services.offline_api.server import in_background
from services.settings import GUIDE_BASE_URL, BadSettings, Settings

#: Uploads may be this many times larger than what is sent: conversion shrinks.
UPLOAD_FACTOR = 10


async def healthz(_: Request) -> PlainTextResponse:
    """Says that the page is up."""
    return PlainTextResponse("ok")


def main() -> None:
    """Run the app until it is interrupted."""
    try:
        settings = Settings.from_environ(os.environ)
    except BadSettings as bad:
        sys.exit(f"Show & Tell cannot start: {bad}")
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox("services.media.jobs.table"))
        if settings.is_offline:
            base_url = stack.enter_context(in_background())
        else:
            base_url = settings.external_api_base_url or GUIDE_BASE_URL
        i18n = browser_texts()
        scripts = page_scripts()
        page = create_page(Assistant(settings, sandbox, Client(base_url)), i18n)
        page.launch(
            prevent_thread_lock=True,
            i18n=i18n,
            theme=create_theme(),
            css_paths=CSS,
            head=scripts.head,
            footer_links=["api"],
            run_history=False,  # it writes every input, keys too, into localStorage
            enable_monitoring=False,
            ssr_mode=False,
            share=False,
            show_error=False,
            max_file_size=settings.max_file_bytes * UPLOAD_FACTOR,
            app_kwargs={
                "routes": [Route("/healthz", healthz), *scripts.routes],
                "middleware": [Middleware(SecurityHeaders)],
            },
        )
        page.block_thread()


if __name__ == "__main__":
    main()
