"""Which API answers, and with whose key."""

from urllib.parse import urlsplit

import gradio as gr
from gradio.i18n import I18nData

from services.assistant import Api


def create_banner(i18n: gr.I18n, api: Api) -> gr.Markdown:
    """One line that says who answers: the offline API says so itself."""
    text: str | I18nData = i18n("api.offline" if api.hears else "api.deaf")
    if not api.is_offline:
        text = f"{i18n('api.online')} **{urlsplit(api.base_url).netloc}**"
    return gr.Markdown(text, elem_id="api", elem_classes="offline" if api.is_offline else "")


def create_api_link(i18n: gr.I18n) -> gr.Button:
    """The way to Gradio's description of the endpoints."""
    return gr.Button(i18n("api.programs"), link="?view=api", size="sm", elem_id="programs")


def create_key_field(i18n: gr.I18n, api: Api) -> gr.Textbox:
    """The visitor's key. It starts empty: a default value is public."""
    if api.is_offline:
        info = "connection.key_offline"
    else:
        info = "connection.key_host" if api.has_key else "connection.key_needed"
    is_open = not api.is_offline and not api.has_key
    with gr.Accordion(i18n("connection.title"), open=is_open, elem_id="connection"):
        return gr.Textbox(
            type="password",
            label=i18n("connection.key"),
            info=i18n(info),
            max_lines=1,
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
            elem_id="api-key",
        )
