"""How the page is served, over a real server of this process."""

import re
import socket
import time

import httpx
import pytest

from components.headers import POLICY
from components.look import CSS
from components.scripts import page_scripts
from components.serving import hang_up
from components.texts import LANGUAGES, strings
from tests.components.pages import Page
from tests.components.served import MOST_BYTES, served

SOON_S = 4


def _served():
    page = Page().blocks  # made in a loop of its own
    return served(lambda: page)


@pytest.fixture(scope="module")
def client():
    with _served() as (_, client):
        yield client


@pytest.fixture(scope="module")
def config(client):
    return client.get("config").json()


def test_the_page_has_its_own_colours_and_the_systems_letters(client):
    theme = client.get("theme.css").text
    assert "--primary-500: #14b8a6;" in theme
    assert "--neutral-500: #64748b;" in theme
    assert "--font: system-ui," in theme
    assert "--font-mono: ui-monospace," in theme


def test_no_font_is_fetched(client, config):
    theme = client.get("theme.css").text
    assert re.findall(r'@import|url\((?!"data:)', theme) == []
    assert config["stylesheets"] == []


def test_the_page_has_its_style_sheet_and_its_scripts(client, config):
    for path in CSS:
        assert path.read_text("utf-8") in config["css"]
    assert page_scripts().head in client.get("").text


def test_the_page_has_its_own_head(client):
    page = client.get("").text
    assert f'"og:url" content="{client.base_url}"' in page
    assert 'content="Gradio"' not in page
    assert client.get("manifest.webmanifest").json()["name"] == "Show & Tell"


def test_the_scripts_are_served(client):
    for route in page_scripts().routes:
        assert client.get(route.path).is_success


def test_the_page_has_the_words_of_every_language(config):
    translations = config["i18n_translations"]
    assert {one: translations[one]["ask.button"] for one in LANGUAGES} == {
        one: strings(one)["ask.button"] for one in LANGUAGES
    }


@pytest.mark.parametrize("path", ["", "config", "healthz", "theme.css", "nothing-of-the-kind"])
def test_everything_carries_the_policy(client, path):
    assert client.get(path).headers["content-security-policy"] == POLICY


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_origin_may_read_anything(client, origin, method):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    told = client.request(method, "config", headers=headers).headers
    assert "access-control-allow-origin" not in told
    assert "access-control-allow-credentials" not in told


def test_it_says_that_it_is_up(client):
    assert client.get("healthz").text == "ok"


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES, 200), (MOST_BYTES * 2, 413)])
def test_no_more_is_taken_in_than_may_be(client, size, status):
    files = {"files": ("a.wav", bytes(size))}
    assert client.post("gradio_api/upload", files=files).status_code == status


def test_what_is_given_is_not_kept_in_the_browser(config):
    """Gradio's history of runs has every input in it, keys too."""
    assert config["run_history"] is False


def test_what_went_wrong_inside_is_not_shown(config):
    assert config["show_error"] is False


def test_nobody_can_watch_who_asks(client):
    assert not client.get("monitoring").is_success


def test_programs_find_how_to_ask(config):
    assert config["footer_links"] == ["api"]


def test_an_open_page_does_not_keep_it_from_ending():
    with _served() as (page, client):
        with client.stream("GET", "gradio_api/heartbeat/somebody") as stream:
            next(stream.iter_bytes())
            assert _ended_after(page) < SOON_S
        with pytest.raises(httpx.ConnectError):
            client.get("healthz")


def test_an_upload_that_does_not_go_on_does_not_keep_it_from_ending():
    with _served() as (page, client):
        address = (client.base_url.host, client.base_url.port)
        with socket.create_connection(address) as upload:
            upload.sendall(
                b"POST /gradio_api/upload HTTP/1.1\r\nHost: app\r\nContent-Length: 900\r\n"
                b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
            )
            client.get("healthz")  # it has begun by then
            assert _ended_after(page) < SOON_S


def _ended_after(page):
    began = time.monotonic()
    hang_up(page)
    return time.monotonic() - began
