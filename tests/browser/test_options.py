"""What else a model is told: only what it takes is shown and sent, and what was typed stays."""

import base64
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import running_app
from tests.browser.scripted_api import ScriptedApi, completion, delta
from tests.browser.steps import (
    PATIENCE_MS,
    ask,
    choose_model,
    error,
    is_wide,
    open_fold,
    open_page,
    row,
    upload,
    wait_until_done,
)
from tests.clips import clip

TAKEN = {
    "maker/all": ["temperature", "max_tokens", "reasoning", "structured_outputs"],
    "maker/plain": ["max_tokens"],
    "maker/speaks": ["max_tokens"],
}


@pytest.fixture(scope="module")
def optioned(tmp_path_factory):
    """An app whose API lists what its models take."""
    models = [
        {
            "id": one,
            "architecture": {
                "input_modalities": ["text", "audio"],
                "output_modalities": ["text", "audio"] if one == "maker/speaks" else ["text"],
            },
            "supported_parameters": taken,
        }
        for one, taken in TAKEN.items()
    ]
    with ScriptedApi(catalogue={"data": models}) as api:
        environ = {"EXTERNAL_API_BASE_URL": api.base_url, "EXTERNAL_API_KEY": api.key}
        with running_app(tmp_path_factory.mktemp("optioned"), environ) as app:
            yield app, api


@pytest.fixture
def api(optioned):
    optioned[1].reset()
    optioned[1].script = lambda handler: handler.answer_json(completion("It is a party."))
    return optioned[1]


@pytest.fixture
def given(page, optioned, api):
    """The page, with a sound and the options unfolded."""
    open_page(page, optioned[0].url)
    upload(page, "audio-file", clip("party.mp3"))
    open_fold(page, "options")
    expect(page.locator("#system-prompt textarea")).to_be_visible()
    return page


def test_what_a_model_does_not_take_is_hidden_unsent_and_there_again_with_one_that_does(given, api):
    temperature = given.locator("#temperature input, #temperature textarea")
    choose_model(given, "maker/all")
    expect(given.locator("#options-hidden")).to_be_hidden()
    temperature.fill("0,5")
    given.locator("#max-tokens input, #max-tokens textarea").fill("70")
    choose_model(given, "maker/plain")
    expect(temperature).to_be_hidden()
    expect(given.locator("#reasoning-effort")).to_be_hidden()
    expect(given.locator("#options-hidden")).to_be_visible()
    ask(given)
    wait_until_done(given)
    expect(row(given, "options.max_tokens")).to_have_text("70")
    expect(row(given, "options.temperature")).to_have_count(0)
    choose_model(given, "maker/all")
    expect(temperature).to_have_value("0,5")
    ask(given)
    expect(row(given, "options.temperature")).to_have_text("0.5")
    plain, whole = [json.dumps(one) for one in api.requests]
    assert '"temperature"' not in plain
    assert '"temperature": 0.5' in whole
    assert '"max_tokens": 70' in plain


SCHEMA = json.dumps(
    {
        "title": "party",
        "type": "object",
        "properties": {"guests": {"type": "integer", "minimum": 1}, "host": {"type": "string"}},
        "required": ["guests", "host"],
        "additionalProperties": False,
    }
)


def type_schema(page, schema):
    """Type a schema, and go on."""
    page.locator("#json-schema textarea").fill(schema)
    page.locator("#system-prompt textarea").focus()


def test_a_bad_schema_is_told_before_anything_is_sent(given, api):
    note = given.locator("#schema-note")
    type_schema(given, '{"type": "strng"}')
    expect(note).to_contain_text("what stands at $.type means nothing there, “strng”")
    ask(given)
    expect(error(given, "SchemaInvalid")).to_contain_text("nothing was sent", ignore_case=True)
    type_schema(given, '{"$ref": "https://a.example/x.json"}')
    expect(note).to_contain_text("which is not in it, and nothing is fetched")
    type_schema(given, SCHEMA)
    expect(note).to_contain_text("A good schema, called “party”.")
    type_schema(given, "")
    expect(note).to_be_empty()
    assert api.requests == []


def test_an_answer_that_fits_is_shown_as_json(given, api):
    def script(handler):
        def payloads():
            yield delta('{"guests":3,')
            assert api.over.wait(PATIENCE_MS / 1000)
            yield delta('"host":"<b>Ann</b>"}')
            yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

        handler.stream(payloads())

    api.script = script
    type_schema(given, SCHEMA)
    ask(given)
    shown = given.locator("#answer pre.json")
    expect(shown).to_have_text('{"guests":3,', timeout=PATIENCE_MS)
    api.over.set()
    wait_until_done(given)
    expect(shown).to_have_text('{\n  "guests": 3,\n  "host": "<b>Ann</b>"\n}')
    expect(given.locator("#newest [data-fact=fits]")).to_have_text("fits the schema ✓")
    expect(row(given, "options.json_schema")).to_have_text("party, strict")
    (sent,) = api.requests
    assert sent["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "party", "strict": True, "schema": json.loads(SCHEMA)},
    }


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_field_that_does_not_fit_is_named(page, optioned, api, language):
    api.script = lambda handler: handler.answer_json(completion('{"guests": 0, "when": "now"}'))
    open_page(page, f"{optioned[0].url}?lang={language}")
    upload(page, "audio-file", clip("party.mp3"))
    open_fold(page, "options")
    type_schema(page, SCHEMA)
    ask(page)
    said = page.locator("#mark [data-mark=misfit]")
    reasons = {
        "en": ["$.guests should be at least 1 and is 0", "$.when should not be there"],
        "ru": ["$.guests должно быть не меньше 1, а здесь 0", "$.when лишнее"],
    }
    expect(said.locator("li")).to_have_count(3, timeout=PATIENCE_MS)
    for reason in reasons[language]:
        expect(said).to_contain_text(reason)
    expect(page.locator("#answer pre.json")).to_contain_text('"guests": 0')
    assert not is_wide(page)


#: A second of a tone, bare samples of 16 bit at 24 kHz.
TONE = (np.sin(np.arange(24_000) / 10) * 8000).astype("<i2").tobytes()


def spoken(data=b"", transcript=""):
    """A chunk of an answer that is spoken."""
    audio = {"data": base64.b64encode(data).decode(), "transcript": transcript}
    return {"choices": [{"index": 0, "delta": {"audio": audio}}]}


def choose_voice(page, voice):
    """Choose the voice of an answer."""
    page.locator("#voice input").click()
    page.locator("[role=option]", has_text=voice).click()


def test_an_answer_can_be_spoken_by_a_model_that_gives_audio(given, api):
    def script(handler):
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        handler.stream([spoken(TONE, "Three "), spoken(TONE, "guests."), end])

    api.script = script
    choose_model(given, "maker/plain")
    expect(given.locator("#voice")).to_be_hidden()
    choose_model(given, "maker/speaks")
    choose_voice(given, "coral")
    ask(given)
    wait_until_done(given)
    expect(given.locator("#answer")).to_have_text("Three guests.")
    player = given.locator("#extras audio")
    given.wait_for_function("document.querySelector('#extras audio').readyState > 0")
    assert player.evaluate("(one) => one.duration") == pytest.approx(2)
    expect(row(given, "options.voice")).to_have_text("coral")
    (sent,) = api.requests
    assert (sent["modalities"], sent["audio"]) == (
        ["text", "audio"],
        {"voice": "coral", "format": "pcm16"},
    )
    # It is kept with the card.
    given.reload()
    kept = given.locator("#history details").first
    kept.locator("> summary").click()
    expect(kept.locator("audio")).to_have_attribute("src", re.compile("data:audio/wav"))


def test_an_answer_can_be_heard_while_it_is_spoken(given, api):
    def script(handler):
        def payloads():
            # Chromium begins once it has 256 kB: five seconds.
            yield spoken(TONE * 8, "Three ")
            assert api.over.wait(PATIENCE_MS / 1000)
            yield spoken(TONE * 2, "guests.")
            yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

        handler.stream(payloads())

    api.script = script
    choose_model(given, "maker/speaks")
    choose_voice(given, "coral")
    ask(given)
    live = given.locator("#extras audio[data-live]")
    expect(live).to_be_visible(timeout=PATIENCE_MS)
    live.evaluate("(one) => one.play()")
    given.wait_for_function(
        "document.querySelector('#extras audio[data-live]')?.currentTime > 0.5", timeout=PATIENCE_MS
    )
    api.over.set()
    wait_until_done(given)
    # It goes on where one was.
    expect(live).to_have_count(0)
    given.wait_for_function(
        """() => {
            const player = document.querySelector("#extras audio");
            return player.duration === 10 && !player.paused && player.currentTime > 0.5;
        }""",
        timeout=PATIENCE_MS,
    )


def test_in_a_comparison_each_answer_is_checked_whose_model_takes_a_schema(given, api):
    api.script = lambda handler: handler.answer_json(
        completion('{"guests": 3, "host": "Ann"}', model=handler.asked["model"])
    )
    open_fold(given, "comparing")
    given.locator("#compare input").click()
    given.locator("[role=option]", has_text="maker/plain").click()
    type_schema(given, SCHEMA)
    ask(given)
    cells = given.locator("#newest tr[data-row=fits] td")
    expect(cells).to_have_text(["✓", "–"], timeout=PATIENCE_MS)
    assert sorted("response_format" in one for one in api.requests) == [False, True]
    plain = given.locator("#newest .column").nth(1)
    plain.locator("details.facts > summary").click()
    expect(plain.locator('[data-row="receipt.left_out"] dd')).to_contain_text("JSON schema")
