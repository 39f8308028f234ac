"""The endpoints that programs call, against the built-in offline API."""

import json

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.clips import SENTENCES, clip


@pytest.fixture(scope="module")
def client(offline_app):
    client = Client(offline_app.url, verbose=False)
    yield client
    client.close()


def test_ask_audio_answers_with_content_and_report(client):
    content, report = client.predict(audio=handle_file(clip("party.mp3")), api_name="/ask_audio")
    assert SENTENCES["party.mp3"] in content
    assert report["request"]["part"] == "input_audio"
    assert report["request"]["format"] == "mp3"
    assert report["request"]["file_bytes"] == clip("party.mp3").stat().st_size
    assert report["finish_reason"] == "stop"
    assert set(report["timings_ms"]) == {
        "prepare",
        "connect",
        "upload",
        "wait",
        "stream",
        "total",
        "server",
    }


def test_ask_video_takes_prompt_model_and_key(client):
    content, report = client.predict(
        video=handle_file(clip("cuts.mp4")),
        prompt="Опиши",
        model="openai/gpt-4o",
        api_key="ak_mine",
        api_name="/ask_video",
    )
    assert SENTENCES["cuts.mp4"] in content
    assert "Планов: 3" in content
    assert report["request"]["mime"] == "video/mp4"


def test_a_failure_is_a_sentence(client, tmp_path):
    text = tmp_path / "notes.mp3"
    text.write_text("just words")
    with pytest.raises(AppError, match="not a sound or video file"):
        client.predict(audio=handle_file(text), api_name="/ask_audio")


def test_a_path_of_the_server_is_not_taken_for_an_upload(offline_app):
    secret = offline_app.log.with_name("secret.wav")
    secret.write_bytes(clip("party.mp3").read_bytes())
    config = httpx.get(f"{offline_app.url}/config", trust_env=False).json()
    endpoint = next(one["id"] for one in config["dependencies"] if one["api_name"] == "ask_audio")
    meta = {"_type": "gradio.FileData"}
    said = httpx.post(
        f"{offline_app.url}/gradio_api/queue/join",
        json={
            "data": [{"path": str(secret), "meta": meta}, "", "", ""],
            "fn_index": endpoint,
            "session_hash": "stranger",
        },
        trust_env=False,
    )
    events = []
    if said.is_success:
        url = f"{offline_app.url}/gradio_api/queue/data?session_hash=stranger"
        with httpx.stream("GET", url, timeout=30, trust_env=False) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    events.append(json.loads(line.removeprefix("data:")))
                if events and events[-1]["msg"] in ("process_completed", "close_stream"):
                    break
    assert not any(event.get("success") for event in events)


def test_only_the_two_endpoints_are_public(client):
    info = client.view_api(return_format="dict", print_info=False)
    assert set(info["named_endpoints"]) == {"/ask_audio", "/ask_video"}
    assert info["unnamed_endpoints"] == {}
