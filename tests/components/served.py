"""A page over a real server of this process."""

import asyncio
import contextlib
import tempfile

import httpx
import pytest

from components.serving import hang_up, serve
from components.streams import OpenStreams
from components.texts import browser_texts
from tests.free_port import free_port

#: The largest upload of the tests, in bytes.
MOST_BYTES = 1000


@contextlib.contextmanager
def served(create):
    """What ``create`` makes, while it is served, and a client of it.

    Its uploads are its own: any page removes what is left over where those are.
    """

    async def start():  # outside of a loop Gradio makes one, and leaves it open
        page = create()
        serve(
            page,
            browser_texts(),
            OpenStreams(),
            [],
            most_upload_bytes=MOST_BYTES,
            most_uploads_bytes=10**9,
            host="127.0.0.1",
            port=free_port(),
        )
        return page

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", folder)
        page = asyncio.run(start())
        try:
            with httpx.Client(base_url=page.local_url, trust_env=False, timeout=30) as client:
                yield page, client
        finally:
            hang_up(page)
