"""An answer that is to fit a JSON schema: the JSON as people read it, and where it does not fit."""

import re
from typing import Final

from markupsafe import Markup

from components.result.markdown import markdown_html
from components.result.templates import rendered
from components.texts import Texts
from services.assistant import Misfit, Validation

#: The keywords of JSON Schema that have a sentence of their own, those of one meaning the same.
RULES: Final = (
    *("type", "enum", "const", "required", "additionalProperties", "pattern", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
)
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
#: An answer that is on its way and begins so is JSON, as far as anybody can tell.
_BEGINS: Final = re.compile(r'\s*\{\s*(?:"|\}|$)')
#: Longer ones are shown as they came; and nobody reads what is further to the right.
_MOST_LETTERS: Final = 200_000
_DEEPEST: Final = 20


def answer_html(text: str, validation: Validation | None, *, is_running: bool = False) -> Markup:
    """The words of an answer: JSON as JSON, all else as Markdown."""
    if is_running and _BEGINS.match(text):
        return rendered("json", text=text)
    if validation is not None and validation.is_json:
        return rendered("json", text=pretty(text))
    return markdown_html(text)


def pretty(text: str) -> str:
    """``text``, which is JSON, with a line for each thing in it, and else as it was written.

    Reading and writing it would lose what two fields of a name say, and digits of numbers.
    """
    if len(text) > _MOST_LETTERS:
        return text
    depth, shown, before = 0, [], ""
    for piece in _PIECE.findall(text):
        if piece in "}]":
            depth -= 1
        if (before in ("{", "[") or piece in "}]") and before + piece not in ("{}", "[]"):
            shown.append(_line(depth))
        shown.append(piece)
        if piece in "{[":
            depth += 1
        elif piece == ",":
            shown.append(_line(depth))
        elif piece == ":":
            shown.append(" ")
        before = piece
    return "".join(shown)


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST)


def validation_html(validation: Validation | None, texts: Texts) -> Markup:
    """What a person should know of how the answer fits; nothing where it does."""
    if validation is None or validation.state == "fits":
        return Markup()
    return rendered(
        "misfits",
        mark=validation.state,
        text=texts(f"validation.{validation.state}"),
        misfits=[(one.at, why(one, texts)) for one in validation.misfits],
    )


def why(misfit: Misfit, texts: Texts) -> str:
    """Why what stands there does not fit."""
    rule = misfit.rule if misfit.rule in RULES else "other"
    return texts(f"misfit.{rule}", rule=misfit.rule, wanted=misfit.wanted, found=misfit.found)
