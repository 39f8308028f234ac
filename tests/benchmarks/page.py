"""A streamed answer on the real page: how late its last word stands in the browser."""

import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.benchmarks.processes import served
from tests.benchmarks.streams import SENT, paced
from tests.browser import steps
from tests.browser.conftest import running_app
from tests.clips import clip

TOKENS_PER_S: Final = 1000
PATIENCE_MS: Final = 120_000

#: Notes how late the last token is painted, by the time that stands in it.
_WATCH: Final = """(sent) => {
    const answer = document.querySelector("#answer");
    new MutationObserver((_, observer) => {
        const found = answer.textContent.slice(-200).match(new RegExp(sent + "(\\\\d{13})"));
        if (!found) return;
        observer.disconnect();
        const painted = () => { window.lateMs = Date.now() - Number(found[1]); };
        requestAnimationFrame(() => setTimeout(painted));
    }).observe(answer, {subtree: true, childList: true, characterData: true});
}"""


def run(_: Options) -> None:
    """Print the goals."""
    report.heading(
        f"page: {TOKENS_PER_S:,} tokens a second, from the last one sent to the last one "
        "on the page in Chromium, medians"
    )
    for tokens, rounds, most_s in ((1_000, 3, 0.3), (20_000, 2, 1.0)):
        late_s = statistics.median(_late_s(tokens, rounds))
        report.goal(f"{tokens:,} tokens, median of {rounds}", late_s, "s", most=most_s)


def _late_s(tokens: int, rounds: int) -> list[float]:
    with (
        tempfile.TemporaryDirectory() as directory,
        served(paced, tokens, TOKENS_PER_S) as origin,
        running_app(
            Path(directory),
            {"EXTERNAL_API_BASE_URL": f"{origin}/api/v1", "EXTERNAL_API_KEY": "ak_benchmark"},
        ) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        with browser:
            return [_one_late_s(browser, app.url) for _ in range(rounds)]


def _one_late_s(browser: Browser, url: str) -> float:
    with browser.new_page() as page:
        steps.open_page(page, url)
        steps.upload(page, "audio-file", clip("party.mp3"))
        page.evaluate(_WATCH, SENT)
        steps.ask(page)
        page.wait_for_function("window.lateMs !== undefined", timeout=PATIENCE_MS)
        return page.evaluate("window.lateMs") / 1000
