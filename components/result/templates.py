"""The templates of the cards: whatever is put into them is escaped by itself."""

from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

_CARDS: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
).get_template("cards.html")


def rendered(macro: str, /, **values: Any) -> Markup:
    """The HTML of the ``macro`` of cards.html, which may be put into another."""
    html: Markup = getattr(_CARDS.module, macro)(**values)
    return html
