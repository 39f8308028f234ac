"""Where the time went: a bar for each phase of a run."""

from dataclasses import dataclass

from components.texts import Texts
from services.assistant import Report


@dataclass(frozen=True, slots=True)
class Bar:
    """A phase: its place in the waterfall in per cent, None where it took no known time."""

    name: str
    label: str
    value: str
    left: float | None = None
    width: float | None = None


def waterfall(report: Report, texts: Texts) -> list[Bar]:
    """A bar for each phase, where it began and as long as it took."""
    took = report.timings_ms
    phases = {
        "prepare": took.prepare,
        "connect": took.connect,
        "upload": took.upload,
        "wait": took.wait,
        "stream": took.stream,
    }
    bars, began = [], 0.0
    for name, lasted in phases.items():
        missing = "unknown"
        if report.request is not None and report.request.pieces > 1:
            missing = "time.side_by_side"
        elif report.fault is not None:
            missing = "time.not_reached"
        elif name == "stream" and took.wait is not None:
            missing = "time.one_piece"
        bars.append(_bar(name, began, lasted, took.total, texts, texts(missing)))
        began += lasted or 0.0
    bars.append(_bar("total", 0.0, took.total, took.total, texts, ""))
    bars.append(_bar("server", None, took.server, took.total, texts, texts("unknown")))
    return bars


def until_when(report: Report, texts: Texts) -> str:
    """Where the upload ends and the waiting begins, as far as this machine can see."""
    if report.timings_ms.upload is None or report.request is None:
        return ""
    return texts("time.until_confirmed" if report.request.is_confirmed else "time.until_taken")


def _bar(
    name: str, began: float | None, took: float | None, total: float, texts: Texts, missing: str
) -> Bar:
    label = texts(f"time.{name}")
    if took is None:
        return Bar(name, label, missing)
    if began is None or total <= 0:
        return Bar(name, label, texts.milliseconds(took))
    left = began / total * 100
    width = min(took / total * 100, 100 - left)
    return Bar(name, label, texts.milliseconds(took), left, width)
