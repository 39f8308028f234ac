"""What Gradio keeps of each visitor, without what nothing here reads."""

from typing import Any

import gradio as gr
from gradio.blocks import BlocksConfig


class _OfVisitor(BlocksConfig):
    """The components as one visitor has them.

    Gradio 6.31 describes each of them anew for whoever comes, and writes what stands in a field,
    a key too, into that: for links to the state of a page, which are not served here (gate.py).
    Of this page it takes 12 ms, in which nobody is answered, and 130 kB.
    """

    @staticmethod
    def config_for_block(*_: Any, **__: Any) -> dict[str, Any]:
        """No description."""
        return {}


class _OfPage(BlocksConfig):
    """The components as the page has them, of which each visitor gets a copy."""

    def __copy__(self) -> Any:
        copied: Any = super().__copy__()  # type: ignore[no-untyped-call]  # Gradio's has no types
        copied.__class__ = _OfVisitor
        return copied


def keep_little(page: gr.Blocks) -> None:
    """Have Gradio keep no description of ``page`` for each of its visitors."""
    page.default_config.__class__ = _OfPage
