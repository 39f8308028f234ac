"""What came of all runs, in numbers, as Prometheus reads them.

No label has a word that a visitor, a model or an API could make up.
"""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from services.assistant.report import Report
from services.media.values import Kind
from services.media.workshop.lanes import Taken

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
#: From a hundredth of a second to the ten minutes that a film may take.
_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 600)
_PHASES: Final = ("prepare", "connect", "upload", "wait", "stream", "total")
_TOKENS: Final = ("prompt", "completion", "audio", "video")


class Metrics:
    """The numbers of one assistant: ``under_way`` counts its runs, ``workers`` its jobs."""

    def __init__(self, under_way: Callable[[], int], workers: Callable[[], Taken]) -> None:
        self._registry = CollectorRegistry()
        self._runs = self._counter("runs", "Runs that are over.", "kind", "end")
        self._calls = self._counter("calls", "Requests to the API.", "bill")
        self._bytes = self._counter("sent_bytes", "Bytes of files that were sent, before base64.")
        self._tokens = self._counter("tokens", "Tokens, as the API reports them.", "of")
        self._cost = self._counter("cost_usd", "US dollars, as the API reports them.")
        self._phases = Histogram(
            "show_and_tell_phase_seconds",
            "How long the phases of a run took.",
            ["phase"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._gauge("runs_under_way", "Runs and looks at files that go on.", under_way)
        self._gauge("jobs_short", "Short jobs on files that go on.", lambda: workers().short)
        self._gauge("jobs_long", "Long jobs on files that go on.", lambda: workers().long)
        self._gauge("jobs_waiting", "Jobs that wait for a place.", lambda: workers().waiting)

    def add(self, kind: Kind | None, report: Report, sent_bytes: int) -> None:
        """Count a run about ``kind`` that is over."""
        self._runs.labels(
            kind or "unknown", report.fault.name if report.fault else "answered"
        ).inc()
        for bill in ("answered", "refused", "open"):
            self._calls.labels(bill).inc(getattr(report.bill, bill))
        self._bytes.inc(sent_bytes)
        usage = report.counted
        for of in _TOKENS:
            self._tokens.labels(of).inc(max(getattr(usage, f"{of}_tokens") or 0, 0))
        self._cost.inc(max(usage.cost or 0, 0))
        for phase in _PHASES:
            took_ms = getattr(report.timings_ms, phase)
            if took_ms is not None:
                self._phases.labels(phase).observe(took_ms / 1000)

    def told(self) -> bytes:
        """All of them, in Prometheus's text format (:data:`CONTENT_TYPE`)."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"show_and_tell_{name}", about, labels, registry=self._registry)

    def _gauge(self, name: str, about: str, value: Callable[[], int]) -> None:
        Gauge(f"show_and_tell_{name}", about, registry=self._registry).set_function(value)
