"""Show & Tell: compose settings, services and page, then serve."""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from typing import Final

from components.page import create_page
from components.serving import hang_up, serve
from components.texts import browser_texts
from services.assistant import Assistant
from services.external_api.client import Client
from services.media.workshop.workshop import Workshop
from services.offline_api.server import in_background
from services.settings import GUIDE_BASE_URL, BadSettings, Settings
from services.temporary import temporary_folder

#: When the app is told to end: how long running answers may go on, in seconds, and then
#: how long their last words may take to the visitors. All in all it takes eight at most.
FINISH_S: Final = 3.5
LAST_WORDS_S: Final = 0.5


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
        serve(page, i18n, settings.max_upload_bytes)
        while not told_to_end.wait(1):  # Windows tells a waiting thread of no signal
            pass
        assistant.stop(FINISH_S)
        time.sleep(LAST_WORDS_S)
        hang_up(page)


if __name__ == "__main__":
    main()
