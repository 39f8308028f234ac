"""Whether a schema is one, and where an answer does not fit it."""

import json
import socket

import pytest

from services.schemas.checking import check_schema, validate
from services.schemas.jobs import CheckSchema, Flaw, Misfit, Validate, Validation

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 2, "pattern": "^[A-Z]"},
        "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 150},
        "role": {"enum": ["host", "guest"]},
        "first name": {"const": "Ann"},
        "said": {
            "type": "array",
            "items": {"$ref": "#/$defs/line"},
            "maxItems": 2,
            "uniqueItems": True,
        },
    },
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {"line": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["text"]}]}},
}


def flaw_of(schema):
    return check_schema(CheckSchema(json.dumps(schema)), None)


def held(schema, answer):
    answer = answer if isinstance(answer, str) else json.dumps(answer)
    return validate(Validate(json.dumps(schema), answer), None)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        PERSON,
        {"properties": {"pattern": {"type": "string"}, "$ref": {"type": "string"}}},
        {"enum": [{"$ref": "https://a.example/"}, {"pattern": "["}]},
        {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}},
        {"$schema": "https://json-schema.org/draft/2019-09/schema", "items": [{}]},
        {"$schema": "https://nobody.example/dialect"},
        {"$id": "https://a.example/b", "$ref": "#c", "$defs": {"c": {"$anchor": "c"}}},
    ],
    ids=str,
)
def test_a_schema_is_one(schema):
    assert flaw_of(schema) is None


@pytest.mark.parametrize(
    ("schema", "flaw"),
    [
        ({"type": "strng"}, Flaw("invalid", "$.type", "strng")),
        ({"properties": {"a": {"type": 7}}}, Flaw("invalid", "$.properties.a.type", "7")),
        ({"required": ["a", {}]}, Flaw("invalid", "$.required[1]", "{}")),
        ({"properties": []}, Flaw("invalid", "$.properties", "[]")),
        ({"pattern": "["}, Flaw("invalid", "$.pattern", "[")),
        ({"patternProperties": {"(": {}}}, Flaw("invalid", "$.patternProperties", "(")),
        ({"title": 7 * [1000 * "x"]}, None),
        ({"$ref": "#"}, Flaw("unusable", "$", "")),
        ({"$ref": "#/enum/0", "enum": [{"type": 7}]}, Flaw("unusable", "$", "")),
        ({"$schema": 7}, Flaw("unusable", "$", "")),
        ({"anyOf": [{"$ref": "#/$defs/a"}]}, Flaw("reference", "$", "#/$defs/a")),
        ({"$dynamicRef": "#b"}, Flaw("reference", "$", "#b")),
        ({"$ref": "http://[::1"}, Flaw("reference", "$", "http://[::1")),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_is_wrong_with_a_schema_is_told_with_its_place(schema, flaw):
    found = flaw_of(schema)
    if flaw is not None:
        assert found == flaw
    else:
        assert len(found.what) < 200


@pytest.mark.parametrize(
    "address", ["https://a.example/x.json", "file:///etc/passwd", "//a.example/x"]
)
def test_nothing_is_ever_fetched(address, monkeypatch):
    def refuse(*_):
        raise AssertionError("somebody wants a connection")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    schema = {"properties": {"a": {"$ref": address}}}
    assert flaw_of(schema) == Flaw("reference", "$", address)
    assert held(schema, {"a": 1}) == Validation("unchecked")


def test_an_answer_fits():
    answer = {"name": "Ann", "age": 7, "role": "host", "said": ["Hi", {"text": "Bye"}]}
    assert held(PERSON, answer) == Validation("fits")
    assert held({"items": False}, []) == Validation("fits")


@pytest.mark.parametrize(
    ("answer", "misfit"),
    [
        ({}, Misfit("$.name", "required")),
        ({"name": "Ann", "zip code": 1}, Misfit('$["zip code"]', "additionalProperties")),
        ({"name": 7}, Misfit("$.name", "type", "string", "7")),
        ({"name": "A"}, Misfit("$.name", "minLength", "2", '"A"')),
        ({"name": "ann"}, Misfit("$.name", "pattern", "^[A-Z]", '"ann"')),
        ({"name": "Ann", "age": -1}, Misfit("$.age", "minimum", "0", "-1")),
        ({"name": "Ann", "age": 150}, Misfit("$.age", "exclusiveMaximum", "150", "150")),
        ({"name": "Ann", "age": None}, Misfit("$.age", "type", "integer", "null")),
        ({"name": "Ann", "role": "x"}, Misfit("$.role", "enum", '"host", "guest"', '"x"')),
        (
            {"name": "Ann", "first name": "Bo"},
            Misfit("$['first name']", "const", "Ann", '"Bo"'),
        ),
        (
            {"name": "Ann", "said": ["a", "a"]},
            Misfit("$.said", "uniqueItems", "true", '["a", "a"]'),
        ),
        (
            {"name": "Ann", "said": ["a", "b", "c"]},
            Misfit("$.said", "maxItems", "2", '["a", "b", "c"]'),
        ),
        ({"name": "Ann", "said": [{"words": "Hi"}]}, Misfit("$.said[0].text", "required")),
    ],
    ids=str,
)
def test_where_an_answer_does_not_fit_is_told_with_why(answer, misfit):
    assert held(PERSON, answer) == Validation("misfit", (misfit,))


def test_what_may_not_be_at_all_is_told():
    validation = held({"properties": {"a": False}}, {"a": 1})
    assert [one.rule for one in validation.misfits] == ["false"]


def test_all_misfits_are_told_up_to_twenty():
    validation = held({"items": {"type": "string"}}, list(range(100)))
    assert [one.at for one in validation.misfits] == [f"$[{number}]" for number in range(20)]


def test_what_is_told_of_a_misfit_is_short_and_has_no_half_letter():
    (long,) = held({"maxLength": 3}, json.dumps("x" * 10_000)).misfits
    (half,) = held({"type": "number"}, '"\\ud83d"').misfits
    (deep,) = held({"required": ["a" * 999]}, {}).misfits
    assert len(deep.at) < 400
    assert len(long.found) < 200
    assert half.found == '"?"'


@pytest.mark.parametrize("answer", ["", "Hi", '{"a": 1', "NaN", "[Infinity]", "{'a': 1}"])
def test_what_is_no_json_is_none(answer):
    assert held({}, answer) == Validation("not_json")


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({}, "[" * 100_000),
        ({}, "9" * 5000),
        ({"items": {"$ref": "#"}}, "[" * 400 + "]" * 400),
        ({"$ref": "#/x", "x": 7}, "1"),
    ],
    ids=["deep", "a long number", "deep and to be followed", "no schema"],
)
def test_what_is_too_much_is_said_to_be_unchecked(schema, answer):
    assert held(schema, answer) == Validation("unchecked")
