"""What many files may cost, told while they are looked at."""

import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Final

import gradio as gr
from gradio.blocks import Block

from components.batch.fold import Fold
from components.batch.shown import price_html
from components.form import Form
from components.offering import usable
from components.parts import Updates, Values
from components.result.pace import paced
from components.session import visitor_of
from components.texts import texts_for
from services.assistant import Assistant
from services.batch import Price, Question, price
from services.errors import ShowAndTellError

#: How often a look at files shows how far it is, in seconds.
_LOOK_S: Final = 0.25


class Pricing:
    """The page's handler of that."""

    def __init__(self, assistant: Assistant, fold: Fold) -> None:
        self._assistant = assistant
        self._fold = fold
        #: The latest event of each visitor whose files are looked at.
        self._latest: dict[str, object] = {}

    def wire(self, form: set[Block], model: gr.Dropdown) -> None:
        """It is told anew with other files and with another model."""
        fold = self._fold
        gr.on(
            [fold.files.change, model.change],
            self.priced,
            form | {fold.files},
            fold.price,
            show_progress="hidden",
            api_visibility="private",
        )

    async def priced(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """What the files that were given may cost, as far as they were looked at."""
        form, shown = usable(Form.read(values), self._assistant.models), self._fold.price
        visitor, texts = visitor_of(request), texts_for(request)
        files = [Path(one) for one in values[self._fold.files] or ()]
        mine = self._latest[visitor] = object()
        if not files:
            yield {shown: ""}
            return
        question = Question(form.prompt, form.asked_model, form.options)

        async def look(tell: Callable[[Price], None]) -> Price:
            return await price(self._assistant, files, question, tell, visitor=visitor)

        try:
            async with contextlib.aclosing(paced(look, lambda: _LOOK_S)) as looks:
                async for one in looks:
                    if self._latest.get(visitor) is not mine:
                        # The last word is shown once more at the end: it must not be of before.
                        yield {shown: gr.skip()}
                        return
                    so_far = one.outcome or (one.events[-1] if one.events else None)
                    if so_far is not None:
                        yield {shown: price_html(so_far, texts)}
        except ShowAndTellError:
            yield {shown: ""}  # what is wrong is told when they are asked about
        finally:
            if self._latest.get(visitor) is mine:
                del self._latest[visitor]
