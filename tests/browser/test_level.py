"""While a recording is made its level is shown, and what is wrong with its sound is said."""

import re

import pytest
from playwright.sync_api import expect

from components.texts import strings
from tests.browser.devices import TONE, face_camera, note, silence, start, stop
from tests.browser.steps import open_page

EN, RU = strings("en"), strings("ru")


def test_the_level_moves_with_speech_and_is_gone_afterwards(page, offline_app):
    open_page(page, offline_app.url)
    meter = page.get_by_role("meter", name=EN["microphone.level.label"])
    expect(meter).to_have_count(0)
    start(page)
    expect(meter).to_have_attribute("data-state", "good")
    expect(meter).to_have_attribute("aria-valuetext", EN["microphone.level.good"])
    expect(meter).to_have_attribute("aria-valuenow", re.compile(r"^[4-9]\d$"))
    low = re.compile(r"^[0-3]?\d$")  # between two words, and after the last
    expect(meter).to_have_attribute("aria-valuenow", low)
    silence(page)
    stop(page)
    expect(page.locator("#ask")).to_be_enabled()
    expect(meter).to_have_count(0)


def test_nothing_moves_when_the_level_comes(page, offline_app):
    page.add_init_script(TONE)
    open_page(page, offline_app.url)
    start(page)
    meter = page.get_by_role("meter")
    expect(meter).to_be_visible()
    places = "[...document.querySelectorAll('#record, #task')].map((one) => one.offsetTop)"
    with_meter = page.evaluate(places)
    meter.evaluate("(one) => { one.style.display = 'none'; }")
    assert page.evaluate(places) == with_meter


def test_a_recording_that_pauses_has_no_level_and_no_trouble(page, offline_app):
    page.add_init_script(TONE)
    open_page(page, offline_app.url)
    start(page)
    meter = page.get_by_role("meter")
    expect(meter).not_to_have_attribute("aria-valuenow", "0")
    page.locator("#record .pause-button").click()
    expect(meter).to_have_attribute("aria-valuenow", "0")
    page.locator("#record .resume-button").click()
    expect(meter).not_to_have_attribute("aria-valuenow", "0")
    silence(page)


@pytest.mark.parametrize(("loudness", "trouble"), [(0, "dead"), (0.003, "quiet"), (1.5, "loud")])
def test_a_sound_that_is_no_good_is_told_while_it_lasts(page, offline_app, loudness, trouble):
    page.add_init_script(f"{TONE} window.loudness = {loudness};")
    open_page(page, offline_app.url)
    start(page)
    expect(note(page, trouble)).to_contain_text(EN[f"microphone.{trouble}.what"], timeout=9000)
    expect(note(page, trouble)).to_contain_text(EN[f"microphone.{trouble}.next"])
    page.evaluate("turn(0.3)")
    silence(page)


def test_trouble_with_the_sound_ends_with_the_recording(page, offline_app):
    page.add_init_script(f"{TONE} window.loudness = 1.5;")
    open_page(page, offline_app.url)
    start(page)
    expect(note(page, "loud")).to_be_visible()
    stop(page)
    silence(page)


def test_a_muted_microphone_is_told_until_it_is_not(page, offline_app):
    page.add_init_script(TONE)
    open_page(page, offline_app.url)
    start(page)
    expect(page.get_by_role("meter")).to_be_visible()
    page.evaluate("isMuted = true")
    expect(note(page, "muted")).to_contain_text(EN["microphone.muted.what"])
    page.evaluate("isMuted = false")
    silence(page)


def test_a_microphone_that_is_pulled_out_leaves_its_recording(page, offline_app):
    page.add_init_script(TONE)
    open_page(page, offline_app.url)
    start(page)
    expect(page.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "0")
    page.evaluate("pull()")
    expect(note(page, "lost")).to_contain_text(EN["microphone.lost.next"])
    expect(page.get_by_role("meter")).to_have_count(0)
    expect(page.locator("#ask")).to_be_enabled()


def test_the_camera_shows_its_level_too(page, offline_app):
    open_page(page, offline_app.url)
    face_camera(page)
    page.get_by_text("Click to Access Webcam").click()
    expect(page.locator("#video").get_by_role("meter")).to_be_visible()
    page.locator("#video [data-testid=source-select] button").first.click()
    expect(page.get_by_role("meter")).to_have_count(0)


@pytest.mark.browser_context_args(locale="ru-RU")
def test_it_speaks_russian(page, offline_app):
    page.add_init_script(TONE)
    open_page(page, offline_app.url)
    start(page)
    meter = page.get_by_role("meter", name=RU["microphone.level.label"])
    expect(meter).to_have_text(RU["microphone.level.good"])
    page.evaluate("turn(1.5)")
    expect(note(page, "loud")).to_contain_text(RU["microphone.loud.next"])
