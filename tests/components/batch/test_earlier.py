"""A visitor's batches besides the one that is shown can be come back to."""

import json

import pytest

from services.errors import BatchElsewhere, BatchGone
from tests.components.batch.batches import ANSWERED, UNSENT, batch_of
from tests.components.pages import visitor

pytestmark = pytest.mark.anyio

LONG = "one.mp3 with a name that is so very long that nobody reads it to its end.mp3"


@pytest.fixture
def there(page, monkeypatch):
    """The batches that there are, by their tokens; an error is raised."""
    found = {}

    async def get(token):
        batch = found.get(token, BatchGone())
        if isinstance(batch, Exception):
            raise batch
        return batch

    monkeypatch.setattr(page.batches, "get", get)
    return found


async def told(page, known, token="", language="en"):
    (listener,) = page.listeners("earlier_told")
    (update,) = (await listener.fn(known, token, visitor(language))).values()
    return update


async def test_each_is_told_by_its_first_file_and_how_far_it_is(page, there):
    there |= {"a": batch_of(ANSWERED, UNSENT), "b": batch_of(UNSENT)}
    update = await told(page, json.dumps(["a", "b"]))
    assert update["visible"]
    assert update["value"] is None
    assert update["choices"] == [("a.mp3 (2): 1 answered", "a"), ("e.mp3 (1): 0 answered", "b")]


async def test_in_russian_as_well(page, there):
    there["a"] = batch_of(ANSWERED, UNSENT)
    update = await told(page, json.dumps(["a"]), language="ru")
    assert update["choices"] == [("a.mp3 (2): с ответом 1", "a")]


async def test_the_one_that_is_shown_is_not_among_them(page, there):
    there |= {"a": batch_of(ANSWERED), "b": batch_of(UNSENT)}
    update = await told(page, json.dumps(["a", "b"]), token="a")
    assert [token for _, token in update["choices"]] == ["b"]


@pytest.mark.parametrize("error", [BatchGone, BatchElsewhere])
async def test_what_cannot_be_had_is_not_offered(page, there, error):
    there |= {"a": error(), "b": batch_of(UNSENT)}
    update = await told(page, json.dumps(["a", "b"]))
    assert [token for _, token in update["choices"]] == ["b"]


async def test_a_long_name_is_cut(page, there):
    there["a"] = batch_of(ANSWERED.__class__(0, LONG, 10))
    ((words, _),) = (await told(page, json.dumps(["a"])))["choices"]
    assert words == "one.mp3 with a name that is so very long… (1): 0 answered"


@pytest.mark.parametrize("known", ["", "[]", "no JSON", "[1]", '{"a": 1}', '["gone"]'], ids=ascii)
async def test_without_any_nothing_is_shown(page, there, known):
    update = await told(page, known)
    assert (update["visible"], update["value"]) == (False, "")


async def test_a_browser_that_names_very_many_is_answered_for_some(page, there):
    asked = [str(number) for number in range(1000)]
    there |= {one: batch_of(UNSENT) for one in asked}
    assert len((await told(page, json.dumps(asked)))["choices"]) == 12
