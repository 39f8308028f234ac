"""What else a model may be told, folded away: what is left empty is not sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import gradio as gr

from components.question import free_on_the_server
from components.texts import Texts
from services.assistant import ApiEndpoint, ReasoningEffort

#: Those of the maker whose models speak (https://platform.openai.com/docs/guides/text-to-speech),
#: for who lists none.
VOICES: Final = (
    *("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"),
    *("verse", "marin", "cedar"),
)
#: What a sound may be sent to, and what that is called; else it is as the model wants it.
ENDPOINTS: Final[tuple[tuple[ApiEndpoint, str], ...]] = (
    ("chat/completions", "question"),
    ("audio/transcriptions", "transcription"),
)
EFFORTS: Final[tuple[ReasoningEffort, ...]] = get_args(ReasoningEffort)


@dataclass(frozen=True, slots=True)
class OptionFields:
    """The components, by the names of their options.

    ``hidden`` says that there are others, ``schema_note`` what is to be said of a schema.
    """

    by_name: Mapping[str, gr.Textbox | gr.Dropdown]
    hidden: gr.Markdown
    schema_note: gr.HTML

    def shown(
        self, offered: Collection[str], voices: Sequence[str], texts: Texts
    ) -> dict[Any, Any]:
        """What changes where those ``offered`` are of use, and there are these ``voices``.

        The others stay where they are, and so does what was typed in them.
        """
        updates: dict[Any, Any] = {
            field: gr.update(visible=True if name in offered else "hidden")
            for name, field in self.by_name.items()
        }
        voice: Any = self.by_name["voice"]
        updates[voice]["choices"] = [(texts("options.unspoken"), ""), *((v, v) for v in voices)]
        # That one does not speak goes without saying: few do.
        is_all = all(name in offered for name in self.by_name if name != "voice")
        return updates | {
            self.hidden: gr.update(visible=not is_all),
            self.schema_note: gr.update(visible="json_schema" in offered),
        }


def create_options(i18n: gr.I18n) -> OptionFields:
    """The fields; the form knows them by their ids."""
    with gr.Accordion(i18n("options.title"), open=False, elem_id="options"):
        fields: dict[str, gr.Textbox | gr.Dropdown] = {
            "system_prompt": gr.Textbox(
                label=i18n("options.system_prompt"), lines=1, max_lines=6, elem_id="system-prompt"
            )
        }
        with gr.Row():
            # Not gr.Number: empty, it shows a zero, which is a value of its own.
            for name in ("temperature", "max_tokens"):
                fields[name] = gr.Textbox(
                    label=i18n(f"options.{name}"),
                    max_lines=1,
                    min_width=120,
                    html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
                    elem_id=name.replace("_", "-"),
                )
        fields["reasoning_effort"] = gr.Dropdown(
            choices=[
                (i18n("options.unset"), ""),
                *((i18n(f"effort.{effort}"), effort) for effort in EFFORTS),
            ],
            value="",
            label=i18n("options.reasoning_effort"),
            elem_id="reasoning-effort",
        )
        voice = fields["voice"] = gr.Dropdown(
            choices=[(i18n("options.unspoken"), ""), *((one, one) for one in VOICES)],
            value="",
            allow_custom_value=True,
            label=i18n("options.voice"),
            visible="hidden",
            elem_id="voice",
        )
        free_on_the_server(voice)
        fields["json_schema"] = gr.Textbox(
            label=i18n("options.json_schema"),
            lines=2,
            max_lines=12,
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
            elem_id="json-schema",
        )
        schema_note = gr.HTML(js_on_load=None, elem_id="schema-note")
        hidden = gr.Markdown(i18n("options.hidden"), visible=False, elem_id="options-hidden")
        gr.Dropdown(
            choices=[
                (i18n("options.endpoint.model"), ""),
                *((i18n(f"options.endpoint.{name}"), endpoint) for endpoint, name in ENDPOINTS),
            ],
            value="",
            label=i18n("options.endpoint"),
            info=i18n("options.endpoint_info"),
            elem_id="endpoint",
        )
        gr.Checkbox(label=i18n("options.echo"), info=i18n("options.echo_info"), elem_id="echoes")
    return OptionFields(fields, hidden, schema_note)
