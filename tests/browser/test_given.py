"""Whatever is dropped or pasted, wherever; and how far its upload is."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.scripted_api import completion
from tests.browser.steps import ask, choose_tab, open_page, row, wait_until_done
from tests.clips import clip

#: A file that a person holds over the page, or has in the clipboard.
HELD = """([event, place, name, bytes, text]) => {
    const transfer = new DataTransfer();
    if (bytes) transfer.items.add(new File([new Uint8Array(bytes)], name));
    else transfer.setData("text/plain", text);
    const given = {bubbles: true, cancelable: true, composed: true};
    const made = event === "paste"
        ? new ClipboardEvent(event, {...given, clipboardData: transfer})
        : new DragEvent(event, {...given, dataTransfer: transfer});
    return document.querySelector(place).dispatchEvent(made);
}"""


@pytest.fixture
def opened(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    open_page(page, scripted_app.url)
    return page


def hold(page, event, place, path=None, text=""):
    """Tells whether the browser would do what it does by itself, which is to leave the page."""
    given = [event, place, path.name if path else "", list(path.read_bytes()) if path else None]
    return page.evaluate(HELD, [*given, text])


@pytest.mark.parametrize("place", ["#top", "#record", "#composer", "#prompt textarea"])
def test_a_sound_may_be_dropped_anywhere(opened, place):
    assert not hold(opened, "drop", place, clip("party.mp3"))
    ask(opened)
    wait_until_done(opened)
    expect(row(opened, "receipt.part")).to_have_text("input_audio")
    expect(opened.locator("#newest .about")).to_have_text("party.mp3")


def test_what_a_dropped_file_is_is_found_by_its_bytes(opened, tmp_path):
    film = tmp_path / "no name to go by"
    film.write_bytes(clip("cuts.mp4").read_bytes())
    hold(opened, "drop", "#top", film)
    expect(opened.locator("#task input:checked")).to_have_value("describe")
    expect(opened.locator("#sending")).to_contain_text("of film")
    ask(opened)
    wait_until_done(opened)
    expect(row(opened, "receipt.part")).to_have_text("video_url")


def test_of_a_film_the_sound_alone_can_be_sent(opened):
    hold(opened, "drop", "#top", clip("cuts.mp4"))
    expect(opened.locator("#fit")).to_be_visible()
    opened.locator("#fit label").filter(has_text="Sound track only").click()
    expect(opened.locator("#sending")).to_contain_text("of sound")
    ask(opened)
    wait_until_done(opened)
    expect(row(opened, "receipt.part")).to_have_text("input_audio")


def test_a_file_may_be_pasted(opened):
    assert not hold(opened, "paste", "body", clip("party.mp3"))
    expect(opened.locator("#ask")).to_be_enabled()


def test_an_address_that_is_pasted_beside_the_fields_is_a_link_to_a_video(opened):
    assert not hold(opened, "paste", "body", text="https://v.example/film.mp4")
    expect(opened.locator("#video-url :is(input, textarea)")).to_have_value(
        "https://v.example/film.mp4"
    )
    expect(opened.locator("#ask")).to_be_enabled()


def test_an_address_that_is_pasted_into_the_question_stays_there(opened):
    assert hold(opened, "paste", "#prompt textarea", text="https://v.example/film.mp4")
    expect(opened.locator("#source input:checked")).to_have_value("record")


def test_a_recording_that_lies_ready_stays_when_a_file_is_dropped(opened):
    opened.locator("#record button.record-button").click()
    opened.wait_for_timeout(1500)  # here only the clock says when
    opened.locator("#record button.stop-button").click()
    expect(opened.locator("#ask")).to_be_enabled()
    hold(opened, "drop", "#top", clip("party.mp3"))
    expect(opened.locator("#audio-file")).to_contain_text("party")
    choose_tab(opened, "record")
    expect(opened.locator("#record #waveform")).to_be_visible()


def test_an_upload_says_how_far_it_is_and_not_that_there_is_nothing(opened, tmp_path):
    large = tmp_path / "large.mp3"
    large.write_bytes(clip("party.mp3").read_bytes() * 100)
    session = opened.context.new_cdp_session(opened)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 50, "downloadThroughput": 1e6, "uploadThroughput": 6e5}
    session.send("Network.emulateNetworkConditions", slow)
    choose_tab(opened, "audio-file")
    opened.locator("#audio-file input[type=file]").set_input_files(large)
    uploading = opened.locator("#uploading")
    expect(uploading).to_contain_text(
        re.compile(r"Uploading… \d+%, [\d.]+\s\w+ of 2\.2\sMB, \d+\ssec left")
    )
    expect(opened.locator("#status")).to_be_hidden()
    expect(uploading.get_by_role("status")).to_have_text("Uploading…")
    expect(opened.locator("#ask")).to_be_enabled()
    expect(uploading).to_be_hidden()


@pytest.mark.parametrize(("words", "left"), [("Who speaks?", "Who speaks?"), (None, "Describe")])
def test_words_that_are_written_while_another_input_comes_to_the_front_stay(
    page, scripted_app, words, left
):
    open_page(page, scripted_app.url)
    expect(page.locator(".tries button")).to_have_count(3)
    on_their_way = []

    def hold_up(route):
        on_their_way.append(route)

    page.route("**/gradio_api/run/predict*", hold_up)
    with page.expect_request("**/gradio_api/run/predict*"):
        choose_tab(page, "video")
    if words:
        page.locator("#prompt textarea").fill(words)
    page.unroute("**/gradio_api/run/predict*")  # lets go of what was held up
    expect(page.locator("#model input")).not_to_have_value("")
    task = "Own words" if words else "Describe"
    expect(page.get_by_role("radio", name=task)).to_be_checked()
    expect(page.locator("#prompt textarea")).to_have_value(re.compile(f"^{re.escape(left)}"))
