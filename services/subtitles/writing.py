"""Cues as files of subtitles."""

import html
import io
import re
from collections.abc import Callable, Iterable
from typing import Final

import webvtt

from services.subtitles.cue import Cue, Doubt

#: SRT has no way to write these, and players take what is between them for a tag.
_ANGLES: Final = str.maketrans("<>", "‹›")
#: What neither format can have within a cue: an empty line, and an arrow.
_EMPTY: Final = re.compile(r"\n\s*\n")
_ARROW: Final = re.compile(r"--+>")


def srt(cues: Iterable[Cue], doubts: Callable[[Doubt], str]) -> str:
    """``cues`` as SRT, in the order of their times; ``doubts`` puts a doubt into words.

    They stand before the words of a cue that is made up: no format has another place that
    players show.
    """
    file = io.StringIO()
    _file(cues, doubts, lambda text: text.translate(_ANGLES)).write(file, "srt")
    return file.getvalue() + "\n"


def vtt(cues: Iterable[Cue], doubts: Callable[[Doubt], str]) -> str:
    """``cues`` as WebVTT, else as :func:`srt`."""
    return _file(cues, doubts, lambda text: html.escape(text, quote=False)).content


def _file(
    cues: Iterable[Cue], doubts: Callable[[Doubt], str], escaped: Callable[[str], str]
) -> webvtt.WebVTT:
    def said(cue: Cue) -> str:
        return f"[{doubts(cue.doubt)}] {cue.text}" if cue.doubt else cue.text

    captions = [
        webvtt.Caption(_clock(cue.start_s), _clock(cue.end_s), escaped(_plain(said(cue))))
        for cue in sorted(cues, key=lambda cue: cue.start_s)
    ]
    return webvtt.WebVTT(captions=captions)


def _plain(text: str) -> str:
    return _ARROW.sub("→", _EMPTY.sub("\n", text.strip()))


def _clock(seconds: float) -> str:
    whole_ms = round(seconds * 1000)
    minutes, ms = divmod(whole_ms, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{ms // 1000:02d}.{ms % 1000:03d}"
