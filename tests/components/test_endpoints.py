"""What programs may ask, and what becomes of their words."""

import asyncio
import contextlib
import json
from dataclasses import fields, replace
from pathlib import Path

import orjson
import pytest

from components.parameters import ENDPOINTS
from components.question import TASKS
from components.result.pace import TICK_S
from components.streams import MCP_CALL
from components.texts import LANGUAGES, Texts
from services.assistant import Bill, Delta, Fault, Fit, LocalFile, Options, Progress, VideoLink
from services.errors import Busy, IncompleteAnswer
from tests.components.pages import REPORT, Noting, Page, visitor

pytestmark = pytest.mark.anyio

EN = Texts("en")
KINDS = {"ask_audio": "audio", "ask_video": "video"}
FILES = {"ask_audio": {"audio": "/tmp/it.mp3"}, "ask_video": {"video": "/tmp/it.mp4"}}


def _values(name, given):
    (end,) = (one for one in ENDPOINTS if one.name == name)
    assert set(given) <= {one.name for one in end.parameters}
    # What Gradio hands over: the text of whatever was given, or what is left out.
    return [
        str(given[one.name]) if given.get(one.name) is not None else None for one in end.parameters
    ]


async def _every(page, name, *, header="en", who="ann", **given):
    """All that a program is told."""
    asking = visitor(header, who)
    return [one async for one in page.listeners(name)[0].fn(asking, *_values(name, given))]


async def _asked(page, name="ask_audio", **given):
    return (await _every(page, name, **FILES[name] | given))[-1]


# --- what is asked ----------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
async def test_each_word_goes_where_it_belongs(page, assistant, name, kind):
    await _asked(page, name, prompt="Who speaks?", model="maker/own", api_key="ak_mine")
    (ask,) = assistant.asked
    assert ask.media == LocalFile(Path(next(iter(FILES[name].values()))), kind)
    assert (ask.prompt, ask.model) == ("Who speaks?", "maker/own")
    assert ask.api_key.get_secret_value() == "ak_mine"


def test_the_first_four_may_be_given_without_their_names():
    firsts = [[one.name for one in end.parameters[:4]] for end in ENDPOINTS]
    assert firsts == [[kind, "prompt", "model", "api_key"] for kind in ("audio", "video")]


@pytest.mark.parametrize("empty", [None, "", "  "], ids=["left out", "empty", "blank"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "prompt"),
    [("ask_audio", "prompt.audio.transcribe"), ("ask_video", "prompt.video.describe")],
)
async def test_what_is_left_empty_has_its_default(page, assistant, name, prompt, language, empty):
    (end,) = (one for one in ENDPOINTS if one.name == name)
    given = {one.name: empty for one in end.parameters[1:]}
    await _asked(page, name, header=language, **given)
    (ask,) = assistant.asked
    assert (ask.prompt, ask.model, ask.api_key) == (Texts(language)(prompt), "maker/both", None)
    assert (ask.fit, ask.in_pieces, ask.options) == (Fit(), False, Options())


@pytest.mark.parametrize("header", LANGUAGES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_language_that_is_named_goes_before_the_headers(
    page, assistant, language, header
):
    await _asked(page, header=header, language=language)
    assert assistant.asked[0].prompt == Texts(language)("prompt.audio.transcribe")


@pytest.mark.parametrize("task", [one for one in TASKS if one != "own"])
@pytest.mark.parametrize(("name", "kind"), KINDS.items())
async def test_a_task_stands_for_its_words(page, assistant, name, kind, task):
    await _asked(page, name, task=task)
    assert assistant.asked[0].prompt == EN(f"prompt.{kind}.{task}")


async def test_words_of_ones_own_go_before_a_task(page, assistant):
    await _asked(page, prompt="Who speaks?", task="translate")
    assert assistant.asked[0].prompt == "Who speaks?"


async def test_a_link_is_asked_about_and_goes_before_a_file(page, assistant):
    await _every(page, "ask_video", url="https://v.example/1")
    await _asked(page, "ask_video", url="https://v.example/2")
    media = [ask.media for ask in assistant.asked]
    assert media == [VideoLink("https://v.example/1"), VideoLink("https://v.example/2")]


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        ({}, None),
        ({"endpoint": "audio/transcriptions"}, "audio/transcriptions"),
        ({"endpoint": "chat/completions", "prompt": "Write it down"}, "chat/completions"),
        ({"endpoint": "audio/transcriptions", "task": "translate"}, None),
    ],
)
async def test_what_a_sound_is_sent_to_may_be_said(page, assistant, given, endpoint):
    await _asked(page, **given)
    assert assistant.asked[0].endpoint == endpoint


async def test_an_endpoint_that_there_is_not_is_refused_by_its_name(page, assistant):
    _, report = await _asked(page, endpoint="audio/speech")
    assert report["error"]["class"] == "BadArgument"
    assert "endpoint" in report["error"]["sentence"]
    assert assistant.asked == []


async def test_options_have_the_names_of_the_form(page, assistant):
    given = {
        "system_prompt": "Be brief.",
        "temperature": 0.5,
        "max_tokens": 100,
        "reasoning_effort": "low",
        "json_schema": '{"type": "object"}',
        "voice": "alloy",
    }
    await _asked(page, **given)
    assert assistant.asked[0].options == Options(**given)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", ["9" * 20, "9" * 5000, "-1", "inf", "-inf", "nan", "1e400"])
@pytest.mark.parametrize("option", ["temperature", "max_tokens"])
async def test_a_number_that_none_is_is_refused_by_its_name(
    page, assistant, option, value, language
):
    content, report = await _asked(page, language=language, **{option: value})
    # What is told can be written, as Gradio writes it.
    told = json.loads(orjson.dumps([content, report]))[1]["error"]
    assert told["class"] in ("BadOption", "BadArgument")
    texts = Texts(language)
    names = {"option": texts(f"options.{option}"), "argument": option}
    assert told["sentence"] == texts(f"error.{told['class']}.what", **names)
    assert assistant.asked == []


@pytest.mark.parametrize("fit", ["9" * 400 + "s", "1000000s", "9" * 20 + "p", "1e999fps"])
async def test_a_size_that_nothing_has_is_refused(page, assistant, fit):
    _, report = await _asked(page, fit=fit)
    assert report["error"]["class"] == "BadArgument"
    assert assistant.asked == []


@pytest.mark.parametrize("name", KINDS)
def test_every_option_may_be_given(name):
    (end,) = (one for one in ENDPOINTS if one.name == name)
    assert {one.name for one in fields(Options)} <= {one.name for one in end.parameters}


async def test_a_part_and_a_smaller_form_may_be_asked_for(page, assistant):
    await _asked(page, "ask_video", fit="speech", trim_from="0:10", trim_to=60)
    (ask,) = assistant.asked
    assert (ask.media.kind, ask.fit) == ("audio", Fit(10.0, 60.0, speech=True))


async def test_a_sound_track_may_be_chosen(page, assistant):
    await _asked(page, "ask_video", track=2)
    assert assistant.asked[0].media.track == 2


async def test_a_long_sound_may_be_asked_about_in_pieces(page, assistant):
    await _asked(page, fit="pieces")
    assert assistant.asked[0].in_pieces


@pytest.mark.parametrize(("name", "form"), [("it.pcm", "pcm16"), ("it.pcm24", "pcm24")])
async def test_bare_samples_are_what_their_name_says(page, assistant, name, form):
    await _asked(page, audio=f"/tmp/{name}")
    assert assistant.asked[0].media.raw.format == form


async def test_bare_samples_are_what_is_said_of_them(page, assistant):
    await _asked(page, audio="/tmp/it.pcm", pcm="pcm24", rate=16_000, channels=2)
    raw = assistant.asked[0].media.raw
    assert (raw.format, raw.sample_rate, raw.channels) == ("pcm24", 16_000, 2)


async def test_a_program_is_not_asked_whether_it_is_sure(page, assistant):
    await _asked(page)
    assert assistant.asked[0].anyway


async def test_each_call_by_mcp_is_a_visitor_of_its_own(page, assistant):
    asking = visitor("en", "the one client of all")
    for call in ("one", "another"):
        asking.headers[MCP_CALL] = call
        values = _values("ask_audio", FILES["ask_audio"])
        [one async for one in page.listeners("ask_audio")[0].fn(asking, *values)]
    await _every(page, "ask_audio", who="ann", **FILES["ask_audio"])
    assert len(set(assistant.visitors)) == 3
    assert assistant.visitors[-1] == "ann"


# --- what cannot be asked ---------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("task", "sing", "BadArgument"),
        ("language", "tlh", "BadArgument"),
        ("fit", "smaller", "BadArgument"),
        ("pcm", "pcm8", "BadArgument"),
        ("rate", "fast", "BadArgument"),
        ("rate", 1, "BadArgument"),
        ("channels", 3, "BadArgument"),
        ("track", -1, "BadArgument"),
        ("temperature", "warm", "BadArgument"),
        ("max_tokens", 1.5, "BadArgument"),
        ("reasoning_effort", "huge", "BadArgument"),
        ("trim_from", "soon", "BadTrim"),
    ],
)
async def test_what_cannot_be_understood_is_told_and_nothing_is_asked(
    page, assistant, name, value, error
):
    content, report = await _asked(page, model="maker/own", **{name: value})
    assert (content, report["error"]["class"]) == ("", error)
    assert report["error"]["billed"] == EN("billed.nothing_sent")
    assert report["asked_model"] == "maker/own"
    if error == "BadArgument":
        assert f"“{name}”" in report["error"]["sentence"]
    assert assistant.asked == []


# --- what is told -----------------------------------------------------------


async def test_it_gets_the_words_and_the_report(page):
    content, report = await _asked(page)
    assert content == "Hello"
    assert report == REPORT.as_mapping() | {"error": None}


class _Telling(Noting):
    """An assistant that tells these events, in seconds between them, and ends with this report."""

    def __init__(self, *steps, report=REPORT):
        super().__init__()
        self._steps = steps
        self._report = report
        self.was_cancelled = asyncio.Event()

    async def run(self, ask, tell, **_):
        with contextlib.ExitStack() as stack:
            stack.callback(self.was_cancelled.set)
            for step in self._steps:
                if isinstance(step, int | float):
                    await asyncio.sleep(step)
                else:
                    tell(step)
            stack.pop_all()
        return self._report


async def _page_over(assistant):
    return await asyncio.to_thread(Page, assistant)  # it wants a loop of its own


async def test_the_text_is_told_as_it_grows_and_the_report_at_the_end():
    page = await _page_over(_Telling(Progress("wait"), Delta("Hel"), 0.3, Delta("lo"), 0.3))
    told = await _every(page, "ask_audio", audio="/tmp/it.mp3")
    assert [content for content, _ in told] == ["Hel", "Hello", "Hello"]
    assert [report is None for _, report in told] == [True, True, False]


async def test_something_is_told_each_second_so_that_who_is_gone_is_noticed():
    page = await _page_over(_Telling(*[Progress("upload", share=0.5), 0.2] * 12))
    told = await _every(page, "ask_audio", audio="/tmp/it.mp3")
    assert told[:-1] == [("", None)] * int(12 * 0.2 / TICK_S)


async def test_a_program_that_goes_away_ends_its_run():
    assistant = _Telling(Delta("Hel"), 60)
    listener = (await _page_over(assistant)).listeners("ask_audio")[0]
    steps = listener.fn(visitor(), *_values("ask_audio", FILES["ask_audio"]))
    assert await anext(steps) == ("Hel", None)
    await steps.aclose()
    assert assistant.was_cancelled.is_set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_run_that_broke_gives_its_words_and_tells_what_a_person_is_told(language):
    fault = Fault.of(Busy("Slow down.", status=429, retry_after_s=30.0))
    broken = replace(REPORT, text="Hel", fault=fault, bill=Bill(refused=1))
    page, texts = await _page_over(_Telling(report=broken)), Texts(language)
    content, report = await _asked(page, header=language)
    assert content == "Hel"
    assert report["error"] == {
        "class": "Busy",
        "sentence": texts("error.Busy.what", status="429"),
        "way_out": texts("error.Busy.next"),
        "said": "Slow down.",
        "retry_after_s": 30.0,
        "worth_a_retry": True,
        "billed": texts("billed.refused"),
    }
    assert report["bill"] == {"answered": 0, "refused": 1, "open": 0}


async def test_what_is_not_known_of_an_error_is_null():
    broken = replace(REPORT, fault=Fault.of(IncompleteAnswer()), bill=Bill(open=1))
    _, report = await _asked(await _page_over(_Telling(report=broken)))
    assert (report["error"]["said"], report["error"]["retry_after_s"]) == (None, None)
    assert report["error"]["billed"] == EN("billed.open")


# --- how it is described ----------------------------------------------------


@pytest.fixture(scope="module")
def info(page):
    return page.blocks.get_api_info()["named_endpoints"]


def test_there_are_two_and_one_for_many(info):
    assert set(info) == {"/ask_audio", "/ask_video", "/ask_many"}


@pytest.mark.parametrize("name", KINDS)
def test_only_the_sound_has_to_be_given(info, name):
    needed = [
        one["parameter_name"]
        for one in info[f"/{name}"]["parameters"]
        if not one["parameter_has_default"]
    ]
    assert needed == (["audio"] if name == "ask_audio" else [])


@pytest.mark.parametrize("end", ENDPOINTS, ids=lambda end: end.name)
def test_what_may_be_given_is_described_by_name_type_purpose_and_example(info, end):
    told = info[f"/{end.name}"]
    assert told["description"] == end.about
    for one, said in zip(end.parameters, told["parameters"], strict=True):
        assert said["parameter_name"] == said["label"] == one.name
        assert said["python_type"]["description"] == one.about
        assert said["example_input"] == one.example


TYPES = {
    "audio": "filepath",
    "prompt": "str",
    "task": "Literal['transcribe', 'translate', 'summarise', 'describe', 'own'] | None",
    "language": "Literal['en', 'ru'] | None",
    "fit": "str | None",
    "rate": "int | None",
    "temperature": "float | None",
}


@pytest.mark.parametrize(("name", "kind"), TYPES.items())
def test_a_parameter_has_the_type_of_what_it_takes(info, name, kind):
    types = {
        one["parameter_name"]: one["python_type"]["type"]
        for one in info["/ask_audio"]["parameters"]
    }
    assert types[name] == kind


@pytest.mark.parametrize("end", ENDPOINTS, ids=lambda end: end.name)
def test_an_example_is_one_that_is_understood(end):
    texts = {one.name: str(one.example) for one in end.parameters[1:]}
    assert set(end.read(texts)) == set(texts)


@pytest.mark.parametrize("name", KINDS)
def test_what_comes_back_is_called_by_these_names(info, name):
    assert [one["label"] for one in info[f"/{name}"]["returns"]] == ["content", "report"]
