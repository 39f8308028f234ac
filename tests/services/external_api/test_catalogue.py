"""Which models there are to choose from."""

import pytest

from services.external_api.catalogue import GUIDE_MODELS, Model, models_for, parsed


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


def test_without_modalities_the_guides_models_stand():
    catalogue = parsed({"data": [{"id": "a/b"}]})
    assert models_for("audio", catalogue, ()) == GUIDE_MODELS["audio"]


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
