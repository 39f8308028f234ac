"""What happens when something on the page is chosen, given, asked or stopped."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any, Final

import gradio as gr
from pydantic import SecretStr

from components import run
from components.answer import empty_html
from components.audio_file import pcm_format, preview_html
from components.inputs import INPUTS, Given, Input
from components.question import DEFAULT_TASK, Task, prompt_for, task_after
from components.status import sentence_html
from components.texts import texts_for
from components.visits import Visits
from services.assistant import Ask, Assistant

#: Longer than a view takes to a browser.
SETTLE_S: Final = 0.7

Update = Any  # a value, or what gr.update() returns


class Handlers:
    """The page's handlers over one assistant. They keep nothing but who is here."""

    def __init__(self, assistant: Assistant, visits: Visits) -> None:
        self._assistant = assistant
        self._visits = visits

    async def opened(self, request: gr.Request) -> list[Update]:
        """What depends on the visitor's language, and the models there are.

        Updates of prompt, model, status, stats and receipt.
        """
        texts = texts_for(request)
        models = await self._assistant.models("audio")
        return [
            prompt_for(texts, "audio", DEFAULT_TASK["audio"]),
            gr.update(choices=list(models), value=models[0]),
            sentence_html("status.no_media", texts),
            empty_html("stats.empty", texts),
            empty_html("receipt.empty", texts),
        ]

    async def chose(
        self,
        task: Task,
        prompt: str,
        model: str | None,
        request: gr.Request,
        event: gr.SelectData,
    ) -> list[Update]:
        """A tab came to the front: updates of the choice, task, prompt and model."""
        chosen = INPUTS[event.index]
        kind = Given(chosen).kind
        new_task = task_after(task, kind)
        if new_task != "own":
            prompt = prompt_for(texts_for(request), kind, new_task)
        models = await self._assistant.models(kind)
        kept = model if model in models else models[0]
        return [chosen, new_task, prompt, gr.update(choices=list(models), value=kept)]

    def task_chosen(self, chosen: Input, task: Task, request: gr.Request) -> str:
        """The prompt of the task that was picked."""
        return prompt_for(texts_for(request), Given(chosen).kind, task)

    def prompt_changed(
        self, chosen: Input, task: Task, prompt: str, request: gr.Request
    ) -> Task | Update:
        """Words that no task stands for are a person's own."""
        expected = prompt_for(texts_for(request), Given(chosen).kind, task)
        return gr.skip() if task == "own" or prompt == expected else "own"

    def audio_file_arrived(self, path: str | None, request: gr.Request) -> tuple[Update, Update]:
        """Ask about bare samples; offer to listen to anything else."""
        pcm = pcm_format(path)
        label = texts_for(request)("audio_file.preview")
        preview = preview_html(path, label) if path and pcm is None else ""
        return (
            gr.update(visible=pcm is not None, value=pcm or "pcm16"),
            gr.update(visible=bool(preview), value=preview),
        )

    def readiness(self, request: gr.Request, *given: Any) -> list[Update]:
        """Ask wakes up once the media of the tab in front has arrived.

        Updates of Ask, the status and Retry, which is for what was given before.
        """
        sentence = "status.ready" if Given(*given).media() is not None else "status.no_media"
        return [
            gr.update(interactive=sentence == "status.ready"),
            sentence_html(sentence, texts_for(request)),
            gr.update(visible=False),
        ]

    async def ask(
        self,
        request: gr.Request,
        again: bool,  # noqa: FBT001  # Gradio fills parameters by position
        prompt: str,
        model: str | None,
        key: str,
        *given: Any,
    ) -> AsyncGenerator[run.View, None]:
        """One run, view by view; ``given`` are the fields of :class:`Given`.

        ``again`` leaves the words of the run before until there are others.
        """
        question = Ask(Given(*given).media(), prompt or "", model or "", secret(key))
        events = self._visits.staying(request.session_hash, self._assistant.run(question))
        views = run.views(events, texts_for(request), again=again)
        async with contextlib.aclosing(views):
            async for view in views:
                yield view

    async def stopped(self, request: gr.Request) -> run.View:
        """Status, Ask, Stop and Retry after Stop."""
        self._visits.gone(request.session_hash)
        return run.stopped(texts_for(request))

    async def settled(self, request: gr.Request) -> run.View:
        """The same, after whatever the run had sent before it was stopped."""
        await asyncio.sleep(SETTLE_S)
        return run.stopped(texts_for(request))

    async def left(self, request: gr.Request) -> None:
        """The tab was closed."""
        self._visits.gone(request.session_hash)


def secret(key: str | None) -> SecretStr | None:
    """A typed key, or None for an empty field."""
    return SecretStr(key.strip()) if key and key.strip() else None
