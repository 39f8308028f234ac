"""How the page looks: the theme's colours and letters; the rest is in page.css."""

from pathlib import Path
from typing import Final

import gradio as gr

_HERE: Final = Path(__file__).parent
CSS: Final = tuple(
    _HERE / one for one in ("page.css", "batch/batch.css", "result/card.css", "shell/shell.css")
)


def create_theme() -> gr.themes.Base:
    """A calm theme in the system's own letters: no font is fetched, and all have Cyrillic."""
    letters = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
    mono = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=letters,
        font_mono=mono,
    ).set(
        body_text_color_subdued="*neutral_500",  # grey, but dark enough to be read
        link_text_color="*primary_700",
    )
