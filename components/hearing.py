"""Whether a model hears: it is sent a clip of two seconds, of which the words are known."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio.blocks import Block

from components.comparing import comparing_update
from components.form import Form
from components.parts import Parts, Updates, Values
from components.question import model_update, prompt_for
from components.result.templates import rendered
from components.session import Sessions, visitor_of
from components.status import fault_sentences
from components.texts import Texts, texts_for
from services.assistant import Ask, Assistant, Hears, LocalFile, Report, held_against

CLIP: Final = Path(__file__).parent / "examples" / "nine-words.mp3"
#: What is said in it.
SAID: Final = "Many of our old friends came to the party."
WORDS: Final = len(SAID.split())


@dataclass(frozen=True, slots=True)
class Hearing:
    """The components: the press, and what came of it."""

    test: gr.Button
    outcome: gr.HTML


def create_hearing(i18n: gr.I18n) -> Hearing:
    """A press that sends the clip to the chosen model."""
    with gr.Column(elem_id="hearing"):
        test = gr.Button(i18n("hearing.test"), size="sm", elem_id="hear")
        outcome = gr.HTML(js_on_load=None, elem_id="heard")
    return Hearing(test, outcome)


class HearingTests:
    """The page's handler of that press, over one assistant."""

    def __init__(
        self, assistant: Assistant, sessions: Sessions, parts: Parts, hearing: Hearing
    ) -> None:
        self._assistant = assistant
        self._sessions = sessions
        self._parts = parts
        self._hearing = hearing

    def wire(self, form: set[Block]) -> Any:
        """Have the press ask; it gives that after which it is over."""
        parts, hearing = self._parts, self._hearing
        return hearing.test.click(
            self.hear,
            form,
            [hearing.outcome, parts.question.model, parts.comparing.models],
            show_progress="hidden",
            api_visibility="private",
        )

    async def hear(self, values: Values, request: gr.Request) -> AsyncGenerator[Updates, None]:
        """Ask the chosen model what is said, and say how much of it was right."""
        form, texts, visitor = Form.read(values), texts_for(request), visitor_of(request)
        outcome = self._hearing.outcome
        yield {outcome: _html(texts("hearing.asked"))}
        ask = Ask(
            LocalFile(CLIP, "audio"),
            prompt_for(Texts("en"), "audio", "transcribe"),
            form.asked_model,
            api_key=form.key,
        )
        work = self._assistant.run(
            ask, _to_nobody, visitor=visitor, payer=self._sessions.payer(request)
        )
        report = await self._sessions.working(visitor, work, heard_by=visitor)
        self._sessions.paid(visitor, report)
        models, kind = self._assistant.models, form.kind
        if (hears := hears_of(report)) is not None:
            models.note(form.asked_model, hears)
        choices = models.now(kind)
        yield {
            outcome: _html(outcome_words(report, texts)),
            self._parts.question.model: model_update(choices, form.model, models, kind, texts),
            self._parts.comparing.models: comparing_update(choices, models, kind, texts),
        }


def _to_nobody(_: object) -> None:
    """For a run of which nobody follows how far it is."""


def _html(words: str) -> str:
    return rendered("sentence", stage="hearing", words=words)


def hears_of(report: Report) -> Hears | None:
    """How much was heard; None where there is no whole answer."""
    if report.fault is not None:
        return None
    rate = held_against(SAID, report.text).rate
    if "unheard" in report.warnings or rate is None:
        return Hears(0, WORDS)
    return Hears(max(WORDS - round(rate * WORDS), 0), WORDS)


def outcome_words(report: Report, texts: Texts) -> str:
    """What the test has shown, in a sentence."""
    model = report.asked_model
    if report.fault is not None:
        return fault_sentences(report.fault, texts)[0]
    if "unheard" in report.warnings:
        tokens = report.counted.prompt_tokens
        told = texts("unknown") if tokens is None else texts.number(tokens)
        return texts("hearing.deaf", model=model, tokens=told)
    hears, cost = hears_of(report), report.counted.cost
    assert hears is not None  # there is a whole answer
    return texts(
        "hearing.heard",
        model=model,
        wrong=texts.number(hears.words - hears.right),
        words=texts.number(hears.words),
        cost=texts("unknown") if cost is None else texts("line.cost", cost=texts.number(cost, 6)),
        seconds=texts.took(report.timings_ms.total / 1000),
    )
