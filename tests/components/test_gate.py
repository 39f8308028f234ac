"""Of all that Gradio serves, only what the page needs is reached; bodies have a limit."""

import asyncio
import contextlib

import httpx
import pytest
from gradio.routes import App
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from components.gate import MOST_BODY_BYTES, MOST_MCP_BYTES, Gate
from tests.components.pages import Page

pytestmark = pytest.mark.anyio

#: What Gradio 6.31 serves and the page does not need, each looked at.
UNNEEDED = {
    # Signing in to Gradio, and watching it.
    *("/login", "/logout", "/monitoring", "/monitoring/summary", "/monitoring/{key}"),
    *("/gradio_api/user", "/gradio_api/login_check", "/gradio_api/token"),
    # Its own documentation, icons and manifest, in the place of which there are ours.
    *("/openapi.json", "/pwa_icon", "/pwa_icon/{size}", "/manifest.json"),
    # A history of all inputs, links that hold them, and apps that are edited while they run.
    *("/gradio_api/runs", "/gradio_api/run-history/connect", "/gradio_api/run-history/buckets"),
    *("/gradio_api/run-history/records", "/gradio_api/deep_link", "/gradio_api/dev/reload"),
    "/gradio_api/run-history/records/{endpoint}/{record_id}/assets/{asset_id}",
    *("/gradio_api/vibe-edit", "/gradio_api/undo-vibe-edit", "/gradio_api/vibe-code"),
    "/gradio_api/vibe-starter-queries",
    # Components that we have none of.
    "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
    *("/gradio_api/component_server", "/gradio_api/process_recording"),
    *("/gradio_api/stream/{event_id}", "/gradio_api/stream/{event_id}/close"),
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
    # Other servers' files, and ours by a second address.
    *("/gradio_api/proxy={url_path:path}", "/gradio_api/file/{path:path}"),
    # Ways past the queue, and how full that is.
    *("/gradio_api/api/{api_name}", "/gradio_api/queue/status"),
}
NEEDED = {
    *("/", "/config", "/static/{path:path}", "/assets/{path:path}", "/svelte/{path:path}"),
    *("/favicon.ico", "/theme.css", "/robots.txt", "/gradio_api/info", "/gradio_api/openapi.json"),
    *("/gradio_api/startup-events", "/gradio_api/theme.css", "/gradio_api/app_id"),
    *("/gradio_api/upload", "/gradio_api/upload_progress", "/gradio_api/queue/join"),
    *("/gradio_api/queue/data", "/gradio_api/cancel", "/gradio_api/reset"),
    *("/gradio_api/heartbeat/{session_hash}", "/gradio_api/file={path_or_url:path}"),
    *("/gradio_api/call/{api_name}", "/gradio_api/call/{api_name}/{event_id}"),
    *("/gradio_api/call/v2/{api_name}", "/gradio_api/call/v2/{api_name}/{event_id}"),
    "/gradio_api/run/{api_name}",
}


def gates_of(routes):
    """Every route with its methods, those of routers within too."""
    for route in routes:
        if (inner := getattr(route, "original_router", None)) is not None:
            yield from gates_of(inner.routes)
        else:
            yield route.path.rstrip("/") or "/", route.methods or set()


@pytest.fixture(scope="module")
def gradios():
    """All that Gradio serves of the page."""

    async def create():  # outside of a loop Gradio makes one, and leaves it open
        return App.create_app(page.blocks)

    page = Page()
    return list(gates_of(asyncio.run(create()).routes))


def test_every_route_of_gradio_was_looked_at(gradios):
    assert {path for path, _ in gradios} == NEEDED | UNNEEDED


#: The largest upload of these tests, in bytes.
MOST_UPLOAD = 2 * MOST_BODY_BYTES


def gate_of(app, own=(), **given):
    usual = {"mcp": False, "most_upload_bytes": MOST_UPLOAD, "is_open": lambda: True}
    return Gate(app, own, **usual | given)


@pytest.fixture(scope="module")
def gate():
    return gate_of(None, ["/healthz"])


def an_address(path):
    """``path`` with something in each of its places."""
    for part in ("path:path", "path_or_url:path", "url_path:path"):
        path = path.replace(f"{{{part}}}", "tmp/a.wav")
    if path == "/gradio_api/run/{api_name}":
        return "/gradio_api/run/predict"
    return "".join(
        "a1" if number % 2 else part
        for number, part in enumerate(path.replace("}", "{").split("{"))
    )


def test_what_the_page_needs_passes_and_nothing_else(gradios, gate):
    passes = {
        (path, method)
        for path, methods in gradios
        for method in methods
        if gate.lets_through(method, an_address(path))
    }
    assert {path for path, _ in passes} == NEEDED
    assert {method for _, method in passes} == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=https://a.example/x",
        "/gradio_api/file=HTTP://a.example/x",
        "/gradio_api/mcp/",
        "/gradio_api/call/ask_audio/extra/deep",
        "/gradio_api",
        "/healthz/",
        "/../healthz",
    ],
)
def test_what_only_looks_like_it_does_not_pass(gate, path):
    assert not gate.lets_through("GET", path)


def test_what_needs_no_queue_passes_under_the_pages_own_name_alone(gate):
    assert gate.lets_through("POST", "/gradio_api/run/predict")
    assert not gate.lets_through("POST", "/gradio_api/run/ask_audio")


def test_models_pass_where_they_are_served(gate):
    assert gate_of(None, mcp=True).lets_through("POST", "/gradio_api/mcp/messages")
    assert gate.lets_through("GET", "/healthz")


@contextlib.asynccontextmanager
async def through_the_gate(**given):
    """A client of an app that reads what it is sent."""

    async def read(request):
        return PlainTextResponse(str(len(await request.body())))

    paths = (
        *("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/process_recording"),
        *("/gradio_api/mcp/", "/share"),
    )
    app = Starlette(routes=[Route(path, read, methods=["POST"]) for path in paths])
    transport = httpx.ASGITransport(gate_of(app, ["/share"], **given))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        yield client


async def in_pieces(size):
    for _ in range(0, size, 2**20):
        yield bytes(2**20)


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/mcp/", "/share", "/none"])
async def test_before_all_is_set_right_nothing_is_there_yet(path):
    async with through_the_gate(mcp=True, is_open=lambda: False) as client:
        response = await client.post(path)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize(("method", "path"), [("GET", "/gradio_api/startup-events"), ("HEAD", "/")])
async def test_what_gradio_asks_itself_at_its_start_passes(method, path):
    async with through_the_gate(is_open=lambda: False) as client:
        response = await client.request(method, path)
    assert response.status_code == 404  # which is the app's own word


async def test_a_route_that_is_not_listed_is_not_there():
    async with through_the_gate() as client:
        assert (await client.post("/gradio_api/process_recording")).status_code == 404


@pytest.mark.parametrize("extra", [0, 1])
async def test_a_body_has_a_limit(extra):
    async with through_the_gate() as client:
        sent = bytes(MOST_BODY_BYTES + extra)
        response = await client.post("/gradio_api/queue/join", content=sent)
    assert response.status_code == (413 if extra else 200)


async def test_a_body_that_does_not_say_how_large_it_is_has_the_same_limit():
    async with through_the_gate() as client:
        sent = in_pieces(MOST_BODY_BYTES + 1)
        response = await client.post("/gradio_api/queue/join", content=sent)
    assert response.status_code == 413


async def test_an_upload_may_be_larger():
    async with through_the_gate() as client:
        sent = bytes(MOST_BODY_BYTES + 1)
        response = await client.post("/gradio_api/upload", content=sent)
    assert response.text == str(MOST_BODY_BYTES + 1)


@pytest.mark.parametrize("extra", [0, 1])
async def test_an_upload_has_a_limit_of_its_own(extra):
    around = 64 * 1024  # what a form has around its file
    async with through_the_gate() as client:
        sent = bytes(MOST_UPLOAD + around + extra)
        response = await client.post("/gradio_api/upload", content=sent)
    assert response.status_code == (413 if extra else 200)


async def test_what_only_ends_like_an_upload_has_the_limit_of_a_call():
    async with through_the_gate() as client:
        response = await client.post("/gradio_api/call/upload", content=bytes(MOST_BODY_BYTES + 1))
    assert response.status_code == 413


@pytest.mark.parametrize(("mcp", "extra", "status"), [(True, 0, 200), (True, 1, 413)])
async def test_a_models_call_may_have_its_file_within(mcp, extra, status):
    async with through_the_gate(mcp=mcp) as client:
        response = await client.post("/gradio_api/mcp/", content=bytes(MOST_MCP_BYTES + extra))
    assert response.status_code == status


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/upload"])
async def test_a_body_that_does_not_come_is_not_waited_for(path):
    async def half():
        yield b"half"
        await asyncio.Event().wait()

    async with through_the_gate(patience_s=0.05) as client:
        response = await client.post(path, content=half())
    assert (response.status_code, response.headers["connection"]) == (408, "close")


async def test_an_answer_may_take_longer_than_its_question():
    async def slow(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await receive()  # returns once the client has left
        await PlainTextResponse("done")(scope, receive, send)

    transport = httpx.ASGITransport(gate_of(slow, patience_s=0.05))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        response = await client.post("/gradio_api/queue/join", content=b"{}")
    assert response.text == "done"


@pytest.mark.parametrize(
    ("told", "status"),
    [("same-origin", 200), ("none", 200), (None, 200), ("cross-site", 403), ("same-site", 403)],
)
async def test_another_pages_question_is_not_asked(told, status):
    headers = {} if told is None else {"sec-fetch-site": told}
    async with through_the_gate() as client:
        response = await client.post("/gradio_api/queue/join", content=b"{}", headers=headers)
        shared = await client.post("/share", content=b"", headers=headers)
    assert (response.status_code, shared.status_code) == (status, 200)


@pytest.mark.parametrize(("files", "status"), [(16, 200), (17, 413), (999, 413)])
async def test_a_form_has_so_many_files_and_no_more(files, status):
    form = [("files", (f"{number}.wav", b"a")) for number in range(files)]
    async with through_the_gate() as client:
        response = await client.post("/gradio_api/upload", files=form)
    assert response.status_code == status


async def test_files_are_counted_however_their_bytes_come():
    form = httpx.Request(
        "POST", "http://app/", files=[("files", (f"{n}.wav", b"a")) for n in range(17)]
    )

    async def drop_by_drop():
        for byte in form.read():
            yield bytes([byte])

    headers = {"content-type": form.headers["content-type"]}
    async with through_the_gate() as client:
        response = await client.post("/gradio_api/upload", content=drop_by_drop(), headers=headers)
    assert response.status_code == 413
