"""The components that handlers change, and how a view of a run is shown on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from components.fitting import Fitting
from components.inputs import Inputs
from components.question import Question
from components.result.cards import Answer
from components.result.views import Fallback, State, View
from components.status import Status

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
    status: Status
    answer: Answer

    def shown(self, view: View) -> Updates:
        """``view``, by the components that show it."""
        answer = self.answer
        cards = {
            answer.thought: view.thought,
            answer.answer: view.answer,
            answer.mark: view.mark,
            answer.extras: view.extras,
            answer.stats: view.stats,
            answer.receipt: view.receipt,
        }
        changed: Updates = {part: html for part, html in cards.items() if html is not None}
        return changed | {self.status.line: view.status} | self._buttons(view.state, view.fallback)

    def of_runs(self) -> list[Block]:
        """All that :meth:`shown` may change."""
        view = View("rest", "", "", "", "", "", "", "", None)
        return list(self.shown(view))

    def _buttons(self, state: State, fallback: Fallback | None) -> Updates:
        words, model = (fallback.words, fallback.model) if fallback else ("", "")
        return {
            self.question.ask: gr.update(interactive=state != "running"),
            self.question.stop: gr.update(interactive=state == "running"),
            self.status.retry: gr.update(visible=state == "failed"),
            self.status.anyway: gr.update(visible=state == "poor"),
            self.status.fallback: gr.update(visible=fallback is not None, value=words),
            self.status.fallback_model: model,
        }
