"""The three inputs side by side: the microphone, a sound file, a video."""

from dataclasses import dataclass

import gradio as gr

from components.inputs.audio_file import AudioFile, create_audio_file
from components.inputs.recorder import create_kept, create_recorder
from components.inputs.video import Video, create_video


@dataclass(frozen=True, slots=True)
class Inputs:
    """The components, and the state that tells which tab is in front."""

    source: gr.State
    tabs: list[gr.Tab]
    record: gr.Audio
    audio: AudioFile
    video: Video


def create_inputs(i18n: gr.I18n) -> Inputs:
    """A tab for each input."""
    with gr.Tabs(elem_id="inputs"):
        with gr.Tab(i18n("record.tab")) as record_tab:
            record = create_recorder(i18n)
        with gr.Tab(i18n("audio_file.tab")) as audio_tab:
            audio = create_audio_file(i18n)
        with gr.Tab(i18n("video.tab")) as video_tab:
            video = create_video(i18n)
    create_kept()
    source = gr.State("record")
    source.elem_id = "source"  # it has a field of the form, as the others have
    return Inputs(source, [record_tab, audio_tab, video_tab], record, audio, video)
