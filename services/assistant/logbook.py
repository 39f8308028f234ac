"""One line for each run: numbers and names of ours, and nothing a person gave or got."""

from typing import Any

from services.assistant.report import Report
from services.media.values import Kind


def facts_of(kind: Kind | None, model: str, report: Report, sent_bytes: int) -> dict[str, Any]:
    """What is known of a run about ``kind`` that asked ``model``, by names; times in ms."""
    sent, spent = report.request, report.timings_ms
    facts = {
        "kind": kind,
        "model": model,
        "form": (sent.format or sent.mime or "link") if sent else None,
        "bytes": sent_bytes,
        "prepare_ms": spent.prepare,
        "connect_ms": spent.connect,
        "upload_ms": spent.upload,
        "wait_ms": spent.wait,
        "stream_ms": spent.stream,
        "total_ms": spent.total,
        "answered": report.bill.answered,
        "refused": report.bill.refused,
        "open": report.bill.open,
        "end": report.fault.name if report.fault else "answered",
    }
    return {
        name: round(value) if isinstance(value, float) else value
        for name, value in facts.items()
        if value is not None
    }


def line_of(facts: dict[str, Any]) -> str:
    """``facts`` as ``name=value``, with spaces between."""
    return " ".join(f"{name}={value}" for name, value in facts.items())
