"""The names of requests: whose they are, where they are told, and what is logged under them."""

import logging

import gradio as gr
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from components.guard import GuardedBlocks
from components.request_id import Named, NamesRequest
from tests.components.served import served

pytestmark = [
    pytest.mark.anyio,
    # After each run Gradio 6.31 counts all of them in a way that pandas 4 is to lose.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]

PROXYS = "0123456789abcdef0123456789abcdef"
log = logging.getLogger("tests.request_id")


@pytest.fixture
def lines(caplog):
    """What is logged, as what writes it down gets it."""
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(names := NamesRequest())
    yield caplog
    caplog.handler.removeFilter(names)


def name_of(record):
    return getattr(record, "request_id", None)


async def asked(told, *, is_proxy_trusted):
    """The name that the app sees, and the one in the answer."""

    async def seen(request):
        log.info("asked")
        return PlainTextResponse(",".join(request.headers.getlist("x-request-id")))

    named = Middleware(Named, is_proxy_trusted=is_proxy_trusted)
    app = Starlette(routes=[Route("/", seen)], middleware=[named])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
        answer = await client.get("/", headers=[("X-Request-ID", one) for one in told])
    return answer.text, answer.headers["x-request-id"]


async def test_a_request_has_a_name_of_its_own_that_its_answer_and_its_lines_have_too(lines):
    names = [await asked([], is_proxy_trusted=False) for _ in range(2)]
    assert [seen for seen, _ in names] == [told for _, told in names]
    assert len(set(names)) == 2
    logged = [name_of(one) for one in lines.records if one.name == log.name]
    assert logged == [seen for seen, _ in names]


async def test_the_name_that_a_trusted_proxy_gives_is_taken():
    assert await asked([PROXYS], is_proxy_trusted=True) == (PROXYS, PROXYS)


@pytest.mark.parametrize(
    ("told", "is_proxy_trusted"),
    [
        ([PROXYS], False),
        (["short"], True),
        (["a" * 65], True),
        (["a b" * 10], True),
        ([f'{PROXYS}"}}'], True),
        ([""], True),
    ],
)
async def test_another_is_not_and_nobody_sees_it(told, is_proxy_trusted):
    seen, answered = await asked(told, is_proxy_trusted=is_proxy_trusted)
    assert seen == answered
    assert seen not in told
    assert len(seen) == 32


def test_what_a_run_logs_has_the_name_of_the_request_that_brought_it(lines):
    async def work(value):
        log.info("a run")
        yield value
        log.info("it goes on")
        yield value

    def create():
        with GuardedBlocks(analytics_enabled=False) as page:
            box = gr.Textbox()
            box.change(work, box, box, api_name="work")
        return page

    with served(create) as (_, client):
        names = []
        for _ in range(2):
            begun = client.post("gradio_api/call/work", json={"data": ["a"]})
            names.append(begun.headers["x-request-id"])
            client.get(f"gradio_api/call/work/{begun.json()['event_id']}")
    logged = [name_of(one) for one in lines.records if one.name == log.name]
    assert logged == [names[0]] * 2 + [names[1]] * 2


def test_what_is_about_no_request_has_no_name(lines):
    log.info("by itself")
    assert [name_of(one) for one in lines.records] == [None]
