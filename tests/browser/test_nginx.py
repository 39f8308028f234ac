"""The README's nginx block in front of the app, as a person and a program meet it."""

import contextlib
import re
import shutil
import subprocess
import time
from dataclasses import dataclass

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, running_app
from tests.browser.scripted_api import ScriptedApi, delta
from tests.browser.steps import TABS, ask, choose_tab, open_page, upload, wait_until_done
from tests.free_port import free_port
from tests.making import write_sound

#: Debian's is where not everybody's PATH leads.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@dataclass(frozen=True)
class Behind:
    """The app as it is behind nginx, and the API behind the app."""

    url: str
    api: ScriptedApi


def _block(port, app_url, path):
    """The README's block, for these addresses, and for a path as the README says."""
    readme = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"```nginx\n(.*?)```", readme, flags=re.DOTALL)
    for there, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("http://127.0.0.1:7860/", f"{app_url}/"),
        ("location / {", f"location {path} {{"),
    ):
        assert block.count(there) == 1
        block = block.replace(there, here)
    return block


@contextlib.contextmanager
def _nginx(folder, app_url, path):
    """nginx with the block; its address."""
    assert NGINX, "nginx is not installed: bash tests/run.sh installs it"
    port = free_port()
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{places}{_block(port, app_url, path)}}}\n"
    )
    server = subprocess.Popen([NGINX, "-e", f"{folder}/nginx.log", "-p", folder, "-c", config])
    try:
        url = f"http://127.0.0.1:{port}{path}"
        deadline = time.monotonic() + 30
        while not _is_up(url):
            assert server.poll() is None, (folder / "nginx.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _is_up(url):
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}healthz", trust_env=False).status_code == 200
    return False


@pytest.fixture(scope="module", params=["/", "/show-and-tell/"], ids=["at the root", "at a path"])
def behind(request, tmp_path_factory):
    folder, path = tmp_path_factory.mktemp("nginx"), request.param
    with ScriptedApi() as api:
        environ = {"EXTERNAL_API_BASE_URL": api.base_url, "EXTERNAL_API_KEY": api.key}
        if path != "/":
            environ["GRADIO_ROOT_PATH"] = path.rstrip("/")
        with running_app(folder, environ) as app, _nginx(folder, app.url, path) as url:
            yield Behind(url, api)


@pytest.fixture
def halting(behind):
    """The API says half of it, and the other half once it is told to."""
    api = behind.api
    api.reset()

    def halves():
        yield delta("Hello ")
        api.over.wait(60)
        yield delta("world")
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        yield "[DONE]"

    api.script = lambda handler: handler.stream(halves())
    yield api
    api.over.set()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """More than the megabyte that nginx takes unless it is told otherwise, and no silence."""
    noise = np.random.default_rng(1).integers(-3000, 3000, 24_000 * 60, dtype=np.int16)
    path = tmp_path_factory.mktemp("large") / "noise.wav"
    return write_sound(path, noise, container="wav", codec="pcm_s16le", rate=24_000)


def test_a_person_uploads_asks_and_reads_while_it_is_said(behind, halting, large, page):
    open_page(page, behind.url)
    upload(page, "audio-file", large)
    ask(page)
    expect(page.locator("#answer")).to_contain_text("Hello")
    expect(page.locator("#stop")).to_be_enabled()
    halting.over.set()
    wait_until_done(page)
    expect(page.locator("#answer")).to_contain_text("Hello world")


def test_the_page_knows_where_it_is_served(behind):
    """Else what it builds of it leads to where no visitor can go."""
    config = httpx.get(f"{behind.url}config", trust_env=False).json()
    assert config["root"] == behind.url.rstrip("/")


def test_all_of_the_page_is_asked_for_below_its_own_address(behind, page):
    asked, missing = set(), set()
    page.on("request", lambda one: asked.add(one.url))
    page.on("response", lambda one: missing.add(one.url) if one.status == 404 else None)
    open_page(page, behind.url)
    for tab in TABS:  # what is on one is fetched when it is shown
        choose_tab(page, tab)
    assert {one for one in asked if not one.startswith((behind.url, "data:", "blob:"))} == set()
    assert missing == set()


def test_a_program_asks_and_reads_while_it_is_said(behind, halting, large):
    client = Client(behind.url, verbose=False)
    try:
        job = client.submit(audio=handle_file(large), api_name="/ask_audio")
        assert next(iter(job))[0] == "Hello "
        assert not job.done()
        halting.over.set()
        assert job.result(timeout=30)[0] == "Hello world"
    finally:
        client.close()
