"""Which options are of use to the models that are asked: the others are hidden, and not sent."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import gradio as gr
from gradio.blocks import Block
from markupsafe import Markup

from components.form import Form
from components.options import VOICES
from components.parts import Parts, Updates, Values
from components.result.templates import rendered
from components.session import visitor_of
from components.status import fault_sentences
from components.texts import Texts, texts_for
from services.assistant import Assistant, Fault, Models, Options, ResponseFormat
from services.errors import ShowAndTellError


def offered(form: Form, models: Models) -> frozenset[str]:
    """The names of the options that any of the models in ``form`` takes."""
    return frozenset().union(*(models.described(one).options for one in form.models))


def usable(form: Form, models: Models) -> Form:
    """``form`` with nothing in the fields that are hidden."""
    names = offered(form, models)
    values = {name: value for name, value in form.option_values.items() if name in names}
    return replace(form, option_values=values)


class Offering:
    """The page's handler of options, over one assistant."""

    def __init__(self, assistant: Assistant, parts: Parts) -> None:
        self._assistant = assistant
        self._parts = parts

    def wire(self, form: set[Block], loaded: Sequence[Any]) -> None:
        """Show what is of use whenever another model is asked, and after what is ``loaded``."""
        question, options = self._parts.question, self._parts.options
        told: dict[str, Any] = {
            "fn": self.options_offered,
            "inputs": form,
            "outputs": [*options.by_name.values(), options.hidden, options.schema_note],
            "queue": False,
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        gr.on(
            [
                question.model.change,
                question.other_model.change,
                self._parts.comparing.models.change,
            ],
            **told,
            trigger_mode="always_last",
        )
        schema: Any = options.by_name["json_schema"]
        schema.blur(
            **told | {"fn": self.schema_typed, "outputs": [options.schema_note]},
            trigger_mode="always_last",
        )
        # The API may have told of its models since the first of them was chosen.
        for one in loaded:
            one.then(**told)

    async def options_offered(self, values: Values, request: gr.Request) -> Updates:
        """Those that the models in front take, and the voices that they have."""
        form, models = Form.read(values), self._assistant.models
        listed = [models.described(one).voices or VOICES for one in form.models]
        # One that is chosen stays to choose from.
        own = [str(form.option_values.get("voice", ""))]
        voices = dict.fromkeys(one for one in chain(*listed, own) if one)
        shown = self._parts.options.shown
        return shown(offered(form, models), tuple(voices), texts_for(request))

    async def schema_typed(self, values: Values, request: gr.Request) -> Updates:
        """What is to be said of a schema, before anything is sent: what is wrong with it."""
        form, texts = Form.read(values), texts_for(request)
        options = Options(json_schema=str(form.option_values.get("json_schema", "")))
        try:
            wanted = await self._assistant.schemas.check(options, visitor_of(request))
        except ShowAndTellError as error:
            words = " ".join(fault_sentences(Fault.of(error), texts))
            said = rendered("schema_note", name=type(error).__name__, words=words, is_bad=True)
        else:
            said = Markup() if wanted is None else _said_of(wanted, texts)
        return {self._parts.options.schema_note: said}


def _said_of(wanted: ResponseFormat, texts: Texts) -> Markup:
    name = "strict" if wanted.strict else "loose"
    words = texts(f"schema.{name}_said", name=wanted.name)
    return rendered("schema_note", name=name, words=words, is_bad=False)
