"""A sound file from the person's disk."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import gradio as gr

from services.assistant import RawPcm

PcmFormat = Literal["pcm16", "pcm24"]

#: Names that stand for bare samples. Such a file has no first bytes to go by,
#: so here, and only here, the name decides what is asked.
_PCM_SUFFIXES: dict[str, PcmFormat] = {
    ".pcm": "pcm16",
    ".raw": "pcm16",
    ".pcm16": "pcm16",
    ".pcm24": "pcm24",
}


@dataclass(frozen=True, slots=True)
class AudioFile:
    """The components of this input."""

    file: gr.File
    pcm: gr.Radio
    preview: gr.HTML


def create_audio_file(i18n: gr.I18n) -> AudioFile:
    """An upload that takes anything: ``gr.Audio`` refuses webm, mp4, 3gp and pcm."""
    file = gr.File(
        file_count="single",
        type="filepath",
        label=i18n("audio_file.label"),
        elem_id="audio-file",
        height=150,
    )
    pcm = gr.Radio(
        choices=["pcm16", "pcm24"],
        value="pcm16",
        label=i18n("audio_file.pcm"),
        visible=False,
        elem_id="pcm",
    )
    preview = gr.HTML(visible=False, js_on_load=None)
    return AudioFile(file, pcm, preview)


def pcm_format(path: str | None) -> PcmFormat | None:
    """Which bare samples the name of ``path`` speaks of, if any."""
    return _PCM_SUFFIXES.get(Path(path).suffix.lower()) if path else None


def raw_pcm(path: str, chosen: str) -> RawPcm | None:
    """How to read ``path`` if its name stands for bare samples, else None."""
    if pcm_format(path) is None:
        return None
    return RawPcm("pcm24" if chosen == "pcm24" else "pcm16")


def preview_html(path: str, label: str) -> str:
    """A player for the upload. The browser opens the file, this server does not."""
    source = html.escape(f"gradio_api/file={quote(path)}")
    return (
        f'<audio class="preview" controls preload="metadata" '
        f'src="{source}" aria-label="{html.escape(label)}"></audio>'
    )
