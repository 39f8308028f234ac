"""``/ask_audio`` and ``/ask_video``, for programs and, by MCP, for models."""

import contextlib
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import fields, replace
from typing import Any, Final

import gradio as gr

from components.form import Form
from components.inputs.audio_file import pcm_format
from components.parameters import ENDPOINTS, Endpoint
from components.question import DEFAULT_TASK, prompt_for
from components.result.pace import TICK_S, paced
from components.session import Sessions, visitor_of
from components.status import error_mapping
from components.streams import MCP_CALL
from components.texts import LANGUAGES, Texts, texts_for
from services.assistant import Ask, Assistant, Delta, Options, Report, Tell
from services.errors import ShowAndTellError

#: The text so far, and the report once there is one.
Told = tuple[str, dict[str, Any] | None]

#: The time between two messages with words, in seconds.
_INTERVAL_S: Final = 0.1
#: Parameters whose fields of the form have other names.
_FIELDS: Final = {"audio": "audio_file", "url": "video_url"}
_OPTIONS: Final = frozenset(one.name for one in fields(Options))


def create_endpoints(assistant: Assistant, sessions: Sessions) -> None:
    """Both, on hidden components: these check where a file comes from."""
    inputs: dict[str, gr.File | gr.Textbox] = {}
    with gr.Row(visible=False):
        for end in ENDPOINTS:
            for one in end.parameters:
                if one.name not in inputs:
                    inputs[one.name] = one.component()
            gr.Button().click(
                _listener(assistant, sessions, end),
                [inputs[one.name] for one in end.parameters],
                [gr.Textbox(label="content"), gr.JSON(label="report")],
                api_name=end.name,
            )


def _listener(
    assistant: Assistant, sessions: Sessions, end: Endpoint
) -> Callable[..., AsyncGenerator[Told, None]]:
    """What Gradio calls; it takes names, defaults and descriptions from the function itself."""

    async def listener(request: gr.Request, *values: str | None) -> AsyncGenerator[Told, None]:
        given = {
            one.name: value
            for one, value in zip(end.parameters, values, strict=True)
            if value and value.strip()
        }
        visitor, texts = _visitor(request), texts_for(request)
        for language in LANGUAGES:
            if given.get("language") == language:  # also where something else is none
                texts = Texts(language)
        try:
            read = end.read(given)
            read.pop("language", None)
            ask = await _ask(assistant, end, read, texts)
        except ShowAndTellError as error:
            yield "", _mapping(Report.refused(error, given.get("model", "")), texts)
            return

        async def run(tell: Tell) -> Report:
            checkpoint = sessions.checkpoint(visitor)
            payer = sessions.payer(request)
            work = assistant.run(ask, tell, visitor=visitor, payer=payer, checkpoint=checkpoint)
            return await sessions.working(visitor, work, heard_by=visitor)

        async with contextlib.aclosing(_told(run, texts)) as told:
            async for one in told:
                yield one

    asking = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    listener.__name__ = end.name
    listener.__doc__ = end.docstring
    listener.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect reads it
        [asking, *(one.in_signature() for one in end.parameters)]
    )
    return listener


async def _ask(assistant: Assistant, end: Endpoint, read: dict[str, Any], texts: Texts) -> Ask:
    """The question, as if all of this stood on the form.

    Raises:
        BadTrim, BadOption, BadArgument: something cannot be understood.
    """
    named = {_FIELDS.get(name, name): value for name, value in read.items()}
    if "track" in named:
        named["track"] = str(named["track"])  # as the page's choices are
    options = {name: named.pop(name) for name in _OPTIONS & set(named)}
    form = Form(source=end.source, only=end.only, option_values=options, **named)
    if "pcm" not in named:
        form = replace(form, pcm=pcm_format(form.audio_file) or form.pcm)
    if not form.model:
        form = replace(form, model=(await assistant.models.all(form.kind))[0])
    if not form.prompt:
        task = named.get("task", DEFAULT_TASK[form.kind])
        form = replace(form, prompt=prompt_for(texts, form.kind, task))
    # A program cannot be asked whether it is sure: what is wrong is in the report.
    return replace(form, fitted=form.media_id).ask(anyway=True)


async def _told(
    run: Callable[[Tell], Awaitable[Report]], texts: Texts
) -> AsyncGenerator[Told, None]:
    """The text as it grows, and at the end with the report.

    Whatever goes wrong is told in the report: beside it are the words that came.
    Gradio notices that a program is gone when something is told, so each second
    something is, with news or without.
    """
    words, told_s = "", time.monotonic()
    async with contextlib.aclosing(paced(run, lambda: _INTERVAL_S)) as batches:
        async for batch in batches:
            if batch.outcome is not None:
                yield batch.outcome.text, _mapping(batch.outcome, texts)
                return
            more = "".join(one.text for one in batch.events if isinstance(one, Delta))
            if more or time.monotonic() - told_s >= TICK_S:
                words, told_s = words + more, time.monotonic()
                yield words, None


def _mapping(report: Report, texts: Texts) -> dict[str, Any]:
    return report.as_mapping() | {"error": error_mapping(report, texts)}


def _visitor(request: gr.Request) -> str:
    """Who asks. Of models each call is a visitor of its own."""
    return request.headers.get(MCP_CALL) or visitor_of(request)
