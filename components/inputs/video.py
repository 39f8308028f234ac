"""A video: uploaded, filmed, or linked to."""

from dataclasses import dataclass

import gradio as gr

from components.inputs.recorder import create_doctor


@dataclass(frozen=True, slots=True)
class Video:
    """The components of this input."""

    file: gr.Video
    url: gr.Textbox


def create_video(i18n: gr.I18n) -> Video:
    """Upload or webcam, with sound; or a link, which is passed on as it is."""
    file = gr.Video(
        sources=["upload", "webcam"],
        format=None,
        # Without both of these Gradio re-encodes the recording and drops its sound.
        include_audio=True,
        webcam_options=gr.WebcamOptions(mirror=False),
        label=i18n("video.label"),
        buttons=[],
        elem_id="video",
        height=320,
    )
    create_doctor("camera")
    url = gr.Textbox(
        label=i18n("video_url.label"),
        info=i18n("video_url.info"),
        placeholder=i18n("video_url.placeholder"),
        max_lines=1,
        elem_id="video-url",
    )
    return Video(file, url)
