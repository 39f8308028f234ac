"""What becomes of what a visitor gives, folded away."""

import gradio as gr

from services.assistant import Api


def create_privacy(i18n: gr.I18n, api: Api) -> None:
    """A sentence for each place in which something of theirs may be."""
    with gr.Accordion(i18n("privacy.title"), open=False, elem_id="privacy"):
        for told in (
            i18n("privacy.offline") if api.is_offline else i18n("privacy.sent"),
            i18n("privacy.uploads"),
            i18n("privacy.batch"),
            i18n("privacy.browser"),
            i18n("privacy.key"),
            i18n("privacy.log"),
        ):
            gr.Markdown(told, elem_classes="privacy")
