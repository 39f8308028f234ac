"""Show & Tell: compose settings, services and page, then serve."""

import contextlib
import importlib.util
import logging
import os
import signal
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final, NoReturn

from pythonjsonlogger.json import JsonFormatter

from components.request_id import NamesRequest
from services.assistant import Assistant
from services.batch import Batches
from services.errors import BatchesAway
from services.external_api.client import Client
from services.external_api.transport import Network
from services.external_api.trust import tls_context
from services.listening import CannotListen, check_address
from services.media.workshop.workshop import Workshop
from services.offline_api.server import in_background
from services.offline_api.weights import find_weights
from services.places import place_of
from services.settings import GUIDE_BASE_URL, BadSettings, Settings
from services.temporary import lasting_folder, temporary_folder

log: Final = logging.getLogger(__name__)

#: What each line of a log in JSON has, besides the time.
_FIELDS: Final = ("levelname", "name", "message")
#: When the app is told to end: how long running answers may go on, in seconds, and then
#: how long their last words may take to the visitors. All in all it takes eight at most.
FINISH_S: Final = 3.5
LAST_WORDS_S: Final = 0.5
#: How often is looked which batches are to be deleted, in seconds.
SWEEP_S: Final = 60


def main() -> None:
    """Run the app until it is told to end."""
    settings = _configured()
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    with contextlib.ExitStack() as stack:
        try:
            # Beside what is temporary, of which each process has a folder of its own.
            is_shared = settings.batch_database_url is not None
            lasting = stack.enter_context(
                lasting_folder(settings.batch_folder, is_shared=is_shared)
            )
            folder = stack.enter_context(temporary_folder())
        except OSError as error:
            _give_up(f"no folder to write to: {error}")
        os.environ.setdefault("GRADIO_TEMP_DIR", str(folder / "uploads"))
        # After so many runs it makes statistics of all of them, with pandas, for nobody.
        os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
        workshop = stack.enter_context(Workshop("services.media.jobs.table"))
        hears = True
        if settings.is_offline:
            weights = find_weights(settings.offline_model)
            hears = weights is not None
            client = Client(stack.enter_context(in_background(weights)))
        else:
            tls = tls_context(settings.ssl_cert_file, settings.ssl_cert_dir)
            network = Network(tls=tls, proxy=settings.external_api_proxy)
            client = Client(settings.external_api_base_url or GUIDE_BASE_URL, network=network)
        # Below what the page serves, so that a visitor can have the file as it was sent.
        kept_in = Path(os.environ["GRADIO_TEMP_DIR"]).absolute() / "sent"
        assistant = Assistant(settings, workshop, client, hears=hears, kept_in=kept_in)
        batches = Batches(assistant, workshop, settings, lasting)
        stack.callback(batches.close)
        # Gradio reads its variables, the folder above among them, while it is imported:
        # they have to be in order by then.
        from components.operating import operating_routes  # noqa: PLC0415
        from components.page import create_page  # noqa: PLC0415
        from components.serving import hang_up, serve  # noqa: PLC0415
        from components.session import Sessions  # noqa: PLC0415
        from components.streams import OpenStreams  # noqa: PLC0415
        from components.texts import browser_texts  # noqa: PLC0415

        i18n = browser_texts()
        streams = OpenStreams()
        sessions = Sessions(settings.trusted_proxies, streams)
        page = create_page(assistant, batches, i18n, sessions)
        serve(
            page,
            i18n,
            streams,
            [*operating_routes(assistant, folder), sessions.spoken.route],
            most_upload_bytes=settings.max_upload_bytes,
            most_uploads_bytes=settings.max_uploads_bytes,
            most_share_bytes=settings.max_share_bytes,
            payer=sessions.payer,
            host=settings.gradio_server_name,
            port=settings.gradio_server_port,
            mcp=settings.gradio_mcp_server,
            frame_ancestors=settings.frame_ancestors,
            is_proxy_trusted=settings.trusted_proxies > 0,
        )
        batches.sweep()
        threading.Thread(target=_sweep, args=(batches, told_to_end), daemon=True).start()
        while not told_to_end.wait(1):  # Windows tells a thread that waits for longer of no signal
            pass
        assistant.stop(FINISH_S)
        time.sleep(LAST_WORDS_S)
        hang_up(page)


def _sweep(batches: Batches, told_to_end: threading.Event) -> None:
    """Delete what is older than a batch may be, now and then.

    It waits for a disk or a database, and nobody waits for it.
    """
    while not told_to_end.wait(SWEEP_S):
        try:
            batches.sweep()
        except BatchesAway:
            pass  # it was told in the log already, and is done the next time
        except OSError as error:
            log.error("batches cannot be deleted: %s", place_of(error))  # noqa: TRY400  # a path may be a name


def _configured() -> Settings:
    """The settings, all of which can be followed, and the log as they want it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each of Gradio's own calls
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # a line for each odd form
    try:
        settings = Settings.from_environ(os.environ)
        if settings.log_format == "json":
            for handler in logging.getLogger().handlers:
                handler.setFormatter(JsonFormatter(_FIELDS, timestamp=True))
                handler.addFilter(NamesRequest())
        check_address(settings.gradio_server_name, settings.gradio_server_port)
    except (BadSettings, CannotListen) as bad:
        _give_up(str(bad))
    if settings.gradio_mcp_server and importlib.util.find_spec("mcp") is None:
        wanted = f"gradio[mcp]=={version('gradio')}"
        _give_up(f"GRADIO_MCP_SERVER needs one more package: pip install '{wanted}'")
    return settings


def _give_up(reason: str) -> NoReturn:
    sys.exit(f"Show & Tell cannot start: {reason}")


if __name__ == "__main__":
    main()
