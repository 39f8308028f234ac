"""What a server says of an error, in words: from JSON of any shape, in text, in HTML.

Pure. Nobody reads raw JSON or markup in a sentence, and what was sent is not read out
again: servers of FastAPI's kind send it back.
"""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final

from services.external_api.clean import number, word

_MOST_DEPTH: Final = 8
#: Points of a list, and fallback models, that are worth a person's time.
_MOST_POINTS: Final = 3
_MOST_FALLBACKS: Final = 5
_MOST_HTML: Final = 10_000

#: Where the words are, the best first. ``html-message`` is Portkey's.
_WORDS: Final = ("message", "detail", "msg", "error", "errors", "html-message", "title", "reason")
#: What names the kind of an error: OpenAI and LiteLLM, Gemini.
_KINDS: Final = ("code", "type", "status")

_HTML: Final = re.compile(r"(?i)<(?:!doctype|html|head|body|title|h[1-6])\b")
#: The beginning of an object of JSON, or of Python's way to print one, perhaps in a list.
_OBJECT: Final = re.compile(r"""(?:\[\s*)?{\s*(["'])[\w. -]{1,40}\1\s*:""")
#: The first words in what was such an object, and is broken or cut off.
_SALVAGE: Final = re.compile(
    r"""(["'])(?:message|detail|msg|error)\1\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
)
_DECODER: Final = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a server failed or refused.

    ``said`` is its message; ``kinds`` its own names for such an error, in lower case.
    ``retryable`` and ``retry_after_s`` are None where it does not say;
    ``fallbacks`` are the models that it offers instead.
    """

    said: str = ""
    kinds: frozenset[str] = frozenset()
    retryable: bool | None = None
    retry_after_s: float | None = None
    fallbacks: tuple[str, ...] = ()


def reason_of(payload: object) -> Reason:
    """The reason in the body of an error, or in the payload of a stream that holds one."""
    if isinstance(payload, list):  # Gemini's is a list of one
        payload = next((one for one in payload if isinstance(one, dict)), None)
    if not isinstance(payload, dict):
        return Reason()
    error = payload.get("error")
    inner = error if isinstance(error, dict) else payload
    metadata = _mapping(inner.get("metadata"))
    availability = _mapping(inner.get("availability"))
    retryable = availability.get("retryable")
    after_s = number(availability.get("retry_after"))
    if after_s is None:
        after_s = number(metadata.get("retry_after_seconds"))
    return Reason(
        said=_said(payload, error),
        kinds=frozenset(
            str(value).lower()
            for one in (payload, inner)
            for value in map(one.get, _KINDS)
            if isinstance(value, str | int)
        ),
        retryable=retryable if isinstance(retryable, bool) else None,
        retry_after_s=after_s,
        fallbacks=_fallbacks(availability.get("fallback_models")),
    )


def reason_in(body: bytes, *, is_text: bool) -> Reason:
    """The reason in the ``body`` of a refusal, which may be cut off; ``is_text`` if it says so."""
    try:
        return reason_of(json.loads(body))
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "["):
        return Reason(_in_words(_salvaged(text)))
    return Reason(_in_words(text)) if is_text else Reason()


def _said(payload: dict[str, Any], error: object) -> str:
    if isinstance(error, dict | list) and (words := _words(error)):
        return words
    parts = [_in_words(error) if isinstance(error, str) else ""]
    parts.append(_words({name: payload[name] for name in payload if name != "error"}))
    return ": ".join(dict.fromkeys(filter(None, parts)))


def _words(value: object, depth: int = 0) -> str:
    """What a part of an error's body says; empty where it says nothing."""
    if depth > _MOST_DEPTH:
        return ""
    if isinstance(value, str):
        return _in_words(value, depth)
    if isinstance(value, list):
        points = (_words(one, depth + 1) for one in value if isinstance(one, dict | str))
        return "; ".join(list(dict.fromkeys(filter(None, points)))[:_MOST_POINTS])
    if not isinstance(value, dict):
        return ""
    texts = (_words(value.get(name), depth + 1) for name in _WORDS)
    text = next(filter(None, texts), "")
    if "msg" in value and (place := _place(value.get("loc"))):
        text = f"{place}: {text}"
    metadata = _mapping(value.get("metadata"))
    raw = metadata.get("raw")
    behind = [_words(raw, depth + 1) or _pairs(raw), _words(metadata.get("reasons"), depth + 1)]
    return ": ".join(dict.fromkeys(filter(None, [text, *behind])))


def _place(loc: object) -> str:
    """Where FastAPI found fault: the path, without the names of the types it tried."""
    if not isinstance(loc, list):
        return ""
    steps = (str(step) for step in loc if isinstance(step, str | int))
    return ".".join(step for step in steps if step != "body" and "[" not in step)[:200]


def _pairs(value: object) -> str:
    """An object of which no field is known to hold the words."""
    if not isinstance(value, dict):
        return ""
    pairs = (f"{name}: {one}" for name, one in value.items() if isinstance(one, str | int | float))
    return ", ".join(list(pairs)[:_MOST_POINTS])


def _in_words(text: str, depth: int = 0) -> str:
    """``text`` without the JSON or HTML in it, but with what that says."""
    if _HTML.search(text):
        text = _text_of_html(text)
    elif (found := _OBJECT.search(text)) is not None:
        start = found.start()
        try:
            value, end = _DECODER.raw_decode(text, start)
            inner = _words(value, depth + 1)
        except (ValueError, RecursionError):
            inner = _salvaged(text[start:])
            closing = max(text.rfind("}"), text.rfind("]"))
            end = closing + 1 if closing > start else len(text)
        text = f"{text[:start]}{inner}{text[end:]}".strip(" :-\n")
    # A reason without a letter is none.
    return text.strip() if any(letter.isalnum() for letter in text) else ""


def _salvaged(text: str) -> str:
    found = _SALVAGE.search(text)
    if found is None:
        return ""
    if found[2] is None:
        return found[3].replace("\\'", "'").strip()
    try:
        return str(json.loads(f'"{found[2]}"', strict=False)).strip()
    except ValueError:
        return found[2].strip()


def _fallbacks(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    names = (word(one) for one in value)
    return tuple(name for name in names if name and len(name.split()) == 1)[:_MOST_FALLBACKS]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class _Text(HTMLParser):
    """The text of a page, without its scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_hidden = False

    def handle_starttag(self, tag: str, _: object) -> None:
        self._is_hidden = tag in ("script", "style")

    def handle_endtag(self, _: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden and (text := " ".join(data.split())):
            self.texts.append(text)


def _text_of_html(text: str) -> str:
    page = _Text()
    page.feed(text[:_MOST_HTML])
    page.close()
    return " ".join(dict.fromkeys(page.texts))
