"""What happens when something on the page is chosen or given.

Every handler gets Gradio's mapping of components, reads one :class:`Form` from it,
and returns what changes by the component it changes: there is no order to keep.
"""

from dataclasses import replace
from typing import Any

import gradio as gr

from components.allowance import allowance_words, cost_words
from components.comparing import comparing_update
from components.form import Form
from components.inputs.audio_file import pcm_format, upload_source, wav_source
from components.link import picture_html
from components.parts import Parts, Updates, Values
from components.payer import payer_html
from components.question import (
    DEFAULT_TASK,
    OTHER,
    is_a_tasks,
    model_update,
    prompt_for,
    suggestion,
    task_after,
)
from components.result.receipt import player_html
from components.result.templates import rendered
from components.session import Sessions, visitor_of
from components.setup import Setup
from components.shell.opening import opening_prompt
from components.status import sentence_html, unsent_html
from components.texts import Texts, texts_for
from services.assistant import Assistant, Kind, LocalFile
from services.errors import ShowAndTellError


class Handlers:
    """The page's handlers over one assistant. They keep nothing but who is here."""

    def __init__(self, assistant: Assistant, sessions: Sessions, parts: Parts) -> None:
        self._assistant = assistant
        self._sessions = sessions
        self._parts = parts

    async def opened(self, left: str, request: gr.Request) -> Updates:
        """The form in the visitor's language, as a link or the tab's memory sets it up.

        ``left`` is what the tab remembers. The models are those that are known by now.
        """
        texts, parts = texts_for(request), self._parts
        setup = Setup.read(dict(request.query_params), left)
        form = setup.on(Form())
        task = setup.task or DEFAULT_TASK[form.kind]
        models = self._assistant.models.now(form.kind)
        offered, chosen = models, {}
        if form.model and form.model != OTHER:
            # It stands there already: the API may tell of it in a moment, and if it does not,
            # it goes then.
            offered, chosen = tuple(dict.fromkeys((*models, form.model))), {"value": form.model}
        return {
            parts.inputs.source: setup.source or gr.skip(),
            parts.question.task: task,
            parts.question.prompt: opening_prompt(texts, form.kind, task, form.prompt),
            parts.question.model: self._models(offered, form.model, form.kind, texts) | chosen,
            parts.comparing.models: self._compared(models, form.kind, texts),
            parts.status: sentence_html("status.no_media", texts),
            parts.connection.payer: payer_html(self._assistant.api, form.api_key, texts),
        }

    async def link_made(self, values: Values, request: gr.Request) -> Updates:
        """A link that sets a page up as this one is, where the browser says that it is."""
        form, texts, parts = Form.read(values), texts_for(request), self._parts.link
        link = Setup.of(form).link(str(values[parts.base]), texts.language)
        return {
            parts.link: gr.update(value=link, visible=True),
            parts.picture: gr.update(value=picture_html(link, texts), visible=True),
        }

    async def kind_changed(self, values: Values, request: gr.Request) -> Updates:
        """Another input came to the front, or what its file is was found out.

        The task, the words and the models are then for that.
        """
        form, texts = Form.read(values), texts_for(request)
        now = replace(form, task=task_after(form.task, form.kind))
        if form.conversation or not is_a_tasks(form.prompt, texts):
            # Words that are just being written, before the page has told us that they are;
            # and those of a task are a first question's.
            now = replace(now, task="own")
        words = form.prompt if now.task == "own" else prompt_for(texts, now.kind, now.task)
        models = self._assistant.models.now(now.kind)
        question, preview = self._parts.question, self._parts.inputs.audio.preview
        shown: Updates = {}
        if form.source == "audio_file" and form.audio_file and form.kind == "video":
            label, source = texts("audio_file.preview"), upload_source(form.audio_file)
            shown[preview] = gr.update(value=player_html(source, label, "video"))
        return shown | {
            question.suggested: suggestion(form.prompt, words, now.task),
            question.model: self._models(models, form.model, now.kind, texts),
            self._parts.comparing.models: self._compared(models, now.kind, texts),
        }

    async def models_arrived(self, values: Values, request: gr.Request) -> Updates:
        """The models for the input in front, once the API has told them."""
        form = Form.read(values)
        models, texts = await self._assistant.models.all(form.kind), texts_for(request)
        return {
            self._parts.question.model: self._models(models, form.model, form.kind, texts),
            self._parts.comparing.models: self._compared(models, form.kind, texts),
        }

    def _compared(self, models: tuple[str, ...], kind: Kind, texts: Texts) -> Any:
        return comparing_update(models, self._assistant.models, kind, texts)

    def _models(self, models: tuple[str, ...], now: str, kind: Kind, texts: Texts) -> Any:
        return model_update(models, now, self._assistant.models, kind, texts)

    async def model_chosen(self, values: Values) -> Updates:
        """A model that is none of those to choose from has to be typed."""
        return {
            self._parts.question.other_model: gr.update(visible=Form.read(values).model == OTHER)
        }

    async def conversation_changed(self, values: Values, request: gr.Request) -> Updates:
        """What is asked next follows up an answer, or is asked afresh."""
        form, texts = Form.read(values), texts_for(request)
        question = self._parts.question
        if form.conversation:
            # The words of a task are those of a first question.
            return {
                question.task: "own",
                question.prompt: "" if form.task != "own" else gr.skip(),
                question.afresh: gr.update(visible=True),
            }
        task = DEFAULT_TASK[form.kind] if form.earlier == "" else form.task
        return {
            question.task: task,
            question.prompt: prompt_for(texts, form.kind, task) or gr.skip(),
            question.afresh: gr.update(visible=False),
        }

    async def afresh(self) -> Updates:
        """Nothing is followed up any more."""
        return {self._parts.question.earlier: ""}

    async def task_chosen(self, values: Values, request: gr.Request) -> Updates:
        """The prompt of the task that was picked; one's own words come back with theirs."""
        form, texts = Form.read(values), texts_for(request)
        question = self._parts.question
        is_own = not is_a_tasks(form.prompt, texts)
        own = form.prompt if is_own else form.own_words
        words = own if form.task == "own" else prompt_for(texts, form.kind, form.task)
        return {question.prompt: words, question.own_words: own}

    async def prompt_changed(self, values: Values, request: gr.Request) -> Updates:
        """Words that no task stands for are a person's own."""
        form = Form.read(values)
        expected = prompt_for(texts_for(request), form.kind, form.task)
        if form.task == "own" or form.prompt == expected:
            return {self._parts.question.task: gr.skip()}
        return {self._parts.question.task: "own"}

    async def film_arrived(self, values: Values) -> Updates:
        """What came last counts: a new film takes the place of an old link."""
        form, url = Form.read(values), self._parts.inputs.video.url
        return {url: "" if form.video else gr.skip()}

    async def audio_file_arrived(self, values: Values, request: gr.Request) -> Updates:
        """Ask about bare samples; offer to listen to anything else."""
        form, audio = Form.read(values), self._parts.inputs.audio
        pcm = pcm_format(form.audio_file)
        preview = gr.update(visible=False, value="")
        if form.audio_file and pcm:
            preview = await self._preview(replace(form, pcm=pcm), request)
        elif form.audio_file:
            label = texts_for(request)("audio_file.preview")
            source = upload_source(form.audio_file)
            preview = gr.update(visible=True, value=player_html(source, label))
        return {
            audio.raw: gr.update(visible=pcm is not None),
            audio.pcm: gr.update(value=pcm or "pcm16"),
            audio.preview: preview,
        }

    async def samples_described(self, values: Values, request: gr.Request) -> Updates:
        """The beginning of bare samples as they are described, to be listened to."""
        preview = await self._preview(Form.read(values), request)
        return {self._parts.inputs.audio.preview: preview}

    async def _preview(self, form: Form, request: gr.Request) -> Any:
        media = replace(form, source="audio_file").media
        if not isinstance(media, LocalFile) or media.raw is None:
            return gr.skip()
        texts = texts_for(request)
        try:
            wav = await self._assistant.preview(media, visitor=visitor_of(request))
        except ShowAndTellError as error:
            return gr.update(visible=True, value=unsent_html(error, texts))
        return gr.update(visible=True, value=player_html(wav_source(wav), texts("raw.preview")))

    async def media_changed(self, values: Values, request: gr.Request) -> Updates:
        """Ask wakes up once the media of the tab in front has arrived.

        What was chosen for other media goes with that, and so do the offers. What a run
        shows meanwhile stays, as does what one has shown of the same media: this may be told
        late.
        """
        form, texts, parts = Form.read(values), texts_for(request), self._parts
        if form.fitted == form.media_id:
            return {parts.status: gr.skip()}
        updates = parts.fitting.cleared(form.media_id, form.trim_from, form.trim_to)
        if self._sessions.is_shown_a_run(visitor_of(request)):
            return updates
        sentence = "status.ready" if form.media is not None else "status.no_media"
        return updates | {
            parts.question.ask: gr.update(interactive=form.media is not None),
            parts.status: sentence_html(sentence, texts),
            parts.feed.retry: gr.update(visible=False),
            parts.feed.anyway: gr.update(visible=False),
            parts.feed.fallback: gr.update(visible=False),
        }

    async def allowance(self, values: Values, request: gr.Request) -> Updates:
        """Who pays, what is left of that, and what was spent."""
        texts = texts_for(request)
        left = await allowance_words(
            self._assistant,
            self._sessions.payer(request),
            texts,
            has_own_key=bool(Form.read(values).api_key.strip()),
        )
        spent = cost_words(self._sessions.cost(visitor_of(request)), texts)
        words = " ·\n".join(one for one in (left, spent) if one)
        return {self._parts.allowance: rendered("plain", text=words) if words else ""}

    async def left(self, request: gr.Request) -> None:
        """The tab was closed."""
        self._sessions.left(visitor_of(request))
