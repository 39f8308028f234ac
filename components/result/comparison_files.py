"""A comparison as files to keep: CSV, JSON, Markdown."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from components.result.exports import Told, exported
from components.result.table import Row, first_words_ms
from components.texts import Texts
from services.assistant import Options, Report


def kept(
    id_: str,
    models: Sequence[str],
    reference: str,
    told: Mapping[str, Told],
    rows: Sequence[Row],
    texts: Texts,
) -> dict[str, Any]:
    """What the visitor's browser keeps: the files, and the words for a copy of the table.

    ``id_`` is the comparison's, ``told`` has the answers by the ids of theirs.
    """
    question = next((one.question for one in told.values()), "")
    table = [["", *models]]
    table += [
        [f"{row.label} ({row.against})" if row.against else row.label]
        + [cell.text or texts("unknown") for cell in row.cells]
        for row in rows
    ]
    text = "\n".join("\t".join(line) for line in table)
    files = {
        "csv": _csv(tuple(told.values())),
        "json": json.dumps(
            {
                "format": FORMAT,
                "version": VERSION,
                "question": question,
                "reference": reference,
                "id": id_,
                "answers": [{"id": of, **exported(one)} for of, one in told.items()],
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n",
        "md": _markdown(question, table),
    }
    record = {"text": text, "turns": [], "exports": files}
    return {
        "record": json.dumps(record, ensure_ascii=False),
        "kinds": (*files, "html"),
    }


#: What tells the JSON of a comparison from any other, and how it is to be read.
FORMAT: Final = "show-and-tell.comparison"
VERSION: Final = 1
#: The columns of the CSV, in the field's own words: machines read it.
COLUMNS: Final[Mapping[str, Callable[[Report], Any]]] = {
    "model": lambda report: report.asked_model,
    "answered_by": lambda report: report.model,
    "provider": lambda report: report.provider,
    "endpoint": lambda report: report.request.endpoint if report.request else None,
    "finish_reason": lambda report: report.finish_reason,
    "error": lambda report: report.fault.name if report.fault else None,
    "first_words_ms": first_words_ms,
    "total_ms": lambda report: report.timings_ms.total,
    "server_ms": lambda report: report.timings_ms.server,
    "prompt_tokens": lambda report: report.counted.prompt_tokens,
    "completion_tokens": lambda report: report.counted.completion_tokens,
    "audio_tokens": lambda report: report.counted.audio_tokens,
    "cost_usd": lambda report: report.counted.cost,
    "options": lambda report: json.dumps(_given(report.options), ensure_ascii=False),
    "validation": lambda report: report.validation.state if report.validation else None,
    "media_s": lambda report: report.request.duration_s if report.request else None,
    "text": lambda report: report.text,
}


def _given(options: Options) -> dict[str, Any]:
    """What was set and sent."""
    return {name: value for name, value in asdict(options).items() if name in options.given}


#: What a table's program takes for a formula when a cell begins with it (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def _csv(told: Sequence[Told]) -> str:
    """A line for each call; unknown is empty."""
    return csv_of(COLUMNS, [[of(one.report) for of in COLUMNS.values()] for one in told])


def csv_of(head: Iterable[str], lines: Iterable[Sequence[Any]]) -> str:
    """A table as CSV in which nothing is a formula; None is empty."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(head)
    for line in lines:
        writer.writerow(
            f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
            for value in line
        )
    return file.getvalue()


def _markdown(question: str, table: Sequence[Sequence[str]]) -> str:
    head, *rest = table
    quoted = [f"> {one}".rstrip() for one in question.strip().split("\n")]
    lines = [_line(head), _line(["---"] * len(head)), *(_line(one) for one in rest)]
    return "\n".join([*quoted, "", *lines, ""])


def _line(cells: Sequence[str]) -> str:
    escaped = (" ".join(cell.split()).replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
