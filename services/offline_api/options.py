"""The options of a request: what is documented is taken, if its type is right.

The ears follow no instructions, so nothing here changes an answer but ``stream``.
Names and ranges are those of OpenRouter's ``ChatRequest`` (``openrouter`` 1.3.84 on
PyPI) and of OpenAI's reference; others are left alone, as OpenRouter does. Null
is as good as absent.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class _Kind:
    expected: str
    fits: Callable[[Any], bool]


def _number(least: float, most: float) -> _Kind:
    return _Kind(
        f"a number from {least:g} to {most:g}",
        lambda value: _is(value, int, float) and least <= value <= most,
    )


def _integer(least: int | None = None) -> _Kind:
    return _Kind(
        "an integer" if least is None else f"an integer of at least {least}",
        lambda value: _is(value, int) and (least is None or value >= least),
    )


def _one_of(*choices: Any) -> _Kind:
    expected = ", ".join(repr(choice) for choice in choices)
    return _Kind(
        f"one of {expected}" if len(choices) > 1 else expected,
        lambda value: any(_is(value, type(one)) and value == one for one in choices),
    )


def _list_of(kind: _Kind, what: str) -> _Kind:
    return _Kind(
        f"a list of {what}",
        lambda value: _is(value, list) and all(kind.fits(one) for one in value),
    )


def _either(one: _Kind, other: _Kind) -> _Kind:
    return _Kind(
        f"{one.expected} or {other.expected}", lambda value: one.fits(value) or other.fits(value)
    )


def _is(value: object, *types: type) -> bool:
    # True is an int to Python, and none to JSON.
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


_BOOLEAN: Final = _Kind("true or false", lambda value: _is(value, bool))
_STRING: Final = _Kind("a string", lambda value: _is(value, str))
_OBJECT: Final = _Kind("an object", lambda value: _is(value, dict))
_STRINGS: Final = _list_of(_STRING, "strings")
_OBJECTS: Final = _list_of(_OBJECT, "objects")

#: ``a.b`` is ``b`` in the object ``a``, which comes first.
_OPTIONS: Final = MappingProxyType(
    {
        "stream": _BOOLEAN,
        "stream_options": _OBJECT,
        "stream_options.include_usage": _BOOLEAN,
        "models": _STRINGS,
        "temperature": _number(0, 2),
        "top_p": _number(0, 1),
        "top_k": _integer(0),
        "min_p": _number(0, 1),
        "top_a": _number(0, 1),
        "frequency_penalty": _number(-2, 2),
        "presence_penalty": _number(-2, 2),
        "repetition_penalty": _number(0, 2),
        "max_tokens": _integer(1),
        "max_completion_tokens": _integer(1),
        "seed": _integer(),
        "n": _one_of(1),
        "stop": _either(_STRING, _STRINGS),
        "logit_bias": _OBJECT,
        "logprobs": _BOOLEAN,
        "top_logprobs": _integer(0),
        "reasoning": _OBJECT,
        "reasoning.effort": _STRING,
        "reasoning.max_tokens": _integer(0),
        "reasoning.exclude": _BOOLEAN,
        "reasoning.enabled": _BOOLEAN,
        "reasoning_effort": _STRING,
        "include_reasoning": _BOOLEAN,
        "verbosity": _STRING,
        "response_format": _OBJECT,
        "response_format.type": _one_of("text", "json_object", "json_schema", "grammar", "python"),
        "structured_outputs": _BOOLEAN,
        "modalities": _STRINGS,
        "audio": _OBJECT,
        "prediction": _OBJECT,
        "tools": _OBJECTS,
        "tool_choice": _either(_STRING, _OBJECT),
        "parallel_tool_calls": _BOOLEAN,
        "plugins": _OBJECTS,
        "web_search_options": _OBJECT,
        "provider": _OBJECT,
        "service_tier": _STRING,
        "transforms": _STRINGS,
        "user": _STRING,
        "session_id": _STRING,
        "metadata": _OBJECT,
        "usage": _OBJECT,
        "usage.include": _BOOLEAN,
        "debug": _OBJECT,
        "debug.echo_upstream_body": _BOOLEAN,
    }
)


def mistake(request: dict[str, Any]) -> str | None:
    """What is wrong with the first option that is, in a sentence; None where all are right."""
    for name, kind in _OPTIONS.items():
        value = _value(request, name)
        if value is not None and not kind.fits(value):
            return f"'{name}' must be {kind.expected}, got {shown(value)}."
    return None


def _value(request: dict[str, Any], name: str) -> Any:
    outer, _, inner = name.partition(".")
    value = request.get(outer)
    if inner:
        return value.get(inner) if isinstance(value, dict) else None
    return value


def shown(value: object) -> str:
    """What came, for a message: no more of it than a name is long."""
    if isinstance(value, str):
        return repr(value[:100])
    if isinstance(value, int | float):
        return json.dumps(value)[:100]
    return f"({type(value).__name__})"
