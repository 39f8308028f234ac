"""The page, made outside of any browser, over an assistant that notes what it is asked."""

import asyncio
import inspect
from pathlib import Path
from types import SimpleNamespace

from starlette.datastructures import MutableHeaders

from components.page import create_page, form_components
from components.session import Sessions
from components.texts import browser_texts
from services.assistant import Api, Bill, Forecast, Generation, Options, Report
from services.assistant.report import RunTimings
from services.batch import Batches
from services.external_api.catalogue import Model
from services.media.values import Estimate, MediaFacts, Sound
from services.settings import Settings

#: Where there is no batch.
NOWHERE = Path("/nowhere")
REPORT = Report(
    text="Hello",
    asked_model="m",
    options=Options(),
    model=None,
    provider=None,
    finish_reason="stop",
    usage=None,
    timings_ms=RunTimings(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, None),
    request=None,
    bill=Bill(answered=1),
)


class FewModels:
    """What it may be asked of: two at first, and another once the API has said so."""

    def now(self, kind):
        return (f"maker/{kind}", "maker/both")

    async def all(self, kind):
        return ("maker/both", f"maker/{kind}", "maker/new")

    def fits(self, kind, model):
        """The last one of the list is not known of, and of a film nothing is."""
        return {"maker/new": None, "maker/video": False}.get(model, True)

    def described(self, model):
        told = {"parameters": self.parameters.get(model), "voices": self.voices.get(model)}
        gives = frozenset({"audio"}) if model in self.voices else None
        return Model(model, self.names.get(model, model), None, gives=gives, **told)

    def __init__(self):
        self.noted = {}
        self.parameters = {}
        self.voices = {}
        self.names = {}

    def note(self, model, hears):
        self.noted[model] = hears

    def hears(self, model):
        return self.noted.get(model)


FACTS = MediaFacts("mp3", 23_348, 4.0, Sound("mp3", 44_100, 1, 4.0, -20.0, 0.1), None)
#: What would be sent of a small file.
SMALL = Forecast(
    "audio", Estimate("none", "mp3", 23_348, 31_132, 0.0), 50 * 1024**2, (), False, 0, None, FACTS
)


class NoSchemas:
    """What it thinks of a schema: that it may be read."""

    async def check(self, options, _):
        options.check()
        return options.response_format


class FewGenerations:
    """What the API tells of its answers; an error is raised."""

    def __init__(self):
        self.asked = []
        self.answer = Generation(num_input_audio_prompt=1)

    async def told(self, id_, api_key):
        self.asked.append((id_, api_key))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Noting:
    """An assistant that notes the questions, and has an answer to each of them."""

    api = Api("http://127.0.0.1:9/api/v1", is_offline=False, has_key=True)

    def __init__(self):
        self.models = FewModels()
        self.schemas = NoSchemas()
        self.generations = FewGenerations()
        self.asked = []
        self.foretold = []
        self.forecasts = []
        self.previewed = []
        self.visitors = []
        self.payers = []
        self.allowed = None
        self.report = REPORT

    async def run(self, ask, tell, *, visitor, payer, checkpoint=None, stopped=None):
        self.asked.append(ask)
        self.payers.append(payer)
        self.visitors.append(visitor)
        return self.report

    async def forecast(self, ask, *, visitor, tell):
        self.foretold.append(ask)
        forecast = self.forecasts[min(len(self.foretold), len(self.forecasts)) - 1]
        if isinstance(forecast, Exception):
            raise forecast
        return forecast

    async def left(self, payer):
        self.payers.append(payer)
        return self.allowed

    async def preview(self, media, *, visitor):
        self.previewed.append(media)
        return b"RIFF"


class Page:
    """The page with its handlers by their names, and its fields by the form's."""

    def __init__(self, assistant=None, batches=None):
        self.assistant = assistant or Noting()
        self.batches = batches or Batches(self.assistant, None, Settings(), NOWHERE)

        async def create():  # outside of a loop Gradio makes one, and leaves it open
            return create_page(self.assistant, self.batches, browser_texts(), Sessions())

        self.blocks = asyncio.run(create())
        self.fields = {
            block.elem_id.replace("-", "_"): block for block in form_components(self.blocks)
        }
        self.by_id = {
            block.elem_id: block for block in self.blocks.blocks.values() if block.elem_id
        }

    def listeners(self, name):
        """All that Gradio calls the handler ``name`` for."""
        return [fn for fn in self.blocks.fns.values() if getattr(fn.fn, "__name__", None) == name]

    def values(self, **given):
        """What Gradio hands to a handler: every field, empty unless it is given."""
        return {block: given.get(name) for name, block in self.fields.items()}

    async def updates(self, name, request=None, **given):
        """All updates of the handler ``name``, by the ids of what they change."""
        handler = self.listeners(name)[0].fn
        asks_who = "request" in inspect.signature(handler).parameters
        found = handler(self.values(**given), *([request or visitor()] if asks_who else []))
        is_stream = hasattr(found, "__aiter__")
        every = [one async for one in found] if is_stream else [await found]
        return [{block.elem_id: value for block, value in one.items()} for one in every]


def visitor(language="en", name="ann", query=None):
    """A request of Gradio's."""
    headers = MutableHeaders({"accept-language": language})
    return SimpleNamespace(session_hash=name, headers=headers, query_params=query or {})
