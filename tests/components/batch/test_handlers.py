"""What the presses about many files do, where no browser is needed to see it."""

import gradio as gr
import pytest

from components.batch.handlers import most_of
from services.errors import BadLimit, BatchElsewhere, BatchesAway
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


@pytest.mark.parametrize("error", [BatchElsewhere, BatchesAway])
async def test_one_that_is_only_out_of_reach_stays_the_visitors(page, monkeypatch, error):
    async def refuse(*_):
        raise error
        yield

    monkeypatch.setattr(page.batches, "watch", refuse)
    (listener,) = page.listeners("found_again")
    every = [one async for one in listener.fn("of today", visitor())]
    last = {block.elem_id: value for block, value in every[-1].items()}
    assert last["many-token"] == "of today"
    assert f'data-error="{error.__name__}"' in last["many-outcome"]


async def test_one_that_cannot_be_deleted_now_stays_and_says_why(page, monkeypatch):
    async def refuse(_):
        raise BatchElsewhere

    monkeypatch.setattr(page.batches, "delete", refuse)
    (listener,) = page.listeners("deleted")
    updates = {block.elem_id: one for block, one in (await listener.fn("t", visitor())).items()}
    assert updates["many-token"] == gr.skip()
    assert 'data-error="BatchElsewhere"' in updates["many-outcome"]


async def test_who_has_none_is_shown_none(page):
    (listener,) = page.listeners("found_again")
    (only,) = [one async for one in listener.fn("", visitor())]
    assert [block.elem_id for block in only] == ["many-token"]


async def test_who_does_not_want_it_deletes_nothing(page):
    (listener,) = page.listeners("deleted")
    updates = await listener.fn("", visitor())
    assert [block.elem_id for block in updates] == ["many-token"]
