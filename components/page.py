"""The page: layout, and who listens to whom."""

from typing import Any, Final

import gradio as gr
from gradio.blocks import Block

from components.allowance import create_allowance
from components.batch.earlier import Earlier
from components.batch.endpoint import create_endpoint
from components.batch.files import Zips
from components.batch.fold import Fold, create_fold
from components.batch.handlers import Batching
from components.batch.pricing import Pricing
from components.comparing import create_comparing
from components.connection import create_api_link, create_banner, create_connection
from components.endpoints import create_endpoints
from components.fairness import share_fairly
from components.fitting import create_fitting
from components.forecasts import Forecasts
from components.form import FIELDS, field_of
from components.guard import GuardedBlocks
from components.handlers import Handlers
from components.hearing import HearingTests, create_hearing
from components.inputs import create_inputs
from components.lean import keep_little
from components.link import BASE_JS, COPY_JS, create_link
from components.offering import Offering
from components.options import create_options
from components.parts import Parts
from components.payer import Payers
from components.privacy import create_privacy
from components.proof import Proofs, create_proof
from components.question import TAKE_JS, create_question
from components.result.feed import create_feed
from components.runs import Runs
from components.session import Sessions
from components.setup import REMEMBER_JS, REMEMBERED_JS
from components.shell.switches import create_switches
from components.status import create_sending, create_status, create_uploading
from services.assistant import Assistant
from services.batch import Batches

#: How often uploads are looked through, and how old they get, in seconds. A
#: recording lives long enough for a talk and the questions after it.
KEPT_S: Final = (1800, 4 * 3600)
#: Runs at once. Work on files has its own bounds; a run that waits for the API costs
#: next to nothing, but each is somebody's money.
CONCURRENT_RUNS: Final = 500
#: Visitors who may wait for one.
WAITING: Final = 100

#: What answers at once, without a place in Gradio's queue.
_QUICK: Final[dict[str, Any]] = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
}


def create_page(
    assistant: Assistant, batches: Batches, i18n: gr.I18n, sessions: Sessions
) -> gr.Blocks:
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
                    comparing = create_comparing(i18n)
                    fold = create_fold(i18n)
                    hearing = create_hearing(i18n)
                    options = create_options(i18n)
                    connection = create_connection(i18n, assistant.api)
                    link = create_link(i18n)
                    create_privacy(i18n, assistant.api)
            feed = create_feed(i18n)
            proof = create_proof()
        with gr.Column(elem_id="composer"):
            with gr.Row(elem_id="news"):
                create_uploading()
                status = create_status()
                sending = create_sending()
            question = create_question(i18n)
        parts = Parts(
            inputs,
            fitting,
            question,
            status,
            sending,
            feed,
            link,
            connection,
            allowance,
            comparing,
            options,
        )
        handlers = Handlers(assistant, sessions, parts)
        form = form_components(page)
        loaded = [_wire_inputs(handlers, parts, form), _wire_memory(page, handlers, parts, form)]
        _wire_link(handlers, parts, form)
        _wire_forecast(Forecasts(assistant, parts), parts, form)
        ends = Runs(assistant, sessions, parts).wire(form)
        ends.append(HearingTests(assistant, sessions, parts, hearing).wire(form))
        Proofs(assistant, sessions, proof).wire(form)
        zips = Zips(batches)
        ends += Batching(batches, zips, sessions, fold).wire(page, form)
        _wire_files(assistant, batches, fold, form, parts.question.model)
        _wire_allowance(page, handlers, parts, form, ends)
        Payers(assistant, connection, sessions.payer).wire(ends)
        Offering(assistant, parts).wire(form, loaded)
        page.unload(handlers.left)
        create_endpoints(assistant, sessions)
        create_endpoint(assistant, batches, zips, sessions)
    page.queue(default_concurrency_limit=None, max_size=WAITING, api_open=False)
    share_fairly(page, sessions.payer)
    keep_little(page)
    return page


def _wire_files(
    assistant: Assistant, batches: Batches, fold: Fold, form: set[Block], model: gr.Dropdown
) -> None:
    """What is said of many files before they are asked about, and of those before them."""
    Pricing(assistant, fold).wire(form, model)
    Earlier(batches, fold).wire()


def form_components(page: gr.Blocks) -> set[Block]:
    """The components of ``page`` that hold a field of the form: those with its name as their id."""
    return {block for block in page.blocks.values() if field_of(block) in FIELDS}


def _wire_inputs(handlers: Handlers, parts: Parts, form: set[Block]) -> Any:
    """It gives what brings the models of another kind."""
    inputs, question, feed = parts.inputs, parts.question, parts.feed
    fitting, audio, video = parts.fitting, inputs.audio, inputs.video
    # One listener for all that decides the kind, and one for all that makes Ask wake up or
    # sleep: a slow answer to an earlier event then never overtakes a later one.
    models = (
        gr.on(
            [inputs.source.input, fitting.found.change],
            handlers.kind_changed,
            form,
            [question.suggested, question.model, parts.comparing.models, audio.preview],
            trigger_mode="always_last",
            **_QUICK,
        )
        .then(
            None,
            [question.suggested, question.prompt, question.task],
            [question.prompt, question.task],
            js=TAKE_JS,
        )
        .then(**_models_told(handlers, parts, form))
    )
    gr.on(
        [one.change for one in (inputs.source, inputs.record, audio.file, video.file, video.url)],
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
    video.file.change(handlers.film_arrived, form, [video.url], **_QUICK)
    return models


def _models_told(handlers: Handlers, parts: Parts, form: set[Block]) -> dict[str, Any]:
    """What tells of the models once the API has.

    It comes after another event, and is no later word of that one: with the end of what has
    several words Gradio writes the last of them once more, over what was chosen since.
    """
    outputs = [parts.question.model, parts.comparing.models]
    return {"fn": handlers.models_arrived, "inputs": form, "outputs": outputs} | _QUICK


def _wire_memory(page: gr.Blocks, handlers: Handlers, parts: Parts, form: set[Block]) -> Any:
    """It gives what brings the models when the page is opened."""
    inputs, question = parts.inputs, parts.question
    left = gr.Textbox(visible=False)
    asked: list[Any] = [inputs.source, question.task, question.prompt, question.model]
    opened = page.load(
        handlers.opened,
        [left],
        [*asked, parts.comparing.models, parts.status, parts.connection.payer],
        js=REMEMBERED_JS,
        **_QUICK,
    )
    gr.on([one.change for one in asked], None, asked, js=REMEMBER_JS)
    return opened.then(**_models_told(handlers, parts, form))


def _wire_link(handlers: Handlers, parts: Parts, form: set[Block]) -> None:
    """The browser says where the page is, we make the link, the browser copies it."""
    link = parts.link
    link.make.click(None, None, [link.base], js=BASE_JS).then(
        handlers.link_made, form | {link.base}, [link.link, link.picture], **_QUICK
    ).then(None, [link.link], None, js=COPY_JS)


def _wire_forecast(forecasts: Forecasts, parts: Parts, form: set[Block]) -> None:
    """Say what will be sent whenever something that decides it has changed.

    Of the media that is their name once nothing is chosen for them yet: what is said of them
    is then never about what was chosen for others, and is followed by nothing that clears it.
    """
    fitting, audio = parts.fitting, parts.inputs.audio
    gr.on(
        [
            fitting.fitted.change,
            *(one.input for one in (audio.pcm, audio.rate, audio.channels)),
            parts.question.model.change,
            parts.question.earlier.change,
            parts.comparing.models.change,
            parts.comparing.repeats.change,
            fitting.choice.input,
            fitting.track.input,
            fitting.start.blur,
            fitting.end.blur,
            fitting.start.submit,
            fitting.end.submit,
        ],
        forecasts.forecast,
        form,
        [
            parts.sending,
            parts.question.ask,
            fitting.plan,
            fitting.choice,
            fitting.track,
            fitting.found,
        ],
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
