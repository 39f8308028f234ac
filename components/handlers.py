"""What happens when something on the page is chosen, given, asked or stopped."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import gradio as gr
from pydantic import SecretStr

from components import run
from components.answer import empty_html
from components.audio_file import (
    pcm_format,
    preview_html,
    raw_pcm,
    upload_source,
    wav_source,
)
from components.fitting import AS_IS, choices, chosen, plan_html
from components.inputs import INPUTS, Given, Input
from components.question import DEFAULT_TASK, Task, prompt_for, task_after
from components.status import error_html, progress_html, sentence_html
from components.texts import texts_for
from components.visits import Visits
from services.assistant import Ask, Assistant, Kept, LocalFile, Progress
from services.errors import ShowAndTellError

#: Longer than a view takes to a browser.
SETTLE_S: Final = 0.7

How = Literal["ask", "retry", "anyway"]
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

    async def audio_file_arrived(
        self, path: str | None, rate: str | None, channels: int | None, request: gr.Request
    ) -> list[Update]:
        """Ask about bare samples; offer to listen to anything else.

        Updates of the group of questions, the format and the preview.
        """
        pcm = pcm_format(path)
        preview = gr.update(visible=False, value="")
        if path and pcm:
            preview = await self.samples_described(path, pcm, rate, channels, request)
        elif path:
            label = texts_for(request)("audio_file.preview")
            preview = gr.update(visible=True, value=preview_html(upload_source(path), label))
        return [gr.update(visible=pcm is not None), gr.update(value=pcm or "pcm16"), preview]

    async def samples_described(
        self,
        path: str | None,
        pcm: str,
        rate: str | None,
        channels: int | None,
        request: gr.Request,
    ) -> Update:
        """The beginning of bare samples as they are described, to be listened to."""
        raw = raw_pcm(path, pcm, rate, channels) if path else None
        if path is None or raw is None:
            return gr.skip()
        texts = texts_for(request)
        try:
            wav = await self._assistant.preview(LocalFile(Path(path), "audio", raw))
        except ShowAndTellError as error:
            return gr.update(visible=True, value=error_html(error, texts))
        return gr.update(visible=True, value=preview_html(wav_source(wav), texts("raw.preview")))

    def readiness(self, request: gr.Request, *given: Any) -> list[Update]:
        """Ask wakes up once the media of the tab in front has arrived.

        Updates of Ask, the status, and the buttons for what was given before.
        """
        sentence = "status.ready" if Given(*given).media() is not None else "status.no_media"
        return [
            gr.update(interactive=sentence == "status.ready"),
            sentence_html(sentence, texts_for(request)),
            gr.update(visible=False),
            gr.update(visible=False),
        ]

    async def planned(
        self,
        request: gr.Request,
        model: str | None,
        choice: str,
        start: str,
        end: str,
        *given: Any,
    ) -> AsyncGenerator[list[Update], None]:
        """What will be sent, and what else could be: updates of the card and the choices."""
        texts = texts_for(request)
        if Given(*given).media() is None:
            yield ["", gr.update(visible=False)]
            return
        yield [progress_html(Progress("inspect"), 0, texts), gr.skip()]
        try:
            # The choices there are depend on the file as it is, not on what is chosen.
            plan = await self._assistant.plan(
                question_of("", model, "", (AS_IS, start, end), given)
            )
            if plan is None:
                yield ["", gr.update(visible=False)]
                return
            offered = choices(plan, choice, texts)
            if offered["value"] != AS_IS:
                ask = question_of("", model, "", (choice, start, end), given)
                plan = await self._assistant.plan(ask) or plan
        except ShowAndTellError as error:
            yield [error_html(error, texts), gr.skip()]
        else:
            yield [plan_html(plan, texts), offered]

    async def ask(
        self,
        request: gr.Request,
        how: How,
        kept: Kept,
        prompt: str,
        model: str | None,
        key: str,
        choice: str,
        start: str,
        end: str,
        *given: Any,
    ) -> AsyncGenerator[run.View, None]:
        """One run, view by view; ``given`` are the fields of :class:`Given`.

        A retry leaves the words of the run before until there are others, and
        does not ask again about the pieces it got an answer to.
        """
        events = self._visits.staying(
            request.session_hash,
            self._answers(
                lambda: replace(
                    question_of(prompt, model, key, (choice, start, end), given),
                    anyway=how == "anyway",
                    kept=kept if how == "retry" else Kept(),
                )
            ),
        )
        views = run.views(events, texts_for(request), again=how == "retry")
        async with contextlib.aclosing(views):
            async for view in views:
                yield view

    async def _answers(self, question: Callable[[], Ask]) -> AsyncGenerator[run.Event, None]:
        """What a run tells; a question that cannot be understood is its first failure."""
        async with contextlib.aclosing(self._assistant.run(question())) as events:
            async for event in events:
                yield event

    async def stopped(self, request: gr.Request) -> run.View:
        """Status and buttons after Stop."""
        self._visits.gone(request.session_hash)
        return run.stopped(texts_for(request))

    async def settled(self, request: gr.Request) -> run.View:
        """The same, after whatever the run had sent before it was stopped."""
        await asyncio.sleep(SETTLE_S)
        return run.stopped(texts_for(request))

    async def left(self, request: gr.Request) -> None:
        """The tab was closed."""
        self._visits.gone(request.session_hash)


def question_of(
    prompt: str,
    model: str | None,
    key: str,
    fitting: tuple[str, str, str],
    given: tuple[Any, ...],
) -> Ask:
    """What is asked, from all that stands on the page.

    Raises:
        BadTrim: a time is none.
    """
    media, wanted = Given(*given).media(), chosen(*fitting)
    if isinstance(media, LocalFile) and wanted.kind is not None:
        media = replace(media, kind=wanted.kind)
    return Ask(
        media,
        prompt or "",
        model or "",
        secret(key),
        fit=wanted.fit,
        in_pieces=wanted.in_pieces and isinstance(media, LocalFile),
    )


def secret(key: str | None) -> SecretStr | None:
    """A typed key, or None for an empty field."""
    return SecretStr(key.strip()) if key and key.strip() else None
