"""A bug of ours and what cannot be: what the visitor reads, and what the log has."""

import asyncio
import json
import logging
from pathlib import Path

import gradio as gr
import pytest
from gradio.utils import get_upload_folder

from components.guard import GuardedBlocks
from components.texts import LANGUAGES, Texts
from tests.components.pages import Page
from tests.components.served import served

#: After a failure Gradio 6.31 counts its runs in a way that pandas 4 is to lose.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

CANARY = "ak_canary"


async def bug(value, request: gr.Request):
    """A handler with a bug in it."""
    raise KeyError(CANARY)


async def late_bug(value):
    """One that comes after the first words."""
    yield "first"
    raise KeyError(CANARY)


async def unshown(value):
    """Less than there are places for it."""
    return CANARY


async def refused(value):
    """What was worded for a person."""
    raise gr.Error("No such thing.", print_exception=False)


@pytest.fixture(scope="module")
def blocks():
    """Fields of several kinds before handlers that go wrong."""

    async def create():  # outside of a loop Gradio makes one, and leaves it open
        return _blocks()

    return asyncio.run(create())


def _blocks():
    with GuardedBlocks(analytics_enabled=False) as made:
        given = {
            "radio": gr.Radio(["one", "two"]),
            "dropdown": gr.Dropdown(["one", "two"]),
            "file": gr.File(),
            "audio": gr.Audio(type="filepath"),
            "text": gr.Textbox(),
        }
        shown = gr.Textbox()
        for handler in (bug, late_bug, refused):
            given["radio"].change(handler, given["radio"], shown, api_name=handler.__name__)
        given["radio"].change(unshown, given["radio"], [shown, gr.Textbox()], api_name="unshown")
        given["text"].change(lambda value: value, given["text"], shown, api_name="echo")
        for name, field in given.items():
            field.change(lambda value: "", field, shown, api_name=name)
    return made


@pytest.fixture(scope="module")
def client(blocks):
    """A client of theirs, as the page is served."""
    with served(lambda: blocks) as (_, client):
        client.base_url = client.base_url.join("gradio_api/")
        yield client


def called(client, name, *values, language="en"):
    """What a program is told of a call, event by event."""
    headers = {"accept-language": language}
    event = client.post(f"call/{name}", json={"data": values}, headers=headers).json()["event_id"]
    lines = client.get(f"call/{name}/{event}").text.splitlines()
    kinds = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    every = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    return list(zip(kinds, every, strict=True))


def pressed(client, blocks, name, *values, language="en"):
    """What the page is told of a press, in the end."""
    (number,) = [number for number, one in blocks.fns.items() if one.api_name == name]
    body = {"fn_index": number, "data": values, "session_hash": f"press-{name}-{language}"}
    client.post("queue/join", json=body, headers={"accept-language": language})
    stream = client.get("queue/data", params={"session_hash": body["session_hash"]}).text
    every = [
        json.loads(line.removeprefix("data: "))
        for line in stream.splitlines()
        if line.startswith("data: ")
    ]
    return [one["output"] for one in every if one["msg"] == "process_completed"][-1]


def sentences(error, language):
    """What a person reads of an error."""
    texts = Texts(language)
    return f"{texts(f'error.{error}.what')} {texts(f'error.{error}.next')}"


NOT_TAKEN = [
    ("radio", [CANARY], "BadValue"),
    ("dropdown", [CANARY], "BadValue"),
    ("radio", [], "BadValue"),
    ("file", [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], "FileGone"),
    ("file", [{"no": CANARY}], "BadValue"),
    *(
        ("file", [{"path": address, "meta": {"_type": "gradio.FileData"}}], "NotUploaded")
        for address in ("https://v.example/1.wav", "HTTP://127.0.0.1:9/1.wav")
    ),
    ("audio", [{"path": "https://v.example/1.wav", "url": "x"}], "NotUploaded"),
    ("file", [{"path": "UPLOADS", "meta": {"_type": "gradio.FileData"}}], "NotUploaded"),
    ("audio", [{"path": "UPLOADS", "meta": {"_type": "gradio.FileData"}}], "NotUploaded"),
    ("file", [{"path": "/etc", "meta": {"_type": "gradio.FileData"}}], "FileGone"),
    ("file", [{"path": "/none", "meta": {"_type": "gradio.FileData"}}], "FileGone"),
    ("audio", [{"path": "/nowhere/gone.wav", "meta": {"_type": "gradio.FileData"}}], "FileGone"),
]


@pytest.mark.parametrize(("name", "values", "error"), NOT_TAKEN)
def test_what_a_field_cannot_hold_is_told_in_a_sentence_and_logged_in_a_line(
    client, name, values, error, caplog, capfd
):
    caplog.set_level(logging.INFO, logger="components.guard")
    # A folder of uploads that is there; where it is, the environment says.
    folder = Path(get_upload_folder()) / "folder"
    folder.mkdir(parents=True, exist_ok=True)
    values = json.loads(json.dumps(values).replace("UPLOADS", folder.as_posix()))
    [(kind, told)] = called(client, name, *values)
    assert (kind, told["error"]) == ("error", sentences(error, "en"))
    [record] = [one for one in caplog.records if one.name == "components.guard"]
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    printed = capfd.readouterr()
    assert "Traceback" not in printed.err
    assert CANARY not in f"{told}{caplog.text}{printed}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_on_the_page_in_the_language_of_the_visitor(client, blocks, language):
    told = pressed(client, blocks, "dropdown", CANARY, language=language)
    assert told["error"] == sentences("BadValue", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["bug", "late_bug", "unshown"])
def test_a_bug_is_told_as_ours_and_leaves_its_place_without_its_message(
    client, name, language, caplog, capfd
):
    caplog.set_level(logging.INFO, logger="components.guard")
    *_, (kind, told) = called(client, name, "one", language=language)
    assert (kind, told["error"]) == ("error", sentences("AppFailed", language))
    [record] = [one for one in caplog.records if one.name == "components.guard"]
    assert (record.levelname, record.exc_info) == ("ERROR", None)
    if name != "unshown":
        assert "KeyError < tests/components/test_guard.py:" in record.message
    printed = capfd.readouterr()
    assert "Traceback" not in printed.err
    assert CANARY not in f"{told}{caplog.text}{printed}"


def test_half_a_letter_comes_to_nobody(client):
    body = b'{"data": ["a\\ud800b"]}'
    event = client.post("call/echo", content=body, headers={"content-type": "application/json"})
    stream = client.get(f"call/echo/{event.json()['event_id']}").text
    assert stream.split() == ["event:", "complete", "data:", '["a?b"]']


def test_what_comes_before_a_bug_comes_through(client):
    assert called(client, "late_bug", "one")[0] == ("generating", ["first"])


def test_what_was_worded_for_a_person_goes_through(client):
    assert called(client, "refused", "one")[-1][1]["error"] == "No such thing."


def test_the_page_is_guarded():
    assert isinstance(Page().blocks, GuardedBlocks)
