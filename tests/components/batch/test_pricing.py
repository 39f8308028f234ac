"""What many files may cost is told as they are looked at, and never over newer ones."""

import asyncio
from dataclasses import replace

import gradio as gr
import pytest

from services.assistant import Costs
from tests.components.pages import SMALL, visitor

pytestmark = pytest.mark.anyio


async def prices(page, files, **fields):
    """What is shown one after the other of what ``files`` may cost."""
    (listener,) = page.listeners("priced")
    values = page.values(**fields)
    (fold,) = (one for one in listener.inputs if one.elem_id == "many-files")
    given = listener.fn(values | {fold: files}, visitor())
    return [next(iter(updates.values())) async for updates in given]


async def test_what_files_may_cost_is_summed_up_for_the_model_that_is_chosen(
    page, assistant, tmp_path
):
    files = [tmp_path / one for one in ("a.mp3", "b.mp3")]
    for path in files:
        path.write_bytes(b"sound")
    assistant.forecasts = [replace(SMALL, costs=Costs(0.001, 0.002))]
    *_, last = await prices(page, [str(one) for one in files], model="maker/both")
    assert "≈ 0.002–0.004 USD" in last
    assert [(ask.model, ask.media.path) for ask in assistant.foretold] == [
        ("maker/both", path) for path in files
    ]


async def test_without_files_nothing_is_said_of_a_price(page, assistant):
    assert await prices(page, None) == [""]
    assert assistant.foretold == []


async def test_what_other_files_may_cost_is_not_shown_over_what_these_may(
    page, assistant, tmp_path, monkeypatch
):
    path = tmp_path / "a.mp3"
    path.write_bytes(b"sound")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(ask, **_):
        if ask.model == "maker/both":
            begun.set()
            await go_on.wait()
            return replace(SMALL, costs=Costs(5.0, 6.0))
        return replace(SMALL, costs=Costs(1.0, 2.0))

    monkeypatch.setattr(assistant, "forecast", slow)
    first = asyncio.create_task(prices(page, [str(path)], model="maker/both"))
    await begun.wait()
    *_, newer = await prices(page, [str(path)], model="maker/audio")
    go_on.set()
    assert "≈ 1–2 USD" in newer
    assert await first == [gr.skip()]
