"""How the page is set up when it opens: by a link, or as it was left."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from components.form import Form
from components.inputs import Source
from components.question import Task

#: More letters than that no link and no question of a person has.
_Text = Annotated[str, StringConstraints(max_length=20_000)]
#: What stands in a link for the tabs.
_INPUTS: Final[Mapping[str, Source]] = {
    "record": "record",
    "file": "audio_file",
    "film": "video",
    "link": "video",
}

#: What the tab remembers of the form, and how: it outlives a reload, and nothing else.
REMEMBER_JS: Final = """(source, task, prompt, model) => {
    const input = {record: "record", audio_file: "file", video: "film"}[source];
    sessionStorage.setItem("form", JSON.stringify({input, task, prompt, model}));
}"""
REMEMBERED_JS: Final = """() => [sessionStorage.getItem("form") ?? ""]"""


class Setup(BaseModel):
    """What a link, or the tab's memory, says of the form; None where it does not.

    Whatever else they hold is not read: neither has ever a key or media in it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    input: str | None = None
    task: Task | None = None
    prompt: _Text | None = None
    model: _Text | None = None

    @classmethod
    def read(cls, link: Mapping[str, str], left: str) -> "Setup":
        """What ``link``, the address's parameters, sets; then ``left``, the JSON of a tab."""
        before = cls()
        with contextlib.suppress(ValidationError):  # it is a browser's, and may be anything
            before = _LEFT.validate_json(left or "{}")
        said = {name: link[name] for name in cls.model_fields if link.get(name)}
        for name, value in said.items():
            with contextlib.suppress(ValidationError):
                before = cls.model_validate(before.model_dump() | {name: value})
        if "prompt" in said and before.prompt == said["prompt"] and "task" not in said:
            return before.model_copy(update={"task": "own"})
        return before

    @classmethod
    def of(cls, form: Form) -> "Setup":
        """``form`` as a link can set it up; the words of a task come with the task."""
        names = [name for name, source in _INPUTS.items() if source == form.source]
        return cls(
            input=names[-1] if form.video_url.strip() else names[0],
            task=form.task,
            prompt=form.prompt if form.task == "own" else None,
            model=form.asked_model or None,
        )

    def link(self, base: str, language: str) -> str:
        """The page at ``base``, set up so, in ``language``."""
        said = self.model_dump(exclude_none=True) | {"lang": language}
        return f"{base}?{urlencode(said, quote_via=quote, safe='/')}"

    @property
    def source(self) -> Source | None:
        """The tab that is to be in front."""
        return _INPUTS.get(self.input or "")

    def on(self, form: Form) -> Form:
        """``form`` as it is set up."""
        given = {
            name: value
            for name in ("source", "task", "prompt", "model")
            if (value := getattr(self, name))
        }
        return replace(form, **given)


_LEFT: Final = TypeAdapter(Setup)
