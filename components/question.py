"""What is asked: the task, the words, the model, Ask and Stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import gradio as gr

from components.texts import Texts
from services.assistant import Kind

Task = Literal["transcribe", "translate", "summarise", "describe", "own"]

TASKS: Final[tuple[Task, ...]] = ("transcribe", "translate", "summarise", "describe", "own")
#: What most people want of a sound, and of a film.
DEFAULT_TASK: Final = MappingProxyType[Kind, Task]({"audio": "transcribe", "video": "describe"})


@dataclass(frozen=True, slots=True)
class Question:
    """The components of the question."""

    task: gr.Radio
    prompt: gr.Textbox
    model: gr.Dropdown
    ask: gr.Button
    stop: gr.Button


def create_question(i18n: gr.I18n) -> Question:
    """The question, with Ask asleep until there is something to ask about."""
    task = gr.Radio(
        choices=[(i18n(f"task.{task}"), task) for task in TASKS],
        value=DEFAULT_TASK["audio"],
        label=i18n("task.label"),
        elem_id="task",
    )
    prompt = gr.Textbox(
        label=i18n("prompt.label"),
        placeholder=i18n("prompt.placeholder"),
        lines=2,
        max_lines=8,
        elem_id="prompt",
    )
    model = gr.Dropdown(
        choices=[],
        value=None,
        allow_custom_value=True,
        label=i18n("model.label"),
        elem_id="model",
    )
    with gr.Row(elem_classes="actions"):
        ask = gr.Button(i18n("ask.button"), variant="primary", interactive=False, elem_id="ask")
        stop = gr.Button(i18n("stop.button"), variant="stop", interactive=False, elem_id="stop")
    return Question(task, prompt, model, ask, stop)


def model_update(
    models: Sequence[str],
    now: str,
    fits: Callable[[str], bool | None],
    kind: Kind,
    texts: Texts,
) -> Any:
    """``models`` to choose from, with what ``fits`` knows of each; ``now`` is kept if it may."""

    def label(model: str) -> str:
        match fits(model):
            case None:
                return texts(f"model.unknown.{kind}", model=model)
            case False:
                return texts(f"model.unfit.{kind}", model=model)
        return model

    choices = [(label(model), model) for model in models]
    return gr.update(choices=choices, value=now if now in models else models[0])


def prompt_for(texts: Texts, kind: Kind, task: Task) -> str:
    """The words a task stands for; none for a person's own."""
    return "" if task == "own" else texts(f"prompt.{kind}.{task}")


def task_after(task: Task, kind: Kind) -> Task:
    """The task once the input is of ``kind``: the other kind's default gives way."""
    other: Kind = "video" if kind == "audio" else "audio"
    return DEFAULT_TASK[kind] if task == DEFAULT_TASK[other] else task
