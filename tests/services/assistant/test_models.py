"""What the API says of its models, and what its answers teach, is what an estimate is made of."""

import json
from dataclasses import replace

import pytest

from services.assistant import Ask, Hears, LocalFile, Options, VideoLink
from services.assistant.cost import Costs
from tests import making
from tests.capture import assistant_at, capturing, completion, http, nobody

pytestmark = pytest.mark.anyio

PRICED = {"id": "maker/ears", "pricing": {"prompt": "0.001", "completion": "0"}}
USAGE = {"prompt_tokens": 50, "cost": 0.05, "prompt_tokens_details": {"audio_tokens": 40}}


async def test_an_estimate_is_made_once_an_answer_has_told_the_models_rate(workshop, tmp_path):
    wav = making.write_sound(
        tmp_path / "tone.wav", making.tone(2.0), container="wav", codec="pcm_s16le"
    )
    ask = Ask(LocalFile(wav), "12345678", "maker/ears")
    answer = http(completion("Hi", usage=USAGE), "application/json")
    async with capturing(answer) as server, assistant_at(server.base_url, workshop) as assistant:
        server.catalogue = http(json.dumps({"data": [PRICED]}), "application/json")
        before = await assistant.forecast(ask, tell=nobody)
        reports = [await assistant.run(ask, nobody) for _ in range(2)]
        after = await assistant.forecast(ask, tell=nobody)
    assert before.costs is None
    assert after.costs == Costs(
        pytest.approx(0.04 + 8 / 4.5 / 1000), pytest.approx(0.04 + 8 / 2 / 1000)
    )
    assert [one.expected for one in reports] == [None, after.costs]


async def test_the_host_names_the_models_that_its_key_is_for(workshop):
    async with (
        capturing(http("{}", "application/json", 404)) as server,
        assistant_at(server.base_url, workshop, EXTERNAL_API_MODELS="a/b") as assistant,
    ):
        assert await assistant.models.all("audio") == ("a/b",)
        assert assistant.models.is_listed("a/b")
        assert not assistant.models.is_listed("c/d")


async def test_what_a_test_has_shown_is_remembered_of_models_that_there_are(workshop):
    async with (
        capturing(http("{}", "application/json", 404)) as server,
        assistant_at(server.base_url, workshop, EXTERNAL_API_MODELS="a/b") as assistant,
    ):
        for model in ("a/b", "c/d"):
            assistant.models.note(model, Hears(8, 9))
        told = [assistant.models.hears(model) for model in ("a/b", "c/d")]
    assert told == [Hears(8, 9), None]


# --- what a model does not take ---------------------------------------------

PLAIN = {"id": "maker/plain", "supported_parameters": ["max_tokens"]}
OPTIONS = Options("Be brief.", temperature=0.5, max_tokens=7, reasoning_effort="low")
LINK = VideoLink("https://v.example/1")


async def _sent(workshop, ask, *, listed=True, **environ):
    """The body of what is sent for ``ask``, and the report."""
    answer = http(completion("Hi"), "application/json")
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop, **environ) as assistant,
    ):
        if listed:
            server.catalogue = http(json.dumps({"data": [PLAIN]}), "application/json")
        report = await assistant.run(ask, nobody)
    (request,) = [one for one in server.requests if "completions" in one.line]
    return request.json(), report


async def test_what_the_model_does_not_list_is_not_sent_and_told(workshop):
    sent, report = await _sent(workshop, Ask(LINK, "What?", "maker/plain", OPTIONS))
    assert sent["max_tokens"] == 7
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert {"temperature", "reasoning"}.isdisjoint(sent)
    assert report.options == Options("Be brief.", max_tokens=7)
    assert report.left_out == ("reasoning_effort", "temperature")


@pytest.mark.parametrize(
    ("model", "listed"),
    [("maker/plain", False), ("maker/typed", True)],
    ids=["no list", "not listed"],
)
async def test_of_a_model_of_which_nothing_is_said_all_is_sent(workshop, model, listed):
    sent, report = await _sent(workshop, Ask(LINK, "What?", model, OPTIONS), listed=listed)
    assert (sent["temperature"], sent["reasoning"]) == (0.5, {"effort": "low"})
    assert (report.options, report.left_out) == (OPTIONS, ())


async def test_what_a_spoken_answer_costs_nobody_can_tell(workshop):
    speaks = {
        "id": "maker/speaks",
        "pricing": {"prompt": "0", "completion": "0"},
        "architecture": {"output_modalities": ["audio"]},
    }
    async with (
        capturing(http("{}", "application/json")) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        server.catalogue = http(json.dumps({"data": [speaks]}), "application/json")
        await assistant.models.all("audio")
        ask = Ask(LINK, "What?", "maker/speaks")
        told = [
            assistant.models.costs(replace(ask, options=options), "audio", 2.0)
            for options in (Options(), Options(voice="alloy"))
        ]
    assert told == [Costs(0.0, 0.0), None]


async def test_the_hosts_limit_of_tokens_is_sent_to_every_model(workshop):
    nothing = {**PLAIN, "supported_parameters": []}
    answer = http(completion("Hi"), "application/json")
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop, MAX_TOKENS_LIMIT="100") as assistant,
    ):
        server.catalogue = http(json.dumps({"data": [nothing]}), "application/json")
        options = Options(max_tokens=7)
        report = await assistant.run(Ask(LINK, "What?", "maker/plain", options), nobody)
    (request,) = [one for one in server.requests if "completions" in one.line]
    assert request.json()["max_tokens"] == 100
    assert report.left_out == ("max_tokens",)
