"""A table of several models' answers to one question, a row for each measure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from components.texts import Texts
from services.assistant import Held, Report


@dataclass(frozen=True, slots=True)
class Cell:
    """What one model has in a row; of the best it ``is_best``."""

    text: str | None
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of all models; ``against`` is the reference that it holds for, "" for any."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    against: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """How a row is made: of a report, in the language's numbers; whether less is better."""

    key: str
    of: Callable[[Report], float | None]
    shown: Callable[[float, Texts], str]
    best: Callable[[list[float]], float] | None = min


def first_words_ms(report: Report) -> float | None:
    """Until the first words, from the press on; None where they came all at once."""
    took = report.timings_ms
    if took.wait is None or took.stream is None:
        return None
    return sum(one or 0.0 for one in (took.prepare, took.connect, took.upload, took.wait))


def _a_minute(report: Report) -> float | None:
    """What a minute of the media cost."""
    cost, request = report.counted.cost, report.request
    if cost is None or request is None or not request.duration_s:
        return None
    return cost / request.duration_s * 60


def _speed(report: Report) -> float | None:
    """How many seconds of media in one of the whole run."""
    request, total_ms = report.request, report.timings_ms.total
    if request is None or request.duration_s is None or not total_ms:
        return None
    return request.duration_s / total_ms * 1000


def _tokens(report: Report) -> float | None:
    counted = report.counted
    if counted.prompt_tokens is None or counted.completion_tokens is None:
        return None
    return counted.prompt_tokens + counted.completion_tokens


def _took(value: float, texts: Texts) -> str:
    return texts.milliseconds(value)


def _money(value: float, texts: Texts) -> str:
    return texts("line.cost", cost=texts.number(value, 6))


#: The rows, in their order.
MEASURES: Final = (
    Measure("first", first_words_ms, _took),
    Measure("total", lambda report: report.timings_ms.total, _took),
    Measure("server", lambda report: report.timings_ms.server, _took),
    Measure("tokens", _tokens, lambda value, texts: texts.number(value), None),
    Measure("cost", lambda report: report.counted.cost, _money),
    Measure("a_minute", _a_minute, _money),
    Measure("speed", _speed, lambda value, texts: f"{texts.number(value, 1)} ×", max),
)


def row_of(measure: Measure, answers: list[list[Report]], texts: Texts) -> Row:
    """A row of ``measure``, with all whole answers of each model."""
    values = [
        [value for one in reports if (value := measure.of(one)) is not None] for reports in answers
    ]
    return Row(
        measure.key,
        texts(f"compare.row.{measure.key}"),
        _cells(values, lambda value: measure.shown(value, texts), measure.best),
    )


def _cells(
    values: list[list[float]],
    shown: Callable[[float], str],
    best: Callable[[list[float]], float] | None,
) -> tuple[Cell, ...]:
    """A cell for each model's ``values``: their mean, and how far apart they are."""
    means = [fmean(of) for of in values if of]
    top = best(means) if best is not None and len(means) > 1 else None
    cells = []
    for of in values:
        if not of:
            cells.append(Cell(None))
            continue
        words = shown(fmean(of))
        if len(of) > 1:
            words = f"{words} ({shown(min(of))}–{shown(max(of))})"
        cells.append(Cell(words, fmean(of) == top))
    return tuple(cells)


def heard_row(answers: list[list[Report]], texts: Texts) -> Row:
    """Whether the models heard what they were sent, as far as their tokens tell."""

    def words(reports: list[Report]) -> str | None:
        if not reports:
            return None
        counted = [one.counted for one in reports]
        if any({"unheard", "unseen", "few_tokens"} & {*one.warnings} for one in reports):
            return "✗"
        return (
            "✓"
            if all(one.audio_tokens or one.video_tokens or one.seconds for one in counted)
            else None
        )

    cells = tuple(Cell(words(reports)) for reports in answers)
    return Row("heard", texts("compare.row.heard"), cells)


def fits_row(answers: list[list[Report]], texts: Texts) -> Row | None:
    """Whether the answers fit the schema that they are to fit; None where there is none."""

    def words(reports: list[Report]) -> str | None:
        states = {one.validation.state for one in reports if one.validation is not None}
        if states & {"misfit", "not_json"}:
            return "✗"
        return "✓" if states == {"fits"} else None

    if not any(one.validation is not None for reports in answers for one in reports):
        return None
    cells = tuple(Cell(words(reports)) for reports in answers)
    return Row("fits", texts("compare.row.fits"), cells)


def wrong_row(key: str, held: list[list[Held]], texts: Texts) -> Row:
    """The word error rates against the reference ``key``."""
    rates = [[one.rate for one in of if one.rate is not None] for of in held]
    # Who is held against their own words is not the best for that.
    best = min if key == "typed" else None
    cells = _cells(
        rates, lambda rate: texts("compare.wrong", rate=texts.number(rate * 100, 1)), best
    )
    return Row("wrong", texts("compare.row.wrong"), cells, key)


@dataclass(frozen=True, slots=True)
class Bar:
    """How long a model took: per cent of the slowest until its first words, and after them."""

    name: str
    left: float
    width: float
    value: str


def bars(answers: Mapping[str, list[Report]], called: Mapping[str, str], texts: Texts) -> list[Bar]:
    """A bar for the first whole answer of each model, all on one scale.

    ``called`` is what people call each of the models.
    """
    taken = {model: reports[0] for model, reports in answers.items() if reports}
    longest = max((one.timings_ms.total for one in taken.values()), default=0.0)
    if longest <= 0:
        return []
    shown = []
    for model, report in taken.items():
        first, total = first_words_ms(report) or 0.0, report.timings_ms.total
        left = min(first, total) / longest * 100
        width = total / longest * 100 - left
        shown.append(Bar(called[model], left, width, texts.milliseconds(total)))
    return shown
