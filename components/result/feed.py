"""The answers: the newest, which is on its way or has come, and those before it."""

from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest card, and what is offered below it after a failure.

    Those before it are in the visitor's own browser alone: feed.js lists them.
    """

    newest: gr.HTML
    retry: gr.Button
    anyway: gr.Button
    fallback: gr.Button
    fallback_model: gr.Textbox
    again: gr.Textbox


def create_feed(i18n: gr.I18n) -> Feed:
    """An empty feed."""
    # Together they are as high as the screen: what is below does not move when an offer comes.
    with gr.Column(elem_id="latest"):
        newest = gr.HTML(js_on_load=None, elem_id="newest")
        with gr.Row(elem_id="offers"):
            retry = gr.Button(i18n("retry.button"), visible=False, elem_id="retry")
            anyway = gr.Button(i18n("anyway.button"), visible=False, elem_id="anyway")
            fallback = gr.Button("", visible=False, elem_id="fallback")
    # The model that the button asks: what it says is in the visitor's language.
    fallback_model = gr.Textbox(visible=False, elem_id="fallback-model")
    # What failed in a comparison is asked again: compare.js writes it.
    again = gr.Textbox(visible="hidden", elem_id="again")
    gr.HTML('<div class="history"></div>', js_on_load=None, elem_id="history")
    return Feed(newest, retry, anyway, fallback, fallback_model, again)
