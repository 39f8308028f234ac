"""Three examples to try the page with."""

import json
from typing import Final

import gradio as gr

from components.examples.served import create_examples
from components.result.templates import rendered

#: In the order of their buttons.
EXAMPLES: Final = ("speech-en.mp3", "speech-ru.mp3", "film.mp4")


def create_tries() -> gr.HTML:
    """A place for tries.js to offer them."""
    addresses = create_examples().addresses
    files = json.dumps({name: addresses[name] for name in EXAMPLES})
    return gr.HTML(rendered("tries", files=files), js_on_load=None, elem_id="tries")
