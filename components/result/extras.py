"""What an answer has besides its words, and what the model thought before it."""

from markupsafe import Markup

from components.result.spoken import spoken_source
from components.result.templates import rendered
from components.texts import Texts
from services.assistant import Extras


def thought_html(text: str, texts: Texts) -> Markup:
    """What the model thinks, folded up; empty where it does not."""
    text = text.strip()
    if not text:
        return Markup()
    title = texts("thought.title", letters=texts.number(len(text)))
    return rendered("thought", title=title, text=text)


def live_html(answer: str, texts: Texts) -> Markup:
    """A player for what is being said in the answer of this id."""
    return rendered("live", source=spoken_source(answer), label=texts("extra.sound"))


def extras_html(extras: Extras, texts: Texts) -> Markup:
    """What there is to hear, to see and to know; empty where there is nothing.

    Sounds and pictures are in the page itself: nothing of another address is loaded.
    """
    unshown, tools = extras.unshown, ", ".join(extras.tools)
    words = {
        "refusal": texts("extra.refusal"),
        "sound": texts("extra.sound"),
        "transcript": texts("extra.transcript"),
        "image": texts("extra.image"),
        "elsewhere": texts("extra.elsewhere"),
        "unshown": texts("extra.unshown", count=texts.number(unshown)) if unshown else "",
        "tools": texts("extra.tools", tools=tools) if tools else "",
        "citations": texts("extra.citations"),
    }
    return rendered("extras", extras=extras, words=words)
