"""Times, in every way that models write them, at the head of a line."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

#: Full-width digits and signs, each by the plain one: a line keeps its length.
_PLAIN: Final = str.maketrans(
    "０１２３４５６７８９：．，（）［］【】〈〉～｜", "0123456789:.,()[][]<>~|"
)
_CLOCK: Final = r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3}|:\d{3})?(?!\d|:\d|%)"
_UNIT: Final = r"(?:s|secs?|seconds?|с|сек|секунд[аы]?)\b\.?"
_SECONDS: Final = rf"\d{{1,5}}(?:[.,]\d{{1,3}})?[ ]?{_UNIT}"
#: A bare number is a time with decimals alone: "[2]" is a footnote.
_DECIMAL: Final = r"\d{1,5}[.,]\d{1,3}(?![\d.,])"
_TIME: Final = rf"(?:{_CLOCK}|{_SECONDS}|{_DECIMAL})"
_ARROW: Final = r"--?>|→"
_BETWEEN: Final = rf"[ ]?(?:{_ARROW}|[-‐‑–—−~…]|to\b|до\b)[ ]?"
#: What may stand before a time: quotation, list, heading, emphasis.
_MARKUP: Final = r"[ \t]*(?:(?:[>*•·+\-–—]|#{1,6}|\d{1,4}[.)])[ \t]+)*[*_`~]{0,3}"
#: A name before a time in brackets, which then has a colon or the end of the line after it.
_NAME: Final = r"(?P<name>[^\W\d_][^\[\](){}<>|.!?:;\n]{0,39}?):?[*_]{0,2}:?[ ]?(?=[\[(<])"
_OPEN: Final = r"(?P<open>[\[({<]\|?)?[ ]?"
_CLOSE: Final = r"[ ]?(?P<close>\|?[\])}>])?"
_LED: Final = re.compile(
    rf"{_MARKUP}(?:{_NAME})?[*_`]{{0,2}}{_OPEN}(?P<start>{_TIME})"
    rf"(?:[ ]?[\])]?(?P<between>{_BETWEEN})[\[(]?(?P<end>{_TIME}|\d{{1,5}}(?=[ ]?[\])])))?"
    rf"{_CLOSE}(?P<after>[*_`]{{0,3}}[ ]?(?:[:|.)]|[-–—](?=[ ]))?[*_`]{{0,3}}[ \t]*)(?P<rest>.*)",
    re.IGNORECASE,
)
#: "5:30 pm" is on a clock on the wall.
_WALL_CLOCK: Final = re.compile(
    r"[ap]\.?m\b|h\b|час(?:а|ов)?\b|(?:утра|вечера|дня|ночи)\b", re.IGNORECASE
)
_WITHIN: Final = re.compile(rf"\[[ ]?(?={_CLOCK})")
_CELL: Final = re.compile(
    rf"[*_`\[(]*(?P<start>{_TIME})(?:{_BETWEEN}(?P<end>{_TIME}))?[\])*_`]*", re.IGNORECASE
)
#: Of the columns of a table the first few may be times: a number, a start and an end.
_FIRST_CELLS: Final = 3


@dataclass(frozen=True, slots=True)
class Led:
    """A line, or a part of one, that a time leads.

    ``end_s`` is None where it names none. ``is_marked`` tells that the time has brackets,
    an arrow, an end or a table around it, and cannot be that of a clock on the wall;
    ``is_arrow`` that it is the first line of a cue of SRT or WebVTT. ``name`` is who
    speaks, where that stands before the time.
    """

    start_s: float
    end_s: float | None
    text: str
    is_marked: bool
    is_arrow: bool = False
    name: str = ""


def led(line: str) -> list[Led]:
    """The parts of ``line`` that a time leads; none where it does not begin with one."""
    plain = line.translate(_PLAIN)
    if plain.lstrip().startswith("|"):
        cells = _of_table(line.strip().strip("|｜").replace("｜", "|").split("|"))
        return [cells] if cells is not None else []
    first = _one(line, plain)
    if first is None:
        return []
    found, begin = [first], len(line) - len(first.text)
    if first.is_arrow or not first.is_marked:
        return found
    # "[0:01] one [0:04] two" has two parts.
    starts = [match.start() for match in _WITHIN.finditer(plain, begin)]
    parts = [_one(line[at:end], plain[at:end]) for at, end in itertools.pairwise([*starts, None])]
    if starts:
        found[0] = replace(first, text=line[begin : starts[0]])
    return found + [part for part in parts if part is not None]


def _one(line: str, plain: str) -> Led | None:
    match = _LED.match(plain)
    if match is None:
        return None
    has_brackets = bool(match["open"]) and bool(match["close"])
    start, rest = match["start"], line[match.start("rest") :]
    is_arrow = bool(match["between"]) and re.search(_ARROW, match["between"]) is not None
    if match["name"] and not (has_brackets and (not rest.strip() or ":" in match["after"])):
        return None
    if not (has_brackets or match["end"] or ":" in start) and not match["after"].strip():
        return None  # "5 s of silence"
    if ":" not in start and not has_brackets and not match["end"] and _is_bare(start):
        return None  # "3.14: a number"
    behind = max(match.end("start"), match.end("end"))
    if _WALL_CLOCK.match(rest) or plain[behind : behind + 1].isalnum():
        return None  # no time of a sound, or no time
    end_s = seconds(match["end"]) if match["end"] else None
    is_marked = (has_brackets and not match["name"]) or end_s is not None
    return Led(seconds(start), end_s, rest, is_marked, is_arrow, (match["name"] or "").strip())


def _is_bare(time: str) -> bool:
    return time[-1].isdigit()


def _of_table(cells: Sequence[str]) -> Led | None:
    words: list[str] = []
    times: list[float] = []
    for number, cell in enumerate(one.strip() for one in cells):
        match = _CELL.fullmatch(cell.translate(_PLAIN)) if number < _FIRST_CELLS else None
        if match is not None and not words:
            times += [seconds(one) for one in match.groups() if one]
        elif times or not (cell.isdecimal() or not cell):
            words.append(cell)
    if not times:
        return None
    end_s = times[1] if len(times) > 1 else None
    return Led(times[0], end_s, ": ".join(filter(None, words)), is_marked=True)


def seconds(time: str) -> float:
    """``1:02:03,5``, ``00:05:433`` or ``12.5 s`` in seconds."""
    parts = re.findall(r"\d+", time)
    fraction = 0.0
    if re.search(r"[.,]\d{1,3}(?!\d)|:\d{3}$", time):
        digits = parts.pop()
        fraction = int(digits) / 10 ** len(digits)
    whole = 0
    for part in parts:
        whole = whole * 60 + int(part)
    return whole + fraction
