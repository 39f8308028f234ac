"""One line that says what is happening, or what went wrong and what to do."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import gradio as gr
from markupsafe import Markup

from components.result.templates import rendered
from components.texts import Texts
from services.assistant import Bill, Fault, Progress, Report
from services.errors import (
    BadKey,
    Forbidden,
    HostLimit,
    InputError,
    KeyRejected,
    MissingKey,
    ModelNotAllowed,
    ModelRefused,
    NotFound,
    OutOfCredit,
    ProviderFailed,
    RequestRejected,
    SameAgain,
    ShowAndTellError,
)

_MINUTE_S: Final = 60
#: Facts of errors that are sizes, durations and shares.
_SIZES = frozenset({"file_bytes", "limit_bytes"})
_DURATIONS = frozenset({"limit_s", "retry_after_s"})
_SHARES = frozenset({"share"})
_COUNTS = frozenset({"turns", "most_turns", "letters", "most_letters", "most", "most_tokens"})
#: The ways out that a press leads to, and after what.
_WAYS: Final[Mapping[str, tuple[type[ShowAndTellError], ...]]] = MappingProxyType(
    {
        "key": (MissingKey, BadKey, KeyRejected, OutOfCredit, Forbidden, HostLimit),
        "other": (SameAgain, NotFound, ModelNotAllowed, RequestRejected, ProviderFailed),
    }
)


def create_status() -> gr.HTML:
    """One line of news, which a screen reader reads out when it changes."""
    return gr.HTML(js_on_load=None, elem_id="status")


def create_uploading() -> gr.HTML:
    """A place for uploading.js to say how far an upload is."""
    return gr.HTML('<div class="uploading"></div>', js_on_load=None, elem_id="uploading")


def create_sending() -> gr.HTML:
    """What will be sent, in a line."""
    return gr.HTML(js_on_load=None, elem_id="sending")


def progress_html(progress: Progress, elapsed_s: float, texts: Texts) -> Markup:
    """The stage, how far it is, and the seconds against the limit."""
    facts = {
        "seconds": texts.seconds(progress.wait_s or 0),
        "done": texts.number(progress.done or 0),
        "pieces": texts.number(progress.pieces or 0),
        "place": texts.number(progress.place or 0),
    }
    words = texts(f"status.{progress.stage}", **facts)
    share_words = "" if progress.share is None else texts.percent(progress.share)
    clock = ""
    if progress.limit_s is not None:
        clock = texts(
            "status.clock",
            seconds=texts.seconds(elapsed_s, 0),
            limit=texts.seconds(progress.limit_s, 0),
        )
    return rendered(
        "progress",
        stage=progress.stage,
        words=words,
        share_words=share_words,
        clock=clock,
        share=progress.share,
    )


def sentence_html(key: str, texts: Texts, **facts: str) -> Markup:
    """A plain sentence of the page."""
    return rendered("sentence", stage=key.partition(".")[2], words=texts(key, **facts))


def said_html(name: str, words: str, small: str) -> Markup:
    """What is said of a run that a person ended."""
    return rendered("said", name=name, words=words, small=small)


def fault_html(fault: Fault, billed: str, texts: Texts) -> Markup:
    """What went wrong, what to do next, what of the bill, and that nothing is lost."""
    what, following = fault_sentences(fault, texts)
    lines, said = [], ""
    if fault.said:
        who = "model" if fault.is_a(ModelRefused) else "api"
        said = texts(f"error.said.{who}", said=fault.said)
    if "retry_after_s" in fault.facts:
        lines.append(_later(fault, float(fault.facts["retry_after_s"]), texts))
    if fault.fallbacks:
        lines.append(texts("error.fallbacks", models=", ".join(fault.fallbacks)))
    ways = [(way, texts(f"way.{way}")) for way, family in _WAYS.items() if _is_any(fault, family)]
    return rendered(
        "fault",
        name=fault.name,
        what=what,
        next=following,
        said=said,
        lines=lines,
        small=f"{billed} {texts('error.kept')}",
        ways=ways,
    )


def _later(fault: Fault, seconds: float, texts: Texts) -> str:
    """When it may be asked again: what an API says, or what the host allows, to the minute."""
    if not fault.is_a(HostLimit):
        return texts("error.retry_after", seconds=texts.length(seconds))
    if seconds > _MINUTE_S:
        seconds = math.ceil(seconds / _MINUTE_S) * _MINUTE_S
    return texts("error.renewed", seconds=texts.length(seconds))


def _is_any(fault: Fault, families: tuple[type[ShowAndTellError], ...]) -> bool:
    return any(fault.is_a(family) for family in families)


def unsent_html(error: ShowAndTellError, texts: Texts) -> Markup:
    """A failure before anything was sent."""
    return fault_html(Fault.of(error), texts("billed.nothing_sent"), texts)


def error_mapping(report: Report, texts: Texts) -> dict[str, Any] | None:
    """The same for programs, as JSON; None where nothing went wrong."""
    fault = report.fault
    if fault is None:
        return None
    what, following = fault_sentences(fault, texts)
    return {
        "class": fault.name,
        "sentence": what,
        "way_out": following,
        "said": fault.said or None,
        "retry_after_s": fault.facts.get("retry_after_s"),
        "worth_a_retry": is_worth_a_retry(report),
        "billed": billed_sentence(report.bill, report.kept_pieces, texts),
    }


def fault_sentences(fault: Fault, texts: Texts) -> tuple[str, str]:
    """What went wrong and what to do next, as plain text."""
    facts = {name: _shown(name, fact, texts) for name, fact in fault.facts.items()}
    return texts(f"error.{fault.name}.what", **facts), texts(f"error.{fault.name}.next", **facts)


def billed_sentence(bill: Bill, kept: int, texts: Texts) -> str:
    """What may be billed of a run that has no whole answer; ``kept`` are its answered pieces."""
    sentences = []
    if bill.answered:
        sentences.append(texts("billed.answered", answered=texts.number(bill.answered)))
    if bill.open:
        sentences.append(texts("billed.open"))
    elif bill.refused:
        sentences.append(texts("billed.refused"))
    if not sentences:
        sentences.append(texts("billed.nothing_sent"))
    if kept:
        sentences.append(texts("billed.kept", kept=texts.number(kept)))
    return " ".join(sentences)


def is_worth_a_retry(report: Report) -> bool:
    """Whether the same thing, sent again as it is, may go well."""
    fault = report.fault
    if fault is None:
        return False
    if report.kept_pieces > 0:
        # Of what was answered in part the rest is worth asking for, whatever the reason.
        return True
    is_lasting = fault.is_a(InputError) or fault.is_a(SameAgain)
    return not is_lasting and bool(fault.facts.get("retryable", True))


def _shown(name: str, fact: str | float, texts: Texts) -> str:
    if name == "option":
        return texts(f"options.{fact}")
    if isinstance(fact, str):
        return fact
    if name in _SIZES:
        return texts.size(int(fact))
    if name in _DURATIONS:
        return texts.length(fact)
    if name in _SHARES:
        return texts.percent(fact)
    return texts.number(fact) if name in _COUNTS else str(fact)
