"""The three inputs side by side, and what they hold when Ask is pressed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import gradio as gr

from components.audio_file import AudioFile, create_audio_file, raw_pcm
from components.recorder import create_recorder
from components.video import Video, create_video
from services.assistant import Kind, LocalFile, VideoLink

Input = Literal["record", "audio_file", "video"]

#: In the order of the tabs.
INPUTS: Final[tuple[Input, ...]] = ("record", "audio_file", "video")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The components, and the state that tells which tab is in front."""

    chosen: gr.State
    tabs: list[gr.Tab]
    record: gr.Audio
    audio: AudioFile
    video: Video

    def sources(self) -> list[Any]:
        """What holds media, and which of it is in front."""
        return [self.chosen, self.record, self.audio.file, self.video.file, self.video.url]

    def given(self) -> list[Any]:
        """In the order of the fields of :class:`Given`."""
        return [
            self.chosen,
            self.record,
            self.audio.file,
            *self.audio.about_samples(),
            self.video.file,
            self.video.url,
        ]


def create_inputs(i18n: gr.I18n) -> Inputs:
    """A tab for each input."""
    with gr.Tabs(elem_id="inputs"):
        with gr.Tab(i18n("record.tab")) as record_tab:
            record = create_recorder(i18n)
        with gr.Tab(i18n("audio_file.tab")) as audio_tab:
            audio = create_audio_file(i18n)
        with gr.Tab(i18n("video.tab")) as video_tab:
            video = create_video(i18n)
    return Inputs(gr.State(INPUTS[0]), [record_tab, audio_tab, video_tab], record, audio, video)


@dataclass(frozen=True, slots=True)
class Given:
    """What the inputs hold when Ask is pressed."""

    chosen: Input
    record: str | None = None
    audio_file: str | None = None
    pcm: str = "pcm16"
    rate: str | None = None
    channels: int | None = None
    video: str | None = None
    url: str = ""

    @property
    def kind(self) -> Kind:
        """What the input in front gives."""
        return "video" if self.chosen == "video" else "audio"

    def media(self) -> LocalFile | VideoLink | None:
        """The media of the input that is in front; a link before a file."""
        if self.chosen == "record":
            return LocalFile(Path(self.record), "audio") if self.record else None
        if self.chosen == "audio_file":
            if not self.audio_file:
                return None
            raw = raw_pcm(self.audio_file, self.pcm, self.rate, self.channels)
            return LocalFile(Path(self.audio_file), "audio", raw)
        if self.url and self.url.strip():
            return VideoLink(self.url.strip())
        return LocalFile(Path(self.video), "video") if self.video else None
