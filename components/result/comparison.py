"""Several models' answers side by side: their cards, a table of them, and where they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from markupsafe import Markup

from components.result.card import Head, Words, ended_html, finished_html, running_html
from components.result.comparison_files import kept
from components.result.exports import Told
from components.result.table import MEASURES, bars, fits_row, heard_row, row_of, wrong_row
from components.result.templates import rendered
from components.status import billed_sentence, fault_html, fault_sentences, said_html
from components.texts import Texts
from services.assistant import Report, closest_to_all, held_against

_LETTERS: Final = "ABCDEF"
#: Longer answers, in all letters that would be held against each other, have the first reference.
_MOST_LETTERS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question to several models, each asked once or several times: a head for each call.

    ``reference`` is what is really said, where somebody has written it; ``is_blind`` hides who
    answered what until somebody asks.
    """

    id: str
    heads: tuple[Head, ...]
    reference: str = field(default="", repr=False)
    is_blind: bool = False

    @property
    def models(self) -> tuple[str, ...]:
        """The models, each once."""
        return tuple(dict.fromkeys(head.model for head in self.heads))

    @property
    def called(self) -> dict[str, str]:
        """What people call each of the models."""
        return {head.model: head.called for head in self.heads}

    def calls(self, model: str) -> tuple[Head, ...]:
        """The calls of ``model``."""
        return tuple(head for head in self.heads if head.model == model)


@dataclass(frozen=True, slots=True)
class Now:
    """How far the calls are, by the ids of their heads: the words that came, or the report."""

    words: Mapping[str, Words]
    reports: Mapping[str, Report]


def comparison_html(
    comparison: Comparison,
    now: Now,
    texts: Texts,
    state: Literal["running", "done", "stopped"] = "running",
) -> Markup:
    """All of it. The first answer's card has the ids that the newest card has."""
    cards = [
        _card(comparison.calls(model), now, texts, state, is_named=not number)
        for number, model in enumerate(comparison.models)
    ]
    parts: dict[str, Any] = {"rows": [], "references": [], "differences": [], "record": ""}
    if state != "running":
        parts = _over(comparison, now, texts)
    first = comparison.heads[0]
    return rendered(
        "comparison",
        head=first,
        id=comparison.id,
        state=state,
        is_blind=comparison.is_blind,
        letters=_LETTERS,
        models=comparison.called.values(),
        count=texts.counted("compare.count", len(comparison.models), count=len(comparison.models)),
        cards=[
            (card, state == "done" and model in _failed(comparison, now))
            for card, model in zip(cards, comparison.models, strict=True)
        ],
        words={name: texts(f"compare.{name}") for name in _WORDS},
        card_words={name: texts(f"card.{name}") for name in ("copy", "download", "delete")},
        **parts,
    )


_WORDS: Final = (
    "table",
    "plot",
    "answers",
    "retry",
    "against",
    "differences",
    "reveal",
    "note",
    "actions",
)


def _failed(comparison: Comparison, now: Now) -> set[str]:
    """The models of which there is no whole answer, or not of each call."""
    whole = {of for of, report in now.reports.items() if report.fault is None}
    return {head.model for head in comparison.heads if head.id not in whole}


def _card(calls: Sequence[Head], now: Now, texts: Texts, state: str, *, is_named: bool) -> Markup:
    """The card of a model: its first answer, or the first that there is of one."""
    done = [head for head in calls if head.id in now.reports]
    whole = [head for head in done if now.reports[head.id].fault is None]
    head = (whole or done or list(calls))[0]
    report = now.reports.get(head.id)
    if report is None and state == "stopped":
        said = said_html("Stopped", texts("card.was_stopped"), "")
        return ended_html(head, "stopped", None, said, texts, is_named=is_named)
    if report is None:
        return running_html(head, now.words.get(head.id, Words()), texts, is_named=is_named)
    if report.fault is None:
        return finished_html(head, report, texts, is_named=is_named)
    billed = billed_sentence(report.bill, report.kept_pieces, texts)
    told = fault_html(report.fault, billed, texts)
    return ended_html(head, "failed", report, told, texts, is_named=is_named)


def _over(comparison: Comparison, now: Now, texts: Texts) -> dict[str, Any]:
    """What there is once all have answered, or failed."""
    answers = {
        model: [now.reports[head.id] for head in comparison.calls(model) if head.id in now.reports]
        for model in comparison.models
    }
    called = comparison.called
    whole = {
        model: [one for one in reports if one.fault is None and one.text.strip()]
        for model, reports in answers.items()
    }
    rows = [row_of(measure, list(whole.values()), texts) for measure in MEASURES]
    rows.append(heard_row(list(whole.values()), texts))
    if (fitting := fits_row(list(whole.values()), texts)) is not None:
        rows.append(fitting)
    references = _references(comparison, whole, texts)
    differences = []
    for key, _, reference in references:
        held = {
            model: [held_against(reference, one.text) for one in reports]
            for model, reports in whole.items()
        }
        rows.append(wrong_row(key, list(held.values()), texts))
        differences += [
            {"against": key, "model": called[model], "parts": of[0].parts}
            for model, of in held.items()
            if of and of[0].rate
        ]
    failed = [
        (called[model], fault_sentences(one.fault, texts)[0])
        for model, reports in answers.items()
        for one in reports
        if one.fault is not None
    ]
    told = {
        head.id: Told(head.prompt, now.reports[head.id], head.began, head.about, head.earlier)
        for head in comparison.heads
        if head.id in now.reports
    }
    return {
        "rows": rows,
        "bars": bars(whole, called, texts),
        "failed": failed,
        "references": [(key, label) for key, label, _ in references],
        "differences": differences,
        **kept(comparison.id, comparison.models, comparison.reference, told, rows, texts),
    }


def _references(
    comparison: Comparison, whole: Mapping[str, list[Report]], texts: Texts
) -> list[tuple[str, str, str]]:
    """What answers are held against: a key, what it is called, and its words; the best first."""
    found = []
    if comparison.reference.strip():
        found.append(("typed", texts("compare.typed"), comparison.reference))
    said = {model: reports[0].text for model, reports in whole.items() if reports}
    closest = closest_to_all(list(said.values()))
    models = list(said)
    if closest is not None:
        # It goes first of those that models said.
        models.insert(0, models.pop(closest))
    for number, model in enumerate(models):
        label = comparison.called[model]
        if closest is not None and not number:
            label = texts("compare.consensus", model=label)
        found.append((str(number), label, said[model]))
    if len(said) < 2 and not comparison.reference.strip():
        return []
    is_long = len(found) * sum(map(len, said.values())) > _MOST_LETTERS
    return found[:1] if is_long else found
