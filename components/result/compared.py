"""What the page shows while several models answer one question."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, Field, ValidationError

from components.result.card import Head
from components.result.comparison import Comparison, Now, comparison_html
from components.result.comparison_files import FORMAT, VERSION
from components.result.exports import Saved, told_of
from components.result.pace import paced
from components.result.templates import rendered
from components.result.views import Shown, View
from components.status import sentence_html
from components.texts import Texts
from services.assistant import Event, Report

#: How many calls there may be in a comparison.
MOST_CALLS: Final = 30


@dataclass(frozen=True, slots=True)
class Told:
    """What one of the calls, by the id of its head, has to tell: an event, or its report."""

    of: str
    what: Event | Report


#: What runs all of them, and tells what they tell.
Calls = Callable[[Callable[[Told], None]], Awaitable[None]]


class _Answer(Saved):
    id: str


class _Compared(BaseModel):
    """The JSON of a comparison; what later versions add is passed over."""

    format: str = Field(pattern=f"^{FORMAT}$")
    version: int = Field(ge=1, le=VERSION)
    id: str
    reference: str = ""
    answers: tuple[_Answer, ...] = Field(min_length=1, max_length=MOST_CALLS)


class _Again(BaseModel):
    """What a browser says of a comparison of which something is to be asked again."""

    media: str
    compared: _Compared


def read_again(text: str) -> tuple[Comparison, dict[str, Report]] | None:
    """The comparison in ``text``, which a browser has written, and the reports that stay.

    None where it is none.
    """
    try:
        again = _Again.model_validate_json(text)
        told = {one.id: told_of(one) for one in again.compared.answers}
    except ValidationError:
        return None
    heads = []
    for of, one in told.items():
        model = one.report.asked_model
        heads.append(Head(of, one.when, one.title, one.question, model, again.media, one.earlier))
    whole = {of: one.report for of, one in told.items() if one.report.fault is None}
    return Comparison(again.compared.id, tuple(heads), again.compared.reference), whole


async def compared_views(
    calls: Calls, comparison: Comparison, before: Mapping[str, Report], texts: Texts
) -> AsyncGenerator[View, None]:
    """The page, view by view, until all of ``calls`` are over; ``before`` were over already."""
    began = time.monotonic()
    shown = {head.id: Shown() for head in comparison.heads}
    reports = dict(before)

    def interval_s() -> float:
        return max(one.interval_s() for one in shown.values())

    yield _running(comparison, shown, reports, 0, texts)
    async with contextlib.aclosing(paced(calls, interval_s)) as batches:
        async for batch in batches:
            for told in batch.events:
                if isinstance(told.what, Report):
                    reports[told.of] = told.what
                else:
                    shown[told.of].take([told.what])
            if len(reports) < len(comparison.heads):
                seconds = time.monotonic() - began
                yield _running(comparison, shown, reports, seconds, texts)
    yield await over(comparison, reports, texts)


async def over(comparison: Comparison, reports: Mapping[str, Report], texts: Texts) -> View:
    """The page once all are over, or were stopped."""
    is_whole = len(reports) == len(comparison.heads)
    state: Literal["done", "stopped"] = "done" if is_whole else "stopped"
    # Long answers take seconds to be held against each other: everybody else goes on.
    card = await asyncio.to_thread(comparison_html, comparison, Now({}, reports), texts, state)
    if not is_whole:
        return View("rest", sentence_html("status.stopped", texts), card)
    answered = sum(one.fault is None for one in reports.values())
    counted = {"answered": texts.number(answered), "calls": texts.number(len(reports))}
    return View("rest", sentence_html("status.compared", texts, **counted), card)


def _running(
    comparison: Comparison,
    shown: Mapping[str, Shown],
    reports: Mapping[str, Report],
    seconds: float,
    texts: Texts,
) -> View:
    words = {of: one.words for of, one in shown.items()}
    done, calls = len(reports), len(comparison.heads)
    counted = {"answered": texts.number(done), "calls": texts.number(calls)}
    status = rendered(
        "progress",
        stage="comparing",
        words=texts("status.comparing", **counted),
        share_words="",
        clock=texts.seconds(seconds, 0),
        share=done / calls,
    )
    return View("running", status, comparison_html(comparison, Now(words, reports), texts))
