"""What a person does on the page, in a word each."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

TABS = ("record", "audio-file", "video")
#: Time for a recogniser and a browser that share two slow cores with others.
PATIENCE_MS = 60_000

# What is waited for is a condition; the library's own 5 s are a machine's speed.
expect.set_options(timeout=PATIENCE_MS)


def open_page(page: Page, url: str) -> None:
    """Open the page and wait until it has its prompt, which the server sends last."""
    page.goto(url)
    expect(page.locator("#prompt textarea")).not_to_have_value("")


def choose_tab(page: Page, tab: str) -> None:
    """Bring an input to the front."""
    page.locator("#source label").nth(TABS.index(tab)).click()
    expect(page.locator(f"#{tab}")).to_be_visible()


def record(page: Page, seconds: float) -> None:
    """Speak into the microphone for a while: here only the clock says when."""
    microphone = page.locator("#record")
    microphone.locator("button.record-button").click()
    expect(microphone.locator("button.stop-button")).to_be_visible()
    page.wait_for_timeout(seconds * 1000)
    microphone.locator("button.stop-button").click()


def upload(page: Page, tab: str, path: Path) -> None:
    """Give a file on a tab."""
    choose_tab(page, tab)
    page.locator(f"#{tab} input[type=file]").first.set_input_files(path)


def open_fold(page: Page, fold: str) -> None:
    """Unfold something by the keyboard: what arrives above it moves it away under a pointer."""
    page.locator(f"#{fold} > button").press("Enter")


def ask(page: Page) -> None:
    """Press Ask once it is awake."""
    expect(page.locator("#ask")).to_be_enabled()
    page.locator("#ask").click()


def wait_until_done(page: Page) -> None:
    """Wait for the end of a run that goes well."""
    expect(stage(page, "done")).to_be_visible()


def stage(page: Page, name: str) -> Locator:
    """The status line at a stage."""
    return page.locator(f'#status [data-stage="{name}"]')


def error(page: Page, name: str) -> Locator:
    """What the newest card says of an error."""
    return page.locator(f'#newest [data-error="{name}"]')


def row(page: Page, key: str) -> Locator:
    """The value of a line of the newest card's stats or receipt, which are folded up."""
    unfold(page)
    return page.locator(f'#newest [data-row="{key}"] dd')


def phase(page: Page, name: str) -> Locator:
    """The time of a phase."""
    unfold(page)
    return page.locator(f'#newest [data-phase="{name}"] b')


def unfold(page: Page) -> None:
    """Unfold the facts of the newest card."""
    facts = page.locator("#newest details.facts")
    if facts.get_attribute("open") is None:
        facts.locator("> summary").click()


def unfold_code(page: Page) -> Locator:
    """Unfold the code of the newest card."""
    page.locator("#newest [data-act=code]").click()
    expect(page.locator("#code")).to_be_visible()
    return page.locator("#code")


def is_wide(page: Page) -> bool:
    """Whether anything has to be scrolled sideways."""
    return bool(
        page.evaluate(
            """() => [document.documentElement, document.querySelector("#flow")].some(
                (one) => one.scrollWidth > one.clientWidth
            )"""
        )
    )


def choose_model(page, model):
    """Choose a model by its id."""
    page.locator("#model input").click()
    page.locator("[role=option]", has_text=model).click()
