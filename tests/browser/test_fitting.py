"""What will be sent is said before it is, and can be changed: files that are long, large or odd."""

import re
import time
import wave

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.scripted_api import completion
from tests.browser.steps import (
    PATIENCE_MS,
    ask,
    choose_tab,
    error,
    open_fold,
    open_page,
    row,
    stage,
    upload,
    wait_until_done,
)
from tests.clips import SENTENCES, clip
from tests.making import samples_of, silence, tone, write_long, write_sound, write_tracks


def choose(page, words):
    """Pick one of the ways to send it."""
    page.locator("#fit").get_by_text(words).click()


def trim(page, start, end, outcome):
    """Write the times to send, once the page is at rest, until what they lead to is shown.

    Where both are written within milliseconds, Gradio may empty one again: it is written anew
    then, as somebody does who sees that it is empty.
    """
    expect(page.locator("#plan [data-plan]")).to_be_visible()
    open_fold(page, "trim")
    times = {"#trim-from": start, "#trim-to": end}
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not outcome.is_visible():
        for name, written in times.items():
            field = page.locator(f"{name} input, {name} textarea").first
            if field.input_value() != written:
                field.fill(written)
                field.blur()
        assert time.monotonic() < deadline, "the times lead to nothing"
        page.wait_for_timeout(50)


@pytest.fixture(scope="module")
def long_sound(tmp_path_factory):
    """Twenty-one minutes of noise with a pause before each third of them."""
    rng = np.random.default_rng(1)
    minute = (rng.standard_normal(16_000 * 60) * 2000).astype(np.int16)
    minute[-16_000:] = 0
    return write_long(tmp_path_factory.mktemp("long") / "long.mp3", minute, 21)


def test_what_will_be_sent_is_said_once_the_file_is_there(page, offline_app):
    open_page(page, offline_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    plan = page.locator("#plan")
    expect(plan).to_contain_text("mp3, 22.9 kB")
    expect(plan).to_contain_text("As it is, byte for byte")
    choose_tab(page, "record")
    expect(plan).not_to_contain_text("mp3")


def test_a_file_that_cannot_be_sent_says_so_before_ask(page, offline_app, tmp_path):
    playlist = tmp_path / "song.wav"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/other.wav\n")
    open_page(page, offline_app.url)
    upload(page, "audio-file", playlist)
    expect(page.locator('#plan [data-error="NotMedia"]')).to_be_visible()


def test_silence_is_not_sent_unless_one_wants_to(page, scripted_app, api, tmp_path):
    api.script = lambda handler: handler.answer_json(completion("nothing at all"))
    path = write_sound(tmp_path / "empty.wav", silence(3.0), container="wav", codec="pcm_s16le")
    open_page(page, scripted_app.url)
    upload(page, "audio-file", path)
    expect(page.locator("#plan")).to_contain_text("Nothing can be heard")
    ask(page)
    expect(error(page, "SilentRecording")).to_contain_text("Nothing was sent")
    assert api.requests == []
    page.locator("#anyway").click()
    wait_until_done(page)
    expect(page.locator("#answer")).to_contain_text("nothing at all")
    expect(page.locator("#mark")).to_contain_text("Nothing can be heard")
    expect(page.locator("#anyway")).to_be_hidden()
    assert len(api.requests) == 1


def test_a_model_that_did_not_hear_it_is_a_warning(page, scripted_app, api):
    usage = {"prompt_tokens": 9, "prompt_tokens_details": {"audio_tokens": 0}}
    api.script = lambda handler: handler.answer_json(completion("a made-up text", usage=usage))
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    ask(page)
    wait_until_done(page)
    expect(page.locator("#mark")).to_contain_text("probably did not hear it")


def test_only_the_part_between_the_times_is_sent(page, offline_app):
    open_page(page, offline_app.url)
    upload(page, "audio-file", clip("party.flac"))
    trim(page, "0:00", "1.5", page.locator("#plan").get_by_text("Converted first"))
    ask(page)
    wait_until_done(page)
    expect(row(page, "receipt.duration")).to_have_text(re.compile(r"^1\.[45]\d? sec$"))


def test_of_several_sound_tracks_another_can_be_chosen(page, scripted_app, tmp_path):
    quiet, loud = silence(1.0, 48_000)[None], tone(1.0, 48_000)[None]
    tags = ({"language": "ger"}, {"language": "eng"})
    path = write_tracks(
        tmp_path / "film.mkv", [quiet, loud], container="matroska", codec="aac", tags=tags
    )
    open_page(page, scripted_app.url)
    upload(page, "audio-file", path)
    plan, tracks = page.locator("#plan"), page.locator("#track")
    expect(plan).to_contain_text("number 2 of 2 is sent")
    tracks.get_by_text("German").click()
    expect(plan.locator('[data-mark="silent"]')).to_be_visible()
    tracks.get_by_text("English").click()
    expect(plan).to_contain_text("number 2 of 2 is sent")
    expect(plan.locator('[data-mark="silent"]')).to_have_count(0)
    choose_tab(page, "record")
    expect(tracks).to_be_hidden()


def test_times_that_make_no_sense_say_so_and_nothing_is_sent(page, scripted_app, api):
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    trim(page, "0:02", "0:01", page.locator('#plan [data-error="BadTrim"]'))
    ask(page)
    expect(error(page, "BadTrim")).to_be_visible()
    assert api.requests == []


def test_a_long_sound_is_sent_in_pieces_and_a_failed_one_is_retried_alone(
    page, scripted_app, api, long_sound
):
    def script(handler):
        if len(api.requests) == 2:
            handler.answer_json({"error": {"message": "no GPU"}}, 500)
        else:
            said = completion("[00:05] words", usage={"prompt_tokens": 20_000})
            handler.answer_json(said)

    api.script = script
    open_page(page, scripted_app.url)
    upload(page, "audio-file", long_sound)
    choose(page, "In pieces")
    expect(page.locator("#plan")).to_contain_text("about 3 pieces")
    ask(page)
    expect(error(page, "ProviderFailed")).to_be_visible()
    expect(page.locator("#answer")).to_contain_text("[…]")
    expect(page.locator("#mark")).to_contain_text("not complete")
    sent = len(api.requests)
    page.locator("#retry").click()
    wait_until_done(page)
    assert len(api.requests) == 4
    assert sent in (2, 3)  # the third is begun or not when the second fails
    answer = page.locator("#answer")
    in_order = r"\[00:05\] words.*\[10:05\] words.*\[19:05\] words"
    expect(answer).to_contain_text(re.compile(in_order, re.DOTALL))
    expect(answer).not_to_contain_text("[…]")
    expect(row(page, "receipt.pieces")).to_have_text("3")
    expect(row(page, "stats.prompt_tokens")).to_have_text("60,000")


def test_stop_stops_the_pieces(page, scripted_app, api, long_sound):
    def silent(handler):
        handler.rfile.read(1)  # reading ends when the client hangs up
        api.hung_up.set()

    api.script = silent
    open_page(page, scripted_app.url)
    upload(page, "audio-file", long_sound)
    choose(page, "In pieces")
    ask(page)
    expect(stage(page, "pieces")).to_be_visible()
    page.wait_for_function("document.querySelector('#status progress') !== null")
    while not api.requests:
        page.wait_for_timeout(50)
    page.locator("#stop").click()
    expect(stage(page, "stopped")).to_be_visible()
    assert api.hung_up.wait(10)


def test_bare_samples_are_heard_as_they_are_described(page, offline_app, tmp_path):
    path = tmp_path / "speech.raw"
    path.write_bytes(samples_of(clip("party.flac"), 16_000).astype("<i2").tobytes())
    open_page(page, offline_app.url)
    upload(page, "audio-file", path)
    player = page.locator("#preview audio")
    expect(player).to_have_attribute("src", re.compile("^data:audio/wav"))
    page.locator("#rate input").click()
    page.get_by_role("option", name="16000", exact=True).click()
    length_s = len(samples_of(clip("party.flac"), 16_000)) / 16_000
    page.wait_for_function(
        "s => Math.abs(document.querySelector('#preview audio').duration - s) < 0.1", arg=length_s
    )
    ask(page)
    wait_until_done(page)
    expect(page.locator("#answer")).to_contain_text(SENTENCES["party.flac"])


def test_what_is_too_large_can_be_made_to_fit(page, scripted_app, api, tmp_path):
    """A limit of 50 MB is out of reach of a quick test: bare sound of 53 MB is over it."""
    path = tmp_path / "large.wav"
    rng = np.random.default_rng(2)
    second = (rng.standard_normal(48_000) * 2000).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(48_000)
        for _ in range(560):
            sink.writeframes(second)
    api.script = lambda handler: handler.answer_json(completion("it fits"))
    open_page(page, scripted_app.url)
    upload(page, "audio-file", path)
    expect(page.locator('#plan [data-error="FileTooLarge"]')).to_be_visible()
    choose(page, "Speech only")
    expect(page.locator("#plan")).to_contain_text("mp3")
    expect(page.locator('#plan [data-error="FileTooLarge"]')).to_have_count(0)
    ask(page)
    wait_until_done(page)
    expect(row(page, "receipt.sound")).to_have_text("mp3, 16 kHz, mono")
