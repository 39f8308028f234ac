"""One answer as files to keep: its words, Markdown, JSON, HAR, subtitles where it has times.

Pure: of the report, and of nothing else. No key is in it, and no media: what an answer has
to hear or to see stays on the page.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from components.result.receipt import endpoint_words, option_rows
from components.result.validation import pretty, why
from components.status import fault_sentences
from components.texts import Texts
from services.assistant import (
    Report,
    SentCall,
    SentRequest,
    Turn,
    Validation,
    har,
    sent_call,
    srt,
    vtt,
)

#: What tells our JSON from any other, and how it is to be read.
FORMAT: Final = "show-and-tell.answer"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Told:
    """A question and what came of it. ``when`` it was asked has a time zone.

    ``earlier`` are the questions and answers that were sent with it.
    """

    question: str = field(repr=False)
    report: Report
    when: datetime
    title: str = field(default="", repr=False)
    earlier: tuple[Turn, ...] = field(default=(), repr=False)

    @property
    def call(self) -> SentCall | None:
        """The request that went out, where it can be told."""
        return sent_call(self.report, self.question, self.earlier)


class Saved(BaseModel):
    """The JSON of an export; what later versions add is passed over."""

    model_config = ConfigDict(extra="ignore")

    format: str = Field(pattern=f"^{FORMAT}$")
    version: int = Field(ge=1, le=VERSION)
    title: str = ""
    question: str
    when: datetime
    report: dict[str, Any]
    earlier: tuple[Turn, ...] = ()


def exports(told: Told, texts: Texts) -> Mapping[str, str]:
    """The files by their endings: txt, md, json, har, srt, vtt, or those of them there can be.

    A HAR is of one request: of pieces there is none. Subtitles have every time that the answer
    has, before the words of each that is made up stands why.
    """

    def doubts(doubt: str) -> str:
        return texts(f"cue.{doubt}")

    files = {"json": _json(told)}
    if told.report.text.strip():
        files["txt"] = told.report.text.strip() + "\n"
        files["md"] = _markdown(told, texts)
    if cues := told.report.cues:
        files |= {"srt": srt(cues, doubts), "vtt": vtt(cues, doubts)}
    call = told.call
    if call is not None and call.pieces == 1:
        files["har"] = har(call, told.report, told.when)
    return files


def read_back(text: str) -> Told:
    """What an export to JSON was made of, without its media.

    Raises:
        pydantic.ValidationError: it is no such export, or a later version's.
    """
    return told_of(Saved.model_validate_json(text))


def told_of(saved: Saved) -> Told:
    """What was ``saved``.

    Raises:
        pydantic.ValidationError: its report is none.
    """
    report = Report.from_mapping(saved.report)
    return Told(saved.question, report, saved.when, saved.title, saved.earlier)


def exported(told: Told) -> dict[str, Any]:
    """What an export to JSON has."""
    extras = replace(told.report.extras, sounds=(), images=())
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": told.title,
        "question": told.question,
        "when": told.when.isoformat(),
        "earlier": [asdict(turn) for turn in told.earlier],
        "report": replace(told.report, extras=extras).as_mapping(),
    }


def _json(told: Told) -> str:
    return json.dumps(exported(told), ensure_ascii=False, indent=2) + "\n"


def _markdown(told: Told, texts: Texts) -> str:
    report = told.report
    title = " ".join(told.title.split()) or report.asked_model
    parts = [f"# {title}"]
    for turn in (*told.earlier, Turn(told.question, report.text)):
        # A question of several lines stays one quotation.
        lines = turn.question.strip().split("\n")
        parts += ["\n".join(f"> {line}".rstrip() for line in lines), turn.answer.strip()]
    if report.validation is not None:
        parts[-1:] = _checked(report.text, report.validation, texts)
    models = {"asked": report.asked_model, "model": report.model or ""}
    parts += [f"*{texts(f'mark.{warning}', **models)}*" for warning in report.warnings]
    if report.fault is not None:
        what, _ = fault_sentences(report.fault, texts)
        parts.append(f"*{texts('mark.incomplete')} {what}*")
    facts = [f"- {name}: {value or texts('unknown')}" for name, value in _facts(told, texts)]
    parts += ["---", "\n".join(facts)]
    return "\n\n".join(parts) + "\n"


def _checked(answer: str, validation: Validation, texts: Texts) -> list[str]:
    """An answer that is to fit a schema, and where it does not."""
    shown = f"```json\n{pretty(answer)}\n```" if validation.is_json else answer.strip()
    misfits = [f"- `{one.at}` {why(one, texts)}" for one in validation.misfits]
    return [
        shown,
        f"*{texts(f'validation.{validation.state}')}*",
        *(["\n".join(misfits)] if misfits else []),
    ]


def _facts(told: Told, texts: Texts) -> list[tuple[str, str | None]]:
    report, usage = told.report, told.report.counted

    def count(value: float | None) -> str | None:
        return None if value is None else texts.number(value)

    def took(value: float | None) -> str | None:
        return None if value is None else texts.milliseconds(value)

    model = report.model
    if model is not None and model != report.asked_model:
        model = f"{model} ({texts('export.asked', model=report.asked_model)})"
    rows: list[tuple[str, str | None]] = [
        (texts("export.when"), texts.moment(told.when)),
        (texts("stats.model"), model),
        (texts("stats.provider"), report.provider),
        (texts("stats.cost"), None if usage.cost is None else f"{texts.number(usage.cost, 9)} USD"),
        (texts("stats.prompt_tokens"), count(usage.prompt_tokens)),
        (texts("stats.completion_tokens"), count(usage.completion_tokens)),
        (texts("time.wait"), took(report.timings_ms.wait)),
        (texts("time.total"), took(report.timings_ms.total)),
        (texts("time.server"), took(report.timings_ms.server)),
    ]
    if report.request is not None:
        rows.append((texts("export.sent"), _sent(report.request, texts)))
        rows += [
            (texts(key), value) for key, value in option_rows(report.request, report.options, texts)
        ]
    return rows


def _sent(request: SentRequest, texts: Texts) -> str:
    """What went out, in one line."""
    endpoint = endpoint_words(request, texts)
    if request.link is not None:
        return f"{endpoint}, {texts('receipt.link')} {request.link}"
    words = [endpoint, request.part, request.format or request.mime or texts("unknown")]
    if request.duration_s is not None:
        words.append(texts.seconds(request.duration_s, 2))
    if request.file_bytes is not None:
        words.append(texts.size(request.file_bytes))
    if request.converted_from is not None:
        words.append(texts(f"receipt.{request.change}", source=request.converted_from))
    return ", ".join(words)
