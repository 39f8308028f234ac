"""What the offline API tells of its answers afterwards."""

import httpx
import openrouter
import pytest

from services.offline_api.answers import Tally
from services.offline_api.contract import Refusal
from services.offline_api.generations import Generations, told_of
from tests.clips import clip
from tests.services.offline_api.asking import HEADERS, audio, events, post, request, text, video

PARTY = clip("party.mp3").read_bytes()


def ask(url, part, **more):
    """The id of an answer about ``part``."""
    response = post(url, request(text("What is said?"), part, **more))
    if more.get("stream"):
        return next(one["id"] for one in events(response.text) if isinstance(one, dict))
    return response.json()["id"]


def generation(url, id_, key="ak_test"):
    return httpx.get(
        f"{url}/generation",
        params={"id": id_},
        headers={"Authorization": f"Bearer {key}"},
        trust_env=False,
    )


@pytest.mark.parametrize("stream", [True, False])
def test_a_sound_is_one_sound_whose_tokens_were_counted(offline_url, stream):
    id_ = ask(offline_url, audio(PARTY, "mp3"), stream=stream)
    told = generation(offline_url, id_).json()["data"]
    assert (told["id"], told["api_type"], told["streamed"]) == (id_, "completions", stream)
    assert (told["num_input_audio_prompt"], told["num_media_prompt"]) == (1, 0)
    assert told["native_tokens_prompt"] > 300
    assert (told["total_cost"], told["provider_name"]) == (0, "offline")


def test_a_film_is_media(offline_url):
    id_ = ask(offline_url, video(clip("cuts.mp4").read_bytes()))
    told = generation(offline_url, id_).json()["data"]
    assert (told["num_input_audio_prompt"], told["num_media_prompt"]) == (0, 1)


def test_a_transcription_is_named_by_a_header(offline_url):
    response = httpx.post(
        f"{offline_url}/audio/transcriptions",
        json={"model": "openai/gpt-4o", "input_audio": audio(PARTY, "mp3")["input_audio"]},
        headers=HEADERS,
        timeout=60,
        trust_env=False,
    )
    told = generation(offline_url, response.headers["X-Generation-Id"]).json()["data"]
    assert (told["api_type"], told["num_input_audio_prompt"]) == ("stt", 1)
    assert told["native_tokens_completion"] == len(response.json()["text"].split())


@pytest.mark.parametrize("id_", ["", "gen-of-nobody", "x" * 5000])
def test_what_is_not_known_is_404(offline_url, id_):
    response = generation(offline_url, id_)
    assert response.status_code == 404
    assert "Generation" in response.json()["error"]["message"]


def test_a_strangers_key_is_told_nothing(offline_url):
    id_ = ask(offline_url, audio(PARTY, "mp3"))
    assert generation(offline_url, id_, "ak_stranger").status_code == 404
    assert generation(offline_url, id_, "no_key").status_code == 401


def test_openrouter_reads_it(offline_url, http):
    id_ = ask(offline_url, audio(PARTY, "mp3"))
    with openrouter.OpenRouter(api_key="ak_test", server_url=offline_url, client=http) as sdk:
        told = sdk.generations.get_generation(id=id_)
    assert (told.data.id, told.data.num_input_audio_prompt) == (id_, 1)


@pytest.mark.parametrize(
    ("part", "media"),
    [
        (audio(PARTY, "mp3"), audio(PARTY, "mp3")),
        (video(clip("cuts.mp4").read_bytes()), video(clip("cuts.mp4").read_bytes())),
    ],
    ids=["a sound", "a film"],
)
def test_what_was_understood_is_told_first_where_that_is_wanted(offline_url, part, media):
    wanted = {"stream": True, "debug": {"echo_upstream_body": True}}
    found = events(post(offline_url, request(text("What?"), part, **wanted)).text)
    _, first, second = found[:3]
    body = first["debug"]["echo_upstream_body"]
    assert body["messages"] == [{"role": "user", "content": [text("What?"), media]}]
    assert first["choices"] == []
    assert "debug" not in second


def test_of_many_answers_the_latest_are_known():
    kept = Generations()
    for number in range(1200):
        told = told_of(str(number), "audio", Tally(), 1, api_type="completions", is_streamed=False)
        kept.note("Bearer ak_a", told)
    assert kept.found("Bearer ak_a", "1199")["data"]["id"] == "1199"
    with pytest.raises(Refusal):
        kept.found("Bearer ak_a", "100")
    assert "ak_a" not in repr(vars(kept))
