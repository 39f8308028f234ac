"""A schema is checked before anything is sent, and an answer when it has come."""

import json
import time

import pytest

from services.assistant import Ask, Bill, LocalFile, Options, Report, VideoLink
from services.assistant.schemas import Schemas
from services.schemas.jobs import Misfit, Validation
from tests import making
from tests.capture import assistant_at, capturing, completion, delta, http, nobody, streamed

pytestmark = pytest.mark.anyio

LINK = VideoLink("https://v.example/1")
SCHEMA = json.dumps(
    {
        "title": "party",
        "type": "object",
        "properties": {"guests": {"type": "integer", "minimum": 1}},
        "required": ["guests"],
        "additionalProperties": False,
    }
)
WANTED = Options(json_schema=SCHEMA)
#: A pattern that takes a browser's lifetime.
ENDLESS = Options(json_schema=json.dumps({"pattern": "^(a+)+$"}))


@pytest.fixture
def schemas():
    made = Schemas()
    yield made
    made.close()


async def _run(workshop, answer, options, **more):
    """What was sent, as JSON, and the report."""
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        ask = Ask(LINK, "What?", "maker/model", options)
        report = await assistant.run(ask, nobody, **more)
    return [one.json() for one in server.requests if "completions" in one.line], report


@pytest.mark.parametrize(
    ("answer", "validation"),
    [
        ('{"guests": 3}', Validation("fits")),
        (
            '{"guests": 0}',
            Validation("misfit", (Misfit("$.guests", "minimum", "1", "0"),)),
        ),
        ("Three guests.", Validation("not_json")),
        ('```json\n{"guests": 3}\n```', Validation("not_json")),
    ],
    ids=["fits", "misfit", "words", "fenced"],
)
async def test_an_answer_is_held_against_the_schema_that_was_sent(workshop, answer, validation):
    (sent,), report = await _run(workshop, http(completion(answer), "application/json"), WANTED)
    assert sent["response_format"]["json_schema"]["schema"] == json.loads(SCHEMA)
    assert (report.fault, report.text, report.validation) == (None, answer, validation)
    assert Report.from_mapping(report.as_mapping()) == report


async def test_a_streamed_answer_is_checked_once_it_is_there(workshop):
    stream = streamed(delta('{"gue'), delta('sts": 3}', finish_reason="stop"))
    _, report = await _run(workshop, stream, WANTED)
    assert report.validation == Validation("fits")


async def test_without_a_schema_or_a_whole_answer_there_is_nothing_to_check(workshop):
    _, plain = await _run(workshop, http(completion("{}"), "application/json"), Options())
    _, broken = await _run(workshop, streamed(delta('{"guests": 3}'), done=False), WANTED)
    assert (plain.validation, broken.validation) == (None, None)
    assert broken.fault.name == "IncompleteAnswer"


@pytest.mark.parametrize(
    ("schema", "error"),
    [
        ("{", "SchemaNotJson"),
        ("[]", "SchemaInvalid"),
        ('{"type": "strng"}', "SchemaInvalid"),
        ('{"$ref": "https://a.example/x.json"}', "SchemaElsewhere"),
        ('{"$ref": "#"}', "SchemaUncheckable"),
    ],
)
async def test_of_a_bad_schema_nothing_is_sent(workshop, schema, error):
    sent, report = await _run(workshop, streamed(), Options(json_schema=schema))
    assert (sent, report.fault.name, report.bill) == ([], error, Bill())


async def test_a_bad_schema_does_not_matter_to_a_model_that_takes_none(workshop):
    async with (
        capturing(http(completion("Hi"), "application/json")) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        listed = {"data": [{"id": "maker/model", "supported_parameters": ["temperature"]}]}
        server.catalogue = http(json.dumps(listed), "application/json")
        ask = Ask(LINK, "What?", "maker/model", Options(json_schema='{"type": "strng"}'))
        report = await assistant.run(ask, nobody)
    assert (report.fault, report.left_out) == (None, ("json_schema",))


async def test_a_sound_in_pieces_has_no_schema(workshop, tmp_path):
    wav = making.write_sound(
        tmp_path / "tone.wav", making.tone(0.3), container="wav", codec="pcm_s16le"
    )
    async with (
        capturing(streamed()) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        ask = Ask(LocalFile(wav), "What?", "maker/model", WANTED, in_pieces=True)
        report = await assistant.run(ask, nobody)
    assert report.fault.name == "SchemaInPieces"


async def test_a_pattern_that_takes_for_ever_is_given_up_while_others_go_on(schemas):
    assert await schemas.check(ENDLESS) is not None
    began = time.monotonic()
    told = await schemas.validated(ENDLESS, json.dumps("a" * 50 + "!"))
    assert told == Validation("unchecked")
    assert time.monotonic() - began < 20
    assert await schemas.validated(ENDLESS, '"aa"') == Validation("fits")


async def test_an_endless_answer_is_not_held_against_anything(schemas):
    assert await schemas.validated(WANTED, " " * 1_000_001) == Validation("unchecked")


async def test_a_schema_is_called_by_its_title(schemas):
    wanted = await schemas.check(WANTED)
    assert (wanted.name, wanted.strict) == ("party", True)
    assert await schemas.check(Options(json_schema=" \n")) is None


async def test_a_schema_that_a_browser_has_made_up_is_none(schemas):
    assert await schemas.validated(Options(json_schema="{"), "{}") is None


def test_a_schema_is_in_no_repr():
    assert "guests" not in repr(WANTED)
