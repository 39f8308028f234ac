"""What a router says that it passed on: which media, and never those themselves."""

import json

import pytest

from services.external_api.answer import AnswerReader
from services.external_api.passed_on import PassedMedia, PassedOn, passed_on_in
from services.external_api.request import VideoLink, chat_request
from tests.capture import HELLO, streamed
from tests.services.external_api.driving import CANARY, client_at, told

pytestmark = pytest.mark.anyio

DATA = "SUQz" * 100


def echo(body):
    return {"choices": [], "debug": {"echo_upstream_body": body}}


def content(*parts):
    return {"model": "voxtral", "messages": [{"role": "user", "content": list(parts)}]}


TEXT = {"type": "text", "text": "What is said?"}
#: How providers have media → what is told of it.
SHAPES = {
    "OpenAI": (
        content(TEXT, {"type": "input_audio", "input_audio": {"data": DATA, "format": "mp3"}}),
        PassedMedia("input_audio", "mp3", 400),
    ),
    "Mistral": (
        content(TEXT, {"type": "input_audio", "input_audio": DATA}),
        PassedMedia("input_audio", None, 400),
    ),
    "a data URL": (
        content({"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{DATA}"}}),
        PassedMedia("video_url", "video/mp4", 400),
    ),
    "Gemini": (
        {
            "model": "voxtral",
            "contents": [{"parts": [{"inlineData": {"mimeType": "audio/mp3", "data": DATA}}]}],
        },
        PassedMedia("inlineData", "audio/mp3", 400),
    ),
    "Anthropic": (
        content({"type": "audio", "source": {"media_type": "audio/mpeg", "data": DATA}}),
        PassedMedia("source", "audio/mpeg", 400),
    ),
    "an address": (
        content({"type": "video_url", "video_url": {"url": "https://v.example/1"}}),
        PassedMedia("video_url", None, None),
    ),
    "a word in its place": (
        content({"type": "input_audio", "input_audio": {"data": "<31 kB>", "format": "mp3"}}),
        PassedMedia("input_audio", "mp3", None),
    ),
}


@pytest.mark.parametrize(("body", "media"), SHAPES.values(), ids=SHAPES)
def test_media_are_found_in_whichever_shape_a_provider_has_them(body, media):
    assert passed_on_in(echo(body)) == PassedOn("voxtral", (media,))


@pytest.mark.parametrize(
    "body",
    [
        content(TEXT),
        content({"type": "text", "text": DATA}),
        {"model": "voxtral", "source": "a text with blanks", "audio": {"voice": "alloy"}},
        {"model": "voxtral", "input_audio": None, "file": [], "inlineData": {}},
    ],
    ids=["text", "a long word", "texts of other kinds", "nothing"],
)
def test_what_is_no_media_is_none(body):
    assert passed_on_in(echo(body)) == PassedOn("voxtral", ())


@pytest.mark.parametrize(
    "payload",
    [{}, {"debug": None}, {"debug": []}, {"debug": {}}, echo(None), echo("body")],
    ids=str,
)
def test_where_nothing_is_told_nothing_is_known(payload):
    assert passed_on_in(payload) is None


def test_of_much_that_is_told_a_little_is_kept():
    deep = many = {"input_audio": DATA}
    for _ in range(100):
        deep = {"one": deep}
    assert passed_on_in(echo(deep)) == PassedOn(None, ())
    assert len(passed_on_in(echo({"all": [many] * 1000})).media) == 10


def test_neither_a_key_nor_media_are_in_it():
    body = {"model": CANARY, "input_audio": {"data": DATA, "format": CANARY}}
    shown = repr(passed_on_in(echo(body), CANARY))
    assert CANARY not in shown
    assert DATA not in shown


def test_it_is_asked_for_where_it_is_wanted():
    link = VideoLink("https://v.example/1")
    wanted = json.loads(chat_request("m", "?", link, echoes=True).head)
    assert wanted["debug"] == {"echo_upstream_body": True}
    assert "debug" not in json.loads(chat_request("m", "?", link).head)


async def test_the_first_chunk_of_a_stream_tells_and_the_words_follow():
    body = content({"type": "input_audio", "input_audio": {"data": DATA, "format": "mp3"}})
    async with client_at(streamed(echo(body), *HELLO)) as (client, _):
        outcome = await told(client)
    assert outcome.words == "Hello"
    assert outcome.exchange.completion.passed_on.media == (PassedMedia("input_audio", "mp3", 400),)


def test_a_later_chunk_takes_nothing_back():
    reader = AnswerReader()
    reader.take(echo(content()))
    reader.take({"choices": [], "debug": {"timings": {}}})
    assert reader.so_far().passed_on == PassedOn("voxtral", ())
