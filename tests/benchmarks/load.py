"""The page on a slow line and a slow processor: what it loads, and when it can be used."""

import os
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, sync_playwright

from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.browser.conftest import running_app

ROUNDS: Final = 3
#: A telephone on 3G, as Lighthouse has it: bytes a second either way, a way there and back in
#: milliseconds, and how much slower than here its processor is.
LINE: Final = {"downloadThroughput": 1.6e6 / 8, "uploadThroughput": 1.6e6 / 8, "latency": 150}
SLOWER: Final = 4
PATIENCE_MS: Final = 120_000

#: Adds up all that moves without having been asked to.
_SHIFTS: Final = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
    }).observe({type: "layout-shift", buffered: true});
"""
#: Record can be pressed, and the server has sent the question's first words.
_USABLE: Final = """() => {
    const record = document.querySelector("#record .record-button")?.getBoundingClientRect();
    return record?.width > 0 && document.querySelector("#prompt textarea")?.value !== "";
}"""


@dataclass
class Load:
    """One page, from the address to what can be used."""

    requests: int = 0
    bytes: float = 0
    usable_s: float = 0
    painted_s: float = 0
    shift: float = 0


def run(_: Options) -> None:
    """Print the goals."""
    report.heading(
        "load: the page at 1.6 Mbit/s, 150 ms there and back, "
        f"a processor {SLOWER} times slower; medians of {ROUNDS}"
    )
    with (
        tempfile.TemporaryDirectory() as directory,
        running_app(Path(directory), {}) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        with browser:
            both = [_loaded(browser, app.url) for _ in range(ROUNDS)]
    for name, loads in (("first", [one for one, _ in both]), ("again", [two for _, two in both])):

        def median(field: str, loads: list[Load] = loads) -> float:
            return statistics.median(getattr(one, field) for one in loads)

        print(f"  {name}: {median('requests'):.0f} requests, {median('bytes') / 1000:.0f} kB")
        report.goal(f"{name}: something is seen", median("painted_s"), "s", most=2.5)
        report.goal(f"{name}: usable", median("usable_s"), "s", most=5.0)
        report.goal(f"{name}: layout shift", median("shift"), "", most=0.1)


def _loaded(browser: Browser, url: str) -> tuple[Load, Load]:
    """The page as a stranger's browser loads it, and as the same loads it again."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        return _one(context.new_page(), url), _one(context.new_page(), url)


def _one(page: Any, url: str) -> Load:
    load = Load()
    page.add_init_script(_SHIFTS)
    cdp: CDPSession = page.context.new_cdp_session(page)

    def arrived(event: dict[str, Any]) -> None:
        load.bytes += event["encodedDataLength"]

    def sent(event: dict[str, Any]) -> None:
        load.requests += event["request"]["url"].startswith(url)

    cdp.on("Network.loadingFinished", arrived)
    cdp.on("Network.requestWillBeSent", sent)
    cdp.send("Network.enable")
    cdp.send("Network.emulateNetworkConditions", {"offline": False, **LINE})
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="commit")
    page.wait_for_function(_USABLE, timeout=PATIENCE_MS)
    load.usable_s = page.evaluate("performance.now()") / 1000
    page.wait_for_timeout(1500)  # what still moves then counts, too
    paints = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    load.painted_s = paints / 1000
    load.shift = page.evaluate("window.shifted")
    page.close()
    return load
