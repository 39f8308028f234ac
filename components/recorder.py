"""The microphone."""

import gradio as gr

#: What speech models work at; the browser encodes to it, a third of the bytes.
SAMPLE_RATE = 16_000


def create_recorder(i18n: gr.I18n) -> gr.Audio:
    """A recorder whose value is the path of a 16 kHz WAV."""
    return gr.Audio(
        sources=["microphone"],
        type="filepath",
        format=None,  # any other value makes Gradio open the upload with ffmpeg
        label=i18n("record.label"),
        waveform_options=gr.WaveformOptions(sample_rate=SAMPLE_RATE),
        buttons=[],
        elem_id="record",
    )
