"""Which models there are to choose from, and when the API is asked for them."""

import asyncio
from datetime import date

import pytest

from services.external_api.catalogue import (
    GUIDE_MODELS,
    Catalogue,
    Model,
    Prices,
    fits,
    is_another,
    models_for,
    parsed,
)


def entry(name, *takes):
    return {"id": name, "name": name.upper(), "architecture": {"input_modalities": list(takes)}}


def test_models_are_read_with_their_names_and_what_they_take():
    (model,) = parsed({"data": [entry("a/b", "text", "audio")]})
    assert model == Model("a/b", "A/B", frozenset({"text", "audio"}))


@pytest.mark.parametrize(
    "payload",
    [None, [], {}, {"data": None}, {"data": {}}, {"data": "x"}, {"data": [None, 7, {"id": 7}]}],
    ids=["null", "list", "empty", "null data", "object", "string", "bad entries"],
)
def test_a_body_of_another_shape_has_no_models(payload):
    assert parsed(payload) == ()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"architecture": None},
        {"architecture": {}},
        {"architecture": {"input_modalities": None}},
        {"architecture": {"input_modalities": "audio"}},
    ],
    ids=["no architecture", "null", "no modalities", "null modalities", "a string"],
)
def test_modalities_may_be_unknown(more):
    (model,) = parsed({"data": [{"id": "a/b", **more}]})
    assert model == Model("a/b", "a/b", None)


def test_an_endless_catalogue_is_cut():
    assert len(parsed({"data": [entry(f"a/{one}") for one in range(3000)]})) == 2000


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_without_a_catalogue_the_guides_models_stand(kind):
    assert models_for(kind, (), ()) == GUIDE_MODELS[kind]


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_without_modalities_those_of_the_guide_that_are_listed_come_first_then_the_rest(kind):
    listed = ("z/z", "openai/gpt-4o", "a/b", "google/gemini-2.5-flash")
    catalogue = parsed({"data": [{"id": one} for one in listed]})
    known = [one for one in GUIDE_MODELS[kind] if one in listed]
    assert models_for(kind, catalogue, ()) == (*known, "a/b", "z/z")
    doubted = [one for one in listed if fits(kind, catalogue, one) is None]
    assert doubted == ["z/z", "a/b"]


def test_what_may_take_it_comes_behind_what_does():
    catalogue = parsed(
        {"data": [{"id": "a/may"}, entry("b/does", "audio"), entry("c/not", "text")]}
    )
    assert models_for("audio", catalogue, ()) == ("b/does", "a/may")
    told = [fits("audio", catalogue, one) for one in ("a/may", "b/does", "c/not")]
    assert told == [None, True, False]


def test_where_nothing_takes_it_what_is_listed_stands_and_never_what_is_not():
    catalogue = parsed({"data": [entry("b/text", "text"), entry("a/text", "text")]})
    assert models_for("audio", catalogue, ()) == ("a/text", "b/text")
    assert fits("audio", catalogue, "a/text") is False


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_without_a_catalogue_nothing_is_doubted(kind):
    assert fits(kind, (), GUIDE_MODELS[kind][0]) is True
    assert fits(kind, (), "the/hosts-own") is True


def test_the_guides_models_come_first_and_the_others_by_name():
    catalogue = parsed(
        {
            "data": [
                entry("z/z", "audio"),
                entry("a/a", "audio", "video"),
                entry("b/text", "text"),
                entry("openai/gpt-4o", "audio"),
                entry("mistralai/voxtral-small-24b-2507", "audio"),
            ]
        }
    )
    assert models_for("audio", catalogue, ()) == (
        "mistralai/voxtral-small-24b-2507",
        "openai/gpt-4o",
        "a/a",
        "z/z",
    )
    assert models_for("video", catalogue, ()) == ("a/a",)


def test_the_hosts_list_picks_among_them():
    allowed = ("openai/gpt-4o", "a/hidden")
    assert models_for("audio", (), allowed) == ("openai/gpt-4o",)


def test_the_hosts_list_stands_alone_where_nothing_else_fits():
    assert models_for("audio", (), ("a/hidden",)) == ("a/hidden",)


SAME = {
    "the same": ("openai/gpt-4o", "openai/gpt-4o"),
    "no id": ("openai/gpt-4o", None),
    "capitals": ("openai/gpt-4o", "OpenAI/GPT-4o"),
    "without its maker": ("openai/gpt-4o", "gpt-4o"),
    "with its maker": ("gpt-4o", "openai/gpt-4o"),
    "by way of a router": ("openrouter/openai/gpt-4o", "openai/gpt-4o"),
    "a snapshot": ("gpt-4o", "gpt-4o-2024-08-06"),
    "a snapshot, and its maker": ("openai/gpt-4o", "gpt-4o-2024-08-06"),
    "a snapshot in eight digits": (
        "anthropic/claude-sonnet-4",
        "anthropic/claude-sonnet-4-20250514",
    ),
    "a snapshot in four digits": ("gpt-4", "gpt-4-0613"),
    "a stable version": ("google/gemini-2.5-flash", "gemini-2.5-flash-001"),
    "the latest": ("mistral-small", "mistral-small-latest"),
    "without the snapshot": ("mistralai/voxtral-small-24b-2507", "voxtral-small-24b"),
    "free": ("a/b:free", "a/b"),
    "not said to be free": ("a/b", "a/b:free"),
    "a snapshot, free": ("a/b:free", "a/b-20250514:free"),
    "by its full id": ("anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-sonnet-20250929"),
}
OTHER_MODELS = {
    "another": ("google/gemini-2.5-flash", "google/gemini-3-flash"),
    "a smaller one": ("openai/gpt-4o", "openai/gpt-4o-mini"),
    "another size": ("gemma3:27b", "gemma3:4b"),
    "a preview": ("google/gemini-2.5-flash", "google/gemini-2.5-flash-preview-05-20"),
    "another snapshot": ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
    "another version": ("gpt-4", "gpt-4.1"),
    "another maker": ("openai/gpt-4o", "fake/gpt-4o"),
    "what a router chose": ("openrouter/auto", "openai/gpt-4o"),
    "an alias": ("heard", "offline/whisper-base"),
}
SLUGS = parsed(
    {
        "data": [
            {
                "id": "anthropic/claude-sonnet-4.5",
                "canonical_slug": "anthropic/claude-4.5-sonnet-20250929",
            }
        ]
    }
)


@pytest.mark.parametrize(("asked", "told"), SAME.values(), ids=SAME)
def test_an_id_that_differs_in_what_does_no_harm_is_of_the_same_model(asked, told):
    assert not is_another(asked, told, SLUGS)


@pytest.mark.parametrize(("asked", "told"), OTHER_MODELS.values(), ids=OTHER_MODELS)
def test_any_other_id_is_of_another_model(asked, told):
    assert is_another(asked, told, SLUGS)


ONE, OTHER = (Model("a/b", "B", None),), (Model("c/d", "D", None),)


class Api:
    """An API that gives its models when the test says so, and a clock."""

    def __init__(self):
        self.asked = 0
        self.now_s = 1000.0
        self._answers = asyncio.Queue()
        self.catalogue = Catalogue(self._models, clock=lambda: self.now_s)

    async def _models(self):
        self.asked += 1
        return await self._answers.get()

    def give(self, *models):
        self._answers.put_nowait(models)

    async def known(self):
        """What there is without waiting for the API."""
        async with asyncio.timeout(0.05):
            return await self.catalogue.known()

    async def first(self):
        """The first list, ``ONE``."""
        self.give(*ONE)
        return await self.catalogue.known()

    async def replaced(self):
        """Once the fetch that is under way is over."""
        await asyncio.gather(self.catalogue._fetching)


async def settled():
    """Every task has come to where it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.anyio
async def test_nothing_is_asked_for_before_someone_wants_to_know():
    api = Api()
    await settled()
    assert (api.asked, api.catalogue.now) == (0, ())


@pytest.mark.anyio
async def test_any_number_who_want_to_know_at_the_same_time_ask_once():
    api = Api()
    waiting = [asyncio.create_task(api.catalogue.known()) for _ in range(20)]
    await settled()
    assert not any(task.done() for task in waiting)
    api.give(*ONE)
    assert await asyncio.gather(*waiting) == [ONE] * 20
    assert api.asked == 1


@pytest.mark.anyio
async def test_what_is_known_may_be_had_at_once():
    api = Api()
    await api.first()
    assert api.catalogue.now == ONE


@pytest.mark.anyio
@pytest.mark.parametrize(("later_s", "asked"), [(599, 1), (600, 2)])
async def test_a_list_is_believed_for_ten_minutes(later_s, asked):
    api = Api()
    await api.first()
    api.now_s += later_s
    await api.known()
    await settled()
    assert api.asked == asked


@pytest.mark.anyio
async def test_an_old_list_is_good_until_the_new_one_is_here():
    api = Api()
    await api.first()
    api.now_s += 600
    assert [await api.known() for _ in range(3)] == [ONE] * 3
    api.give(*OTHER)
    await api.replaced()
    assert (await api.known(), api.asked) == (OTHER, 2)


@pytest.mark.anyio
async def test_an_old_list_is_better_than_none():
    api = Api()
    await api.first()
    api.now_s += 600
    await api.known()
    api.give()
    await api.replaced()
    assert await api.known() == ONE


@pytest.mark.anyio
@pytest.mark.parametrize(("later_s", "asked"), [(59, 1), (60, 2)])
async def test_the_lack_of_a_list_is_believed_for_a_minute_and_nobody_waits_again(later_s, asked):
    api = Api()
    api.give()
    assert await api.catalogue.known() == ()
    api.now_s += later_s
    assert await api.known() == ()
    await settled()
    assert api.asked == asked


@pytest.mark.anyio
async def test_a_list_that_comes_after_all_is_taken():
    api = Api()
    api.give()
    await api.catalogue.known()
    api.now_s += 60
    await api.known()
    api.give(*ONE)
    await api.replaced()
    assert await api.known() == ONE


@pytest.mark.anyio
async def test_who_gives_up_waiting_takes_the_list_from_nobody():
    api = Api()
    impatient = asyncio.create_task(api.catalogue.known())
    patient = asyncio.create_task(api.catalogue.known())
    await settled()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    api.give(*ONE)
    assert await patient == ONE
    assert api.asked == 1


PRICED = {"prompt": "0.0000003", "completion": "0.0000025", "audio": "0.000001"}


@pytest.mark.parametrize(
    ("pricing", "prices"),
    [
        (PRICED, Prices(3e-7, 2.5e-6, 1e-6)),
        ({"prompt": "0", "completion": "0"}, Prices(0, 0)),
        ({"prompt": 1e-6, "completion": 2}, Prices(1e-6, 2)),
        (PRICED | {"audio": "a lot"}, Prices(3e-7, 2.5e-6)),
        (PRICED | {"prompt": "-1"}, None),
        (PRICED | {"completion": "nan"}, None),
        (PRICED | {"completion": True}, None),
        (PRICED | {"completion": 10**400}, None),
        ({"audio": "1"}, None),
        (None, None),
        ("free", None),
    ],
)
def test_the_prices_are_those_of_a_token(pricing, prices):
    (model,) = parsed({"data": [{"id": "a/b", "pricing": pricing}]})
    assert model.prices == prices


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("2026-12-01T00:00:00Z", date(2026, 12, 1)),
        ("soon", None),
        (20261201, None),
        (None, None),
    ],
)
def test_the_day_on_which_a_model_ends_is_known(told, ends):
    (model,) = parsed({"data": [{"id": "a/b", "expiration_date": told}]})
    assert model.ends == ends


def test_what_a_model_may_be_told_is_known():
    one, other = parsed(
        {"data": [{"id": "a/b", "supported_parameters": ["temperature", 1]}, {"id": "c/d"}]}
    )
    assert (one.parameters, other.parameters) == ({"temperature"}, None)


@pytest.mark.parametrize(
    ("listed", "taken"),
    [
        (None, ["temperature", "max_tokens", "reasoning_effort", "json_schema"]),
        ("temperature", ["temperature", "max_tokens", "reasoning_effort", "json_schema"]),
        (["structured_outputs"], ["json_schema"]),
        (["response_format"], []),
        ([], []),
        (["stream", "tools"], []),
        (["temperature", "max_completion_tokens"], ["temperature", "max_tokens"]),
        (["reasoning"], ["reasoning_effort"]),
        (["reasoning_effort", 7, None], ["reasoning_effort"]),
    ],
    ids=str,
)
def test_a_model_takes_the_options_that_are_listed_and_all_where_none_are(listed, taken):
    (model,) = parsed({"data": [{"id": "a/b", "supported_parameters": listed}]})
    assert model.options == {"system_prompt", *taken}


@pytest.mark.parametrize(
    ("listed", "speaks"),
    [
        ({}, False),
        ({"architecture": {"output_modalities": ["text"]}}, False),
        ({"architecture": {"output_modalities": ["text", "audio"]}}, True),
        ({"architecture": {"output_modalities": ["audio"]}, "supported_parameters": []}, True),
    ],
    ids=["unknown", "text", "both", "no parameters"],
)
def test_only_a_model_that_gives_audio_has_a_voice(listed, speaks):
    (model,) = parsed({"data": [{"id": "a/b", **listed}]})
    assert ("voice" in model.options) is speaks


@pytest.mark.parametrize(
    ("listed", "voices"),
    [
        (None, None),
        ([], None),
        ("alloy", None),
        (["ash", "alloy", "ash", 7, "", "x" * 65], ("ash", "alloy")),
        ([str(number) for number in range(500)], tuple(str(number) for number in range(200))),
    ],
    ids=["none", "empty", "a string", "some", "endless"],
)
def test_voices_are_those_that_are_listed(listed, voices):
    (model,) = parsed({"data": [{"id": "a/b", "supported_voices": listed}]})
    assert model.voices == voices
