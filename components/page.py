"""The page: layout, and who listens to whom."""

from typing import Any, Final

import gradio as gr
from gradio.blocks import Block

from components.connection import create_banner, create_key_field
from components.endpoints import create_endpoints
from components.fitting import create_fitting
from components.form import FIELDS, field_of
from components.guard import guarded
from components.handlers import Handlers
from components.inputs import create_inputs
from components.options import create_options
from components.parts import Parts
from components.question import create_question
from components.result.cards import create_answer
from components.runs import Runs
from components.session import Sessions
from components.status import create_status
from services.assistant import Assistant

#: How often uploads are looked through, and how old they get, in seconds. A
#: recording lives long enough for a talk and the questions after it.
KEPT_S: Final = (1800, 4 * 3600)
#: Runs at once. Work on files has its own bounds; a run that waits for the API costs
#: next to nothing, but each is somebody's money.
CONCURRENT_RUNS: Final = 500
#: Visitors who may wait for one.
WAITING: Final = 100

_SHOW_ANSWER: Final = """() => {
    if (window.innerWidth < 700)
        document.querySelector("#status").scrollIntoView({block: "start", behavior: "smooth"});
}"""

#: What answers at once, without a place in Gradio's queue.
_QUICK: Final[dict[str, Any]] = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
}


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
                create_options(i18n)
                create_key_field(i18n, assistant.api)
            with gr.Column(scale=6, min_width=320):
                answer = create_answer(i18n)
        parts = Parts(inputs, fitting, question, status, answer)
        sessions = Sessions()
        handlers = Handlers(assistant, sessions, parts)
        form = form_components(page)
        _wire_inputs(page, handlers, parts, form)
        _wire_forecast(handlers, parts, form)
        _wire_ask(Runs(assistant, sessions, parts), parts, form)
        page.unload(guarded(handlers.left))
        create_endpoints(assistant, sessions)
    page.queue(default_concurrency_limit=None, max_size=WAITING, api_open=False)
    return page


def form_components(page: gr.Blocks) -> set[Block]:
    """The components of ``page`` that hold a field of the form: those with its name as their id."""
    return {block for block in page.blocks.values() if field_of(block) in FIELDS}


def _wire_inputs(page: gr.Blocks, handlers: Handlers, parts: Parts, form: set[Block]) -> None:
    inputs, question, status, answer = parts.inputs, parts.question, parts.status, parts.answer
    fitting, audio = parts.fitting, parts.inputs.audio
    page.load(
        guarded(handlers.opened),
        None,
        [question.prompt, question.model, status.line, answer.stats, answer.receipt],
        # Not _QUICK: it has more than one thing to say.
        show_progress="hidden",
        api_visibility="private",
    )
    # One listener for all tabs, and one for all that makes Ask wake up or sleep:
    # a slow answer to an earlier event then never overtakes a later one.
    gr.on(
        [tab.select for tab in inputs.tabs],
        guarded(handlers.chose),
        form,
        [inputs.source, question.task, question.prompt, question.model],
        trigger_mode="always_last",
        # Gradio tells a state's listeners of a change after queued events alone.
        **(_QUICK | {"queue": True}),
    ).then(guarded(handlers.models_arrived), form, [question.model], **_QUICK)
    gr.on(
        [source.change for source in _sources(parts)],
        guarded(handlers.media_changed),
        form,
        [
            question.ask,
            status.line,
            status.retry,
            status.anyway,
            status.fallback,
            fitting.choice,
            fitting.track,
            fitting.start,
            fitting.end,
            fitting.fitted,
        ],
        trigger_mode="always_last",
        **_QUICK,
    )
    question.task.input(guarded(handlers.task_chosen), form, [question.prompt], **_QUICK)
    # Not `input`, which Gradio sends for key presses alone, not for pasted words.
    question.prompt.change(guarded(handlers.prompt_changed), form, [question.task], **_QUICK)
    audio.file.change(
        guarded(handlers.audio_file_arrived), form, [audio.raw, audio.pcm, audio.preview], **_QUICK
    )
    gr.on(
        [audio.pcm.input, audio.rate.input, audio.channels.input],
        guarded(handlers.samples_described),
        form,
        [audio.preview],
        trigger_mode="always_last",
        **_QUICK,
    )
    inputs.video.file.change(guarded(handlers.film_arrived), form, [inputs.video.url], **_QUICK)


def _sources(parts: Parts) -> list[Any]:
    """What holds media, and which of it is in front."""
    inputs = parts.inputs
    video = inputs.video
    return [inputs.source, inputs.record, inputs.audio.file, video.file, video.url]


def _wire_forecast(handlers: Handlers, parts: Parts, form: set[Block]) -> None:
    """Say what will be sent whenever something that decides it has changed."""
    fitting, audio = parts.fitting, parts.inputs.audio
    gr.on(
        [
            *(source.change for source in _sources(parts)),
            *(one.input for one in (audio.pcm, audio.rate, audio.channels)),
            parts.question.model.change,
            fitting.choice.input,
            fitting.track.input,
            fitting.start.blur,
            fitting.end.blur,
            fitting.start.submit,
            fitting.end.submit,
        ],
        guarded(handlers.forecast),
        form,
        [fitting.card, fitting.choice, fitting.track],
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )


def _wire_ask(runs: Runs, parts: Parts, form: set[Block]) -> None:
    question, status = parts.question, parts.status
    shown = parts.of_runs()
    asking: list[Any] = [
        button.click(handler, form, outputs, show_progress="hidden", api_visibility="private")
        for button, handler, outputs in (
            (question.ask, guarded(runs.ask), shown),
            (status.retry, guarded(runs.retry), shown),
            (status.anyway, guarded(runs.anyway), shown),
            (status.fallback, guarded(runs.fallback), [*shown, question.model]),
        )
    ]
    # On a telephone the answer begins below the edge of the screen.
    question.ask.click(None, js=_SHOW_ANSWER)
    question.stop.click(
        guarded(runs.stopped),
        None,
        shown,
        cancels=asking,
        show_progress="hidden",
        api_visibility="private",
    )
