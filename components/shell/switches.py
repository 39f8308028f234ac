"""The place of the switches of language and colours, which a script fills."""

import gradio as gr


def create_switches() -> gr.HTML:
    """An empty place in the header row."""
    return gr.HTML('<div class="switches"></div>', elem_id="switches")
