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
            gr.Number(
                label=i18n("options.temperature"),
                minimum=0,
                maximum=2,
                step=0.1,
                value=None,
                elem_id="temperature",
            )
            gr.Number(
                label=i18n("options.max_tokens"),
                minimum=1,
                step=1,
                precision=0,
                value=None,
                elem_id="max-tokens",
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
