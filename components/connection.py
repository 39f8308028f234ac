"""Which API answers, and with whose key."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import gradio as gr
from gradio.i18n import I18nData

from components.result.templates import rendered
from services.assistant import Api


@dataclass(frozen=True, slots=True)
class Connection:
    """The components: what unfolds, the key in it, who pays, and what came back of signing in."""

    fold: gr.Accordion
    key: gr.Textbox
    payer: gr.HTML
    came_back: gr.Textbox


def create_banner(i18n: gr.I18n, api: Api) -> gr.Markdown:
    """One line that says who answers: the offline API says so itself."""
    text: str | I18nData = i18n("api.offline" if api.hears else "api.deaf")
    if not api.is_offline:
        text = f"{i18n('api.online')} **{urlsplit(api.base_url).netloc}**"
    return gr.Markdown(text, elem_id="api", elem_classes="offline" if api.is_offline else "")


def create_api_link(i18n: gr.I18n) -> gr.Button:
    """The way to Gradio's description of the endpoints."""
    return gr.Button(i18n("api.programs"), link="?view=api", size="sm", elem_id="programs")


def create_connection(i18n: gr.I18n, api: Api) -> Connection:
    """The visitor's key, and who pays. The field starts empty: a default value is public."""
    if api.is_offline:
        info = "connection.key_offline"
    else:
        info = "connection.key_host" if api.has_key else "connection.key_needed"
    is_needed = not api.is_offline and not api.has_key
    with gr.Accordion(i18n("connection.title"), open=is_needed, elem_id="connection") as fold:
        key = gr.Textbox(
            type="password",
            label=i18n("connection.key"),
            info=i18n(info),
            max_lines=1,
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
            elem_id="api-key",
        )
        payer = gr.HTML(js_on_load=None, elem_id="payer")
        if api.sign_in_at is not None:
            place = rendered("sign_in", at=api.sign_in_at)
            gr.HTML(place, js_on_load=None, elem_id="sign-in")
    # The browser writes into it, where anybody signs in.
    came_back = gr.Textbox(visible="hidden" if api.sign_in_at else False, elem_id="came-back")
    return Connection(fold, key, payer, came_back)
