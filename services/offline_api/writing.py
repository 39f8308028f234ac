"""What was heard, as the question wants it: running text, lines under times, or subtitles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from services.offline_api.jobs import Heard, Word
from services.offline_api.wording import Sentences

Manner = Literal["text", "srt", "vtt"]

_TRANSCRIBE: Final = re.compile(
    r"(?i)transcri|speech.to.text|verbatim|write down|"
    r"транскри|расшифр|распозна|дословн|запиши (?:слова|текст|речь)"
)
_SUBTITLES: Final = re.compile(
    r"(?i)\bsrt\b|\b(?:web)?vtt\b|subtitl|captions|\btimes\b|time ?(?:stamps?|codes?)|"
    r"субтитр|тайм-?код|метк\w+ времени|временн\w+ метк|с указанием времени"
)
_MORE: Final = re.compile(
    r"(?i)translat|summar|describ|explain|перевед|перевод|перескаж|пересказ|опиши|объясни|кратко"
)

#: A new paragraph after so long a pause, in seconds.
_PARAGRAPH_S: Final = 2.0
#: A cue of subtitles: so many letters and seconds at most, and no pause longer than this
#: (https://partnerhelp.netflixstudios.com/hc/en-us/articles/217350977: 42 letters, two lines, 7 s).
_MOST_LETTERS: Final = 84
_MOST_CUE_S: Final = 7.0
_PAUSE_S: Final = 0.8


@dataclass(frozen=True, slots=True)
class Task:
    """What the question wants of speech; ``needs_model`` is what no ear alone can give."""

    manner: Manner
    needs_model: bool


def task_of(prompt: str) -> Task:
    """The task that ``prompt`` words."""
    manner: Manner = "text"
    if _SUBTITLES.search(prompt):
        manner = "vtt" if "vtt" in prompt.lower() else "srt"
    is_plain = manner != "text" or _TRANSCRIBE.search(prompt) is not None
    return Task(manner, needs_model=not is_plain or _MORE.search(prompt) is not None)


class Writer(Protocol):
    """Writes what is heard, as it is heard."""

    def write(self, heard: Heard) -> str:
        """What to add for ``heard``."""

    def rest(self) -> str:
        """What is left at the end."""


def writer(manner: Manner, wording: Sentences, *, is_timed: bool) -> Writer:
    """Who writes in this manner; text that ``is_timed`` has a line under its times for a breath."""
    if manner == "text":
        return _Lines(wording) if is_timed else _Text(wording)
    return _Subtitles(manner)


class _Text:
    """Running text, a paragraph after each long pause."""

    def __init__(self, wording: Sentences) -> None:
        self._wording = wording
        self._end_s: float | None = None

    def write(self, heard: Heard) -> str:
        """As of :class:`Writer`."""
        gap = ""
        if self._end_s is not None:
            gap = "\n\n" if heard.start_s - self._end_s >= _PARAGRAPH_S else " "
        self._end_s = heard.end_s
        return gap + _marked(heard, self._wording)

    def rest(self) -> str:
        """As of :class:`Writer`."""
        return ""


class _Lines:
    """A line for each breath, under its times."""

    def __init__(self, wording: Sentences) -> None:
        self._wording = wording
        self._break = ""

    def write(self, heard: Heard) -> str:
        """As of :class:`Writer`."""
        times = f"{clock(heard.start_s)}–{clock(heard.end_s)}"
        line = f"{self._break}- {times} {_marked(heard, self._wording)}"
        self._break = "\n"
        return line

    def rest(self) -> str:
        """As of :class:`Writer`."""
        return ""


class _Subtitles:
    """Cues from the times of the words."""

    def __init__(self, manner: Literal["srt", "vtt"]) -> None:
        self._manner = manner
        self._count = 0
        self._words: list[Word] = []

    def write(self, heard: Heard) -> str:
        """As of :class:`Writer`."""
        words = heard.words or (Word(heard.text, heard.start_s, heard.end_s),)
        return "".join(self._take(word) for word in words)

    def rest(self) -> str:
        """As of :class:`Writer`."""
        return self._cue() if self._words else ""

    def _take(self, word: Word) -> str:
        written = ""
        if self._words and (
            len(" ".join(one.text for one in self._words)) + len(word.text) >= _MOST_LETTERS
            or word.end_s - self._words[0].start_s > _MOST_CUE_S
            or word.start_s - self._words[-1].end_s > _PAUSE_S
            or self._words[-1].text.endswith((".", "!", "?", "…"))
        ):
            written = self._cue()
        self._words.append(word)
        return written

    def _cue(self) -> str:
        self._count += 1
        first, last, text = self._words[0], self._words[-1], " ".join(self._texts())
        self._words.clear()
        mark = "," if self._manner == "srt" else "."
        times = f"{_stamp(first.start_s, mark)} --> {_stamp(last.end_s, mark)}"
        head = "WEBVTT\n\n" if self._manner == "vtt" and self._count == 1 else ""
        number = f"{self._count}\n" if self._manner == "srt" else ""
        return f"{head}{number}{times}\n{text}\n\n"

    def _texts(self) -> Iterator[str]:
        return (word.text for word in self._words)


def _marked(heard: Heard, wording: Sentences) -> str:
    return f"{heard.text} [{wording.say('doubtful')}]" if heard.is_doubtful else heard.text


def clock(seconds: float) -> str:
    """``65.4`` as ``"1:05"``."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _stamp(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{rest:03d}"
