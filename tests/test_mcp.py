"""The endpoints as tools for models, used by a client of the Model Context Protocol's makers."""

import asyncio
import base64
import contextlib
import json
import threading

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from components.gate import MOST_MCP_BYTES
from components.parameters import ENDPOINTS
from tests.browser.conftest import running_app
from tests.browser.scripted_api import ScriptedApi, completion, delta
from tests.clips import clip

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def scripted(tmp_path_factory):
    with ScriptedApi() as api:
        environ = {
            "EXTERNAL_API_BASE_URL": api.base_url,
            "EXTERNAL_API_KEY": api.key,
            "GRADIO_MCP_SERVER": "True",
        }
        with running_app(tmp_path_factory.mktemp("mcp"), environ) as app:
            yield app, api


@pytest.fixture
def app(scripted):
    return scripted[0]


@pytest.fixture
def api(scripted):
    """It says that it heard; what it was sent can be looked at."""
    scripted[1].reset()
    scripted[1].script = lambda handler: handler.answer_json(completion("I heard it."))
    return scripted[1]


@contextlib.asynccontextmanager
async def session_with(app):
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as client,
        streamable_http_client(f"{app.url}/gradio_api/mcp/", http_client=client) as (
            read,
            write,
            _,
        ),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


def in_base64(path):
    return base64.b64encode(path.read_bytes()).decode()


SOUND, FILM = in_base64(clip("party.mp3")), in_base64(clip("cuts.mp4"))


async def test_the_two_are_its_tools_with_words_made_for_a_model(app):
    async with session_with(app) as session:
        tools = {one.name: one for one in (await session.list_tools()).tools}
    assert set(tools) == {one.name for one in ENDPOINTS}
    for end in ENDPOINTS:
        tool = tools[end.name]
        assert tool.description.startswith(end.about)
        assert {one.name: one.about for one in end.parameters} == {
            name: schema["description"] for name, schema in tool.inputSchema["properties"].items()
        }
    assert tools["ask_audio"].inputSchema["required"] == ["audio"]
    assert "required" not in tools["ask_video"].inputSchema


@pytest.mark.parametrize(
    ("tool", "given", "sent"),
    [
        ("ask_audio", {"audio": f"data:audio/mpeg;base64,{SOUND}"}, SOUND),
        ("ask_video", {"video": f"data:video/mp4;base64,{FILM}"}, FILM),
        ("ask_video", {"url": "https://v.example/1"}, "https://v.example/1"),
    ],
    ids=["sound", "film", "link"],
)
@pytest.mark.parametrize("progress", [True, False], ids=["with progress", "without"])
async def test_a_call_gives_the_text_and_the_report(app, api, tool, given, sent, progress):
    async def told(*_):
        pass

    given = given | {"prompt": "What is it?", "temperature": 0.5}
    async with session_with(app) as session:
        hears = told if progress else None
        result = await session.call_tool(tool, given, progress_callback=hears)
    text, report = (one.text for one in result.content)
    assert (result.isError, text) == (False, "I heard it.")
    assert json.loads(report)["bill"]["answered"] == 1
    (request,) = api.requests
    assert sent in json.dumps(request)
    assert request["temperature"] == 0.5
    assert not (app.log.parent / "gradio").exists()  # nor anywhere else that the app does not empty


async def test_a_file_is_wanted_as_data_and_not_by_its_address(app, api):
    async with session_with(app) as session:
        tools = {one.name: one for one in (await session.list_tools()).tools}
        result = await session.call_tool("ask_audio", {"audio": "https://v.example/1.mp3"})
    assert tools["ask_audio"].inputSchema["properties"]["audio"]["format"].startswith("a data: URL")
    assert (result.isError, api.requests) == (True, [])
    assert "fetches no files from the web" in result.content[0].text


async def test_a_call_may_be_as_large_as_is_said(app, api):
    tone = clip("party.mp3").read_bytes()
    wanted = (MOST_MCP_BYTES - 32 * 1024) // 4 * 3
    sound = base64.b64encode((tone * (wanted // len(tone) + 1))[:wanted]).decode()
    async with session_with(app) as session:
        result = await session.call_tool("ask_audio", {"audio": f"data:audio/mpeg;base64,{sound}"})
    assert (result.isError, len(api.requests)) == (False, 1)


async def test_what_went_wrong_is_told_to_the_model(app):
    async with session_with(app) as session:
        result = await session.call_tool("ask_video", {"url": "ftp://v.example/1"})
    text, report = (one.text for one in result.content)
    assert (text, json.loads(report)["error"]["class"]) == ("", "BadLink")


async def test_a_call_that_is_given_up_is_not_paid_to_its_end(app, api):
    def speak(handler):
        api.asked.set()
        handler.stream(delta("word ") for _ in iter(lambda: api.over.wait(0.1), True))

    api.asked = threading.Event()
    api.script = speak
    given = {"audio": f"data:audio/mpeg;base64,{SOUND}"}
    async with session_with(app) as session:
        call = asyncio.create_task(session.call_tool("ask_audio", given))
        await asyncio.to_thread(api.asked.wait, 30)
        call.cancel()
        await asyncio.wait({call})
    assert await asyncio.to_thread(api.hung_up.wait, 30)
    assert "Traceback" not in app.log.read_text()


PATHS = {
    "path": "{secret}",
    "file URL": "file://{secret}",
    "address of this machine": "{app}/gradio_api/file={secret}",
    "file of Gradio": {"path": "{secret}", "meta": {"_type": "gradio.FileData"}},
    "list of them": [{"path": "{secret}", "meta": {"_type": "gradio.FileData"}}],
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("name", ["audio", "prompt"])
async def test_a_path_of_the_server_is_not_taken_for_a_file(app, api, name, path):
    secret = app.log.with_name("secret.flac")
    secret.write_bytes(clip("plan.flac").read_bytes())
    path = json.loads(json.dumps(path).replace("{secret}", str(secret)).replace("{app}", app.url))
    given = {"audio": f"data:audio/mpeg;base64,{SOUND}"} | {name: path}
    async with session_with(app) as session:
        result = await session.call_tool("ask_audio", given)
    is_words = name == "prompt" and isinstance(path, str)
    assert result.isError is not is_words
    assert in_base64(secret) not in json.dumps(api.requests)
    assert [one for one in app.log.parent.rglob("*") if one.name == secret.name] == [secret]
