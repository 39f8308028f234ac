"""``/ask_audio`` and ``/ask_video``, for programs (gradio_client)."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from components.audio_file import pcm_format, raw_pcm
from components.handlers import secret
from components.question import DEFAULT_TASK, prompt_for
from components.status import error_sentences
from components.texts import texts_for
from components.visits import Visits
from services.assistant import Ask, Assistant, LocalFile, Report
from services.errors import ShowAndTellError


def create_endpoints(assistant: Assistant, visits: Visits) -> None:
    """Both endpoints, on hidden components: these check where a file comes from."""

    async def ask_audio(
        audio: str, prompt: str, model: str, api_key: str, request: gr.Request
    ) -> tuple[str, dict[str, Any]]:
        """Ask a model about a sound file.

        Args:
            audio: The sound file, or a video whose sound track is asked about.
            prompt: The question; empty for "transcribe", in the caller's language.
            model: The model's id; empty for the recommended one.
            api_key: The caller's key; empty for the host's.
            request: Filled in by Gradio.

        Returns:
            The answer's text, and the report: usage, timings and what was sent.
        """
        raw = raw_pcm(audio, pcm_format(audio) or "") if audio else None
        media = LocalFile(Path(audio), "audio", raw) if audio else None
        return await _answered(assistant, visits, media, prompt, model, api_key, request)

    async def ask_video(
        video: str, prompt: str, model: str, api_key: str, request: gr.Request
    ) -> tuple[str, dict[str, Any]]:
        """Ask a model about a video file.

        Args:
            video: The video file.
            prompt: The question; empty for "describe", in the caller's language.
            model: The model's id; empty for the recommended one.
            api_key: The caller's key; empty for the host's.
            request: Filled in by Gradio.

        Returns:
            The answer's text, and the report: usage, timings and what was sent.
        """
        media = LocalFile(Path(video), "video") if video else None
        return await _answered(assistant, visits, media, prompt, model, api_key, request)

    for name, endpoint in (("ask_audio", ask_audio), ("ask_video", ask_video)):
        with gr.Row(visible=False):
            gr.Button().click(
                endpoint,
                # A value makes the parameter optional.
                [gr.File(type="filepath"), gr.Textbox(""), gr.Textbox(""), gr.Textbox("")],
                [gr.Textbox(label="content"), gr.JSON(label="report")],
                api_name=name,
            )


async def _answered(
    assistant: Assistant,
    visits: Visits,
    media: LocalFile | None,
    prompt: str,
    model: str,
    key: str,
    request: gr.Request,
) -> tuple[str, dict[str, Any]]:
    texts = texts_for(request)
    # A program cannot be asked whether it is sure: what is wrong is in the report.
    ask = Ask(media, prompt, model, secret(key), anyway=True)
    if not prompt or not model:
        ask = replace(
            ask,
            prompt=prompt or prompt_for(texts, ask.kind, DEFAULT_TASK[ask.kind]),
            model=model or (await assistant.models(ask.kind))[0],
        )
    report: Report | None = None
    try:
        run = visits.staying(request.session_hash, assistant.run(ask))
        async with contextlib.aclosing(run) as events:
            async for event in events:
                if isinstance(event, Report):
                    report = event
    except ShowAndTellError as error:
        raise gr.Error(" ".join(error_sentences(error, texts)), print_exception=False) from None
    assert report is not None  # a run ends with one, or raises
    return report.text, report.as_mapping()
