"""Requests that cannot be: they are refused, and leave no line in the log."""

import logging

import gradio as gr
import pytest
from starlette.exceptions import HTTPException

from components.guard import GuardedBlocks
from components.refusing import refused_as
from tests.components.served import served

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client():
    """A client of a page with one endpoint."""

    def create():
        with GuardedBlocks(analytics_enabled=False) as made:
            field = gr.Textbox()
            field.change(lambda value: value, field, field, api_name="echo")
        return made

    with served(create) as (_, client):
        client.base_url = client.base_url.join("gradio_api/")
        yield client


def form(boundary, part):
    return f"--{boundary}\r\nContent-Disposition: form-data; {part}\r\n\r\nx\r\n--{boundary}--\r\n"


LONG = "b" * 300
UNREAD = ("1e999", '{"data": 1e999}', '{"data": NaN}', '{"event_id": ["\\ud800", 1e999]}')
REFUSED = [
    ("call/nothing", '{"data": ["a"]}', 404),
    ("call/v2/nothing", "{}", 404),
    ("call/v2/echo", '{"no_such_parameter": 1}', 422),
    ("call/v2/echo", '{"value": 1, "no_such_parameter": 1}', 422),
    ("queue/join", '{"data": ["a"], "fn_index": 99999, "session_hash": "s"}', 404),
    ("run/predict", '{"data": ["a"], "fn_index": -1}', 404),
    ("run/predict", '{"data": ["a"], "fn_index": 99999}', 404),
    ("run/predict", '{"data": ["a"]}', 404),
    *(
        (route, body, 422)
        for route in ("queue/join", "run/predict", "call/echo", "cancel", "reset")
        for body in UNREAD
    ),
]


@pytest.mark.parametrize(("route", "body", "status"), REFUSED)
def test_what_asks_for_nothing_that_there_is_is_no_bug_of_ours(
    client, route, body, status, caplog, capfd
):
    caplog.set_level(logging.INFO)
    answer = client.post(route, content=body, headers=JSON)
    assert answer.status_code == status
    assert [one for one in caplog.records if not one.name.startswith("http")] == []
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("boundary", "part"),
    [("b", 'name="files"'), (LONG, 'name="files"; filename="a.wav"')],
    ids=["no file", "a long boundary"],
)
def test_a_form_that_is_none_is_no_bug_of_ours(client, boundary, part, caplog):
    caplog.set_level(logging.INFO)
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    answer = client.post("upload", content=form(boundary, part), headers=kind)
    assert answer.status_code == 422
    assert [one for one in caplog.records if not one.name.startswith("http")] == []


@pytest.mark.parametrize("path", ["/static/", "/assets/", "/gradio_api/file="])
def test_a_name_that_no_file_can_have_is_not_found(client, path, caplog):
    caplog.set_level(logging.INFO)
    address = client.base_url.join(f"{path}{'a' * 3000}")
    assert client.get(str(address)).status_code in (403, 404)
    assert [one for one in caplog.records if not one.name.startswith("http")] == []


@pytest.mark.parametrize("path", ["call/echo/nothing", "queue/data?session_hash=nobody"])
def test_who_listens_for_nothing_hears_that_and_the_stream_ends(client, path, caplog, capfd):
    caplog.set_level(logging.INFO)
    assert "404" in client.get(path).text
    assert [one for one in caplog.records if not one.name.startswith("http")] == []
    assert "ASGI" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "error",
    [KeyError("a"), TypeError(), ValueError(), OSError(28, "no room"), RuntimeError()],
    ids=repr,
)
def test_what_fails_elsewhere_is_a_bug(error):
    assert refused_as(error) is None


def test_a_refusal_that_is_no_fault_of_the_request_is_a_bug():
    error = RuntimeError()
    error.__cause__ = HTTPException(500)
    assert refused_as(error) is None
