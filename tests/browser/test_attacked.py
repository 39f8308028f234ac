"""A stranger spends the host's money within limits, whichever way they come."""

import contextlib
import time

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import running_app
from tests.browser.scenes import ready, says
from tests.browser.scripted_api import ScriptedApi, completion, delta
from tests.browser.steps import ask, error, wait_until_done

LINK = "https://v.example/1"
ASKED = [None, "", "", "", LINK] + [None] * 12


@pytest.fixture
def limited(tmp_path):
    """An app with a host's key for two questions a day, and what stands behind it.

    For who uses them up: it has a day of its own, so it is started for one test.
    """
    with ScriptedApi() as api:
        environ = {
            "EXTERNAL_API_BASE_URL": api.base_url,
            "EXTERNAL_API_KEY": api.key,
            "VISITOR_LIMIT": "2",
            "DAILY_LIMIT": "5",
        }
        with running_app(tmp_path, environ) as app:
            yield app, api


@contextlib.contextmanager
def program(app):
    """What talks to the routes of ``app`` itself."""
    address = f"{app.url}/gradio_api/"
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def plain(scripted_app):
    """A program at an app whose limits it does not reach."""
    with program(scripted_app) as client:
        yield client


def test_what_is_left_stands_on_the_page_and_ones_own_key_goes_on(page, limited):
    app, api = limited
    api.script = says("Five words.")
    ready(page, app.url)
    left = page.locator("#allowance")
    expect(left).to_have_text("2 of 2 left today")
    for still in (1, 0):
        ask(page)
        expect(left).to_have_text(f"{still} of 2 left today")
        wait_until_done(page)
    ask(page)
    refused = error(page, "VisitorLimitReached")
    expect(refused).to_be_visible()
    expect(refused).to_contain_text("Nothing was sent, so nothing is billed.")
    assert len(api.requests) == 2
    refused.get_by_role("button", name="Use my key").click()
    expect(page.locator("#api-key input")).to_be_focused()
    page.locator("#api-key input").fill("ak_own")
    expect(left).to_have_text("Your own key pays")
    ask(page)
    wait_until_done(page)
    assert len(api.requests) == 3


def by_name(plain, number):
    config = plain.get("../config").json()
    name = next(one for one in config["dependencies"] if one["api_name"] == "ask_video")
    body = {"data": ASKED, "session_hash": f"s{number}"}
    plain.post("queue/join", json=body | {"fn_index": name["id"]})
    return plain.get("queue/data", params={"session_hash": f"s{number}"}).text


def by_call(plain, number, route="call"):
    named = {"url": LINK} if route == "call/v2" else {"data": ASKED}
    body = named if route == "call/v2" else named | {"session_hash": f"s{number}"}
    event = plain.post(f"{route}/ask_video", json=body).json()["event_id"]
    return plain.get(f"{route}/ask_video/{event}").text


def by_call_v2(plain, number):
    return by_call(plain, number, "call/v2")


def test_all_routes_together_have_one_limit_whoever_they_say_they_are(limited):
    app, api = limited
    api.script = lambda handler: handler.answer_json(completion("words"))
    ways = [by_name, by_call, by_call_v2] * 3
    with program(app) as plain:
        told = [way(plain, number) for number, way in enumerate(ways)]
        assert len(api.requests) == 5
        assert ["DailyLimitReached" in one for one in told] == [False] * 5 + [True] * 4
        for route in ("run/ask_video", "api/ask_video", "run/predict/"):
            assert plain.post(route, json={"data": ASKED}).status_code == 404
    assert len(api.requests) == 5


def for_ever(api):
    """An API that goes on and on; a connection that is closed ends it."""

    def script(handler):
        def payloads():
            while not api.over.wait(0.1):
                yield delta("on ")

        handler.stream(payloads())

    api.script = script


@pytest.mark.parametrize("leave", ["never opened", "dropped"])
@pytest.mark.parametrize("way", ["call", "queue"])
def test_what_nobody_hears_of_ends_within_seconds(api, plain, way, leave):
    for_ever(api)
    if way == "call":
        body = {"data": ASKED, "session_hash": f"a-name-of-its-own-{leave}"}
        path = f"call/ask_video/{plain.post('call/ask_video', json=body).json()['event_id']}"
    else:
        config = plain.get("../config").json()
        name = next(one for one in config["dependencies"] if one["api_name"] == "ask_video")
        body = {"data": ASKED, "session_hash": f"ann-{leave}", "fn_index": name["id"]}
        plain.post("queue/join", json=body)
        path = f"queue/data?session_hash=ann-{leave}"
    if leave == "dropped":
        with plain.stream("GET", path) as stream:
            next(stream.iter_lines())
    assert api.hung_up.wait(15)


def test_who_hears_of_it_gets_it_however_long_it_takes(api, plain):
    def script(handler):
        time.sleep(7)  # longer than a run goes on of which nobody hears
        handler.answer_json(completion("late words"))

    api.script = script
    body = {"data": ASKED, "session_hash": "a-name-of-its-own"}
    event = plain.post("call/ask_video", json=body).json()["event_id"]
    assert "late words" in plain.get(f"call/ask_video/{event}").text
