"""An answer as files: the words, Markdown, JSON that can be read back."""

import dataclasses
import json
from datetime import UTC, datetime

import pydantic
import pytest

from components.result.exports import Told, exports, read_back
from components.texts import LANGUAGES, Texts
from services.assistant import (
    Bill,
    Extras,
    Fault,
    MediaFacts,
    Misfit,
    Options,
    Report,
    SentRequest,
    Turn,
    Validation,
)
from services.assistant.report import RunTimings
from services.media.values import Sound, Span
from tests.services.assistant.code.calls import asked, report_of, sound

EN, RU = Texts("en"), Texts("ru")
WHEN = datetime(2026, 8, 5, 14, 2, tzinfo=UTC)
SOUND = Sound("mp3", 16_000, 1, 2.25, -20.46, 0.25)
AUDIO = SentRequest(
    part="input_audio",
    format="mp3",
    file_bytes=23_348,
    base64_bytes=31_132,
    duration_s=2.25,
    converted_from="wav (pcm_s16le)",
    change="transcode",
    facts=MediaFacts("mp3", 23_348, 2.25, SOUND, None),
)
REPORT = Report(
    text="Привет, **world**.\n",
    asked_model="maker/model",
    options=Options(temperature=0.5),
    model="maker/model",
    provider="Maker",
    finish_reason="stop",
    usage={"prompt_tokens": 1234, "completion_tokens": 56, "cost": 0.0000123},
    timings_ms=RunTimings(50, 100, 200, 300, 400, 1050, None),
    request=AUDIO,
    bill=Bill(answered=1),
)


def told(question="What is\nsaid?", when=WHEN, title="", **changes):
    return Told(question, dataclasses.replace(REPORT, **changes), when, title)


def test_text_is_the_words_alone():
    assert exports(told(), EN)["txt"] == "Привет, **world**.\n"


def test_markdown_has_the_question_the_answer_and_the_facts():
    assert exports(told(title="A voice\nnote"), EN)["md"] == (
        "# A voice note\n\n> What is\n> said?\n\nПривет, **world**.\n\n---\n\n"
        "- Asked: 5 August 2026, 14:02 UTC\n"
        "- Model: maker/model\n"
        "- Provider: Maker\n"
        "- Cost: 0.0000123 USD\n"
        "- Prompt tokens: 1,234\n"
        "- Answer tokens: 56\n"
        "- Wait for the first words: 300\u00a0ms\n".replace("\u00a0", " ")
        + "- Total: 1,050 ms\n"
        "- Server's own time: not reported\n"
        "- Sent: /chat/completions, input_audio, mp3, 2.25 sec, 22.8 kB, "
        "converted from wav (pcm_s16le)\n"
        "- Temperature: 0.5\n"
    )


def test_markdown_is_in_the_visitors_language():
    shown = exports(told(), RU)["md"]

    assert "- Когда: 5 августа 2026, 14:02 UTC\n" in shown
    assert "не сообщ" in shown


def test_markdown_names_the_model_that_was_asked_where_another_answered():
    shown = exports(told(model="other/one", warnings=("another_model",)), EN)["md"]

    assert "- Model: other/one (asked for: maker/model)\n" in shown
    assert "*Another model answered: other/one." in shown


def test_markdown_says_that_an_answer_is_not_complete():
    shown = exports(told(fault=Fault("ConnectionLost")), EN)["md"]

    assert "\n\n*This answer is not complete. The connection broke after sending began.*" in shown


def test_a_link_is_named_as_what_was_sent():
    link = SentRequest("video_url", link="https://v.example/1")

    assert (
        "- Sent: /chat/completions, Link https://v.example/1\n"
        in exports(told(request=link), EN)["md"]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_not_reported_and_never_a_number(language):
    texts = Texts(language)
    unknown = told(
        model=None,
        provider=None,
        usage=None,
        request=None,
        timings_ms=RunTimings(None, None, None, None, None, 7, None),
    )
    lines = [line for line in exports(unknown, texts)["md"].splitlines() if line.startswith("- ")]

    assert sum(line.endswith(f": {texts('unknown')}") for line in lines) == len(lines) - 2


def test_json_is_read_back_as_it_was():
    assert read_back(exports(told(title="T"), EN)["json"]) == told(title="T")


def test_json_says_what_it_is_and_in_which_version():
    saved = json.loads(exports(told(), EN)["json"])

    assert (saved["format"], saved["version"]) == ("show-and-tell.answer", 1)


def test_no_media_is_in_any_file():
    extras = Extras(
        reasoning="Hm", sounds=("data:audio/wav;base64,AAAA",), images=("data:image/png;base64,B",)
    )
    files = exports(told(extras=extras), EN)

    assert "base64,A" not in "".join(files.values())
    assert "base64,B" not in "".join(files.values())
    assert read_back(files["json"]).report.extras == Extras(reasoning="Hm")


def test_without_words_there_is_json_alone():
    assert set(exports(told(text=" \n", fault=Fault("TimedOut")), EN)) == {"json"}


@pytest.mark.parametrize(
    "change",
    [{"format": "another"}, {"version": 2}, {"when": "x"}, {"report": {}}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_no_export_is_refused(change):
    saved = json.loads(exports(told(), EN)["json"]) | change

    with pytest.raises(pydantic.ValidationError):
        read_back(json.dumps(saved))


def test_the_question_is_not_in_the_repr():
    assert "said" not in repr(told())


def test_an_answer_with_times_has_subtitles():
    files = exports(told(text="[0:00] Hello\n[0:01] there"), EN)

    assert files["srt"].startswith("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    assert files["vtt"].startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello\n")


@pytest.mark.parametrize(("texts", "why"), [(EN, "past the end"), (RU, "позже конца записи")])
def test_subtitles_say_which_times_are_made_up(texts, why):
    sent = dataclasses.replace(AUDIO, span=Span(0.0, 2.25))
    files = exports(told(text="[0:00] Hello\n[0:09] there", request=sent), texts)

    assert f"00:00:09,000 --> 00:00:13,000\n[{why}] there\n" in files["srt"]
    assert f"00:00:09.000 --> 00:00:13.000\n[{why}] there\n" in files["vtt"]


def test_subtitles_of_a_part_have_the_times_of_the_file():
    sent = dataclasses.replace(AUDIO, span=Span(60.0, 62.25), times_from_s=60.0)
    files = exports(told(text="[0:00] Hello\n[0:01] there", request=sent), EN)

    assert files["srt"].startswith("1\n00:01:00,000 --> 00:01:01,000\nHello\n")


def test_an_answer_without_times_has_none():
    assert set(exports(told(), EN)) == {"txt", "md", "json"}


def test_of_a_request_that_can_be_told_there_is_a_har():
    request = asked(sound(), "What?")
    shown = exports(Told("What?", report_of(request, sound()), WHEN), EN)

    assert json.loads(shown["har"])["log"]["entries"][0]["request"]["bodySize"] == (
        request.content_length
    )


def test_of_pieces_there_is_none():
    request = asked(sound(), "What?")
    pieces = {"base64_bytes": 8, "body_bytes": 2 * request.content_length, "pieces": 2}
    report = report_of(request, sound(), **pieces)

    assert Told("What?", report, WHEN).call.pieces == 2
    assert "har" not in exports(Told("What?", report, WHEN), EN)


def test_a_conversation_is_kept_with_its_last_answer():
    conversation = dataclasses.replace(told(), earlier=(Turn("Who?", "A cat."),))
    files = exports(conversation, EN)

    assert "> Who?\n\nA cat.\n\n> What is\n> said?\n\nПривет" in files["md"]
    assert files["txt"] == "Привет, **world**.\n"
    assert read_back(files["json"]) == conversation
    assert "cat" not in repr(conversation)


def test_markdown_has_json_as_json_and_where_it_does_not_fit():
    validation = Validation("misfit", (Misfit("$.guests", "minimum", "1", "0"),))
    options = Options(json_schema='{"title": "party"}')
    of = told(text='{"guests":0}', validation=validation, options=options)
    shown = exports(of, EN)["md"]
    assert '```json\n{\n  "guests": 0\n}\n```\n\n*The answer does not fit' in shown
    assert "\n\n- `$.guests` should be at least 1 and is 0\n\n---" in shown
    assert "\n- JSON schema of the answer: party, strict\n" in shown
    back = read_back(exports(of, EN)["json"]).report
    assert (back.validation, back.options) == (validation, options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_says_what_is_no_json(language):
    texts = Texts(language)
    shown = exports(told(text="Three.", validation=Validation("not_json")), texts)["md"]
    assert f"Three.\n\n*{texts('validation.not_json')}*\n\n---" in shown
