"""How the page looks: its colours, and that its style sheet is about what is there."""

import re

import pytest

from components.look import CSS, create_theme
from tests.components.pages import Page

#: WCAG 2.2, 1.4.3: the least that text has to differ from what it stands on.
READABLE = 4.5


def _colour(theme, name):
    value = getattr(theme, name)
    while value.startswith("*"):
        value = getattr(theme, value.removeprefix("*"))
    return {"white": "#ffffff", "black": "#000000"}.get(value, value)


def _luminance(colour):
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("suffix", ["", "_dark"], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["body_text_color", "body_text_color_subdued"])
def test_text_can_be_read(text, suffix):
    theme = create_theme()
    dark, light = sorted(
        _luminance(_colour(theme, name + suffix)) for name in (text, "background_fill_primary")
    )
    assert (light + 0.05) / (dark + 0.05) >= READABLE


def test_the_style_sheet_styles_nothing_that_is_not_on_the_page():
    styles = "".join(path.read_text("utf-8") for path in CSS)
    rules = re.sub(r"\{[^{}]*\}", "{}", styles)
    named = set(re.findall(r"#([a-z][\w-]*)", rules))
    assert named <= set(Page().by_id)
