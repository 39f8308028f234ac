"""The app as a process: how it starts, and how it ends."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.metadata import version

import httpx
import pytest
from gradio_client import Client, handle_file

import app as main
from services.errors import BatchesAway
from tests.browser.conftest import ROOT, running_app
from tests.browser.scripted_api import ScriptedApi, delta
from tests.clips import clip
from tests.free_port import free_port

#: Within this many seconds the app has to be gone.
END_S = 8


@pytest.fixture
def api():
    with ScriptedApi() as api:
        yield api


@pytest.fixture
def app(api, tmp_path):
    environ = {"EXTERNAL_API_BASE_URL": api.base_url, "EXTERNAL_API_KEY": api.key}
    with running_app(tmp_path, environ) as app:
        yield app


@contextlib.contextmanager
def open_pages(app, count=3):
    """Streams as an open page holds them: its heartbeat."""
    with contextlib.ExitStack() as pages:
        client = pages.enter_context(httpx.Client(trust_env=False, timeout=30))
        for number in range(count):
            url = f"{app.url}/gradio_api/heartbeat/page{number}"
            stream = pages.enter_context(client.stream("GET", url))
            next(stream.iter_bytes())
        yield


def says(api, *steps):
    """Have the API stream words, with pauses in seconds between them."""

    def payloads():
        for step in steps:
            if isinstance(step, int | float):
                api.over.wait(step)
            else:
                yield delta(step)
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        yield "[DONE]"

    api.script = lambda handler: handler.stream(payloads())


def asked(client):
    """A question of a program that is under way."""
    return client.submit(audio=handle_file(clip("party.mp3")), api_name="/ask_audio")


def wait_for_a_request(api):
    until(lambda: api.requests)


def ended_after(app, number):
    """Seconds until the app has ended after the signal."""
    began = time.monotonic()
    app.process.send_signal(number)
    app.process.wait(timeout=60)
    return time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_time_with_open_pages_and_leaves_nothing_behind(app, tmp_path, number):
    with open_pages(app):
        assert ended_after(app, number) <= END_S
    assert app.process.returncode == 0
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [app.log]
    assert "Traceback" not in app.log.read_text()


def refused(tmp_path, environ, before="pass"):
    """What ``python app.py`` says when it ends at once."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {before}; import app; app.main()"],
        check=False,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)} | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert list(tmp_path.iterdir()) == []
    return done.stderr


def test_a_port_that_is_taken_ends_the_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(tmp_path, {"GRADIO_SERVER_PORT": str(port)})
    assert said == (
        f"Show & Tell cannot start: port {port} is taken: end what is served there, "
        "or set GRADIO_SERVER_PORT to another port\n"
    )


def test_so_does_the_usual_port(tmp_path):
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # it is taken already, then
            stack.enter_context(socket.create_server(("127.0.0.1", 7860)))
        assert "port 7860 is taken" in refused(tmp_path, {})


@pytest.mark.parametrize("value", ["soon", "0", "70000"])
def test_a_port_that_is_none_ends_the_start_with_the_name_of_its_variable(tmp_path, value):
    said = refused(tmp_path, {"GRADIO_SERVER_PORT": value})
    assert said.startswith("Show & Tell cannot start: GRADIO_SERVER_PORT: ")


def test_without_what_mcp_needs_it_says_what_to_install(tmp_path):
    environ = {"GRADIO_SERVER_PORT": str(free_port()), "GRADIO_MCP_SERVER": "True"}
    said = refused(tmp_path, environ, before="sys.modules['mcp'] = None")
    assert said == (
        "Show & Tell cannot start: GRADIO_MCP_SERVER needs one more package: "
        f"pip install 'gradio[mcp]=={version('gradio')}'\n"
    )


def test_the_log_is_json_where_that_is_wanted(api, tmp_path):
    says(api, "Hello")
    environ = {
        "EXTERNAL_API_BASE_URL": api.base_url,
        "EXTERNAL_API_KEY": api.key,
        "LOG_FORMAT": "json",
    }
    with running_app(tmp_path, environ) as app:
        asked(Client(app.url, verbose=False)).result(timeout=30)
        lines = app.log.read_text("utf-8").splitlines()
    (run,) = [one for one in map(json.loads, filter(is_json, lines)) if "run" in one]
    assert (run["run"]["end"], run["run"]["answered"]) == ("answered", 1)
    assert re.fullmatch("[0-9a-f]{32}", run["request_id"])
    assert api.key not in "".join(lines)


def is_json(line):
    return line.startswith("{")


def test_a_running_answer_is_finished_before_the_app_ends(app, api):
    says(api, "Hello ", 1.5, "world")
    job = asked(Client(app.url, verbose=False))
    wait_for_a_request(api)
    assert ended_after(app, signal.SIGTERM) <= END_S
    content, _ = job.result(timeout=10)
    assert content == "Hello world"


def test_an_answer_that_cannot_be_finished_says_that_the_app_ends(app, api):
    says(api, "Hello ", 60, "world")
    job = asked(Client(app.url, verbose=False))
    wait_for_a_request(api)
    assert ended_after(app, signal.SIGTERM) <= END_S
    content, report = job.result(timeout=10)
    assert (content, report["error"]["class"]) == ("Hello ", "AppStopping")
    assert "being restarted" in report["error"]["sentence"]


def test_what_a_killed_app_left_the_next_one_removes(api, tmp_path):
    environ = {"EXTERNAL_API_BASE_URL": api.base_url, "EXTERNAL_API_KEY": api.key}
    with running_app(tmp_path, environ) as app:
        says(api, "Hello")
        asked(Client(app.url, verbose=False)).result(timeout=30)
        app.process.kill()
        app.process.wait()
    left = [one for one in tmp_path.rglob("party.mp3") if one.is_file()]
    assert left
    with running_app(tmp_path, environ):
        assert [one for one in left if one.exists()] == []


def test_a_question_of_a_program_leaves_no_file_but_the_upload(app, api, tmp_path):
    says(api, "Hello")
    client = Client(app.url, verbose=False)
    for _ in range(2):
        asked(client).result(timeout=30)
    ours = [one for one in tmp_path.rglob("show-and-tell*/**/*") if one.is_file()]
    assert {one.name for one in ours if one.suffix != ".lock"} == {"party.mp3"}


def test_an_upload_that_is_cut_leaves_nothing_and_no_traceback(app, tmp_path):
    host, port = app.url.removeprefix("http://").split(":")
    head = (
        "POST /gradio_api/upload HTTP/1.1\r\nHost: here\r\nContent-Length: 9000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + bytes(3_000_000))
        until(lambda: uploads(tmp_path))
    until(lambda: not uploads(tmp_path))
    assert "Traceback" not in app.log.read_text()


def uploads(folder):
    return [one for one in folder.rglob("uploads/*") if one.is_file()]


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_batches_that_are_too_old_are_looked_for_again_whatever_went_wrong(monkeypatch, caplog):
    looked, told_to_end = [], threading.Event()

    class Trouble:
        def sweep(self):
            looked.append(len(looked))
            if len(looked) == 1:
                raise BatchesAway
            if len(looked) == 2:
                raise PermissionError("/home/ann/batches")
            told_to_end.set()

    monkeypatch.setattr(main, "SWEEP_S", 0.01)
    main._sweep(Trouble(), told_to_end)
    assert looked == [0, 1, 2]
    assert "PermissionError" in caplog.text
    assert "/home/ann" not in caplog.text
