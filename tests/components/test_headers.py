"""The headers that every response carries."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from components.headers import POLICY, SecurityHeaders

pytestmark = pytest.mark.anyio


async def fetch(path, headers=None, **given):
    async def page(_):
        return PlainTextResponse("hello", headers=headers)

    paths = ("/", "/gradio_api/file=a", "/static/a")
    app = SecurityHeaders(Starlette(routes=[Route(one, page) for one in paths]), **given)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
        return await client.get(path)


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nothing", 404)])
async def test_every_response_carries_the_policy(path, status):
    response = await fetch(path)
    assert response.status_code == status
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_the_response_stays_what_it_was():
    response = await fetch("/", {"X-Own": "1"})
    assert (response.text, response.headers["x-own"]) == ("hello", "1")


async def test_a_host_may_let_other_pages_show_this_one_in_a_frame():
    response = await fetch("/", frame_ancestors=["https://a.example", "https://*.b.example"])
    policy = response.headers["content-security-policy"]
    assert policy == f"{POLICY} https://a.example https://*.b.example"


async def test_devices_are_for_this_page_alone_and_most_for_none():
    told = (await fetch("/")).headers["permissions-policy"]
    assert "microphone=(self)" in told
    assert "geolocation=()" in told


@pytest.mark.parametrize(("path", "kept"), [("/gradio_api/file=a", "no-store"), ("/static/a", "")])
async def test_what_is_a_visitors_is_kept_by_no_cache(path, kept):
    assert kept in (await fetch(path)).headers.get("cache-control", "")


async def test_a_response_does_not_set_another_policy():
    response = await fetch("/", {"Content-Security-Policy": "default-src *"})
    assert response.headers.get_list("content-security-policy") == [POLICY]


async def test_other_connections_pass_through_untouched():
    seen = []

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})

    async def send(message):
        seen.append(message)

    await SecurityHeaders(app)({"type": "websocket"}, None, send)
    assert seen == [{"type": "websocket.accept"}]


@pytest.mark.parametrize("kind", ["img-src", "media-src", "connect-src", "font-src", "style-src"])
def test_nothing_is_loaded_from_strangers(kind):
    (sources,) = (one.split()[1:] for one in POLICY.split("; ") if one.startswith(kind))
    assert set(sources) <= {"'self'", "'unsafe-inline'", "data:", "blob:"}


def test_only_a_space_may_frame_the_page():
    (sources,) = (one.split()[1:] for one in POLICY.split("; ") if one.startswith("frame-anc"))
    assert sources == [
        "'self'",
        "https://huggingface.co",
        "https://*.huggingface.co",
        "https://*.hf.space",
    ]
