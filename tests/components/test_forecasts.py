"""What will be sent, and what it may cost, is said before it is."""

from dataclasses import replace

import pytest

from components.texts import Texts
from services import errors
from services.assistant import Costs
from tests.components.pages import SMALL
from tests.components.test_runs import COMPARED

pytestmark = pytest.mark.anyio

EN = Texts("en")
LONG = replace(SMALL, can_be_cut=True)


async def test_what_will_be_sent_is_said(page, assistant):
    assistant.forecasts = [SMALL]
    *_, last = await page.updates("forecast", record="/tmp/a.wav")
    assert 'data-plan="none"' in last["plan"]
    assert "as it is" in last["sending"]
    assert last["found"] == "audio /tmp/a.wav"


async def test_the_choices_there_are_depend_on_the_file_and_not_on_what_is_chosen(page, assistant):
    assistant.forecasts = [LONG, SMALL]
    given = {"record": "/tmp/a.wav", "fitted": "/tmp/a.wav", "fit": "pieces"}
    *_, last = await page.updates("forecast", **given)
    assert [ask.in_pieces for ask in assistant.foretold] == [False, True]
    assert "pieces" in [value for _, value in last["fit"]["choices"]]
    assert "value" not in last["fit"]


@pytest.mark.parametrize(
    ("costs", "words"),
    [(Costs(0.001, 0.002), "Ask\u00a09×\n≤\u00a0$0.018"), (None, "Ask\u00a09×")],
    ids=["known", "unknown"],
)
async def test_ask_says_how_many_calls_it_makes_and_what_all_may_cost(
    page, assistant, costs, words
):
    assistant.forecasts = [replace(SMALL, costs=costs)]
    *_, last = await page.updates("forecast", repeats=3, **COMPARED)
    assert last["ask"]["value"] == words


async def test_ask_says_of_one_call_what_it_always_says(page, assistant):
    assistant.forecasts = [replace(SMALL, costs=Costs(0.001, 0.002))]
    *_, last = await page.updates("forecast", record="/tmp/a.wav", model="a/one")
    assert last["ask"]["value"] == EN("ask.button")


async def test_of_a_link_nothing_is_foretold(page, assistant):
    assistant.forecasts = [None]
    *_, last = await page.updates("forecast", source="video", video_url="https://v.example/1")
    assert last["plan"] == ""


@pytest.mark.parametrize(
    ("error", "name"),
    [(errors.NotMedia(), "NotMedia"), (KeyError("ak_canary"), "AppFailed")],
    ids=["the file's fault", "a bug"],
)
async def test_whatever_goes_wrong_the_page_stops_looking_at_the_file(
    page, assistant, error, name, caplog
):
    assistant.forecasts = [error]
    *_, last = await page.updates("forecast", record="/tmp/a.wav")
    assert f'data-error="{name}"' in last["plan"]
    assert "canary" not in f"{last} {caplog.text}"
