"""An answer that is to fit a schema: shown as JSON, and where it does not fit, and why."""

import json

import pytest

from components.result.validation import RULES, answer_html, pretty, validation_html, why
from components.texts import LANGUAGES, Texts
from services.assistant import Misfit, Validation

EN = Texts("en")
FITS = Validation("fits")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a":[1,{"b":null}],"c":{}}', None),
        ("[]", "[]"),
        ("7", "7"),
        ('{ "a" : [ ] }', '{\n  "a": []\n}'),
        ('{"a": 1.10, "a": 1e400}', '{\n  "a": 1.10,\n  "a": 1e400\n}'),
        ('{"a": "{[\\"x\\"]}, :\\\\"}', '{\n  "a": "{[\\"x\\"]}, :\\\\"\n}'),
        ('"\\ud83d"', '"\\ud83d"'),
    ],
    ids=str,
)
def test_json_has_a_line_for_each_thing_and_is_else_as_it_was_written(text, shown):
    expected = shown or json.dumps(json.loads(text), indent=2)
    assert pretty(text) == expected
    assert json.loads(pretty(text)) == json.loads(text)


def test_what_is_deep_or_long_takes_no_more_room_than_there_is():
    deep = "[" * 500 + "1," * 10_000 + "1" + "]" * 500
    assert len(pretty(deep)) < 50 * len(deep)
    long = json.dumps(["x"] * 100_000)
    assert pretty(long) == long


def test_an_answer_that_fits_or_does_not_is_shown_as_json_and_markup_in_it_is_text():
    for validation in (FITS, Validation("misfit")):
        shown = answer_html('{"a":"<b>*x*</b>"}', validation)
        assert shown.startswith('<pre class="json"')
        assert "&lt;b&gt;*x*&lt;/b&gt;" in shown


@pytest.mark.parametrize("validation", [None, Validation("not_json"), Validation("unchecked")])
def test_any_other_is_shown_as_words(validation):
    assert "<strong>three</strong>" in answer_html("**three**", validation)


@pytest.mark.parametrize("text", ["{", '{"a": "*x', '\n{ "a"', "{}"])
def test_what_begins_as_json_is_shown_so_while_it_comes(text):
    assert answer_html(text, None, is_running=True).startswith('<pre class="json"')
    assert "<pre" not in answer_html("{laughs} Hi", None, is_running=True)


def test_of_an_answer_that_fits_nothing_is_said():
    assert validation_html(FITS, EN) == validation_html(None, EN) == ""


@pytest.mark.parametrize("state", ["not_json", "unchecked"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_could_not_be_checked_is_said(state, language):
    texts = Texts(language)
    assert texts(f"validation.{state}") in validation_html(Validation(state), texts)


def test_a_field_that_does_not_fit_is_named_by_its_path_with_why():
    misfits = (
        Misfit("$.guests", "minimum", "1", "0"),
        Misfit("$.host<", "required"),
        Misfit("$", "dependentRequired", "x", "y"),
    )
    shown = validation_html(Validation("misfit", misfits), EN)
    assert ">$.guests</code> should be at least 1 and is 0</li>" in shown
    assert ">$.host&lt;</code> is missing</li>" in shown
    assert ">$</code> breaks the rule “dependentRequired”</li>" in shown


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_its_sentence(rule, language):
    texts = Texts(language)
    said = why(Misfit("$", rule, "{wanted}", "{found}"), texts)
    assert said != why(Misfit("$", "else", "{wanted}", "{found}"), texts)
