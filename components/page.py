"""The page: layout, and who listens to whom."""

from typing import Any, Final

import gradio as gr

from components.answer import Answer, create_answer
from components.connection import create_banner, create_key_field
from components.endpoints import create_endpoints
from components.fitting import Fitting, create_fitting
from components.handlers import Handlers
from components.inputs import Inputs, create_inputs
from components.question import Question, create_question
from components.run import View
from components.status import Status, create_status
from components.visits import Visits
from services.assistant import Assistant, Kept

#: How often uploads are looked through, and how old they get, in seconds. A
#: recording lives long enough for a talk and the questions after it.
KEPT_S: Final = (1800, 4 * 3600)
#: Runs at once, and visitors who may wait for one.
AT_ONCE: Final = 40
WAITING: Final = 100

_SHOW_ANSWER: Final = """() => {
    if (window.innerWidth < 700)
        document.querySelector("#status").scrollIntoView({block: "start", behavior: "smooth"});
}"""


def create_page(assistant: Assistant, i18n: gr.I18n) -> gr.Blocks:
    """The whole page over ``assistant``."""
    page: gr.Blocks = gr.Blocks(
        title="Show & Tell", analytics_enabled=False, delete_cache=KEPT_S, fill_width=True
    )
    with page:
        with gr.Row(elem_id="top"):
            gr.Markdown("# Show & Tell", elem_id="name")
            gr.Markdown(i18n("page.tagline"), elem_id="tagline")
            create_banner(i18n, assistant.api)
        with gr.Row(elem_id="columns", equal_height=False):
            with gr.Column(scale=5, min_width=320):
                inputs = create_inputs(i18n)
                fitting = create_fitting(i18n)
                question = create_question(i18n)
                status = create_status(i18n)
                key = create_key_field(i18n, assistant.api)
            with gr.Column(scale=6, min_width=320):
                answer = create_answer(i18n)
        visits = Visits()
        handlers = Handlers(assistant, visits)
        _wire_inputs(page, handlers, inputs, question, status, answer)
        _wire_plan(handlers, inputs, question, fitting)
        _wire_ask(handlers, inputs, fitting, question, status, key, answer)
        page.unload(handlers.left)
        create_endpoints(assistant, visits)
    page.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING, api_open=False)
    return page


def _wire_inputs(
    page: gr.Blocks,
    handlers: Handlers,
    inputs: Inputs,
    question: Question,
    status: Status,
    answer: Answer,
) -> None:
    quick: dict[str, Any] = {
        "queue": False,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    asked = [question.task, question.prompt, question.model]
    page.load(
        handlers.opened,
        None,
        [question.prompt, question.model, status.line, answer.stats, answer.receipt],
        **quick,
    )
    # One listener for all tabs, and one for all that makes Ask wake up or sleep:
    # a slow answer to an earlier event then never overtakes a later one.
    gr.on(
        [tab.select for tab in inputs.tabs],
        handlers.chose,
        [question.task, question.prompt, question.model],
        [inputs.chosen, *asked],
        trigger_mode="always_last",
        # Gradio tells a state's listeners of a change after queued events alone.
        **(quick | {"queue": True}),
    )
    gr.on(
        [source.change for source in inputs.sources()],
        handlers.readiness,
        inputs.given(),
        [question.ask, status.line, status.retry, status.anyway],
        trigger_mode="always_last",
        **quick,
    )
    question.task.input(
        handlers.task_chosen, [inputs.chosen, question.task], question.prompt, **quick
    )
    # Not `input`, which Gradio sends for key presses alone, not for pasted words.
    question.prompt.change(
        handlers.prompt_changed,
        [inputs.chosen, question.task, question.prompt],
        question.task,
        **quick,
    )
    audio = inputs.audio
    audio.file.change(
        handlers.audio_file_arrived,
        [audio.file, audio.rate, audio.channels],
        [audio.raw, audio.pcm, audio.preview],
        **quick,
    )
    gr.on(
        [audio.pcm.input, audio.rate.input, audio.channels.input],
        handlers.samples_described,
        [audio.file, *audio.about_samples()],
        audio.preview,
        trigger_mode="always_last",
        **quick,
    )
    inputs.video.file.change(
        # What came last counts: a new film takes the place of an old link.
        lambda path: "" if path else gr.skip(),
        inputs.video.file,
        inputs.video.url,
        **quick,
    )


def _wire_plan(handlers: Handlers, inputs: Inputs, question: Question, fitting: Fitting) -> None:
    """Say what will be sent whenever something that decides it has changed."""
    gr.on(
        [
            *(source.change for source in inputs.sources()),
            *(one.input for one in inputs.audio.about_samples()),
            question.model.change,
            fitting.choice.input,
            fitting.start.blur,
            fitting.end.blur,
            fitting.start.submit,
            fitting.end.submit,
        ],
        handlers.planned,
        [question.model, *fitting.given(), *inputs.given()],
        [fitting.card, fitting.choice],
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )


def _wire_ask(
    handlers: Handlers,
    inputs: Inputs,
    fitting: Fitting,
    question: Question,
    status: Status,
    key: gr.Textbox,
    answer: Answer,
) -> None:
    kept = gr.State(Kept())
    shown = View(
        answer=answer.answer,
        mark=answer.mark,
        stats=answer.stats,
        receipt=answer.receipt,
        kept=kept,
        status=status.line,
        ask=question.ask,
        stop=question.stop,
        retry=status.retry,
        anyway=status.anyway,
    )
    asked = [kept, question.prompt, question.model, key, *fitting.given(), *inputs.given()]
    runs: list[Any] = [
        button.click(
            handlers.ask,
            [gr.State(how), *asked],
            list(shown),
            show_progress="hidden",
            api_visibility="private",
        )
        for how, button in (
            ("ask", question.ask),
            ("retry", status.retry),
            ("anyway", status.anyway),
        )
    ]
    # On a telephone the answer begins below the edge of the screen.
    question.ask.click(None, js=_SHOW_ANSWER)
    at_rest: dict[str, Any] = {
        "outputs": list(shown),
        "queue": False,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    # A last view of the run may be on its way when Stop answers, and would put
    # the page back to work for ever: so Stop says it again once that is over.
    question.stop.click(handlers.stopped, None, cancels=runs, **at_rest).then(
        handlers.settled, None, **at_rest
    )
