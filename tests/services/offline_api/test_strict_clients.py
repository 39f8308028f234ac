"""SDKs that refuse an answer of another shape than OpenRouter's and OpenAI's."""

import asyncio

import httpx
import openai
import openrouter
import pytest
from openrouter.errors import BadRequestResponseError

from services import errors
from services.offline_api.answers import Answers
from services.offline_api.jobs import Heard
from services.offline_api.server import application, served
from tests.clips import SENTENCES, clip
from tests.services.offline_api.asking import A_MOMENT, audio, text, words

MODEL = "offline/rough-ears-and-eyes"
ABOUT = text("What is said?")
ASKED = {
    "model": MODEL,
    "messages": [
        {"role": "user", "content": [ABOUT, audio(clip("party.mp3").read_bytes(), "mp3")]}
    ],
}
UNKNOWN = ASKED | {"model": "openai/gpt-2"}


def openrouter_at(url, http):
    return openrouter.OpenRouter(api_key="ak_test", server_url=url, client=http)


@pytest.fixture
def openrouter_sdk(offline_url, http):
    return openrouter_at(offline_url, http)


def test_openai_gets_a_whole_answer(openai_sdk):
    answer = openai_sdk.chat.completions.create(**ASKED)

    assert words(answer.choices[0].message.content) == f"{SENTENCES['party.mp3']}."
    assert answer.usage.prompt_tokens_details.audio_tokens > 0


def test_openai_gets_a_stream(openai_sdk):
    with openai_sdk.chat.completions.stream(**ASKED) as stream:
        answer = stream.get_final_completion()

    assert words(answer.choices[0].message.content) == f"{SENTENCES['party.mp3']}."
    assert answer.usage.prompt_tokens_details.audio_tokens > 0


def test_openai_lists_the_models(openai_sdk):
    assert [model.id for model in openai_sdk.models.list()] == [MODEL]


def test_openai_finds_the_model(openai_sdk):
    assert openai_sdk.models.retrieve(MODEL).owned_by == "offline"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_openai_reads_a_refusal(openai_sdk, stream):
    with pytest.raises(openai.BadRequestError, match="not a valid model ID"):
        openai_sdk.chat.completions.create(**UNKNOWN, stream=stream)


def test_openrouter_gets_a_whole_answer(openrouter_sdk):
    answer = openrouter_sdk.chat.send(**ASKED)

    assert words(answer.choices[0].message.content) == f"{SENTENCES['party.mp3']}."
    assert answer.usage.prompt_tokens_details.cached_tokens == 0


def test_openrouter_gets_a_stream(openrouter_sdk):
    with openrouter_sdk.chat.send(**ASKED, stream=True) as stream:
        *chunks, last = stream

    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert words(said) == f"{SENTENCES['party.mp3']}."
    assert last.usage.prompt_tokens_details.cached_tokens == 0


def test_openrouter_lists_the_models(openrouter_sdk):
    assert [model.id for model in openrouter_sdk.models.list().result.data] == [MODEL]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_openrouter_reads_a_refusal(openrouter_sdk, stream):
    with pytest.raises(BadRequestResponseError, match="not a valid model ID"):
        openrouter_sdk.chat.send(**UNKNOWN, stream=stream)


#: Longer than the clients of the tests below wait for a byte.
LONG_S = 3.0
HASTY = httpx.Timeout(30, read=2.0)
LIVELY = {"look_s": 0.1, "alive_s": 0.1}
MOMENT = ASKED | {"messages": [{"role": "user", "content": [ABOUT, audio(A_MOMENT, "pcm16")]}]}


class SlowEars:
    async def do(self, job, *, is_long, news):
        """Hear one word, late."""
        await asyncio.sleep(LONG_S)
        news(Heard("late", 0.0, 1.0, (), "en", is_doubtful=False))
        return True


class SlowEyes:
    async def do(self, job, *, is_long):
        """See late that there is nothing to be seen."""
        await asyncio.sleep(LONG_S)
        raise errors.UnreadableFile


@pytest.fixture
def hasty():
    with httpx.Client(trust_env=False, timeout=HASTY) as client:
        yield client


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_openrouter_waits_for_what_is_heard_late(workshop, hasty, stream):
    with served(application(Answers(workshop, SlowEars()), **LIVELY)) as url:
        answer = openrouter_at(url, hasty).chat.send(**MOMENT, stream=stream)
        if stream:
            said = "".join(chunk.choices[0].delta.content or "" for chunk in list(answer)[:-1])
        else:
            said = answer.choices[0].message.content

    assert words(said) == "late"


def test_openrouter_reads_a_refusal_that_comes_late(hasty):
    with (
        served(application(Answers(SlowEyes(), SlowEars()), **LIVELY)) as url,
        openrouter_at(url, hasty).chat.send(**MOMENT, stream=True) as stream,
    ):
        *_, last = stream

    assert last.error.code == 400
    assert last.error.message == "The data could not be decoded as pcm16."
    assert last.choices[0].finish_reason == "error"


def test_openai_reads_a_refusal_that_comes_late(hasty):
    with served(application(Answers(SlowEyes(), SlowEars()), **LIVELY)) as url:
        client = openai.OpenAI(base_url=url, api_key="ak_test", http_client=hasty, timeout=HASTY)
        with (
            pytest.raises(openai.APIError, match="could not be decoded as pcm16"),
            client.chat.completions.create(**MOMENT, stream=True) as stream,
        ):
            list(stream)
