"""What is asked: the task, the words, the model, Ask and Stop."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

import gradio as gr

from components.texts import Texts
from services.assistant import Kind, Models

Task = Literal["transcribe", "translate", "summarise", "describe", "own"]

TASKS: Final[tuple[Task, ...]] = ("transcribe", "translate", "summarise", "describe", "own")
#: The choice of a model that is not among those to choose from.
OTHER: Final = "another"
#: How many models may be asked besides the chosen one.
MOST_OTHERS: Final = 5
#: What most people want of a sound, and of a film.
DEFAULT_TASK: Final = MappingProxyType[Kind, Task]({"audio": "transcribe", "video": "describe"})


@dataclass(frozen=True, slots=True)
class Question:
    """The components of the question."""

    task: gr.Radio
    prompt: gr.Textbox
    model: gr.Dropdown
    other_model: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    own_words: gr.Textbox
    suggested: gr.Textbox
    earlier: gr.Textbox
    afresh: gr.Button


def create_question(i18n: gr.I18n) -> Question:
    """The question, with Ask asleep until there is something to ask about."""
    task = gr.Radio(
        choices=[(i18n(f"task.{task}"), task) for task in TASKS],
        value=DEFAULT_TASK["audio"],
        label=i18n("task.label"),
        elem_id="task",
    )
    afresh = gr.Button(i18n("follow.afresh"), visible=False, size="sm", elem_id="afresh")
    with gr.Row(elem_id="question", equal_height=False):
        prompt = gr.Textbox(
            label=i18n("prompt.label"),
            placeholder=i18n("prompt.placeholder"),
            lines=2,
            max_lines=2,
            elem_id="prompt",
        )
        with gr.Column(elem_id="asking"):
            model, other_model = _create_model(i18n)
            with gr.Row(elem_classes="actions"):
                ask = gr.Button(
                    i18n("ask.button"), variant="primary", interactive=False, elem_id="ask"
                )
                stop = gr.Button(i18n("stop.button"), interactive=False, elem_id="stop")
    # One's own words while a task's stand in their place.
    own_words = gr.Textbox(visible=False, elem_id="own-words")
    # What another input is asked by itself, until the browser has seen whether it may be.
    suggested = gr.Textbox(visible=False, elem_id="suggested")
    # What is followed up: follow.js writes it when that is pressed on a card.
    earlier = gr.Textbox(visible="hidden", elem_id="earlier")
    return Question(
        task, prompt, model, other_model, ask, stop, own_words, suggested, earlier, afresh
    )


def _create_model(i18n: gr.I18n) -> tuple[gr.Dropdown, gr.Textbox]:
    """The model, and a field for one that is not among those to choose from."""
    model = gr.Dropdown(
        choices=[], value=None, allow_custom_value=True, label=i18n("model.label"), elem_id="model"
    )
    free_on_the_server(model)
    other = gr.Textbox(
        label=i18n("model.other_label"),
        placeholder="maker/model",
        max_lines=1,
        visible=False,
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
        elem_id="other-model",
    )
    return model, other


def free_on_the_server(dropdown: gr.Dropdown) -> None:
    """Have ``dropdown``, which takes what is typed, take none of it in a browser.

    There a list that does adds what is typed to what stood there, and sends a model that does
    not exist. On the server one that takes none refuses what a browser still has while other
    choices are on their way to it.
    """
    for_browser = dropdown.get_config() | {"allow_custom_value": False}
    dropdown.get_config = lambda *_: for_browser  # type: ignore[method-assign]  # see above


def model_update(choices: Sequence[str], now: str, models: Models, kind: Kind, texts: Texts) -> Any:
    """``choices`` to choose from, with what ``models`` knows of each; ``now`` is kept if it may.

    The last choice is one that is none of them.
    """
    offered = [*model_choices(choices, models, kind, texts), (texts("model.other"), OTHER)]
    # What is chosen is not written again: it may have been chosen anew since it was read.
    value: dict[str, Any] = {} if now in (*choices, OTHER) else {"value": choices[0]}
    return gr.update(choices=offered, **value)


def model_choices(
    choices: Sequence[str], models: Models, kind: Kind, texts: Texts
) -> list[tuple[str, str]]:
    """``choices`` with what ``models`` knows of each."""
    return [(_label(one, models, kind, texts), one) for one in choices]


def _label(choice: str, models: Models, kind: Kind, texts: Texts) -> str:
    """The name, by which most look for it, and the id, by which the others do."""
    model, fits = models.described(choice), models.fits(kind, choice)
    words = model.id if model.name == model.id else f"{model.name} · {model.id}"
    if fits is None:
        words = texts(f"model.unknown.{kind}", model=words)
    elif not fits:
        words = texts(f"model.unfit.{kind}", model=words)
    if (hears := models.hears(choice)) is not None:
        facts = {"right": texts.number(hears.right), "words": texts.number(hears.words)}
        words = texts("model.heard", model=words, **facts)
    if model.ends is not None:
        has_ended = model.ends <= datetime.now(UTC).date()
        day = texts.day(model.ends)
        words = texts("model.ended" if has_ended else "model.ends", model=words, day=day)
    return words


def prompt_for(texts: Texts, kind: Kind, task: Task) -> str:
    """The words a task stands for; none for a person's own."""
    return "" if task == "own" else texts(f"prompt.{kind}.{task}")


#: Takes what is suggested where the words are still those that it is to stand in the place of:
#: a person may have begun to write since.
TAKE_JS: Final = """(suggested, prompt, task) => {
    const {instead_of, words, of} = JSON.parse(suggested);
    return (prompt ?? "") === instead_of ? [words, of] : [prompt, task];
}"""


def suggestion(now: str, words: str, task: Task) -> str:
    """``words`` of ``task`` in the place of those there are ``now``, for :data:`TAKE_JS`."""
    return json.dumps({"instead_of": now, "words": words, "of": task})


def is_a_tasks(prompt: str, texts: Texts) -> bool:
    """Whether ``prompt`` is a task's words, or none: any other is a person's own."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    return prompt in {prompt_for(texts, kind, task) for kind in kinds for task in TASKS}


def task_after(task: Task, kind: Kind) -> Task:
    """The task once the input is of ``kind``: the other kind's default gives way."""
    other: Kind = "video" if kind == "audio" else "audio"
    return DEFAULT_TASK[kind] if task == DEFAULT_TASK[other] else task
