"""``/ask_audio`` and ``/ask_video``, for programs (gradio_client)."""

from dataclasses import replace
from typing import Any

import gradio as gr

from components.form import Form
from components.guard import guarded
from components.inputs.audio_file import create_upload, pcm_format
from components.question import DEFAULT_TASK, prompt_for
from components.session import Sessions
from components.status import fault_sentences
from components.texts import texts_for
from services.assistant import Assistant, nobody


def create_endpoints(assistant: Assistant, sessions: Sessions) -> None:
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
        form = Form(
            source="audio_file",
            audio_file=audio,
            pcm=pcm_format(audio) or "pcm16",
            prompt=prompt,
            model=model,
            api_key=api_key,
        )
        return await _answered(assistant, sessions, form, request)

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
        form = Form(source="video", video=video, prompt=prompt, model=model, api_key=api_key)
        return await _answered(assistant, sessions, form, request)

    for name, endpoint in (("ask_audio", ask_audio), ("ask_video", ask_video)):
        with gr.Row(visible=False):
            gr.Button().click(
                guarded(endpoint),
                # A value makes the parameter optional.
                [create_upload(), gr.Textbox(""), gr.Textbox(""), gr.Textbox("")],
                [gr.Textbox(label="content"), gr.JSON(label="report")],
                api_name=name,
            )


async def _answered(
    assistant: Assistant, sessions: Sessions, form: Form, request: gr.Request
) -> tuple[str, dict[str, Any]]:
    texts, visitor = texts_for(request), str(request.session_hash or "")
    if not form.model.strip():
        form = replace(form, model=(await assistant.models(form.kind))[0])
    if not form.prompt.strip():
        form = replace(form, prompt=prompt_for(texts, form.kind, DEFAULT_TASK[form.kind]))
    # A program cannot be asked whether it is sure: what is wrong is in the report.
    ask = form.ask(anyway=True)
    work = assistant.run(ask, nobody, visitor=visitor, checkpoint=sessions.checkpoint(visitor))
    report = await sessions.working(visitor, work)
    if report.fault is not None:
        sentences = fault_sentences(report.fault, texts)
        raise gr.Error(" ".join(sentences), print_exception=False)
    return report.text, report.as_mapping()
