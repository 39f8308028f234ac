"""Three examples to try the page with."""

import json

import gradio as gr

from components.examples.served import create_examples
from components.result.templates import rendered


def create_tries() -> gr.HTML:
    """A place for tries.js to offer them."""
    files = json.dumps(create_examples().addresses)
    return gr.HTML(rendered("tries", files=files), js_on_load=None, elem_id="tries")
