"""What programs may give to the endpoints, each described for who calls them, human or model.

In English alone: ``/gradio_api/info`` and MCP have one description for everybody.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final, get_type_hints

import gradio as gr
from gradio.data_classes import FileData
from pydantic import Field, TypeAdapter, ValidationError

from components.inputs import Source
from components.inputs.audio_file import RATES, PcmFormat, create_upload
from components.question import Task
from components.texts import Language
from services.assistant import ApiEndpoint, Kind, Options
from services.errors import BadArgument

#: An upload, and several, as the types of parameters.
UPLOAD: Final = object()
UPLOADS: Final = object()
#: How a model gives one.
MCP_FILE: Final = "a data: URL, as in data:audio/mpeg;base64,…"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One of them: its type, what it is for, an example, and what it is when it is left out."""

    name: str
    kind: Any
    about: str
    example: Any
    default: Any = None

    @property
    def is_upload(self) -> bool:
        """Whether it is one file, or several."""
        return self.kind in (UPLOAD, UPLOADS)

    def component(self) -> gr.File | gr.Textbox:
        """A component that hands on whatever is given, and tells what that may be."""
        made: gr.File | gr.Textbox = (
            create_upload(
                label=self.name, file_count="single" if self.kind is UPLOAD else "multiple"
            )
            if self.is_upload
            else gr.Textbox(self.default, label=self.name)
        )
        told = {**self._schema(made), "additional_description": self.about}
        # Gradio asks the component, whose class knows nothing of what this one is for.
        made.api_info = lambda: told  # type: ignore[method-assign]  # of this one
        made.example_inputs = lambda: self.example  # type: ignore[method-assign]  # of this one
        return made

    def _schema(self, made: gr.File | gr.Textbox) -> Mapping[str, Any]:
        if self.is_upload:
            return made.api_info()
        kind = self.kind if self.default is not None else self.kind | None
        return TypeAdapter(kind).json_schema()

    def read(self, given: str) -> Any:
        """What was given, understood.

        Raises:
            BadArgument: it is none of what it can be.
        """
        if self.is_upload:
            return given
        try:
            return TypeAdapter(self.kind).validate_python(given)
        except ValidationError:
            raise BadArgument(argument=self.name) from None

    def in_signature(self) -> inspect.Parameter:
        """The same as a parameter of a function."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Parameter(self.name, kind, default=self.default)


def _upload(name: str, about: str, sample: str, default: Any = None) -> Parameter:
    example = FileData(path=sample).model_dump(include={"path", "meta"})
    return Parameter(name, UPLOAD, about, example, default)


FIRST: Final = (
    Parameter(
        "prompt",
        str,
        "The question or the instruction, in any language. Left out, it is what the task says.",
        "Who speaks, and what about?",
        default="",
    ),
    Parameter(
        "model",
        str,
        "The id of the model that is asked. Left out, it is the recommended one.",
        "google/gemini-2.5-flash",
        default="",
    ),
    Parameter(
        "api_key",
        str,
        "The caller's own key for the API behind this app. Left out, the host's is used.",
        "ak_…",
        default="",
    ),
)
TASK: Final = Parameter(
    "task",
    Task,
    "What is asked where there is no prompt. Left out, it is transcribe for a sound and describe "
    "for a video.",
    "summarise",
)
_ENDPOINT: Final = Parameter(
    "endpoint",
    ApiEndpoint,
    "What the API is sent a sound by that is to be transcribed: chat/completions, with the prompt, "
    "or audio/transcriptions, without, which tells the times of words where the model does. Left "
    "out, it is as the model wants it. What is not there has a chat completion in its place.",
    "audio/transcriptions",
)
LANGUAGE: Final = Parameter(
    "language",
    Language,
    "The language of the task's words, and of what is told of an error. Left out, it is the one "
    "that the request's Accept-Language prefers.",
    "en",
)
_FIT: Final = (
    Parameter(
        "fit",
        str,
        "How to make it smaller than it is: speech (mono, 16 kHz), sound (a video's sound track "
        "alone), words such as 480p, 5fps and 60s (at most so many lines, pictures a second, "
        "seconds) with a space between, pieces (a long sound cut at pauses, the answers joined), "
        "or as_is.",
        "speech",
    ),
    Parameter(
        "track",
        Annotated[int, Field(ge=0, le=255)],
        "Which sound track of several is sent, counted from 0. Left out, it is the one that "
        "players play, unless it is silent.",
        1,
    ),
    Parameter("trim_from", str, "Where the part that is sent begins: seconds or 1:02:03.", "0:30"),
    Parameter("trim_to", str, "Where the part that is sent ends.", "1:30"),
)
_SAMPLES_OF: Final = (
    Parameter(
        "pcm",
        PcmFormat,
        "What a file of bare samples holds. Only names such as .pcm or .raw stand for those.",
        "pcm16",
    ),
    Parameter(
        "rate",
        Annotated[int, Field(ge=RATES[0], le=RATES[-1])],
        "The sample rate of bare samples, in Hz. Left out, it is 24000.",
        16_000,
    ),
    Parameter(
        "channels",
        Annotated[int, Field(ge=1, le=2)],
        "The channels of bare samples. Left out, there is one.",
        1,
    ),
)
_ABOUT_OPTIONS: Final = {
    "system_prompt": ("What the model is told before the question.", "Answer in one sentence."),
    "temperature": ("How freely the model chooses its words, from 0 to 2.", 0.2),
    "max_tokens": ("The most tokens that the answer may have.", 500),
    "reasoning_effort": ("How long the model thinks first, where it can.", "low"),
    "json_schema": (
        "The JSON schema, as JSON, that the answer is to fit. Whether it does is in the report.",
        '{"type": "object", "properties": {"title": {"type": "string"}}}',
    ),
    "voice": (
        "The voice in which a model that speaks is to answer. The sound is in the report's extras.",
        "alloy",
    ),
}
OPTIONS: Final = tuple(
    Parameter(one.name, get_type_hints(Options)[one.name], *_ABOUT_OPTIONS[one.name], default=None)
    for one in fields(Options)
)


_RETURNS: Final = (
    "the text of the answer",
    "a report: what was sent, usage, timings, what may be billed, and the error if there was one",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What programs call by its ``name``: the input of the form that it fills, and its words.

    ``only`` is what a file is sent as, whatever else is in it.
    """

    name: str
    source: Source
    only: Kind
    about: str
    parameters: tuple[Parameter, ...]

    @property
    def docstring(self) -> str:
        """All of it as Gradio reads it, for models."""
        lines = [f"    {one.name}: {one.about}" for one in self.parameters]
        return "\n".join([self.about, "", "Args:", *lines, "", "Returns:", *_RETURNS])

    def read(self, given: Mapping[str, str]) -> dict[str, Any]:
        """What was given by its names, understood.

        Raises:
            BadArgument: something is none of what it can be.
        """
        return {one.name: one.read(given[one.name]) for one in self.parameters if one.name in given}


ENDPOINTS: Final = (
    Endpoint(
        "ask_audio",
        "audio_file",
        "audio",
        "Ask a model that hears about a recording: write down what is said in it, translate or "
        "summarise it, describe what can be heard, or answer a question about it.",
        (
            _upload(
                "audio",
                "The recording: a sound file of any kind, or a video whose sound is asked about.",
                "speech.mp3",
                inspect.Parameter.empty,
            ),
            *FIRST,
            TASK,
            _ENDPOINT,
            LANGUAGE,
            *_FIT,
            *_SAMPLES_OF,
            *OPTIONS,
        ),
    ),
    Endpoint(
        "ask_video",
        "video",
        "video",
        "Ask a model that sees and hears about a video: describe or summarise what happens in it, "
        "write down or translate what is said, or answer a question about it.",
        (
            _upload("video", "The video file, of any kind. Either this or url.", "film.mp4"),
            *FIRST,
            Parameter(
                "url",
                str,
                "An https address of a video, for models that open links, such as YouTube's for "
                "Gemini. It is passed on as it is, and goes before a file.",
                "https://www.youtube.com/watch?v=jNQXAC9IVRw",
            ),
            TASK,
            LANGUAGE,
            *_FIT,
            *OPTIONS,
        ),
    ),
)
