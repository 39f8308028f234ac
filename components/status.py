"""One line that says what is happening, or what went wrong and what to do."""

import html
from dataclasses import dataclass

import gradio as gr

from components.texts import Texts
from services.assistant import Progress
from services.errors import ApiError, InputError, ShowAndTellError

#: Facts of errors that are sizes, durations and shares.
_SIZES = frozenset({"file_bytes", "limit_bytes"})
_DURATIONS = frozenset({"limit_s", "retry_after_s"})
_SHARES = frozenset({"share"})


@dataclass(frozen=True, slots=True)
class Status:
    """The line, and what is offered below it after a failure."""

    line: gr.HTML
    retry: gr.Button
    anyway: gr.Button


def create_status(i18n: gr.I18n) -> Status:
    """The line, which a screen reader reads out when it changes, and hidden offers."""
    line = gr.HTML(js_on_load=None, elem_id="status")
    retry = gr.Button(i18n("retry.button"), visible=False, elem_id="retry")
    anyway = gr.Button(i18n("anyway.button"), visible=False, elem_id="anyway")
    return Status(line, retry, anyway)


def progress_html(progress: Progress, elapsed_s: float, texts: Texts) -> str:
    """The stage, how far it is, and the seconds against the limit."""
    facts = {
        "seconds": texts.seconds(progress.wait_s or 0),
        "done": texts.number(progress.done or 0),
        "pieces": texts.number(progress.pieces or 0),
    }
    words = texts(f"status.{progress.stage}", **facts)
    if progress.stage in ("convert", "upload") and progress.share is not None:
        words = texts(f"status.{progress.stage}_share", share=texts.percent(progress.share))
    bar = ""
    if progress.share is not None:
        bar = f'<progress value="{progress.share:.3f}"></progress>'
    clock = ""
    if progress.limit_s is not None:
        clock = texts(
            "status.clock",
            seconds=texts.seconds(elapsed_s, 0),
            limit=texts.seconds(progress.limit_s, 0),
        )
    return (
        f'<div role="status" class="working" data-stage="{progress.stage}">'
        f"<b>{html.escape(words)}</b> <span>{html.escape(clock)}</span>{bar}</div>"
    )


def sentence_html(key: str, texts: Texts, **facts: str) -> str:
    """A plain sentence of the page."""
    name = key.partition(".")[2]
    return f'<div role="status" data-stage="{name}">{html.escape(texts(key, **facts))}</div>'


def error_html(error: ShowAndTellError, texts: Texts) -> str:
    """What went wrong, what to do next, what of the bill, and that nothing is lost."""
    what, following = error_sentences(error, texts)
    lines = [f"<b>{html.escape(what)}</b>", html.escape(following)]
    if isinstance(error, ApiError) and error.said:
        lines.append(html.escape(texts("error.said", said=error.said)))
    if "retry_after_s" in error.facts:
        retry_after_s = float(error.facts["retry_after_s"])
        lines.append(
            html.escape(texts("error.retry_after", seconds=texts.seconds(retry_after_s, 0)))
        )
    fate = f"{texts(f'billed.{error.billed}')} {texts('error.kept')}"
    lines.append(f"<small>{html.escape(fate)}</small>")
    name = type(error).__name__
    return f'<div role="alert" class="error" data-error="{name}">{"<br>".join(lines)}</div>'


def is_worth_a_retry(error: ShowAndTellError) -> bool:
    """Whether the same thing, sent again as it is, may go well."""
    return not isinstance(error, InputError)


def error_sentences(error: ShowAndTellError, texts: Texts) -> tuple[str, str]:
    """What went wrong and what to do next, as plain text."""
    facts = {name: _shown(name, fact, texts) for name, fact in error.facts.items()}
    name = type(error).__name__
    return texts(f"error.{name}.what", **facts), texts(f"error.{name}.next", **facts)


def _shown(name: str, fact: str | float, texts: Texts) -> str:
    if isinstance(fact, str):
        return fact
    if name in _SIZES:
        return texts.size(int(fact))
    if name in _DURATIONS:
        return texts.seconds(fact, 0)
    if name in _SHARES:
        return texts.percent(fact)
    return str(fact)
