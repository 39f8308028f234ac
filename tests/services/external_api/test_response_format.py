"""A JSON schema as a person gives it, and as it is sent."""

import json

import pytest

from services import errors
from services.external_api.response_format import MOST_LETTERS, ResponseFormat

CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "number"}}},
    "required": ["b", "a"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}


def read(schema):
    return ResponseFormat.read(json.dumps(schema))


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        (OPEN, False),
        (CLOSED | {"required": ["a"]}, False),
        (CLOSED | {"additionalProperties": True}, False),
        (CLOSED | {"properties": {"a": OPEN}, "required": ["a"]}, False),
        ({"type": "array", "items": [{"anyOf": [CLOSED, OPEN]}]}, False),
        ({"type": "array", "items": CLOSED}, True),
        ({"type": "object"}, False),
        ({"type": "string"}, True),
    ],
    ids=str,
)
def test_a_schema_is_strict_where_nothing_is_left_open(schema, strict):
    wanted = read(schema)
    assert (wanted.name, wanted.strict, wanted.schema) == ("answer", strict, schema)


def test_it_is_sent_as_the_contract_has_it():
    assert read(CLOSED | {"title": "Who spoke, and when?"}).as_body() == {
        "type": "json_schema",
        "json_schema": {
            "name": "Who_spoke_and_when",
            "strict": True,
            "schema": CLOSED | {"title": "Who spoke, and when?"},
        },
    }


@pytest.mark.parametrize("title", ["", "Кто говорил?", 7, None, "  "], ids=str)
def test_a_title_that_can_be_no_name_is_none(title):
    assert read({"title": title}).name == "answer"


def test_a_name_is_no_longer_than_it_may_be():
    assert read({"title": "x" * 100}).name == "x" * 64


@pytest.mark.parametrize("strict", [True, False, None])
@pytest.mark.parametrize("is_outer", [False, True], ids=["json_schema", "response_format"])
def test_what_it_is_sent_in_may_be_given_as_well(strict, is_outer):
    given = {"name": "speakers", "schema": OPEN}
    given |= {} if strict is None else {"strict": strict}
    wanted = read({"type": "json_schema", "json_schema": given} if is_outer else given)
    assert (wanted.name, wanted.strict, wanted.schema) == ("speakers", bool(strict), OPEN)


@pytest.mark.parametrize(
    ("text", "error", "facts"),
    [
        ("{", errors.SchemaNotJson, {"line": 1, "column": 2}),
        ('{\n "type": string}', errors.SchemaNotJson, {"line": 2, "column": 10}),
        ('{"maximum": NaN}', errors.SchemaNotJson, {"line": 1, "column": 1}),
        ("[1]", errors.SchemaInvalid, {"at": "$", "what": "[1]"}),
        ('"' + "x" * 100 + '"', errors.SchemaInvalid, {"at": "$", "what": '"' + "x" * 39 + "…"}),
        ('{"maximum": 1e999}', errors.SchemaUncheckable, {"most_letters": MOST_LETTERS}),
        ('{"maximum": ' + "9" * 5000 + "}", errors.SchemaUncheckable, None),
        ("[" * 9000, errors.SchemaUncheckable, None),
        ('{"items":' * 100 + "{}" + "}" * 100, errors.SchemaUncheckable, None),
        ("{}" + " " * MOST_LETTERS, errors.SchemaUncheckable, None),
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_is_none_is_refused(text, error, facts):
    with pytest.raises(error) as refused:
        ResponseFormat.read(text)
    assert facts is None or dict(refused.value.facts) == facts


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("1.0", "1"),
        ("1e3", "1000"),
        ("0.5", "0.5"),
        ("9007199254740993", "9007199254740992"),
        ("9223372036854775807", "9223372036854776000"),
        ("-9223372036854775808", "-9223372036854776000"),
        ("1e20", "100000000000000000000"),
        ("1.5e300", "1.5e+300"),
    ],
)
def test_numbers_are_written_as_every_language_writes_them(given, written):
    """Node says so of each."""
    wanted = ResponseFormat.read(f'{{"maximum": {given}}}')
    assert json.dumps(wanted.schema) == f'{{"maximum": {written}}}'
