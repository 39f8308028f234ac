"""The three inputs, one of which is in front: the microphone, a file, a camera or a link."""

from dataclasses import dataclass
from typing import Final, Literal

import gradio as gr

from components.inputs.audio_file import AudioFile, create_audio_file
from components.inputs.recorder import create_kept, create_recorder
from components.inputs.tries import create_tries
from components.inputs.video import Video, create_video

Source = Literal["record", "audio_file", "video"]

#: In the order of their buttons.
SOURCES: Final[tuple[Source, ...]] = ("record", "audio_file", "video")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The components; ``source`` is the input that is in front."""

    source: gr.Radio
    record: gr.Audio
    audio: AudioFile
    video: Video


def create_inputs(i18n: gr.I18n) -> Inputs:
    """All of them; page.css shows the one that is chosen, at once and without the server."""
    source = gr.Radio(
        choices=[(i18n(f"{source}.tab"), source) for source in SOURCES],
        value=SOURCES[0],
        label=i18n("source.label"),
        elem_id="source",
    )
    with gr.Column(elem_id="from-record"):
        record = create_recorder(i18n)
    with gr.Column(elem_id="from-audio-file"):
        audio = create_audio_file(i18n)
    with gr.Column(elem_id="from-video"):
        video = create_video(i18n)
    create_kept()
    create_tries()
    return Inputs(source, record, audio, video)
