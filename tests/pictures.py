"""Takes the README's pictures from the running app: ``python -m tests.pictures``."""

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ROOT, running_app
from tests.browser.steps import ask, open_page, upload, wait_until_done
from tests.clips import clip

#: Each picture: its file, the size of the screen, the colours and the language.
PICTURES = (
    ("screenshot.png", 1280, 800, "light", "en-US"),
    ("telephone.png", 390, 844, "dark", "ru-RU"),
)


def main() -> None:
    """Asks about a clip and takes a picture, once for each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), {}) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox"],
        )
        for name, width, height, scheme, locale in PICTURES:
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale=locale,
                reduced_motion="reduce",  # the page is not to be caught while it scrolls
            )
            open_page(page, app.url)
            upload(page, "audio-file", clip("party.mp3"))
            ask(page)
            wait_until_done(page)
            page.screenshot(path=ROOT / ".github" / name)
        browser.close()


if __name__ == "__main__":
    main()
