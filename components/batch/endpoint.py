"""``/ask_many``, for programs: many files and one question, stopped, gone on with and deleted."""

import contextlib
import inspect
from collections.abc import AsyncGenerator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import gradio as gr

from components.batch.files import Zips
from components.batch.handlers import most_of
from components.batch.parameters import ABOUT, AGAIN, NAME, PARAMETERS
from components.batch.watching import watched
from components.form import Form
from components.question import prompt_for
from components.session import Sessions, visitor_of
from components.status import fault_sentences
from components.texts import Texts, texts_for
from services.assistant import Assistant, Fault, Options
from services.batch import Batch, Batches, Clip, Question
from services.errors import BatchError, NoMedia, ShowAndTellError

#: What is told: the batch, and at the end a zip of what is finished.
Told = tuple[dict[str, Any], str | None]

_OPTION_NAMES: Final = frozenset(one.name for one in fields(Options))


def create_endpoint(assistant: Assistant, batches: Batches, zips: Zips, sessions: Sessions) -> None:
    """It, on hidden components: these check where a file comes from."""

    async def ask_many(request: gr.Request, *values: Any) -> AsyncGenerator[Told, None]:
        given = {
            one.name: value
            for one, value in zip(PARAMETERS, values, strict=True)
            if value and str(value).strip()
        }
        texts = (
            Texts(given["language"])
            if given.get("language") in ("en", "ru")
            else texts_for(request)
        )
        token = str(given.get("batch", ""))
        try:
            read = {one.name: one.read(given[one.name]) for one in PARAMETERS if one.name in given}
            action = str(read.get("action", "go"))
            if action == "delete":
                zips.drop(token)
                await batches.delete(token)
                yield {"batch": token, "is_deleted": True, "error": None}, None
                return
            if not token:
                token = await _made(read, request, texts)
            if action in AGAIN:
                await batches.start(
                    token,
                    [AGAIN[action]],
                    key=Form(api_key=read.get("api_key", "")).key,
                    most_usd=most_of(read.get("most_usd")),
                    visitor=visitor_of(request),
                    payer=sessions.payer(request),
                )
            following = watched(batches, sessions, token, visitor_of(request))
            async with contextlib.aclosing(following) as told:
                async for batch in told:
                    yield mapping_of(token, batch, None, texts), None
            yield mapping_of(token, batch, None, texts), str(await zips.make(token, batch, texts))
        except ShowAndTellError as error:
            fault = Fault.of(error)
            batch_now = None
            with contextlib.suppress(BatchError):
                batch_now = await batches.get(token)
            yield mapping_of(token, batch_now, fault, texts), None

    async def _made(read: Mapping[str, Any], request: gr.Request, texts: Texts) -> str:
        if not read.get("files"):
            raise NoMedia
        most_of(read.get("most_usd"))  # before anything is kept
        options = {name: read[name] for name in _OPTION_NAMES & set(read)}
        form = Form(option_values=options, api_key=read.get("api_key", ""))
        prompt = read.get("prompt") or prompt_for(texts, "audio", read.get("task", "transcribe"))
        model = read.get("model") or (await assistant.models.all("audio"))[0]
        return await batches.make(
            [Path(one) for one in read["files"]],
            Question(prompt, model, form.options),
            has_own_key=form.key is not None,
            visitor=visitor_of(request),
            payer=sessions.payer(request),
        )

    asking = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    lines = [f"    {one.name}: {one.about}" for one in PARAMETERS]
    ask_many.__doc__ = "\n".join([ABOUT, "", "Args:", *lines])
    ask_many.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect reads it
        [asking, *(one.in_signature() for one in PARAMETERS)]
    )
    with gr.Row(visible=False):
        inputs = [one.component() for one in PARAMETERS]
        outputs = [gr.JSON(label="batch"), gr.File(label="finished")]
        gr.Button().click(ask_many, inputs, outputs, api_name=NAME)


def mapping_of(
    token: str, batch: Batch | None, fault: Fault | None, texts: Texts
) -> dict[str, Any]:
    """A batch for programs; ``error`` is what was wrong with the call, or has ended the run."""
    told: dict[str, Any] = {"batch": token or None, "error": None}
    if batch is not None:
        fault = fault or batch.halted
        told |= {
            "is_running": batch.is_running,
            "has_own_key": batch.has_own_key,
            "ends_at": batch.ends_at,
            "cost_usd": batch.cost,
            "unpriced": batch.unpriced,
            "files": [_file(clip, texts) for clip in batch.clips],
        }
    if fault is not None:
        told["error"] = _error(fault, texts)
    return told


def _file(clip: Clip, texts: Texts) -> dict[str, Any]:
    return {
        "number": clip.number + 1,
        "file": clip.name,
        "state": clip.state,
        "cost_usd": clip.cost,
        "may_be_billed": clip.is_billed,
        "begins": clip.excerpt or None,
        "error": None if clip.fault is None else _error(clip.fault, texts),
    }


def _error(fault: Fault, texts: Texts) -> dict[str, Any]:
    what, following = fault_sentences(fault, texts)
    return {"class": fault.name, "sentence": what, "way_out": following, "said": fault.said or None}
