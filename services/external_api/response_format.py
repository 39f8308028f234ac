"""The JSON schema that an answer is to fit, as a person gives it and as it is sent.

https://openrouter.ai/docs/guides/features/structured-outputs
"""

import json
import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NoReturn

from services import errors

#: More than any answer's, and little enough to stand in every card.
MOST_LETTERS: Final = 20_000
_DEEPEST: Final = 60
_MOST_NAME_LETTERS: Final = 64
_MOST_SHOWN: Final = 40
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
#: Up to here all languages write a whole number alike.
_LARGEST_PLAIN: Final = 1e21
_LARGEST_EXACT: Final = 2**53


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """A ``schema`` with its ``name``; ``strict`` has the model held to it by its maker."""

    name: str
    strict: bool
    schema: dict[str, Any] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "ResponseFormat":
        """What stands in ``text``: a schema, or one in what it is sent in.

        A bare one is called by its title. It is strict if it can be: makers refuse to hold a
        model to one that leaves anything open
        (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).

        Raises:
            SchemaNotJson: that.
            SchemaInvalid: it is no object.
            SchemaUncheckable: it has more than ``MOST_LETTERS``, or goes too deep.
        """
        if len(text) > MOST_LETTERS:
            raise errors.SchemaUncheckable(most_letters=MOST_LETTERS)
        told = _decoded(text)
        if not isinstance(told, dict):
            raise errors.SchemaInvalid(at="$", what=_shown(text))
        inner = told.get("json_schema")
        if told.get("type") == "json_schema" and isinstance(inner, dict):
            told = inner
        name, strict = told.get("title"), None
        if isinstance(told.get("name"), str) and isinstance(told.get("schema"), dict):
            name, strict, told = told["name"], told.get("strict"), told["schema"]
        name = _NO_NAME.sub("_", name).strip("_") if isinstance(name, str) else ""
        is_closed = _is_closed(told)
        return cls(
            name[:_MOST_NAME_LETTERS] or "answer",
            strict if isinstance(strict, bool) else is_closed,
            told,
        )

    @property
    def text(self) -> str:
        """The schema as JSON."""
        return json.dumps(self.schema, ensure_ascii=False)

    def as_body(self) -> dict[str, Any]:
        """The value of ``response_format``."""
        inner = {"name": self.name, "strict": self.strict, "schema": self.schema}
        return {"type": "json_schema", "json_schema": inner}


def _decoded(text: str) -> Any:
    try:
        return json.loads(
            text, parse_int=_number, parse_float=_number, parse_constant=_not_a_number
        )
    except json.JSONDecodeError as error:
        raise errors.SchemaNotJson(line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError):
        raise errors.SchemaUncheckable(most_letters=MOST_LETTERS) from None


def _shown(text: str) -> str:
    """The beginning of ``text``, for a sentence about it."""
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _number(text: str) -> int | float:
    """The number, in a form that all languages write alike, for code to send the same bytes."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    if not value.is_integer() or abs(value) >= _LARGEST_PLAIN:
        return value
    return int(value) if abs(value) <= _LARGEST_EXACT else int(Decimal(repr(value)))


def _not_a_number(constant: str) -> NoReturn:
    """NaN and the infinities are Python's alone."""
    raise json.JSONDecodeError(constant, constant, 0)


def _is_closed(schema: dict[str, Any]) -> bool:
    """Whether every object in ``schema`` has all the properties that it may have, and no other.

    Raises:
        SchemaUncheckable: it goes too deep.
    """
    is_closed = True
    level: list[Any] = [schema]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                is_closed = is_closed and _is_closed_itself(one)
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        if not inner:
            return is_closed
        level = inner
    raise errors.SchemaUncheckable(most_letters=MOST_LETTERS)


def _is_closed_itself(one: dict[str, Any]) -> bool:
    properties, required = one.get("properties"), one.get("required")
    if one.get("type") != "object" or not isinstance(properties, dict):
        return one.get("type") != "object"
    is_all = isinstance(required, list) and all(name in required for name in properties)
    return is_all and one.get("additionalProperties") is False
