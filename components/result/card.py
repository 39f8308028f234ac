"""The card of one answer: one template for the answer as it comes, those before, and exports."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from markupsafe import Markup

from components.prices import costs_words
from components.result.code import code_html
from components.result.exports import Told, exports
from components.result.extras import extras_html, live_html, thought_html
from components.result.proof import proof_html
from components.result.receipt import mark_html, receipt_html, stats_html, warnings_html
from components.result.templates import rendered
from components.result.timed import timed_html
from components.result.validation import answer_html, validation_html
from components.texts import Texts
from services.assistant import Costs, Report, Turn, Validation

#: What an answer is in. Of a run that is "left" nobody is there to hear the end.
State = Literal["running", "done", "failed", "stopped"]

#: More of a question than this does not make a heading.
_HEADING_LETTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Head:
    """What a card is about, known before anything is answered.

    ``id`` tells cards apart; ``about`` is what the media is called, the visitor's own
    name of the file in most cases, and ``media`` its name for the page: the path of the
    upload, or the link. ``earlier`` are the questions about it that this one follows; ``name``
    is what the API calls the model of which ``model`` is the id, empty where nobody has said.
    """

    id: str
    began: datetime
    about: str = field(repr=False)
    prompt: str = field(repr=False)
    model: str
    media: str = field(default="", repr=False)
    earlier: tuple[Turn, ...] = field(default=(), repr=False)
    name: str = ""

    @property
    def called(self) -> str:
        """The model as people call it."""
        return self.name or self.model

    @property
    def began_at(self) -> str:
        """When, as HTML and JSON write it."""
        return self.began.astimezone(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Words:
    """What came of an answer so far; it ``speaks`` where there is something to hear."""

    thought: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    speaks: bool = False


def running_html(head: Head, words: Words, texts: Texts, *, is_named: bool = True) -> Markup:
    """The card while the answer is on its way."""
    return _card(
        head,
        "running",
        texts,
        thought=thought_html(words.thought, texts),
        answer=answer_html(words.text, None, is_running=True),
        marks=mark_html("mark.incomplete", texts) if words.text else Markup(),
        extras=live_html(head.id, texts) if words.speaks else Markup(),
        is_named=is_named,
    )


def finished_html(head: Head, report: Report, texts: Texts, *, is_named: bool = True) -> Markup:
    """The card of an answer that came to its end."""
    answer = answer_html(report.text, report.validation)
    if not report.text.strip():
        answer = rendered("quiet", text=texts("answer.wordless"))
    return _card(
        head,
        "done",
        texts,
        thought=thought_html(report.extras.reasoning, texts),
        answer=answer,
        marks=warnings_html(report, texts) + validation_html(report.validation, texts),
        timed=timed_html(head.media, report, texts),
        extras=extras_html(report.extras, texts),
        line=_line(head, report, texts),
        facts=_facts(report, texts, is_named=is_named),
        is_named=is_named,
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
    *,
    is_named: bool = True,
) -> Markup:
    """The card of what has no whole answer; ``fault`` is what is to be said of that."""
    if report is None:
        return _card(head, state, texts, fault=fault, is_named=is_named)
    # The sentence of a fault has these two already.
    extras = replace(report.extras, refusal="", tools=())
    return _card(
        head,
        state,
        texts,
        thought=thought_html(report.extras.reasoning, texts),
        answer=answer_html(report.text, report.validation),
        marks=mark_html("mark.incomplete", texts) if report.text else Markup(),
        extras=extras_html(extras, texts),
        fault=fault,
        line=_line(head, report, texts),
        facts=_facts(report, texts, is_named=is_named),
        is_named=is_named,
        **_kept(head, report, texts),
    )


def _card(head: Head, state: State, texts: Texts, **parts: Any) -> Markup:
    """The template, filled in; of what is not among ``parts`` there is nothing.

    The newest card ``is_named``: it has the ids by which scripts find its parts.
    """
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
    "code",
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
        "is_named": True,
        "code": "",
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One of the facts below an answer; ``mood`` is good, bad, or none."""

    key: str
    text: str
    mood: Literal["", "good", "bad"] = ""


def _line(head: Head, report: Report, texts: Texts) -> list[Fact]:
    """What most people want to know of an answer, in a line."""
    took, cost = report.timings_ms, report.counted.cost
    is_asked = report.model in (None, report.asked_model)
    facts = [Fact("model", head.called if is_asked else str(report.model))]
    if cost is not None:
        facts.append(Fact("cost", _cost(cost, report.expected, texts)))
    phases = (took.prepare, took.connect, took.upload, took.wait)
    if took.wait is not None and took.stream is not None:
        first_s = sum(phase or 0.0 for phase in phases) / 1000
        facts.append(Fact("first", texts("line.first", seconds=texts.took(first_s))))
    facts.append(Fact("total", texts("line.total", seconds=texts.took(took.total / 1000))))
    if report.fault is None and report.request is not None and report.request.link is None:
        facts.append(_heard(report, texts))
    if report.validation is not None:
        facts.append(_fits(report.validation, texts))
    return facts


def _cost(cost: float, expected: Costs | None, texts: Texts) -> str:
    """What it cost, and what it was thought to before."""
    words = texts("line.cost", cost=texts.number(cost, 6))
    if expected is None or not expected.most:
        return words
    return texts("line.expected", cost=words, costs=costs_words(expected, texts))


def _heard(report: Report, texts: Texts) -> Fact:
    """Whether the model heard, or saw, what it was sent, as far as its tokens tell."""
    for warning in ("unheard", "unseen", "few_tokens"):
        if warning in report.warnings:
            return Fact("heard", texts(f"line.{warning}"), "bad")
    if report.counted.audio_tokens or report.counted.seconds:
        return Fact("heard", texts("line.heard"), "good")
    if report.counted.video_tokens:
        return Fact("heard", texts("line.seen"), "good")
    return Fact("heard", texts("line.not_told"))


def _fits(validation: Validation, texts: Texts) -> Fact:
    """Whether the answer fits its schema."""
    if validation.state == "unchecked":
        return Fact("fits", texts("line.unchecked"))
    fits = validation.state == "fits"
    return Fact("fits", texts("line.fits" if fits else "line.misfit"), "good" if fits else "bad")


def _facts(report: Report, texts: Texts, *, is_named: bool) -> Markup:
    """Usage, timings and receipt; nothing of what never went out."""
    if report.request is None:
        return Markup()
    receipt = receipt_html(report.request, report.options, texts, report.left_out)
    stats = stats_html(report, texts)
    proof = proof_html(report.id, texts)
    words = texts("proof.title")
    return rendered(
        "facts", stats=stats, receipt=receipt, proof=proof, words=words, is_named=is_named
    )


def _kept(head: Head, report: Report, texts: Texts) -> dict[str, Any]:
    """What the visitor's browser keeps of it: the code, and as JSON all that downloads are."""
    told = Told(head.prompt, report, head.began, head.about, head.earlier)
    files = exports(told, texts)
    turns = [asdict(turn) for turn in (*head.earlier, Turn(head.prompt, report.text))]
    record = {"text": report.text, "turns": turns, "exports": dict(files)}
    # The whole card is a file of its own, too; the browser has all it takes for that.
    return {
        "record": json.dumps(record, ensure_ascii=False),
        "kinds": (*(kind for kind in files if kind != "har"), "html"),  # that is with the code
        "code": code_html(head.id, told, head.media, texts),
    }
