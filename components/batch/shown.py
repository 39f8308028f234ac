"""A batch as the page shows it."""

import math
import time
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from components.prices import costs_words
from components.result.templates import rendered
from components.status import billed_sentence, fault_sentences
from components.texts import Texts
from services.assistant import Fault
from services.batch import Batch, Clip, Price, State

_HOUR_S: Final = 3600
#: In the order in which they are counted.
STATES: Final[tuple[State, ...]] = (
    "answered",
    "failed",
    "unsure",
    "asking",
    "waiting",
    "unsent",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one file."""

    name: str
    state: State
    state_words: str
    cost: str | None
    words: str


@dataclass(frozen=True, slots=True)
class _Fault:
    name: str
    what: str
    next: str


def price_html(price: Price, texts: Texts) -> Markup:
    """What files may cost, or how far it is until that can be said, and what it leaves out."""
    looked, count = texts.number(price.looked), texts.number(price.to_look_at)
    if price.looked < price.to_look_at:
        return rendered("quiet", text=texts("batch.price_looking", looked=looked, count=count))
    lines = []
    if price.costs is not None:
        costs = costs_words(price.costs, texts)
        lines.append(texts("batch.price" if price.is_known else "batch.price_part", costs=costs))
    elif price.unknown:
        lines.append(texts("plan.no_costs"))
    if price.costs is not None and price.unknown:
        lines.append(
            texts.counted("batch.price_unknown", price.unknown, count=texts.number(price.unknown))
        )
    if price.unread:
        lines.append(
            texts.counted("batch.price_unread", price.unread, count=texts.number(price.unread))
        )
    if price.zips:
        lines.append(texts("batch.price_zips"))
    if price.left_out:
        lines.append(texts("batch.price_left_out", count=count))
    return Markup().join(rendered("quiet", text=line) for line in lines)


def batch_html(batch: Batch, fault: Fault | None, texts: Texts) -> Markup:
    """How far it is, and a row for each file; ``fault`` is what was wrong with the last press."""
    fault = fault or batch.halted
    over = batch.count("answered", "failed", "unsure")
    return rendered(
        "batch",
        stage=_stage(batch),
        sentence=_sentence(batch, texts),
        share=over / len(batch.clips),
        notes=_notes(batch, texts),
        counts=[
            (state, _count(state, batch.count(state), texts))
            for state in STATES
            if batch.count(state)
        ],
        fault=None if fault is None else _Fault(fault.name, *fault_sentences(fault, texts)),
        list_label=texts("batch.list"),
        rows=[row_of(clip, texts) for clip in batch.clips],
        confirm=texts("batch.confirm"),
        unknown=texts("unknown"),
    )


def refused_html(fault: Fault, texts: Texts) -> Markup:
    """Why there is no batch."""
    what, following = fault_sentences(fault, texts)
    return rendered(
        "fault", name=fault.name, what=what, next=following, said="", lines=(), small="", ways=()
    )


def row_of(clip: Clip, texts: Texts) -> Row:
    """One file: its state, what it cost, and how its answer begins or what went wrong."""
    return Row(
        clip.name,
        clip.state,
        texts(f"batch.state.{clip.state}"),
        _cost(clip, texts),
        _words(clip, texts),
    )


def _cost(clip: Clip, texts: Texts) -> str | None:
    """What it cost; nothing where nothing was billed, None where nobody knows."""
    if clip.cost is not None:
        return texts("line.cost", cost=texts.number(clip.cost, 6))
    return None if clip.is_billed else ""


def _words(clip: Clip, texts: Texts) -> str:
    if clip.state == "unsure":
        return texts("batch.unsure")
    if clip.state == "failed" and clip.fault is not None:
        sentences = " ".join(fault_sentences(clip.fault, texts))
        return f"{sentences} {billed_sentence(clip.bill, 0, texts)}"
    return clip.excerpt if clip.state == "answered" else ""


def _count(state: State, count: int, texts: Texts) -> str:
    return texts("batch.count", state=texts(f"batch.state.{state}"), count=texts.number(count))


def _stage(batch: Batch) -> str:
    if batch.is_running:
        return "stopping" if batch.is_stopping else "running"
    return "done" if batch.count("answered") == len(batch.clips) else "rest"


def _sentence(batch: Batch, texts: Texts) -> str:
    stage = _stage(batch)
    if stage != "running":
        return texts(f"batch.{stage}")
    key = "batch.slowed" if batch.is_slowed else "batch.running"
    return texts(key, at_once=texts.number(batch.at_once))


def _notes(batch: Batch, texts: Texts) -> list[str]:
    notes = []
    if any(clip.cost is not None for clip in batch.clips):
        notes.append(texts("batch.cost", cost=texts("line.cost", cost=texts.number(batch.cost, 6))))
    if batch.unpriced:
        notes.append(texts("batch.unpriced", count=texts.number(batch.unpriced)))
    is_open = _stage(batch) == "rest"
    if is_open and batch.has_own_key:
        notes.append(texts("batch.own_key"))
    left_s = max(math.ceil((batch.ends_at - time.time()) / _HOUR_S), 1) * _HOUR_S
    notes.append(texts("batch.until", left=texts.length(left_s)))
    return notes
