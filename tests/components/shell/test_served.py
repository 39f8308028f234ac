"""Gradio's page with the head that is ours."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route

from components.shell.gradios import GradiosFiles
from components.shell.served import OwnHead, create_shell

pytestmark = pytest.mark.anyio

#: What Gradio writes, in short.
GRADIOS = """<html lang="en"><head><base href="./" />
<meta property="og:title" content="Gradio" />
<meta
    property="og:description"
    content="{url}"
/>
<meta name="twitter:title" content="Gradio" />
<script>window.gradio_config = {"theme_hash": "abc"};</script>
<link rel="manifest" href="/manifest.json" /></head><body><gradio-app></gradio-app></body></html>"""
GRADIOS_FILES = GradiosFiles("<b>", "<u>", [])


async def _get(path="/", headers=None, base="http://app.test", body=GRADIOS):
    shell = create_shell()

    async def page(_):
        return HTMLResponse(body)

    async def stream(_):
        async def events():
            yield b"data: 1\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    routes = [
        Route("/", page),
        Route("/stream/", stream),
        Route("/plain", lambda _: PlainTextResponse(GRADIOS)),
        *shell.routes,
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(OwnHead, shell=shell, gradios=GRADIOS_FILES, scripts="<i>")],
    )
    transport = httpx.ASGITransport(Starlette(routes=[Mount("/sub", app), Mount("/", app)]))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        return await client.get(path, headers=headers)


async def test_nothing_of_gradios_name_is_left():
    page = await _get()
    assert 'content="Gradio"' not in page.text
    assert "{url}" not in page.text
    assert "/manifest.json" not in page.text
    assert page.text.count("og:title") == 1
    assert "<i>" in page.text


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
async def test_the_page_is_sent_as_small_as_the_browser_lets_it(encoding):
    page = await _get(headers={"Accept-Encoding": encoding})
    assert page.headers.get("content-encoding", "identity") == encoding
    assert page.headers["vary"] == "Accept-Encoding, Accept-Language"
    assert page.text.endswith("</html>")
    is_small = int(page.headers["content-length"]) < len(page.content)
    assert is_small == (encoding != "identity")


async def test_gradios_files_are_named_before_they_are_asked_for():
    page = (await _get()).text
    assert page.index("<b>") < page.index("<i>") < page.index("<u></head>")
    assert 'as="style" href="./theme.css?v=abc"' in page


async def test_there_is_something_to_see_before_gradio_has_made_the_page():
    page = (await _get()).text
    assert page.index('id="skeleton"') < page.index("<gradio-app")


async def test_a_stream_is_never_compressed():
    assert "content-encoding" not in (await _get("/stream/")).headers


async def test_language_and_colours_are_settled_before_any_other_script():
    page = (await _get()).text
    assert page.index("settle(window") < page.index("gradio_config")


@pytest.mark.parametrize(
    ("path", "wanted", "language"),
    [("/", "ru", "ru"), ("/", "fr", "en"), ("/?lang=ru", "en", "ru"), ("/?lang=xx", "ru", "ru")],
)
async def test_the_page_is_in_the_language_that_is_asked_for(path, wanted, language):
    page = await _get(path, {"Accept-Language": wanted})
    assert page.text.startswith(f'<html lang="{language}">')


@pytest.mark.parametrize(
    ("headers", "base", "root"),
    [
        ({}, "http://app.test:7860", "http://app.test:7860/"),
        (
            {"X-Forwarded-Host": "show.test", "X-Forwarded-Proto": "https"},
            "http://inside",
            "https://show.test/",
        ),
    ],
)
async def test_the_address_of_the_preview_is_the_one_it_is_reached_at(headers, base, root):
    assert f'"og:url" content="{root}"' in (await _get(headers=headers, base=base)).text


async def test_it_works_below_a_path():
    page = await _get("/sub/")
    assert '"og:url" content="http://app.test/sub/"' in page.text


@pytest.mark.parametrize("path", ["/stream/", "/plain"])
async def test_what_is_no_page_passes_as_it_is(path):
    assert "settle" not in (await _get(path)).text


async def test_a_page_that_is_not_gradios_passes_as_it_is():
    assert (await _get(body="<p>hello")).text == "<p>hello"


async def test_its_files_are_kept_for_ever_and_its_manifest_is_not():
    shell = create_shell()
    for name in ("icon.svg", "preview.png"):
        file = await _get(f"/{shell.folder}/{name}")
        assert "immutable" in file.headers["cache-control"]
    described = await _get("/manifest.webmanifest")
    assert described.headers["content-type"] == "application/manifest+json"
    assert described.headers["cache-control"] == "no-cache"


def test_other_files_have_another_address(tmp_path):
    (tmp_path / "a.png").write_bytes(b"1")
    before = create_shell(tmp_path).folder
    (tmp_path / "a.png").write_bytes(b"2")
    assert create_shell(tmp_path).folder != before
