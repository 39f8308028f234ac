"""The page: layout, and who listens to whom."""

from typing import Any, Final

import gradio as gr
from gradio.blocks import Block

from components.allowance import create_allowance
from components.connection import Connection, create_api_link, create_banner, create_connection
from components.endpoints import create_endpoints
from components.fairness import share_fairly
from components.fitting import create_fitting
from components.form import FIELDS, field_of
from components.guard import GuardedBlocks
from components.handlers import Handlers
from components.inputs import create_inputs
from components.link import BASE_JS, COPY_JS, create_link
from components.options import create_options
from components.parts import Parts
from components.payer import Payers
from components.privacy import create_privacy
from components.question import TAKE_JS, create_question
from components.result.feed import create_feed
from components.runs import Runs
from components.session import Sessions
from components.shell.switches import create_switches
from components.status import create_sending, create_status, create_uploading
from services.assistant import Assistant

#: How often uploads are looked through, and how old they get, in seconds. A
#: recording lives long enough for a talk and the questions after it.
KEPT_S: Final = (1800, 4 * 3600)
#: Runs at once. Work on files has its own bounds; a run that waits for the API costs
#: next to nothing, but each is somebody's money.
CONCURRENT_RUNS: Final = 500
#: Visitors who may wait for one.
WAITING: Final = 100

#: What the tab remembers of the form, and how: it outlives a reload, and nothing else.
_REMEMBER: Final = """(source, task, prompt, model) => {
    const input = {record: "record", audio_file: "file", video: "film"}[source];
    sessionStorage.setItem("form", JSON.stringify({input, task, prompt, model}));
}"""
_REMEMBERED: Final = """() => [sessionStorage.getItem("form") ?? ""]"""

#: What answers at once, without a place in Gradio's queue.
_QUICK: Final[dict[str, Any]] = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
}


def create_page(assistant: Assistant, i18n: gr.I18n, sessions: Sessions) -> gr.Blocks:
    """The whole page over ``assistant``: what is given, the answers, and the composer.

    ``sessions`` knows who is here.
    """
    page = GuardedBlocks(
        title="Show & Tell", analytics_enabled=False, delete_cache=KEPT_S, fill_width=True
    )
    with page:
        with gr.Column(elem_id="flow"):
            with gr.Row(elem_id="top"):
                gr.Markdown("# Show & Tell", elem_id="name")
                create_banner(i18n, assistant.api)
                allowance = create_allowance()
                create_api_link(i18n)
                create_switches()
            with gr.Column(elem_id="given"):
                inputs = create_inputs(i18n)
                with gr.Column(elem_id="more"):
                    fitting = create_fitting(i18n)
                    create_options(i18n)
                    connection = create_connection(i18n, assistant.api)
                    link = create_link(i18n)
                    create_privacy(i18n, assistant.api)
            feed = create_feed(i18n)
        with gr.Column(elem_id="composer"):
            with gr.Row(elem_id="news"):
                create_uploading()
                status = create_status()
                sending = create_sending()
            question = create_question(i18n)
        parts = Parts(inputs, fitting, question, status, sending, feed, link, connection, allowance)
        handlers = Handlers(assistant, sessions, parts)
        form = form_components(page)
        _wire_inputs(handlers, parts, form)
        _wire_memory(page, handlers, parts)
        _wire_link(handlers, parts, form)
        _wire_forecast(handlers, parts, form)
        ends = _wire_ask(Runs(assistant, sessions, parts), parts, form)
        _wire_allowance(page, handlers, parts, form, ends)
        _wire_payer(Payers(assistant, connection), connection, ends)
        page.unload(handlers.left)
        create_endpoints(assistant, sessions)
    page.queue(default_concurrency_limit=None, max_size=WAITING, api_open=False)
    share_fairly(page, sessions.payer)
    return page


def form_components(page: gr.Blocks) -> set[Block]:
    """The components of ``page`` that hold a field of the form: those with its name as their id."""
    return {block for block in page.blocks.values() if field_of(block) in FIELDS}


def _wire_inputs(handlers: Handlers, parts: Parts, form: set[Block]) -> None:
    inputs, question, feed = parts.inputs, parts.question, parts.feed
    fitting, audio = parts.fitting, parts.inputs.audio
    # One listener for all that decides the kind, and one for all that makes Ask wake up or
    # sleep: a slow answer to an earlier event then never overtakes a later one.
    gr.on(
        [inputs.source.input, fitting.found.change],
        handlers.kind_changed,
        form,
        [question.suggested, question.model, audio.preview],
        trigger_mode="always_last",
        **_QUICK,
    ).then(
        None,
        [question.suggested, question.prompt, question.task],
        [question.prompt, question.task],
        js=TAKE_JS,
    ).then(handlers.models_arrived, form, [question.model], **_QUICK)
    gr.on(
        [source.change for source in _sources(parts)],
        handlers.media_changed,
        form,
        [
            question.ask,
            parts.status,
            feed.retry,
            feed.anyway,
            feed.fallback,
            fitting.choice,
            fitting.track,
            fitting.start,
            fitting.end,
            fitting.fitted,
        ],
        trigger_mode="always_last",
        **_QUICK,
    )
    question.earlier.change(
        handlers.conversation_changed,
        form,
        [question.task, question.prompt, question.afresh],
        **_QUICK,
    )
    question.afresh.click(handlers.afresh, None, [question.earlier], **_QUICK)
    question.model.change(handlers.model_chosen, form, [question.other_model], **_QUICK)
    question.task.input(handlers.task_chosen, form, [question.prompt, question.own_words], **_QUICK)
    # Not `input`, which Gradio sends for key presses alone, not for pasted words.
    question.prompt.change(handlers.prompt_changed, form, [question.task], **_QUICK)
    audio.file.change(
        handlers.audio_file_arrived, form, [audio.raw, audio.pcm, audio.preview], **_QUICK
    )
    gr.on(
        [audio.pcm.input, audio.rate.input, audio.channels.input],
        handlers.samples_described,
        form,
        [audio.preview],
        trigger_mode="always_last",
        **_QUICK,
    )
    inputs.video.file.change(handlers.film_arrived, form, [inputs.video.url], **_QUICK)


def _wire_memory(page: gr.Blocks, handlers: Handlers, parts: Parts) -> None:
    inputs, question = parts.inputs, parts.question
    left = gr.Textbox(visible=False)
    asked: list[Any] = [inputs.source, question.task, question.prompt, question.model]
    page.load(
        handlers.opened,
        [left],
        [*asked, parts.status, parts.connection.payer],
        js=_REMEMBERED,
        # Not _QUICK: it has more than one thing to say.
        show_progress="hidden",
        api_visibility="private",
    )
    gr.on([one.change for one in asked], None, asked, js=_REMEMBER)


def _wire_link(handlers: Handlers, parts: Parts, form: set[Block]) -> None:
    """The browser says where the page is, we make the link, the browser copies it."""
    link = parts.link
    link.make.click(None, None, [link.base], js=BASE_JS).then(
        handlers.link_made, form | {link.base}, [link.link, link.picture], **_QUICK
    ).then(None, [link.link], None, js=COPY_JS)


def _wire_payer(payers: Payers, connection: Connection, ends: list[Any]) -> None:
    """Who pays with another key; and what they have left of it after each run as well."""
    key, payer, came_back = connection.key, connection.payer, connection.came_back
    told: dict[str, Any] = {
        "fn": payers.key_changed,
        "inputs": [key],
        "outputs": [payer],
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    came_back.change(
        payers.came_back, [came_back, key], [came_back, connection.fold, key, payer], **_QUICK
    )
    key.change(**told, trigger_mode="always_last")
    for end in ends:
        end.then(**told)


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
            parts.question.earlier.change,
            fitting.choice.input,
            fitting.track.input,
            fitting.start.blur,
            fitting.end.blur,
            fitting.start.submit,
            fitting.end.submit,
        ],
        handlers.forecast,
        form,
        [parts.sending, fitting.plan, fitting.choice, fitting.track, fitting.found],
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )


def _wire_allowance(
    page: gr.Blocks, handlers: Handlers, parts: Parts, form: set[Block], ends: list[Any]
) -> None:
    """What is left when the page is opened, after each run, and with another key."""
    key: Any = next(one for one in form if field_of(one) == "api_key")
    told: dict[str, Any] = {"fn": handlers.allowance, "inputs": form, "outputs": [parts.allowance]}
    page.load(**told, **_QUICK)
    key.change(**told, **_QUICK)
    for end in ends:
        end.then(**told, **_QUICK)


def _wire_ask(runs: Runs, parts: Parts, form: set[Block]) -> list[Any]:
    """What asks, and what stops it; it gives all after which a run is over."""
    question, feed = parts.question, parts.feed
    shown = parts.of_runs()
    asking: list[Any] = [
        gr.on(
            [button.click for button in buttons],
            handler,
            form,
            outputs,
            show_progress="hidden",
            api_visibility="private",
        )
        for buttons, handler, outputs in (
            ([question.ask, feed.retry], runs.ask, shown),
            ([feed.anyway], runs.anyway, shown),
            ([feed.fallback], runs.fallback, [*shown, question.model]),
        )
    ]
    stopping = question.stop.click(
        runs.stopped,
        None,
        shown,
        cancels=asking,
        show_progress="hidden",
        api_visibility="private",
    )
    return [*asking, stopping]
