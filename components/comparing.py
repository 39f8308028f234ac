"""What several models are asked at once, folded away: which, how often, and against what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from components.prices import dollars
from components.question import MOST_OTHERS, free_on_the_server, model_choices
from components.texts import Texts
from services.assistant import Costs, Kind, Models

#: How often each is asked at most.
MOST_REPEATS: Final = 5
#: How many calls are under way at the same time: as many as there may be models.
SIDE_BY_SIDE: Final = 6


@dataclass(frozen=True, slots=True)
class Comparing:
    """The components."""

    models: gr.Dropdown
    repeats: gr.Radio


def create_comparing(i18n: gr.I18n) -> Comparing:
    """The fields; the form knows them by their ids."""
    with gr.Accordion(i18n("compare.title"), open=False, elem_id="comparing"):
        models = gr.Dropdown(
            choices=[],
            value=[],
            multiselect=True,
            max_choices=MOST_OTHERS,
            allow_custom_value=True,
            label=i18n("compare.models"),
            info=i18n("compare.models_info"),
            elem_id="compare",
        )
        free_on_the_server(models)
        gr.Textbox(
            label=i18n("compare.reference"),
            info=i18n("compare.reference_info"),
            lines=1,
            max_lines=6,
            elem_id="reference",
        )
        with gr.Row():
            repeats = gr.Radio(
                choices=[(str(count), count) for count in range(1, MOST_REPEATS + 1)],
                value=1,
                label=i18n("compare.repeats"),
                elem_id="repeats",
            )
            gr.Checkbox(label=i18n("compare.blind"), elem_id="blind")
    return Comparing(models, repeats)


def comparing_update(choices: Sequence[str], models: Models, kind: Kind, texts: Texts) -> Any:
    """``choices`` to compare with; what was chosen stays chosen."""
    return gr.update(choices=model_choices(choices, models, kind, texts))


def ask_words(calls: int, costs: Costs | None, texts: Texts) -> str:
    """What Ask says: how many calls it makes, where it makes more than one, at what price."""
    if calls == 1:
        return texts("ask.button")
    if costs is None:
        return texts("ask.several", calls=texts.number(calls))
    return texts("ask.several_costs", calls=texts.number(calls), most=dollars(costs.most, texts))
