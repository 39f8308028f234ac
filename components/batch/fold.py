"""Many files and one question, folded away: what is given, what became of it, what can be done."""

from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from components.inputs.audio_file import create_upload

#: The browser remembers which batches are its visitor's, and nothing else of them: the one that
#: is shown, and the latest before it.
REMEMBER_JS: Final = """(token) => {
    let known = JSON.parse(localStorage.getItem("batches") ?? "[]");
    if (token) {
        known = [token, ...known.filter((one) => one !== token)].slice(0, 12);
        localStorage.setItem("batch", token);
        localStorage.setItem("batches", JSON.stringify(known));
    } else localStorage.removeItem("batch");
    return [JSON.stringify(known)];
}"""
REMEMBERED_JS: Final = """() => {
    const shown = localStorage.getItem("batch") ?? "";
    const known = JSON.parse(localStorage.getItem("batches") ?? "[]");
    return [shown, JSON.stringify(known.filter((one) => one !== shown))];
}"""
#: What is deleted is gone: so a person is asked, and who does not want it names none.
CONFIRM_JS: Final = """(token) => {
    const asked = document.querySelector("#many-outcome [data-confirm]")?.dataset.confirm;
    return [!asked || window.confirm(asked) ? token : ""];
}"""
#: Has the browser save what the link in ``html`` leads to.
SAVE_JS: Final = """(html) => {
    const told = new DOMParser().parseFromString(html, "text/html").querySelector("a");
    if (!told) return;
    const link = document.createElement("a");
    link.href = told.getAttribute("href");
    link.download = told.download;
    link.click();
}"""


@dataclass(frozen=True, slots=True)
class Fold:
    """The components: what is given, the press, and what there is to do about a batch.

    ``given`` holds what a new one needs; ``token`` is the visitor's batch, empty for none, and
    ``known`` are those that the browser knows of, as JSON.
    """

    fold: gr.Accordion
    given: gr.Column
    files: gr.File
    price: gr.HTML
    start: gr.Button
    limit: gr.Textbox
    outcome: gr.HTML
    stop: gr.Button
    resume: gr.Button
    failed: gr.Button
    unsure: gr.Button
    download: gr.Button
    another: gr.Button
    delete: gr.Button
    earlier: gr.Radio
    saved: gr.HTML
    token: gr.Textbox
    known: gr.Textbox


def create_fold(i18n: gr.I18n) -> Fold:
    """All of it; nothing is there to be done before there is a batch."""
    with gr.Accordion(i18n("batch.title"), open=False, elem_id="many") as fold:
        with gr.Column(elem_id="many-given") as given:
            gr.Markdown(i18n("batch.about"), elem_classes="privacy")
            files = create_upload(
                file_count="multiple", label=i18n("batch.files"), elem_id="many-files", height=130
            )
            gr.Markdown(i18n("batch.kept"), elem_classes="privacy")
            price = gr.HTML(js_on_load=None, elem_id="many-price")
        limit = gr.Textbox(
            label=i18n("batch.limit"),
            info=i18n("batch.limit_info"),
            max_lines=1,
            elem_id="many-limit",
        )
        start = gr.Button(i18n("batch.start"), interactive=False, elem_id="many-start")
        with gr.Row(elem_id="many-acts"):
            buttons: dict[str, Any] = {
                name: gr.Button(size="sm", visible=False, elem_id=f"many-{name}")
                for name in ("stop", "resume", "failed", "unsure", "download", "another", "delete")
            }
        saved = gr.HTML(js_on_load=None, elem_id="many-saved")
        outcome = gr.HTML(js_on_load=None, elem_id="many-outcome")
        # Gradio refuses a value that is no choice, though nobody sees either.
        earlier = gr.Radio(
            choices=[("", "")],
            value="",
            label=i18n("batch.earlier"),
            visible=False,
            elem_id="many-earlier",
        )
        token = gr.Textbox(visible=False, elem_id="many-token")
        known = gr.Textbox(visible=False, elem_id="many-known")
    return Fold(
        fold=fold,
        given=given,
        files=files,
        price=price,
        start=start,
        limit=limit,
        outcome=outcome,
        earlier=earlier,
        saved=saved,
        token=token,
        known=known,
        **buttons,
    )
