"""The card of one answer: one template for the answer as it comes, those before, and exports."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from markupsafe import Markup

from components.inputs.audio_file import upload_source
from components.result.exports import Told, exports
from components.result.extras import extras_html, thought_html
from components.result.markdown import markdown_html
from components.result.receipt import mark_html, receipt_html, stats_html, warnings_html
from components.result.templates import rendered
from components.texts import Texts
from services.assistant import Report, Turn

#: What an answer is in. Of a run that is "left" nobody is there to hear the end.
State = Literal["running", "done", "failed", "stopped"]

_WORD: Final = re.compile(r"[^\W\d_]+")
#: More of a question than this does not make a heading.
_HEADING_LETTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Head:
    """What a card is about, known before anything is answered.

    ``id`` tells cards apart; ``about`` is what the media is called, the visitor's own
    name of the file in most cases, and ``media`` its name for the page: the path of the
    upload, or the link. ``earlier`` are the questions about it that this one follows.
    """

    id: str
    began: datetime
    about: str = field(repr=False)
    prompt: str = field(repr=False)
    model: str
    media: str = field(default="", repr=False)
    earlier: tuple[Turn, ...] = field(default=(), repr=False)

    @property
    def began_at(self) -> str:
        """When, as HTML and JSON write it."""
        return self.began.astimezone(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Words:
    """What came of an answer so far."""

    thought: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


def running_html(head: Head, words: Words, texts: Texts) -> Markup:
    """The card while the answer is on its way."""
    return _card(
        head,
        "running",
        texts,
        thought=thought_html(words.thought, texts),
        answer=markdown_html(words.text),
        marks=mark_html("mark.incomplete", texts) if words.text else Markup(),
    )


def finished_html(head: Head, report: Report, texts: Texts) -> Markup:
    """The card of an answer that came to its end."""
    answer = markdown_html(report.text)
    if not report.text.strip():
        answer = rendered("quiet", text=texts("answer.wordless"))
    return _card(
        head,
        "done",
        texts,
        thought=thought_html(report.extras.reasoning, texts),
        answer=answer,
        marks=warnings_html(report, texts),
        timed=_timed(head, report, texts),
        extras=extras_html(report.extras, texts),
        line=_line(report, texts),
        facts=_facts(report, texts),
        **_kept(head, report, texts),
    )


def broken_html(head: Head, words: Words, fault: Markup, texts: Texts) -> Markup:
    """The card of an answer that this app could not show: its bare words."""
    return _card(head, "failed", texts, answer=rendered("plain", text=words.text), fault=fault)


def ended_html(
    head: Head,
    state: Literal["failed", "stopped"],
    report: Report | None,
    fault: Markup,
    texts: Texts,
) -> Markup:
    """The card of what has no whole answer; ``fault`` is what is to be said of that."""
    if report is None:
        return _card(head, state, texts, fault=fault)
    # The sentence of a fault has these two already.
    extras = replace(report.extras, refusal="", tools=())
    return _card(
        head,
        state,
        texts,
        thought=thought_html(report.extras.reasoning, texts),
        answer=markdown_html(report.text),
        marks=mark_html("mark.incomplete", texts) if report.text else Markup(),
        extras=extras_html(extras, texts),
        fault=fault,
        line=_line(report, texts),
        facts=_facts(report, texts),
        **_kept(head, report, texts),
    )


def _card(head: Head, state: State, texts: Texts, **parts: Any) -> Markup:
    """The template, filled in; of what is not among ``parts`` there is nothing."""
    return rendered(
        "card",
        head=head,
        question=head.prompt.strip()[:_HEADING_LETTERS],
        state=state,
        words={name: texts(f"card.{name}") for name in _WORDS},
        state_words="" if state == "done" else texts(f"card.{state}"),
        **{**_NOTHING, **parts},
    )


_WORDS: Final = (
    "answer",
    "actions",
    "copy",
    "download",
    "follow",
    "other",
    "room",
    "delete",
    "details",
)
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "thought": "",
        "answer": "",
        "marks": "",
        "timed": "",
        "extras": "",
        "fault": "",
        "line": (),
        "facts": "",
        "record": "",
        "kinds": (),
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One of the facts below an answer; ``mood`` is good, bad, or none."""

    key: str
    text: str
    mood: Literal["", "good", "bad"] = ""


def _line(report: Report, texts: Texts) -> list[Fact]:
    """What most people want to know of an answer, in a line."""
    took, cost = report.timings_ms, report.counted.cost
    facts = [Fact("model", report.model or report.asked_model)]
    if cost is not None:
        facts.append(Fact("cost", texts("line.cost", cost=texts.number(cost, 6))))
    phases = (took.prepare, took.connect, took.upload, took.wait)
    if took.wait is not None and took.stream is not None:
        first_s = sum(phase or 0.0 for phase in phases) / 1000
        facts.append(Fact("first", texts("line.first", seconds=texts.took(first_s))))
    facts.append(Fact("total", texts("line.total", seconds=texts.took(took.total / 1000))))
    if report.fault is None and report.request is not None and report.request.link is None:
        facts.append(_heard(report, texts))
    return facts


def _heard(report: Report, texts: Texts) -> Fact:
    """Whether the model heard, or saw, what it was sent, as far as its tokens tell."""
    for warning in ("unheard", "unseen", "few_tokens"):
        if warning in report.warnings:
            return Fact("heard", texts(f"line.{warning}"), "bad")
    if report.counted.audio_tokens:
        return Fact("heard", texts("line.heard"), "good")
    if report.counted.video_tokens:
        return Fact("heard", texts("line.seen"), "good")
    return Fact("heard", texts("line.not_told"))


def _facts(report: Report, texts: Texts) -> Markup:
    """Usage, timings and receipt; nothing of what never went out."""
    if report.request is None:
        return Markup()
    receipt = receipt_html(report.request, report.options, texts)
    return rendered("facts", stats=stats_html(report, texts), receipt=receipt)


def _timed(head: Head, report: Report, texts: Texts) -> Markup:
    """The answer's cues beside what they are about; nothing where it has no times."""
    request, cues = report.request, report.cues
    if not cues:
        return Markup()
    from_s = request.times_from_s if request is not None else 0.0
    is_file = request is not None and request.link is None
    return rendered(
        "timed",
        kind="video" if request is not None and request.part == "video_url" else "audio",
        source=upload_source(head.media) if is_file and head.media else "",
        cues=[
            _Line(
                start=cue.start_s + from_s,
                end=cue.end_s + from_s,
                time=texts.timestamp(cue.start_s + from_s),
                text=cue.text,
                doubt=texts(f"cue.{cue.doubt}") if cue.doubt else "",
            )
            for cue in cues
        ],
        words={name: texts(f"cue.{name}") for name in ("player", "title")},
        is_whole=_WORD.findall(report.text)
        == [word for cue in cues for word in _WORD.findall(cue.text)],
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A cue as it is shown: seconds of the file, and what speaks against it."""

    start: float
    end: float
    time: str
    text: str
    doubt: str


def _kept(head: Head, report: Report, texts: Texts) -> dict[str, Any]:
    """What the visitor's browser keeps of it, as JSON: all that downloads are made of."""
    told = Told(head.prompt, report, head.began, head.about, head.earlier)
    files = exports(told, texts)
    turns = [asdict(turn) for turn in (*head.earlier, Turn(head.prompt, report.text))]
    record = {"text": report.text, "turns": turns, "exports": dict(files)}
    # The whole card is a file of its own, too; the browser has all it takes for that.
    return {"record": json.dumps(record, ensure_ascii=False), "kinds": (*files, "html")}
