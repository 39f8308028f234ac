"""What programs may ask, and what becomes of their words."""

from dataclasses import replace

import gradio as gr
import pytest

from components.texts import LANGUAGES, Texts
from services.assistant import Fault
from services.errors import NotMedia
from tests.components.pages import REPORT, Noting, Page, visitor

pytestmark = pytest.mark.anyio

EN = Texts("en")
KINDS = {"ask_audio": "audio", "ask_video": "video"}


@pytest.fixture(scope="module")
def page():
    return Page()


@pytest.fixture
def assistant(page):
    """The page's assistant, with nothing noted yet."""
    page.assistant.__init__()
    return page.assistant


async def _asked(page, name, *given, language="en"):
    return await page.listeners(name)[0].fn(*given, visitor(language))


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
async def test_each_word_goes_where_it_belongs(page, assistant, name, kind):
    await _asked(page, name, "/tmp/it.bin", "Who speaks?", "maker/own", "ak_mine")
    (ask,) = assistant.asked
    assert (str(ask.media.path), ask.media.kind) == ("/tmp/it.bin", kind)
    assert (ask.prompt, ask.model) == ("Who speaks?", "maker/own")
    assert ask.api_key.get_secret_value() == "ak_mine"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "prompt"),
    [("ask_audio", "prompt.audio.transcribe"), ("ask_video", "prompt.video.describe")],
)
async def test_what_is_left_empty_has_its_default(page, assistant, name, prompt, language):
    await _asked(page, name, "/tmp/it.bin", " ", " ", " ", language=language)
    (ask,) = assistant.asked
    assert (ask.prompt, ask.model, ask.api_key) == (Texts(language)(prompt), "maker/both", None)


@pytest.mark.parametrize(("name", "form"), [("it.pcm", "pcm16"), ("it.pcm24", "pcm24")])
async def test_bare_samples_are_what_their_name_says(page, assistant, name, form):
    await _asked(page, "ask_audio", f"/tmp/{name}", "", "", "")
    assert assistant.asked[0].media.raw.format == form


async def test_a_program_is_not_asked_whether_it_is_sure(page, assistant):
    await _asked(page, "ask_audio", "/tmp/it.mp3", "", "", "")
    assert assistant.asked[0].anyway


async def test_it_gets_the_words_and_the_report(page):
    content, report = await _asked(page, "ask_audio", "/tmp/it.mp3", "", "", "")
    assert content == "Hello"
    assert report == REPORT.as_mapping()


class _Failing(Noting):
    async def run(self, ask, tell, **_):
        return replace(REPORT, text="", fault=Fault.of(NotMedia()))


@pytest.fixture(scope="module")
def failing():
    return Page(_Failing())


async def test_a_failure_is_told_in_the_callers_language_and_not_printed(failing):
    with pytest.raises(gr.Error) as told:
        await _asked(failing, "ask_audio", "/tmp/it.mp3", "", "", "", language="ru")
    assert Texts("ru")("error.NotMedia.what") in told.value.message
    assert not told.value.print_exception


def test_there_are_two_and_they_are_called_by_these_names(page):
    ends = page.blocks.get_api_info()["named_endpoints"]
    parameters = {
        name: [(one["parameter_name"], one["parameter_has_default"]) for one in end["parameters"]]
        for name, end in ends.items()
    }
    words = [("prompt", True), ("model", True), ("api_key", True)]
    assert parameters == {
        "/ask_audio": [("audio", False), *words],
        "/ask_video": [("video", False), *words],
    }


@pytest.mark.parametrize("name", KINDS)
def test_what_comes_back_is_called_by_these_names(page, name):
    end = page.blocks.get_api_info()["named_endpoints"][f"/{name}"]
    assert [one["label"] for one in end["returns"]] == ["content", "report"]
