"""Nobody fills the queue."""

import asyncio
import base64
import json
import threading

import gradio as gr
import httpx
import pytest

from components.fairness import MOST_OF_ONE, share_fairly
from components.guard import GuardedBlocks
from components.page import create_page
from components.session import Sessions
from components.texts import LANGUAGES, Texts, browser_texts
from services.assistant import Assistant
from services.batch import Batches
from services.external_api.client import Client
from services.settings import Settings
from tests import making
from tests.browser.scripted_api import ScriptedApi
from tests.components.pages import NOWHERE
from tests.components.served import served
from tests.several import WAIT, echo, until

#: After each run Gradio 6.31 counts all of them in a way that pandas 4 is to lose.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")


@pytest.fixture
def over():
    """Set once whoever is in the queue may come to an end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def client(over):
    """A page on which nothing ends before it is ``over``, and of which few may wait."""

    async def wait(value):
        await asyncio.to_thread(over.wait)
        return value

    def create():
        with GuardedBlocks(analytics_enabled=False) as page:
            box = gr.Textbox()
            box.change(wait, box, box, api_name="wait", concurrency_limit=1)
        page.queue(max_size=MOST_OF_ONE + 8, api_open=False)
        share_fairly(page, Sessions(trusted_proxies=1).payer)
        return page

    with served(create) as (_, client):
        client.base_url = client.base_url.join("gradio_api/")
        yield client
        over.set()


def join(client, session, **headers):
    body = {"fn_index": 0, "data": ["a"], "session_hash": session}
    return client.post("queue/join", json=body, headers=headers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_has_enough_in_the_queue_is_told_so_and_others_notice_nothing(client, language):
    greedy = [join(client, "greedy") for _ in range(MOST_OF_ONE)]
    refused = join(client, "greedy", **{"accept-language": language})
    assert {one.status_code for one in greedy} == {200}
    assert refused.status_code == 503
    assert refused.json()["detail"].startswith(Texts(language)("error.AppBusy.what"))
    assert join(client, "another").status_code == 200


def test_one_address_is_one_whatever_it_calls_itself(client):
    address = {"x-forwarded-for": "203.0.113.9"}
    told = [join(client, f"s{number}", **address).status_code for number in range(MOST_OF_ONE + 1)]
    assert told == [200] * MOST_OF_ONE + [503]


def test_when_all_of_it_is_full_that_is_told_in_a_sentence_too(client):
    told = [join(client, f"s{number}") for number in range(MOST_OF_ONE + 20)]
    refused = [one for one in told if one.status_code == 503]
    assert refused
    assert refused[0].json()["detail"].startswith(Texts("en")("error.AppBusy.what"))


def test_what_is_over_makes_room(client, over):
    for _ in range(MOST_OF_ONE):
        join(client, "greedy")
    assert join(client, "greedy").status_code == 503
    over.set()
    client.get("queue/data", params={"session_hash": "greedy"})
    assert join(client, "greedy").status_code == 200


# Fifty visitors of the whole page at once, one of whom wants all of it.

VISITORS, RUNS_OF_ONE = 50, 60
GREEDY = f"{WAIT}for me."
AT_ONCE = 6


@pytest.fixture
def echoing():
    """An API that says what it was asked; the greedy one's answers it begins, and holds."""
    with ScriptedApi() as api:
        api.script = echo(api)
        yield api


@pytest.fixture
def app(echoing, workshop):
    """The address of a page over ``echoing``, behind a proxy that says who comes."""
    environ = {
        "EXTERNAL_API_BASE_URL": echoing.base_url,
        "EXTERNAL_API_KEY": echoing.key,
        "VISITOR_AT_ONCE": str(AT_ONCE),
    }
    client = Client(echoing.base_url)
    assistant = Assistant(Settings.from_environ(environ), workshop, client)

    batches = Batches(assistant, workshop, Settings(), NOWHERE)

    def create():
        return create_page(assistant, batches, browser_texts(), Sessions(trusted_proxies=1))

    with served(create) as (page, _):
        yield page.local_url
        echoing.over.set()
        assistant.stop(5)


@pytest.fixture
def sound(tmp_path):
    """A sound, as short as the page of the tests takes them."""
    path, tone = tmp_path / "a.wav", making.tone(0.05, rate=8000)
    making.write_sound(path, tone, container="wav", codec="pcm_s16le", rate=8000)
    return path.read_bytes()


class Visitor(httpx.AsyncClient):
    """Somebody at an address of their own."""

    CALL = "gradio_api/call/v2/ask_audio"

    def __init__(self, url, number):
        headers = {"x-forwarded-for": f"198.51.100.{number}"}
        # A server closes what is idle, and may do so just when something is sent there.
        fresh = httpx.Limits(max_keepalive_connections=0)
        super().__init__(base_url=url, headers=headers, trust_env=False, timeout=60, limits=fresh)

    async def upload(self, sound):
        return (await self.post("gradio_api/upload", files={"files": ("a.wav", sound)})).json()[0]

    async def begin(self, question, path):
        """What is said to a question about an upload."""
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        asked = {"audio": file, "prompt": question, "model": "openai/gpt-4o"}
        return await self.post(self.CALL, json=asked)

    async def hear(self, begun):
        """The content and the report of what was begun."""
        told = await self.get(f"{self.CALL}/{begun.json()['event_id']}")
        return json.loads(told.text.rpartition("data: ")[2])

    async def ask(self, question, sound):
        """All of it, as one who has one question."""
        return await self.hear(await self.begin(question, await self.upload(sound)))


@pytest.mark.anyio
async def test_of_fifty_at_once_one_is_greedy_and_nobody_else_waits_for_that_one(
    app, echoing, sound
):
    def asked_by_greedy():
        asked = [one["messages"][-1]["content"] for one in list(echoing.requests)]
        return sum(GREEDY in json.dumps(one) for one in asked)

    people = [Visitor(app, number) for number in range(1, VISITORS + 1)]
    greedy, others = people[0], people[1:]
    path = await greedy.upload(sound)
    begun = await asyncio.gather(*(greedy.begin(GREEDY, path) for _ in range(RUNS_OF_ONE)))
    assert {one.status_code for one in begun} <= {200, 503}
    taken = [one for one in begun if one.status_code == 200]
    hearing = [asyncio.create_task(greedy.hear(one)) for one in taken]
    await asyncio.to_thread(until, lambda: asked_by_greedy() == AT_ONCE)

    told = await asyncio.gather(
        *(one.ask(f"I am {number}.", sound) for number, one in enumerate(others))
    )

    heard = base64.b64encode(sound).decode()
    assert [report["error"] for _, report in told if report["error"] is not None] == []
    assert [content for content, _ in told] == [
        f"I am {number}. {heard}" for number in range(len(others))
    ]
    # All of these were served, and of the greedy one's none has come to an end.
    assert asked_by_greedy() == AT_ONCE
    echoing.over.set()
    reports = [report for _, report in await asyncio.gather(*hearing)]
    ends = [report["error"] and report["error"]["class"] for report in reports]
    assert ends.count(None) == AT_ONCE
    assert set(ends) == {None, "TooManyAtOnce"}
    for one in people:
        await one.aclose()
