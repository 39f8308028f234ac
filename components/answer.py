"""The answer, what it cost and where the time went, and the receipt.

Everything an API or a file says is a stranger's text: it is escaped before it
is put into HTML, and the answer's Markdown is cleaned by Gradio and kept from
loading anything by the content security policy.
"""

import html
from dataclasses import dataclass

import gradio as gr

from components.texts import Texts
from services.assistant import Completion, MediaFacts, Report, SentRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """The components that show a run."""

    answer: gr.Markdown
    mark: gr.HTML
    stats: gr.HTML
    receipt: gr.HTML


def create_answer(i18n: gr.I18n) -> Answer:
    """Places for the answer, the usage and timings, and the receipt."""
    answer = gr.Markdown(
        i18n("answer.empty"),
        label=i18n("answer.label"),
        show_label=True,
        container=True,
        latex_delimiters=[],  # a price is not a formula
        line_breaks=True,
        min_height=200,
        buttons=["copy"],
        elem_id="answer",
    )
    mark = gr.HTML(js_on_load=None, elem_id="mark")
    stats = gr.HTML(js_on_load=None, elem_id="stats")
    receipt = gr.HTML(js_on_load=None, elem_id="receipt")
    return Answer(answer, mark, stats, receipt)


def mark_html(key: str, texts: Texts) -> str:
    """A line below an answer that is not all there."""
    return f'<p role="note" data-mark="{key.partition(".")[2]}">{html.escape(texts(key))}</p>'


def warnings_html(report: Report, texts: Texts) -> str:
    """What a person should know of an answer that came to its end; mostly nothing."""
    return "".join(mark_html(f"mark.{warning}", texts) for warning in report.warnings)


def stats_html(report: Report, texts: Texts) -> str:
    """Usage, then a waterfall of the timings."""
    completion = report.completion
    rows = [
        ("stats.model", completion.model),
        ("stats.provider", completion.provider),
        ("stats.finish_reason", completion.finish_reason),
        ("stats.prompt_tokens", _count(texts, completion, "prompt_tokens")),
        ("stats.audio_tokens", _count(texts, completion, "prompt_tokens_details", "audio_tokens")),
        ("stats.video_tokens", _count(texts, completion, "prompt_tokens_details", "video_tokens")),
        ("stats.completion_tokens", _count(texts, completion, "completion_tokens")),
        ("stats.total_tokens", _count(texts, completion, "total_tokens")),
        ("stats.cost", _cost(texts, completion)),
    ]
    return _card(texts("stats.title"), _table(rows, texts) + _waterfall(report, texts))


def receipt_html(request: SentRequest, texts: Texts) -> str:
    """What was sent, line by line."""
    rows: list[tuple[str, str | None]] = [("receipt.part", request.part)]
    if request.link is not None:
        rows.append(("receipt.link", request.link))
    elif request.part == "input_audio":
        rows.append(("receipt.format", request.format))
    else:
        rows.append(("receipt.mime", request.mime))
    if request.facts is not None:
        rows += _facts(request.facts, texts)
        rows += [
            ("receipt.file_bytes", _bytes(request.file_bytes, texts)),
            ("receipt.base64_bytes", _bytes(request.base64_bytes, texts)),
        ]
    if request.pieces > 1:
        rows.append(("receipt.pieces", texts.number(request.pieces)))
    if request.sent_share < 1:
        rows.append(("receipt.sent_share", texts.percent(request.sent_share)))
    rows.append(("receipt.conversion", _conversion(request, texts)))
    return _card(texts("receipt.title"), _table(rows, texts))


def _facts(facts: MediaFacts, texts: Texts) -> list[tuple[str, str | None]]:
    rows: list[tuple[str, str | None]] = [("receipt.container", facts.container)]
    duration = None if facts.duration_s is None else texts.seconds(facts.duration_s, 2)
    rows.append(("receipt.duration", duration))
    if facts.picture is not None:
        rate = facts.picture.frame_rate
        shown = texts("receipt.no_frame_rate")
        if rate is not None:
            shown = texts("receipt.frame_rate", rate=texts.number(rate, 2))
        rows.append(
            (
                "receipt.picture",
                texts(
                    "receipt.picture_value",
                    codec=facts.picture.codec,
                    width=facts.picture.width,
                    height=facts.picture.height,
                    rate=shown,
                ),
            )
        )
    if facts.sound is None:
        rows.append(("receipt.sound", texts("receipt.no_sound")))
        return rows
    channels = {1: "1", 2: "2"}.get(facts.sound.channels, "n")
    sound = texts(
        "receipt.sound_value",
        codec=facts.sound.codec,
        rate=texts.number(facts.sound.sample_rate / 1000, 2),
        channels=texts(f"receipt.channels_{channels}", channels=facts.sound.channels),
    )
    level = texts("receipt.level_none")
    if facts.sound.level_dbfs is not None:
        level = texts(
            "receipt.level_value",
            level=texts.number(facts.sound.level_dbfs, 1),
            silent=texts.percent(facts.sound.silent_share),
        )
    return [*rows, ("receipt.sound", sound), ("receipt.level", level)]


def _conversion(request: SentRequest, texts: Texts) -> str:
    if request.link is not None:
        return texts("receipt.passed_on")
    if request.converted_from is None:
        return texts("receipt.unchanged")
    return texts(f"receipt.{request.change}", source=request.converted_from)


def _bytes(count: int | None, texts: Texts) -> str | None:
    if count is None:
        return None
    exact = texts("receipt.bytes_value", bytes=texts.number(count))
    return exact if count < 1024 else f"{texts.size(count)} ({exact})"


def _count(texts: Texts, completion: Completion, *path: str) -> str | None:
    value = completion.counted(*path)
    return None if value is None else texts.number(value)


def _cost(texts: Texts, completion: Completion) -> str | None:
    value = completion.counted("cost")
    return None if value is None else f"{texts.number(value, 9)} USD"


def _waterfall(report: Report, texts: Texts) -> str:
    """A bar for each phase, where it began and as long as it took."""
    exchange = report.timings.exchange
    phases = [
        ("prepare", report.timings.prepare),
        ("connect", exchange.connect),
        ("upload", exchange.upload),
        ("wait", exchange.wait),
        ("stream", exchange.stream),
    ]
    total = report.timings.total
    bars, began = [], 0.0
    for name, took in phases:
        missing = "unknown"
        if report.request.pieces > 1:
            missing = "time.side_by_side"
        elif not report.is_complete:
            missing = "time.not_reached"
        elif name == "stream" and exchange.wait is not None:
            missing = "time.one_piece"
        bars.append(_bar(name, began, took, total, texts, texts(missing)))
        began += took or 0.0
    bars.append(_bar("total", 0.0, total, total, texts, ""))
    bars.append(_bar("server", None, report.timings.server, total, texts, texts("unknown")))
    return f'<div class="waterfall">{"".join(bars)}</div>'


def _bar(
    name: str, began: float | None, took: float | None, total: float, texts: Texts, missing: str
) -> str:
    bar = ""
    if began is not None and took is not None and total > 0:
        left, width = began / total * 100, took / total * 100
        bar = f'<i style="left:{left:.2f}%;width:{min(width, 100 - left):.2f}%"></i>'
    value = missing if took is None else texts.milliseconds(took)
    label = html.escape(texts(f"time.{name}"))
    return (
        f'<div class="phase {name}" data-phase="{name}"><span>{label}</span>'
        f'<span class="track">{bar}</span><b>{html.escape(value)}</b></div>'
    )


def _table(rows: list[tuple[str, str | None]], texts: Texts) -> str:
    cells = "".join(
        f'<div data-row="{key}"><dt>{html.escape(texts(key))}</dt>'
        f"<dd{' class=unknown' if value is None else ''}>"
        f"{html.escape(texts('unknown') if value is None else value)}</dd></div>"
        for key, value in rows
    )
    return f"<dl>{cells}</dl>"


def empty_html(key: str, texts: Texts) -> str:
    """What stands where there is nothing to show yet."""
    return f"<p>{html.escape(texts(key))}</p>"


def _card(title: str, body: str) -> str:
    return f"<h3>{html.escape(title)}</h3>{body}"
