"""The microphone."""

from typing import Literal

import gradio as gr

#: What speech models work at; the browser encodes to it, a third of the bytes.
SAMPLE_RATE = 16_000


def create_recorder(i18n: gr.I18n) -> gr.Audio:
    """A recorder whose value is the path of a 16 kHz WAV, with its doctor below it."""
    recorder = gr.Audio(
        sources=["microphone"],
        type="filepath",
        format=None,  # any other value makes Gradio open the upload with ffmpeg
        label=i18n("record.label"),
        waveform_options=gr.WaveformOptions(sample_rate=SAMPLE_RATE),
        buttons=[],
        elem_id="record",
    )
    create_doctor("microphone")
    return recorder


def create_doctor(place: Literal["microphone", "camera"]) -> gr.HTML:
    """A place for microphone.js to say what keeps ``place`` from recording."""
    return gr.HTML(
        '<div class="doctor" role="status"></div>', js_on_load=None, elem_id=f"{place}-doctor"
    )


def create_kept() -> gr.HTML:
    """A place for kept.js to list what was recorded and has no answer yet."""
    return gr.HTML('<div class="kept"></div>', js_on_load=None, elem_id="kept")
