"""Nobody fills the queue."""

import asyncio
import threading

import gradio as gr
import pytest

from components.fairness import MOST_OF_ONE, share_fairly
from components.guard import GuardedBlocks
from components.session import Sessions
from components.texts import LANGUAGES, Texts
from tests.components.served import served

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
