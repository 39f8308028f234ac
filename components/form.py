"""All that stands on the page, as one value; the endpoints fill the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from gradio.blocks import Block
from pydantic import SecretStr, TypeAdapter, ValidationError

from components.fitting import Choice, chosen
from components.inputs import Source
from components.inputs.audio_file import raw_pcm
from components.question import MOST_OTHERS, OTHER, Task
from services.assistant import ApiEndpoint, Ask, Kind, LocalFile, Options, Turn, VideoLink
from services.errors import BadOption


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions with their answers, and the name of the media that they are about."""

    media: str = ""
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands in the fields, by their ids on the page; what is empty has its default.

    ``source`` is the input that is in front; ``only`` is what its file is to be sent as,
    where its bytes are not to say that. ``found`` is what they were found to be, "audio" or
    "video", with the file's path after it. ``fitted`` names the media that ``fit``,
    ``track``, ``trim_from`` and ``trim_to`` were given for: they are of no use for any
    other. ``track`` is the number of a sound track, counted from 0, if one was chosen.
    ``fallback_model`` is the one that the API offered instead of ``model``.
    ``earlier`` is a :class:`Conversation` as JSON.
    ``other_model`` is one that was typed, and counts where ``model`` is :data:`OTHER`. The models
    ``compare`` are asked the same, each ``repeats`` times; ``reference`` is what is really said,
    and ``blind`` hides who answered what; ``again`` is a comparison of which something failed.
    ``endpoint`` is what a sound is sent to that is to be transcribed, and nothing else is;
    ``echoes`` has a router tell what it passes on.
    """

    source: Source = "record"
    only: Kind | None = None
    record: str | None = None
    audio_file: str | None = None
    pcm: str = "pcm16"
    rate: str | None = None
    channels: int | None = None
    video: str | None = None
    video_url: str = ""
    found: str = ""
    fit: str = ""
    track: str = ""
    trim_from: str = ""
    trim_to: str = ""
    fitted: str = ""
    task: Task = "transcribe"
    prompt: str = field(default="", repr=False)
    own_words: str = field(default="", repr=False)
    model: str = ""
    other_model: str = ""
    fallback_model: str = ""
    compare: Sequence[str] = ()
    repeats: int = 1
    reference: str = field(default="", repr=False)
    blind: bool = False
    again: str = field(default="", repr=False)
    endpoint: ApiEndpoint | None = None
    echoes: bool = False
    api_key: str = field(default="", repr=False)
    earlier: str = field(default="", repr=False)
    option_values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, values: Mapping[Block, Any]) -> "Form":
        """The form from Gradio's mapping of components; a component's id names its field."""
        given = {
            field_of(component): value
            for component, value in values.items()
            if value is not None and value != ""
        }
        options = {name: given[name] for name in _OPTIONS & set(given)}
        return cls(option_values=options, **{name: given[name] for name in _OWN & set(given)})

    @property
    def kind(self) -> Kind:
        """What the input in front gives, as far as that is known."""
        if self.only is not None:
            return self.only
        found, _, path = self.found.partition(" ")
        if found and path == self.media_id:
            return "video" if found == "video" else "audio"
        return "video" if self.source == "video" else "audio"

    @property
    def media(self) -> LocalFile | VideoLink | None:
        """The media of the input that is in front; a link before a file."""
        if self.source == "record":
            return LocalFile(Path(self.record), self.only) if self.record else None
        if self.source == "audio_file":
            if not self.audio_file:
                return None
            raw = raw_pcm(self.audio_file, self.pcm, self.rate, self.channels)
            return LocalFile(Path(self.audio_file), "audio" if raw else self.only, raw)
        if self.video_url.strip():
            return VideoLink(self.video_url.strip())
        return LocalFile(Path(self.video), self.only) if self.video else None

    @property
    def media_id(self) -> str:
        """What names the media in front, for the page; empty where there is none."""
        media = self.media
        if media is None:
            return ""
        return media.url if isinstance(media, VideoLink) else str(media.path)

    @property
    def asked_model(self) -> str:
        """The id of the model that is meant."""
        return (self.other_model if self.model == OTHER else self.model).strip()

    @property
    def models(self) -> tuple[str, ...]:
        """The ids of all models that are asked, the chosen one first."""
        asked = [self.asked_model, *self.compare]
        return tuple(dict.fromkeys(one for one in asked if one))[: MOST_OTHERS + 1] or ("",)

    @property
    def key(self) -> SecretStr | None:
        """The visitor's own key, if there is one."""
        key = self.api_key.strip()
        return SecretStr(key) if key else None

    @property
    def calls(self) -> int:
        """How many calls that makes."""
        return len(self.models) * self.repeats

    @property
    def about(self) -> str:
        """What the visitor calls the media: a file's name, a link's host; "" for a recording."""
        media = self.media
        if isinstance(media, VideoLink):
            return media.url
        if media is None or self.source == "record":
            return ""
        return media.path.name

    @property
    def conversation(self) -> tuple[Turn, ...]:
        """The questions about the media in front that are followed up, with their answers.

        Those about other media are not, nor what is no conversation at all: it is what a
        browser says.
        """
        try:
            said = _CONVERSATION.validate_json(self.earlier or "{}")
        except ValidationError:
            return ()
        return said.turns if said.media and said.media == self.media_id else ()

    @property
    def choice(self) -> Choice:
        """How the media in front is to be sent: what was chosen for another is not.

        Raises:
            BadTrim: a time is none, or the end is not after the start.
            BadArgument: ``fit`` is no way to send it.
        """
        if not self.media_id or self.fitted != self.media_id:
            return Choice()
        return chosen(self.fit, self.trim_from, self.trim_to, self.track)

    @property
    def options(self) -> Options:
        """What else the model is told.

        Raises:
            BadOption: a field holds what cannot be understood, or what no model takes.
        """
        # In Russian a decimal has a comma.
        given = {
            name: value if name in _TEXTS else str(value).strip().replace(",", ".")
            for name, value in self.option_values.items()
        }
        try:
            options = _ADAPTER.validate_python(given)
        except ValidationError as wrong:
            raise BadOption(option=str(wrong.errors()[0]["loc"][0])) from None
        options.check()  # what is told of a refusal has no number that JSON cannot hold
        return options

    def ask(self, *, anyway: bool = False) -> Ask:
        """What is asked.

        Raises:
            BadTrim, BadOption, BadArgument: a field holds what cannot be understood.
        """
        media, choice = self.media, self.choice
        if isinstance(media, LocalFile):
            media = replace(media, kind=choice.kind or media.kind, track=choice.track)
        return Ask(
            media=media,
            prompt=self.prompt,
            model=self.asked_model,
            options=self.options,
            fit=choice.fit,
            earlier=self.conversation,
            echoes=self.echoes,
            endpoint=self.endpoint if self.task == "transcribe" else None,
            in_pieces=choice.in_pieces and isinstance(media, LocalFile),
            api_key=self.key,
            anyway=anyway,
        )


#: The fields that have a component each: the form's own, and those of the options.
_OPTIONS: Final = frozenset(one.name for one in fields(Options))
_OWN: Final = frozenset(one.name for one in fields(Form)) - {"option_values", "only"}
FIELDS: Final = _OWN | _OPTIONS
#: Options that are a text of one's own: the others are numbers or names.
_TEXTS: Final = frozenset(one.name for one in fields(Options) if one.type is str)
_ADAPTER: Final = TypeAdapter(Options)
_CONVERSATION: Final = TypeAdapter(Conversation)


def field_of(component: Block) -> str:
    """The name of the form's field that ``component`` holds: its id, as Python writes it."""
    return (component.elem_id or "").replace("-", "_")
