"""Checking schemas and what should fit them, in a worker: see :mod:`services.schemas.jobs`.

The dialect is the one that a schema names, else that of 2020-12
(https://json-schema.org/draft/2020-12/json-schema-core).
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from services.schemas.jobs import CheckSchema, Flaw, Misfit, Validate, Validation

#: Misfits that are told of an answer, and letters of what is told of each.
_MOST: Final = 20
_MOST_LETTERS: Final = 120
_MOST_PATH_LETTERS: Final = 300
#: Where a schema may refer to another.
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")


def check_schema(job: CheckSchema, _: object) -> Flaw | None:
    """What is wrong with the schema of ``job``; None where nothing is."""
    schema = json.loads(job.schema)
    try:
        return _flaw_of(schema)
    except Exception:  # noqa: BLE001  # of a stranger's schema the library raises anything
        return Flaw("unusable", "$", "")


def _flaw_of(schema: Any) -> Flaw | None:
    kind = validator_for(schema, default=Draft202012Validator)
    # By the language's own schema a pattern is a text of the format "regex", which is checked.
    own = kind(kind.META_SCHEMA, format_checker=kind.FORMAT_CHECKER)
    if (error := best_match(own.iter_errors(schema))) is not None:
        return _flaw("invalid", error.json_path, error.instance)
    for what in _unresolvable(schema):
        return _flaw("reference", "$", what)
    # What refers to itself without going down comes to no end whatever it is about.
    _validator(kind, schema).is_valid(None)
    return None


def validate(job: Validate, _: object) -> Validation:
    """Whether the answer of ``job`` fits."""
    schema = json.loads(job.schema)
    try:
        answer = json.loads(job.answer, parse_constant=_not_json)
    except json.JSONDecodeError:
        return Validation("not_json")
    except (ValueError, RecursionError):  # a number, or a depth, beyond any use
        return Validation("unchecked")
    try:
        validator = _validator(validator_for(schema, default=Draft202012Validator), schema)
        found = list(itertools.islice(validator.iter_errors(answer), _MOST))
    except Exception:  # noqa: BLE001  # as above
        return Validation("unchecked")
    misfits = dict.fromkeys(one for error in found for one in _misfits(error))
    return Validation("misfit" if found else "fits", tuple(misfits)[:_MOST])


def _validator(kind: Any, schema: Any) -> Validator:
    # Without a registry of its own the library fetches what a schema refers to.
    made: Validator = kind(schema, registry=Registry())
    return made


def _not_json(constant: str) -> NoReturn:
    """NaN and the infinities are Python's alone."""
    raise json.JSONDecodeError(constant, constant, 0)


def _unresolvable(schema: Any) -> Iterator[str]:
    """What is referred to and is not in the schema itself."""
    root = Resource.from_contents(schema, default_specification=DRAFT202012)
    waiting = [(root, Registry().resolver_with_root(root))]
    while waiting:
        one, resolver = waiting.pop()
        if isinstance(one.contents, dict):
            for keyword in _REFERENCES:
                reference = one.contents.get(keyword)
                if not isinstance(reference, str):
                    continue
                try:
                    resolver.lookup(reference)
                except (Unresolvable, ValueError):
                    yield reference
        waiting += [(inner, resolver.in_subresource(inner)) for inner in one.subresources()]


def _misfits(error: ValidationError) -> Iterator[Misfit]:
    """What ``error`` tells; of several forms, the one that the answer is closest to."""
    if error.context:
        error = best_match([error]) or error
    # Of a schema that is no more than "false" the library names no keyword.
    rule, at = error.validator or "false", error.json_path
    if rule == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield Misfit(_cut(_path(at, name), _MOST_PATH_LETTERS), rule)
    elif rule == "additionalProperties":
        for name in _surplus(error):
            yield Misfit(_cut(_path(at, name), _MOST_PATH_LETTERS), rule)
    else:
        wanted = error.validator_value
        found = _short(error.instance)
        if rule == "type":
            wanted = ", ".join([wanted] if isinstance(wanted, str) else wanted)
        elif isinstance(wanted, list):
            wanted = ", ".join(_short(one) for one in wanted[:_MOST])
        else:
            wanted = wanted if isinstance(wanted, str) else _short(wanted)
        yield Misfit(_cut(at, _MOST_PATH_LETTERS), rule, _cut(wanted), found)


def _surplus(error: ValidationError) -> list[str]:
    """The names that should not be there."""
    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    return [
        name
        for name in error.instance
        if name not in known and not any(re.search(one, name) for one in patterns)
    ]


def _path(above: str, name: str) -> str:
    if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        return f"{above}.{name}"
    return f"{above}[{json.dumps(name, ensure_ascii=False)}]"


def _flaw(why: Any, at: str, what: Any) -> Flaw:
    shown = what if isinstance(what, str) else _short(what)
    return Flaw(why, _cut(at, _MOST_PATH_LETTERS), _cut(shown))


def _short(value: Any) -> str:
    """``value`` as JSON, cut: no more of it is written than is shown."""
    letters = ""
    for piece in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        letters += piece[: _MOST_LETTERS + 1]
        if len(letters) > _MOST_LETTERS:
            break
    return _cut(letters)


def _cut(text: str, most: int = _MOST_LETTERS) -> str:
    # Half a surrogate pair, which JSON may bring us, is no letter.
    text = text if len(text) <= most else f"{text[:most]}…"
    return text.encode(errors="replace").decode()
