"""The endpoints that programs call, against the built-in offline API."""

import json
import subprocess
import sys
import time

import httpx
import pytest
from gradio_client import Client, handle_file

from tests.browser.scripted_api import delta
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
    content, report = client.predict(audio=handle_file(text), api_name="/ask_audio")
    assert (content, report["error"]["class"]) == ("", "NotMedia")
    assert "not a sound or video file" in report["error"]["sentence"]


def test_a_model_of_blanks_is_the_recommended_one(client):
    sound = handle_file(clip("party.mp3"))
    _, report = client.predict(audio=sound, model="  ", api_name="/ask_audio")
    _, usual = client.predict(audio=sound, api_name="/ask_audio")
    assert report["asked_model"] == usual["asked_model"] != ""


# --- while the API is still speaking ----------------------------------------

FILM = {"video": handle_file(clip("cuts.mp4")), "api_name": "/ask_video"}


@pytest.fixture
def caller(scripted_app):
    client = Client(scripted_app.url, verbose=False)
    yield client
    client.close()


def says(api, *steps):
    """Have the API say words; a number is how long it then is silent at most, in seconds."""

    def payloads():
        for step in steps:
            if isinstance(step, int | float):
                api.over.wait(step)
                yield delta("")  # a client that is gone is noticed by writing
            else:
                yield delta(step) if isinstance(step, str) else step
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        yield "[DONE]"

    api.script = lambda handler: handler.stream(payloads())


def test_text_comes_as_it_is_said(caller, api):
    says(api, "Hello ", 60, "world")
    job = caller.submit(**FILM)
    assert tuple(next(iter(job))) == ("Hello ", None)
    assert not job.done()
    api.over.set()
    content, report = job.result(timeout=30)
    assert (content, report["error"]) == ("Hello world", None)
    assert all("Hello world".startswith(words) for words, _ in job.outputs())


def test_a_run_that_breaks_in_the_middle_gives_its_words_and_what_is_known(caller, api):
    error = {"error": {"code": 502, "message": "Provider fell asleep"}}
    says(api, "Hello ", error)
    content, report = caller.predict(**FILM)
    assert content == "Hello "
    assert report["error"]["class"] == "FailedAnswer"
    assert report["error"]["said"] == "Provider fell asleep"
    assert report["bill"] == {"answered": 0, "refused": 0, "open": 1}
    assert report["request"]["mime"] == "video/mp4"


def test_a_busy_api_tells_how_long_to_wait(caller, api):
    def busy(handler):
        body = b'{"error":{"code":429,"message":"Slow down"}}'
        handler.send_response(429)
        handler.send_header("Retry-After", "99")
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    api.script = busy
    _, report = caller.predict(**FILM)
    error = report["error"]
    assert (error["class"], error["said"], error["retry_after_s"]) == ("Busy", "Slow down", 99)
    assert report["bill"]["refused"] == 1


@pytest.mark.parametrize("begun", [True, False], ids=["amid words", "before the first"])
def test_cancelling_reaches_the_api(caller, api, begun):
    says(api, *["Hello "][:begun], *[0.1] * 300)
    job = caller.submit(**FILM)
    if begun:
        next(iter(job))
    else:
        until(lambda: api.requests)
    job.cancel()
    assert api.hung_up.wait(10)


def test_a_program_that_is_gone_reaches_the_api(scripted_app, api):
    says(api, "Hello ", *[0.1] * 300)
    program = (
        "import sys, time; from gradio_client import Client, handle_file as file;"
        "Client(sys.argv[1]).submit(video=file(sys.argv[2]), api_name='/ask_video');"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", program, scripted_app.url, str(clip("cuts.mp4"))]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        until(lambda: api.requests)
        running.kill()
    assert api.hung_up.wait(10)


def test_so_does_a_plain_connection_that_is_closed(scripted_app, api):
    says(api, *[0.1] * 300)
    with httpx.Client(base_url=f"{scripted_app.url}/gradio_api", trust_env=False) as plain:
        asked = {"data": [None, "", "", "", "https://v.example/1"] + [None] * 12}
        event = plain.post("call/ask_video", json=asked).json()["event_id"]
        with plain.stream("GET", f"call/ask_video/{event}") as stream:
            next(stream.iter_lines())
            until(lambda: api.requests)
    assert api.hung_up.wait(10)


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_path_of_the_server_is_not_taken_for_an_upload(offline_app):
    secret = offline_app.log.with_name("secret.wav")
    secret.write_bytes(clip("party.mp3").read_bytes())
    config = httpx.get(f"{offline_app.url}/config", trust_env=False).json()
    endpoint = next(one["id"] for one in config["dependencies"] if one["api_name"] == "ask_audio")
    meta = {"_type": "gradio.FileData"}
    said = httpx.post(
        f"{offline_app.url}/gradio_api/queue/join",
        json={
            "data": [{"path": str(secret), "meta": meta}, "", "", ""] + [None] * 15,
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


def test_only_these_endpoints_are_public(client):
    info = client.view_api(return_format="dict", print_info=False)
    assert set(info["named_endpoints"]) == {"/ask_audio", "/ask_video", "/ask_many"}
    assert info["unnamed_endpoints"] == {}
