"""A bug of ours, wherever it is: what the person reads, and what the log has."""

import logging

import gradio as gr
import pytest
from starlette.requests import Request

from components.guard import guarded
from components.texts import LANGUAGES, Texts

pytestmark = pytest.mark.anyio


async def handler(request: gr.Request):
    raise KeyError("ak_canary")


async def generator(request: gr.Request):
    yield "first"
    raise KeyError("ak_canary")


async def call(one, request):
    found = guarded(one)(request)
    return [step async for step in found] if hasattr(found, "__aiter__") else await found


def asking(language):
    headers = [(b"accept-language", language.encode())]
    return gr.Request(request=Request({"type": "http", "headers": headers}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", [handler, generator])
async def test_a_bug_is_told_as_ours_and_leaves_its_place_without_its_message(
    one, language, caplog, capsys
):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(gr.Error) as told:
        await call(one, asking(language))
    assert Texts(language)("error.AppFailed.what") in told.value.message
    assert not told.value.print_exception
    assert "KeyError < tests/components/test_guard.py:" in caplog.text
    printed = capsys.readouterr()
    assert "canary" not in f"{told.value} {caplog.text} {printed}"


async def test_what_was_worded_for_a_person_goes_through():
    async def refuse(_):
        raise gr.Error("No such thing.")

    with pytest.raises(gr.Error, match="No such thing"):
        await call(refuse, asking("en"))


async def test_what_comes_before_a_bug_comes_through():
    steps = guarded(generator)(asking("en"))
    assert await anext(steps) == "first"


def test_gradio_sees_the_handlers_own_parameters():
    assert gr.utils.get_function_params(guarded(handler)) == gr.utils.get_function_params(handler)
    assert gr.utils.is_special_typed_parameter("request", guarded(handler).__annotations__)
