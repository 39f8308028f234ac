"""What a stranger's server says, made fit to be shown and kept.

No key in it, no half letters, no numbers that nothing could have.
"""

import re
from typing import Any, Final

_MOST_SAID: Final = 600
_MOST: Final = 1e12
_MOST_DEPTH: Final = 8
#: What may be a key: behind "Bearer", or with the beginning of one.
_SUSPECTS: Final = re.compile(r"(?i)\bbearer\s+[\w.\-]{6,}|\b(?:ak|sk|pk|hf)[-_][\w\-]+")
_BEARER: Final = "bearer"
#: A run of letters and digits that is longer than any word in a model's id, or a UUID.
#: Without a digit it has to be longer: Hugging Face's tokens are 34 letters.
_RUNS: Final = re.compile(r"[A-Za-z0-9]{16,}")
_FEWEST_LETTERS: Final = 30
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: A number that came as a string, as JSON would write it.
_NUMBER: Final = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


#: What stands in the place of a key.
_MASK: Final = "…"
#: A key that is shorter is no secret, and is in every other word.
_FEWEST_OF_A_KEY: Final = 6
#: So much of a key may stand at the end of a text that broke off: what all keys of a maker
#: begin with is no longer.
_MOST_OF_A_BEGINNING: Final = 9


def redacted(text: str, key: str = "") -> str:
    """``text`` without ``key`` or anything that looks like a key, and not too long."""
    if key:
        text = text.replace(key, _MASK)
    return characters(_SUSPECTS.sub(_hidden, text)[:_MOST_SAID].strip())


def masked(text: str, key: str) -> str:
    """``text``, which is whole and may be long, without ``key``."""
    mask = Masked(key)
    return mask.take(text) + mask.rest()


class Masked:
    """Takes ``key`` out of a text that comes in pieces of any length.

    What may still become the key is held.
    """

    def __init__(self, key: str) -> None:
        self._key = key if len(key) >= _FEWEST_OF_A_KEY else ""
        self._held = ""

    def take(self, text: str) -> str:
        """What is known of ``text`` and of what was held before."""
        if not self._key:
            return text
        text = (self._held + text).replace(self._key, _MASK)
        begin = text.find(self._key[0], max(len(text) - len(self._key) + 1, 0))
        while begin >= 0 and not self._key.startswith(text[begin:]):
            begin = text.find(self._key[0], begin + 1)
        self._held = text[begin:] if begin >= 0 else ""
        return text[:begin] if begin >= 0 else text

    def rest(self) -> str:
        """What was held, now that nothing more comes."""
        held, self._held = self._held, ""
        return held if len(held) <= _MOST_OF_A_BEGINNING else _MASK


def _hidden(suspect: re.Match[str]) -> str:
    """The suspect's place, if it looks like a key. In steps, so that no text takes long."""
    text = suspect[0]
    is_key = text.lower().startswith(_BEARER) or _UUID.search(text) is not None
    for run in _RUNS.findall(text):
        is_key = is_key or not run.isalpha() or len(run) >= _FEWEST_LETTERS
    return "…" if is_key else text


def characters(text: str) -> str:
    """``text`` in whole characters: JSON may carry half a surrogate pair."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def word(value: object) -> str | None:
    """``value`` if it is a name or another short text, else None."""
    return characters(value[:200]) if isinstance(value, str) and value else None


def number(value: object) -> float | None:
    """``value``, which may be a string, if it is a number of a usual size, else None."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    # An int may be too large for a float, and a float may be NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST:
        return None
    return float(value)


def plain(value: object, key: str, depth: int = 0) -> Any:
    """``value`` as JSON that everybody can read: whole letters, numbers of a usual size.

    What is no such number, or lies too deep, is unknown.
    """
    if isinstance(value, dict) and depth < _MOST_DEPTH:
        return {redacted(name, key): plain(inner, key, depth + 1) for name, inner in value.items()}
    if isinstance(value, list) and depth < _MOST_DEPTH:
        return [plain(inner, key, depth + 1) for inner in value]
    if isinstance(value, str):
        return redacted(value, key)
    if isinstance(value, bool):
        return value
    return value if number(value) is not None else None
