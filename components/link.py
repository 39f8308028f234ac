"""A link that sets the page up as it stands, and the same as a QR code."""

from dataclasses import dataclass
from typing import Final

import gradio as gr
import segno
from markupsafe import Markup
from segno.encoder import DataOverflowError

from components.result.templates import rendered
from components.texts import Texts

#: Where the page is, without what stands in its address: only the browser knows.
BASE_JS: Final = "() => location.origin + location.pathname"
#: Says whether the link was copied: not every browser lets a page do so.
COPY_JS: Final = """async (link) => {
    const copied = await navigator.clipboard.writeText(link).then(() => true, () => false);
    const said = document.querySelector("#setup-qr .said");
    if (!said) return;
    said.textContent = copied ? said.dataset.copied : said.dataset.byHand;
    said.scrollIntoView({block: "nearest"});
}"""
#: How wide a module is, in pixels: read from the back of a room, off a screen.
_SCALE: Final = 4


@dataclass(frozen=True, slots=True)
class Link:
    """The components: the press, where the page is, the link, its picture with what it holds."""

    make: gr.Button
    base: gr.Textbox
    link: gr.Textbox
    picture: gr.HTML


def create_link(i18n: gr.I18n) -> Link:
    """A press that makes the link; the rest is seen once it is made."""
    with gr.Column(elem_id="setup"):
        make = gr.Button(i18n("setup.make"), size="sm", elem_id="setup-make")
        base = gr.Textbox(visible=False, elem_id="setup-base")
        link = gr.Textbox(
            label=i18n("setup.link"),
            interactive=False,
            visible=False,
            max_lines=3,
            buttons=["copy"],
            elem_id="setup-link",
        )
        picture = gr.HTML(js_on_load=None, visible=False, elem_id="setup-qr")
    return Link(make, base, link, picture)


def picture_html(link: str, texts: Texts) -> str:
    """``link`` as a QR code, if one can hold it, and what the link holds and does not."""
    try:
        drawn = segno.make(link, micro=False).svg_inline(scale=_SCALE, dark="#000", light="#fff")
        code = Markup(drawn)  # noqa: S704  # of the link it has only black and white
    except DataOverflowError:
        code = Markup()
    return rendered(
        "setup_link",
        code=code,
        label=texts("setup.code"),
        holds=" ".join([*(() if code else [texts("setup.long")]), texts("setup.holds")]),
        copied=texts("setup.copied"),
        by_hand=texts("setup.by_hand"),
    )
