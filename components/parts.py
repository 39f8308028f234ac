"""The components that handlers change, and how a view of a run is shown on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from components.comparing import Comparing
from components.connection import Connection
from components.fitting import Fitting
from components.inputs import Inputs
from components.link import Link
from components.options import OptionFields
from components.question import Question
from components.result.feed import Feed
from components.result.views import Fallback, State, View

#: What changes: a value, or what gr.update() returns, by the component it changes.
Updates = dict[Block, Any]
#: What stands in the components, as Gradio hands it to a handler.
Values = Mapping[Block, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that handlers change."""

    inputs: Inputs
    fitting: Fitting
    question: Question
    status: gr.HTML
    sending: gr.HTML
    feed: Feed
    link: Link
    connection: Connection
    allowance: gr.HTML
    comparing: Comparing
    options: OptionFields

    def shown(self, view: View) -> Updates:
        """``view``, by the components that show it."""
        card: Updates = {} if view.card is None else {self.feed.newest: view.card}
        return card | {self.status: view.status} | self._buttons(view.state, view.fallback)

    def of_runs(self) -> list[Block]:
        """All that :meth:`shown` may change."""
        return list(self.shown(View("rest", "", "")))

    def _buttons(self, state: State, fallback: Fallback | None) -> Updates:
        words, model = (fallback.words, fallback.model) if fallback else ("", "")
        return {
            self.question.ask: gr.update(interactive=state != "running"),
            self.question.stop: gr.update(interactive=state == "running"),
            self.feed.retry: gr.update(visible=state == "failed"),
            self.feed.anyway: gr.update(visible=state == "poor"),
            self.feed.fallback: gr.update(visible=fallback is not None, value=words),
            self.feed.fallback_model: model,
        }
