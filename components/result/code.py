"""The request of an answer as code, and beside it the file that it sends, as it was sent."""

from typing import Final

from markupsafe import Markup

from components.inputs.audio_file import upload_source
from components.result.exports import Told
from components.result.templates import rendered
from components.texts import Texts
from services.assistant import SentCall, SentRequest, snippets

_WORDS: Final = ("copy", "code")


def code_html(card: str, told: Told, media: str, texts: Texts) -> Markup:
    """What the button "Code" of the card ``card`` shows; nothing where there is no code.

    ``media`` is where the server has what the visitor gave: what went out as it was.
    """
    call, sent = told.call, told.report.request
    if call is None or sent is None:
        return Markup()
    file = call.file_name or ""
    is_one = call.pieces == 1
    return rendered(
        "code",
        card=card,
        about=_about(call, texts),
        snippets=snippets(call),
        words={name: texts(f"card.{name}") for name in _WORDS},
        file=file if is_one else "",
        source=_source(sent, media) if file and is_one else "",
        download=texts("code.download", file=file, size=texts.size(sent.file_bytes or 0)),
        gone=texts("code.gone"),
        har=texts("code.har") if is_one else "",
    )


def _about(call: SentCall, texts: Texts) -> str:
    if call.file_name is None:
        return texts("code.link")
    if call.pieces > 1:
        return texts("code.pieces", pieces=texts.number(call.pieces), file=call.file_name)
    return texts("code.file", file=call.file_name)


def _source(sent: SentRequest, media: str) -> str:
    """Where the page finds the file that was sent; "" where it was made and not kept."""
    if sent.kept_at is not None:
        return upload_source(str(sent.kept_at))
    return upload_source(media) if sent.change == "none" and media else ""
