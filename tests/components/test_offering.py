"""What a model does not take is hidden and not asked for; what was typed there stays."""

import pytest

from components.form import Form
from components.offering import usable
from components.options import VOICES
from services.assistant import Options

pytestmark = pytest.mark.anyio

ALL = ("system_prompt", "temperature", "max_tokens", "reasoning_effort", "json_schema", "voice")
TAKEN = {
    "maker/plain": frozenset(),
    "maker/warm": frozenset({"temperature"}),
    "maker/thinks": frozenset({"reasoning", "max_tokens"}),
}


@pytest.fixture
def listed(assistant):
    """An assistant whose API lists what the models above take."""
    assistant.models.parameters = TAKEN
    assistant.models.voices = {"maker/speaks": None, "maker/sings": ("high", "low")}
    return assistant


def _seen(updates):
    return {name: update["visible"] for name, update in updates.items()}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"model": "maker/plain"}, {"system_prompt"}),
        ({"model": "maker/warm"}, {"system_prompt", "temperature"}),
        (
            {"model": "maker/warm", "compare": ["maker/thinks"]},
            {"system_prompt", "temperature", "max_tokens", "reasoning_effort"},
        ),
        ({"model": "maker/typed"}, set(ALL) - {"voice"}),
        ({"model": "maker/speaks"}, set(ALL)),
        ({"model": "another", "other_model": "maker/plain"}, {"system_prompt"}),
        ({}, set(ALL) - {"voice"}),
    ],
    ids=["one", "another", "compared", "unknown", "speaks", "typed", "none"],
)
async def test_what_any_of_the_models_takes_is_shown(page, listed, asked, shown):
    (updates,) = await page.updates("options_offered", **asked)
    hidden, note = updates.pop("options-hidden"), updates.pop("schema-note")
    assert note["visible"] is ("json_schema" in shown)
    assert {name.replace("-", "_"): see for name, see in _seen(updates).items()} == {
        name: True if name in shown else "hidden" for name in ALL
    }
    assert hidden["visible"] is not ({*ALL} - {"voice"} <= shown)
    for name, update in updates.items():
        # What was typed or chosen is not written again.
        assert set(update) == {"visible", "__type__"} | ({"choices"} if name == "voice" else set())


@pytest.mark.parametrize(
    ("asked", "voices"),
    [
        ({"model": "maker/sings"}, ["high", "low"]),
        ({"model": "maker/sings", "voice": "alloy"}, ["high", "low", "alloy"]),
        ({"model": "maker/speaks"}, [*VOICES]),
        ({"model": "maker/sings", "compare": ["maker/speaks"]}, ["high", "low", *VOICES]),
    ],
    ids=["its own", "and the chosen one", "those of one maker", "all"],
)
async def test_there_are_the_voices_of_the_models_to_choose_from(page, listed, asked, voices):
    (updates,) = await page.updates("options_offered", **asked)
    assert updates["voice"]["choices"] == [
        ("nobody: words alone", ""),
        *((one, one) for one in voices),
    ]


def test_it_is_looked_at_with_each_model_and_once_the_api_has_told_them(page):
    changed, *later = page.listeners("options_offered")
    called = {(page.blocks.blocks[target].elem_id, event) for target, event in changed.targets}
    assert called == {("model", "change"), ("other-model", "change"), ("compare", "change")}
    assert changed.trigger_mode == "always_last"
    before = {one._id for one in page.listeners("models_arrived")}
    assert {one.trigger_after for one in later} == before


async def test_what_is_hidden_is_not_asked_for_however_wrong_it_is(page, listed):
    given = {"model": "maker/warm", "video_url": "https://v.example/1", "source": "video"}
    await page.updates("ask", **given, temperature="0,5", max_tokens="many", prompt="What?")
    (ask,) = listed.asked
    assert ask.options == Options(temperature=0.5)


def test_what_was_typed_is_asked_for_where_it_is_of_use(listed):
    form = Form(model="maker/thinks", option_values={"max_tokens": "7", "temperature": "1"})
    assert usable(form, listed.models).option_values == {"max_tokens": "7"}


# --- a schema that is typed -------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "name", "words"),
    [
        ('{"title": "it", "type": "string"}', "strict", "A good schema, called “it”."),
        ('{"type": "object"}', "loose", "asked to fit it and not held to it"),
        ("{", "SchemaNotJson", "line 1, column 2. Correct it"),
        ("[<b>]", "SchemaNotJson", "line 1, column 2"),
        ("[7]", "SchemaInvalid", "“[7]”"),
    ],
)
async def test_what_is_wrong_with_a_schema_is_said_as_soon_as_it_was_typed(
    page, assistant, schema, name, words
):
    (updates,) = await page.updates("schema_typed", json_schema=schema)
    assert set(updates) == {"schema-note"}
    assert f'data-schema="{name}"' in updates["schema-note"]
    assert words in updates["schema-note"]


@pytest.mark.parametrize("schema", ["", "  ", None])
async def test_of_no_schema_nothing_is_said(page, assistant, schema):
    (updates,) = await page.updates("schema_typed", json_schema=schema)
    assert updates == {"schema-note": ""}


def test_a_schema_is_looked_at_once_one_leaves_it(page):
    (typed,) = page.listeners("schema_typed")
    assert [(page.blocks.blocks[of].elem_id, event) for of, event in typed.targets] == [
        ("json-schema", "blur")
    ]
