"""What was said when, beside the player of what it was said in."""

import re
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from components.inputs.audio_file import upload_source
from components.result.templates import rendered
from components.texts import Texts
from services.assistant import Report

_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a cue, by the clock of the file."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A cue as it is shown: seconds of the file, its words, and what speaks against it."""

    start: float
    end: float
    time: str
    text: str
    words: list[_Word]
    doubt: str


def timed_html(media: str, report: Report, texts: Texts) -> Markup:
    """The answer's cues beside ``media``, which they are about; nothing where it has no times."""
    request, cues = report.request, report.cues
    if not cues:
        return Markup()
    is_file = request is not None and request.link is None
    return rendered(
        "timed",
        kind="video" if request is not None and request.part == "video_url" else "audio",
        source=upload_source(media) if is_file and media else "",
        cues=[
            _Line(
                start=cue.start_s,
                end=cue.end_s,
                time=texts.timestamp(cue.start_s),
                text=cue.text,
                words=[_Word(word.start_s, word.end_s, word.text) for word in cue.words],
                doubt=texts(f"cue.{cue.doubt}") if cue.doubt else "",
            )
            for cue in cues
        ],
        words={name: texts(f"cue.{name}") for name in ("player", "title")},
        is_whole=_WORD.findall(report.text)
        == [word for cue in cues for word in _WORD.findall(cue.text)],
    )
