"""A sound file from the person's disk."""

import base64
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

import gradio as gr
from gradio.data_classes import FileData
from gradio.utils import NamedString

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


#: What bare samples are most often taken at, in Hz.
RATES: Final = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000)


@dataclass(frozen=True, slots=True)
class AudioFile:
    """The components of this input; ``raw`` shows what is asked about bare samples."""

    file: gr.File
    raw: gr.Group
    pcm: gr.Radio
    rate: gr.Dropdown
    channels: gr.Radio
    preview: gr.HTML


def create_upload(**look: Any) -> gr.File:
    """A file that is handed on as it lies: gr.File leaves an empty one beside it at each call.

    Not a class of its own: for each of those Gradio writes a file beside our sources.
    """
    file = gr.File(type="filepath", **look)
    file._process_single_file = _path  # type: ignore[assignment, method-assign]  # noqa: SLF001  # see above
    return file


def _path(data: FileData) -> NamedString:
    return NamedString(data.path)  # type: ignore[no-untyped-call]  # Gradio's own, without types


def create_audio_file(i18n: gr.I18n) -> AudioFile:
    """An upload that takes anything: ``gr.Audio`` refuses webm, mp4, 3gp and pcm."""
    file = create_upload(
        file_count="single",
        label=i18n("audio_file.label"),
        elem_id="audio-file",
        height=150,
    )
    meant = RawPcm("pcm16")
    with gr.Group(visible=False, elem_id="raw") as raw:
        gr.Markdown(i18n("raw.about"))
        with gr.Row():
            pcm = gr.Radio(
                choices=["pcm16", "pcm24"],
                value=meant.format,
                label=i18n("raw.format"),
                elem_id="pcm",
            )
            rate = gr.Dropdown(
                choices=[str(rate) for rate in RATES],
                value=str(meant.sample_rate),
                label=i18n("raw.rate"),
                elem_id="rate",
            )
            channels = gr.Radio(
                choices=[(i18n("receipt.channels_1"), 1), (i18n("receipt.channels_2"), 2)],
                value=meant.channels,
                label=i18n("raw.channels"),
                elem_id="channels",
            )
    preview = gr.HTML(visible=False, js_on_load=None, elem_id="preview")
    return AudioFile(file, raw, pcm, rate, channels, preview)


def pcm_format(path: str | None) -> PcmFormat | None:
    """Which bare samples the name of ``path`` speaks of, if any."""
    return _PCM_SUFFIXES.get(Path(path).suffix.lower()) if path else None


def raw_pcm(
    path: str, chosen: str, rate: str | None = None, channels: int | None = None
) -> RawPcm | None:
    """How to read ``path`` if its name stands for bare samples, else None.

    What was not chosen is what models take such samples for.
    """
    if pcm_format(path) is None:
        return None
    usual = RawPcm("pcm24" if chosen == "pcm24" else "pcm16")
    return replace(
        usual,
        sample_rate=int(rate or usual.sample_rate),
        channels=channels or usual.channels,
    )


def upload_source(path: str) -> str:
    """Where the browser finds an upload."""
    return f"gradio_api/file={quote(path)}"


def wav_source(wav: bytes) -> str:
    """A sound as an address of its own."""
    return f"data:audio/wav;base64,{base64.b64encode(wav).decode()}"
