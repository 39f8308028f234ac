"""What else a model is told: within its range, by the API's names, and only what is set."""

import dataclasses
import json
import typing

import pytest

from services import errors
from services.assistant import Ask
from services.external_api.options import PARAMETERS, Options, ReasoningEffort
from services.external_api.request import VideoLink, chat_request
from tests.services.external_api.test_request import LINK, body_of

#: Type of a field → a value that is not its default.
SOMETHING = {str: "Be brief.", float: 0.5, int: 7}
FIELDS = typing.get_type_hints(Options)


def options_with(name):
    """Options that differ from the usual in the field ``name`` alone."""
    kinds = typing.get_args(FIELDS[name]) or (FIELDS[name],)
    kind = next(one for one in kinds if one is not type(None))
    value = typing.get_args(kind)[0] if typing.get_args(kind) else SOMETHING[kind]
    value = {"json_schema": '{"type": "object"}'}.get(name, value)
    return Options(**{name: value})


def asked(options):
    """The body that asks about ``LINK`` with ``options``."""
    return json.loads(body_of(chat_request("m", "?", LINK, options)))


@pytest.mark.parametrize("name", FIELDS)
def test_questions_that_differ_in_one_option_are_not_the_same(name):
    usual, other = (Ask(LINK, "?", "m", options=one) for one in (Options(), options_with(name)))
    assert usual != other
    assert hash(usual) != hash(other)


@pytest.mark.parametrize("name", FIELDS)
def test_every_option_is_sent(name):
    assert asked(options_with(name)) != asked(Options())


@pytest.mark.parametrize("name", FIELDS)
def test_an_option_sends_no_other(name):
    others = {field.name: getattr(Options(), field.name) for field in dataclasses.fields(Options)}
    alone = options_with(name)
    assert others | {name: getattr(alone, name)} == dataclasses.asdict(alone)
    changed = {key for key in asked(alone) if asked(alone)[key] != asked(Options()).get(key)}
    # A voice is told by two.
    assert len(changed) == (2 if name == "voice" else 1)


SENT = {
    "temperature": (Options(temperature=0.5), {"temperature": 0.5}),
    "a temperature of zero": (Options(temperature=0), {"temperature": 0}),
    "max_tokens": (Options(max_tokens=7), {"max_tokens": 7}),
    "reasoning_effort": (Options(reasoning_effort="low"), {"reasoning": {"effort": "low"}}),
    "voice": (
        Options(voice="alloy"),
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}},
    ),
    "json_schema": (
        Options(json_schema='{"title": "It", "type": "string"}'),
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": "It",
                    "strict": True,
                    "schema": {"title": "It", "type": "string"},
                },
            }
        },
    ),
}


@pytest.mark.parametrize(("given", "written"), [(1.0, "1"), (0.7, "0.7"), (1e-05, "0"), (0, "0")])
def test_a_number_is_written_as_every_language_writes_it(given, written):
    request = chat_request(
        "m", "What?", VideoLink("https://v.example/"), Options(temperature=given)
    )
    assert f'"temperature":{written},' in request.head.decode()


@pytest.mark.parametrize(("options", "fields"), SENT.values(), ids=SENT)
def test_an_option_is_sent_under_the_apis_name(options, fields):
    assert asked(options) == asked(Options()) | fields


def test_the_system_prompt_is_the_first_message():
    messages = asked(Options(system_prompt="Be brief."))["messages"]
    assert messages[0] == {"role": "system", "content": "Be brief."}
    assert messages[1:] == asked(Options())["messages"]


def test_without_options_nothing_of_them_is_sent():
    assert asked(None) == asked(Options())
    assert asked(None).keys() == {"model", "messages", "stream", "stream_options"}
    assert [one["role"] for one in asked(None)["messages"]] == ["user"]


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(temperature=0),
        Options(temperature=2),
        Options(temperature=2.0),
        Options(max_tokens=1),
        Options(max_tokens=10**9),
        Options(voice="marin"),
        Options(voice="Kore de-DE"),
        *(Options(reasoning_effort=one) for one in typing.get_args(ReasoningEffort)),
    ],
    ids=repr,
)
def test_options_within_their_ranges_are_taken(options):
    options.check()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (Options(temperature=-0.01), "temperature"),
        (Options(temperature=2.01), "temperature"),
        (Options(temperature=float("nan")), "temperature"),
        (Options(temperature=float("inf")), "temperature"),
        (Options(voice=" "), "voice"),
        (Options(voice="a" * 65), "voice"),
        (Options(voice="a\nb"), "voice"),
        (Options(voice='{"id": 1}'), "voice"),
        (Options(max_tokens=0), "max_tokens"),
        (Options(max_tokens=-1), "max_tokens"),
        (Options(max_tokens=2**31), "max_tokens"),
        (Options(max_tokens=int("9" * 400)), "max_tokens"),
    ],
    ids=repr,
)
def test_an_option_out_of_its_range_is_refused_by_its_name(options, name):
    with pytest.raises(errors.BadOption) as bad:
        options.check()
    assert bad.value.facts == {"option": name}


def test_options_do_not_show_the_system_prompt():
    assert "private" not in repr(Options(system_prompt="a private thing"))


# --- options that a model takes ---------------------------------------------


def test_every_option_has_its_parameters():
    assert [*PARAMETERS, "voice"] == [one.name for one in dataclasses.fields(Options)]


def test_what_is_set_is_told_apart_from_what_is_not():
    assert Options(temperature=0, max_tokens=7).given == {"temperature", "max_tokens"}
    assert Options().given == set()


def test_options_without_some_have_the_others():
    options = Options("Be brief.", temperature=0.5, max_tokens=7, reasoning_effort="low")
    assert options.without(("temperature", "reasoning_effort")) == Options(
        "Be brief.", max_tokens=7
    )
    assert options.without(options.given) == Options()


def test_a_schema_that_is_none_is_refused_before_it_is_sent():
    options = Options(json_schema="{")
    with pytest.raises(errors.SchemaNotJson):
        options.check()
    assert options.response_format is None  # as a browser may have written it
    assert asked(options) == asked(Options())
