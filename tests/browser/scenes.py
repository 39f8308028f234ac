"""What the page looks like at one moment or another, and the scripts that bring it there."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.scripted_api import Handler, Script, ScriptedApi, completion, delta
from tests.browser.steps import PATIENCE_MS, open_page, upload
from tests.clips import clip

#: Whatever is too wide for a telephone.
WIDE = "\n".join(
    [
        "## What was said",
        "A [link](https://a.example/) and `code`.",
        "",
        "| " + " | ".join(f"Column {number}" for number in range(12)) + " |",
        "|" + "---|" * 12,
        "| " + " | ".join(["a longer cell"] * 12) + " |",
        "",
        "```python",
        "print(" + ", ".join(f"'word {number}'" for number in range(40)) + ")",
        "```",
        "",
        "- [x] done",
        "- [ ] open",
        "",
        "w" * 300,
    ]
)


def ready(page: Page, url: str, name: str = "party.mp3") -> Page:
    """The page with a file on it, ready to ask."""
    open_page(page, url)
    upload(page, "audio-file", clip(name))
    expect(page.locator("#ask")).to_be_enabled()
    return page


def says(text: str) -> Script:
    """An API that answers with ``text``."""
    return lambda handler: handler.answer_json(completion(text))


def refuses(status: int = 401) -> Script:
    """An API that does not want to."""
    return lambda handler: handler.answer_json({"error": {"message": "no"}}, status)


def begins(api: ScriptedApi, first: str, then: str = " And no more.") -> Script:
    """An API that says ``first``, and goes on once ``api.over`` is set."""

    def script(handler: Handler) -> None:
        def payloads() -> Iterator[Any]:
            yield delta(first)
            assert api.over.wait(PATIENCE_MS / 1000)
            yield delta(then)
            yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

        handler.stream(payloads())

    return script
