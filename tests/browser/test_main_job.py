"""Speak, upload or film, and see the answer: against the built-in offline API."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MISHEARD, SPOKEN_S, SPOKEN_WORDS
from tests.browser.steps import (
    ask,
    choose_tab,
    error,
    open_page,
    phase,
    record,
    row,
    stage,
    upload,
    wait_until_done,
)
from tests.clips import CUTS_S, SENTENCES, clip, words_missing
from tests.making import samples_of, write_sound


def test_words_spoken_into_the_microphone_come_back(page, offline_app):
    open_page(page, offline_app.url)
    record(page, SPOKEN_S)
    ask(page)
    wait_until_done(page)
    assert words_missing(page.locator("#answer").inner_text(), SPOKEN_WORDS) <= MISHEARD
    expect(row(page, "receipt.part")).to_have_text("input_audio")
    expect(row(page, "receipt.format")).to_have_text("wav")
    expect(row(page, "receipt.sound")).to_contain_text("16 kHz")


def test_words_of_an_uploaded_mp3_come_back(page, offline_app):
    open_page(page, offline_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    ask(page)
    wait_until_done(page)
    expect(page.locator("#answer")).to_contain_text(SENTENCES["party.mp3"])
    expect(row(page, "receipt.format")).to_have_text("mp3")
    size = clip("party.mp3").stat().st_size
    expect(row(page, "receipt.file_bytes")).to_contain_text(f"{size:,} bytes")
    expect(row(page, "receipt.base64_bytes")).to_contain_text(f"{-(-size // 3) * 4:,} bytes")


def test_shots_of_an_uploaded_mp4_come_back_with_their_times(page, offline_app):
    open_page(page, offline_app.url)
    upload(page, "video", clip("cuts.mp4"))
    ask(page)
    wait_until_done(page)
    answer = page.locator("#answer")
    for cut in CUTS_S:
        expect(answer).to_contain_text(f"{cut:.2f}")
    expect(answer).to_contain_text(SENTENCES["cuts.mp4"])
    expect(row(page, "receipt.mime")).to_have_text("video/mp4")


def test_webcam_recording_goes_through_with_its_sound(page, offline_app):
    open_page(page, offline_app.url)
    choose_tab(page, "video")
    page.get_by_label("Capture from camera").click()
    page.get_by_text("Click to Access Webcam").click()
    shutter = page.locator("#video button.capture-button")
    shutter.click()
    page.wait_for_timeout(SPOKEN_S * 1000)
    shutter.click()
    ask(page)
    wait_until_done(page)
    expect(row(page, "receipt.mime")).to_have_text("video/webm")
    expect(row(page, "receipt.sound")).to_contain_text("opus")
    expect(page.locator("#answer")).to_contain_text("Shots: 1")
    assert words_missing(page.locator("#answer").inner_text(), SPOKEN_WORDS) <= MISHEARD


def test_usage_and_every_timing_are_shown(page, offline_app):
    open_page(page, offline_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    ask(page)
    wait_until_done(page)
    for key in ("prompt_tokens", "completion_tokens", "total_tokens", "audio_tokens"):
        expect(row(page, f"stats.{key}")).to_have_text(re.compile(r"^[\d,]+$"))
    expect(row(page, "stats.cost")).to_have_text("0 USD")
    expect(row(page, "stats.finish_reason")).to_have_text("stop")
    expect(row(page, "stats.provider")).to_have_text("offline")
    for name in ("prepare", "connect", "upload", "wait", "stream", "total", "server"):
        expect(phase(page, name)).to_have_text(re.compile(r"^[\d.,]+ (ms|sec)$"))


def test_ask_sleeps_until_the_media_has_arrived_and_after_it_is_gone(page, offline_app):
    open_page(page, offline_app.url)
    expect(page.locator("#ask")).to_be_disabled()
    upload(page, "audio-file", clip("party.mp3"))
    expect(page.locator("#ask")).to_be_enabled()
    choose_tab(page, "record")
    expect(page.locator("#ask")).to_be_disabled()
    choose_tab(page, "audio-file")
    expect(page.locator("#ask")).to_be_enabled()
    page.locator("#audio-file").get_by_label("Clear").click()
    expect(page.locator("#ask")).to_be_disabled()


def test_tasks_fill_the_prompt_and_own_words_keep_it(page, offline_app):
    open_page(page, offline_app.url)
    prompt = page.locator("#prompt textarea")
    expect(prompt).to_have_value("Transcribe this audio in the language that is spoken")
    page.locator("#task").get_by_text("Summarise").click()
    expect(prompt).to_have_value("Summarise this audio in a few sentences")
    prompt.fill("Who is speaking?")
    expect(page.locator("#task input:checked")).to_have_value("own")
    choose_tab(page, "video")
    expect(prompt).to_have_value("Who is speaking?")


def test_the_page_says_that_the_offline_api_answers(page, offline_app):
    open_page(page, offline_app.url)
    expect(page.locator("#api")).to_contain_text("offline API")
    expect(page.locator("#api")).to_contain_text("Not a model to talk to")


def test_a_file_that_is_no_media_gets_a_clear_error_and_loses_nothing(page, offline_app, tmp_path):
    playlist = tmp_path / "song.wav"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/other.wav\n")
    open_page(page, offline_app.url)
    upload(page, "audio-file", playlist)
    ask(page)
    alert = error(page, "NotMedia")
    expect(alert).to_be_visible()
    expect(alert).to_contain_text("still here")
    expect(page.locator("#audio-file")).to_contain_text("song")
    expect(page.locator("#ask")).to_be_enabled()


def test_bare_samples_are_recognised_by_choice(page, offline_app, tmp_path):
    path = write_sound(
        tmp_path / "speech.pcm",
        samples_of(clip("party.flac"), 24_000),
        container="s16le",
        codec="pcm_s16le",
        rate=24_000,
    )
    open_page(page, offline_app.url)
    upload(page, "audio-file", path)
    expect(page.locator("#pcm")).to_be_visible()
    ask(page)
    wait_until_done(page)
    expect(row(page, "receipt.format")).to_have_text("pcm16")
    expect(page.locator("#answer")).to_contain_text(SENTENCES["party.flac"])


@pytest.mark.browser_context_args(viewport={"width": 390, "height": 844})
def test_a_narrow_screen_shows_the_whole_page_without_scrolling_sideways(page, offline_app):
    open_page(page, offline_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    ask(page)
    wait_until_done(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_from_speaking_to_words_it_takes_two_presses(page, offline_app):
    open_page(page, offline_app.url)
    page.locator("#record button.record-button").click()
    straight = page.get_by_role("button", name="Stop and ask")
    expect(straight).to_be_visible()
    page.wait_for_timeout(SPOKEN_S * 1000)
    straight.click()
    wait_until_done(page)
    assert words_missing(page.locator("#answer").inner_text(), SPOKEN_WORDS) <= MISHEARD


def test_the_keyboard_asks_and_stops(page, scripted_app, api):
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    expect(page.locator("#ask")).to_be_enabled()
    api.script = lambda handler: handler.rfile.read(1)  # silent until the client hangs up
    page.locator("#prompt textarea").press("Control+Enter")
    expect(stage(page, "wait")).to_be_visible()
    page.keyboard.press("Escape")
    expect(stage(page, "stopped")).to_be_visible()
