"""What the presses about many files do, where no browser is needed to see it."""

import pytest

from components.batch.handlers import most_of
from services.errors import BadLimit
from tests.components.pages import visitor

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("told", "most"),
    [(None, None), ("", None), ("  ", None), ("0.5", 0.5), ("0,5", 0.5), (" $2 ", 2.0)],
)
def test_a_limit_is_read_as_people_write_it(told, most):
    assert most_of(told) == most


@pytest.mark.parametrize("told", ["much", "0", "-1", "nan", "inf", "1.2.3"])
def test_what_is_no_amount_of_money_is_refused(told):
    with pytest.raises(BadLimit):
        most_of(told)


@pytest.mark.parametrize(
    ("files", "is_awake", "words"),
    [
        (None, False, "Ask about all files"),
        (["/a", "/b"], True, "Ask about all files (2)"),
    ],
)
async def test_the_press_says_of_how_many_it_is(page, files, is_awake, words):
    (listener,) = page.listeners("files_given")
    (updates,) = (await listener.fn(files, visitor())).values()
    assert (updates["interactive"], updates["value"]) == (is_awake, words)


async def test_a_batch_that_is_gone_is_forgotten_by_the_browser(page):
    (listener,) = page.listeners("found_again")
    every = [one async for one in listener.fn("of yesterday", visitor())]
    last = {block.elem_id: value for block, value in every[-1].items()}
    assert last["many-token"] == ""
    assert 'data-error="BatchGone"' in last["many-outcome"]
    assert last["many-given"]["visible"]


async def test_who_has_none_is_shown_none(page):
    (listener,) = page.listeners("found_again")
    (only,) = [one async for one in listener.fn("", visitor())]
    assert [block.elem_id for block in only] == ["many-token"]


async def test_who_does_not_want_it_deletes_nothing(page):
    (listener,) = page.listeners("deleted")
    updates = await listener.fn("")
    assert [block.elem_id for block in updates] == ["many-token"]
