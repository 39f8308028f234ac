"""What else a model may be told, folded away: what is left empty is not sent."""

from typing import Final, get_args

import gradio as gr

from services.assistant import ReasoningEffort

EFFORTS: Final[tuple[ReasoningEffort, ...]] = get_args(ReasoningEffort)


def create_options(i18n: gr.I18n) -> None:
    """The fields; the form knows them by their ids."""
    with gr.Accordion(i18n("options.title"), open=False, elem_id="options"):
        gr.Textbox(
            label=i18n("options.system_prompt"), lines=1, max_lines=6, elem_id="system-prompt"
        )
        with gr.Row():
            # Not gr.Number: empty, it shows a zero, which is a value of its own.
            for name in ("temperature", "max_tokens"):
                gr.Textbox(
                    label=i18n(f"options.{name}"),
                    max_lines=1,
                    min_width=120,
                    html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
                    elem_id=name.replace("_", "-"),
                )
        gr.Dropdown(
            choices=[
                (i18n("options.unset"), ""),
                *((i18n(f"effort.{effort}"), effort) for effort in EFFORTS),
            ],
            value="",
            label=i18n("options.reasoning_effort"),
            elem_id="reasoning-effort",
        )
