"""Many files are given together, asked about, stopped, gone on with, saved, and found again."""

import csv
import io
import os
import re
import signal
import threading
import zipfile

import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from tests import making, several
from tests.browser.conftest import running_app
from tests.browser.scripted_api import ScriptedApi, completion
from tests.browser.steps import PATIENCE_MS, choose_model, is_wide, open_fold, open_page
from tests.browser.test_accessible import AXE, violations
from tests.free_port import free_port

USAGE = {"prompt_tokens": 50, "completion_tokens": 12, "cost": 0.0004}
#: One whose tokens a second its maker names, and one of which nothing is known.
PRICED = [
    {
        "id": one,
        "architecture": {"input_modalities": ["text", "audio"]},
        "pricing": {"prompt": "0.000001", "completion": "0.000002", "audio": "0.0001"},
    }
    for one in ("openai/gpt-4o-audio-preview", "maker/unknown")
]
SAID = "1\n00:00:00,000 --> 00:00:00,300\nWe meet at nine.\n"


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """An app whose API answers as the test wants."""
    folder = tmp_path_factory.mktemp("many")
    with ScriptedApi(catalogue={"data": PRICED}) as api:
        environ = {
            "EXTERNAL_API_BASE_URL": api.base_url,
            "EXTERNAL_API_KEY": api.key,
            "VISITOR_AT_ONCE": "3",
            "VISITOR_LIMIT": "1000",
        }
        with running_app(folder, environ) as app:
            yield app, api


@pytest.fixture
def api(many):
    many[1].reset()
    many[1].script = answers
    return many[1]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A dozen sounds."""
    folder = tmp_path_factory.mktemp("sounds")
    return [
        making.write_sound(
            folder / f"note {number}.wav",
            making.tone(0.4 + number / 50),
            container="wav",
            codec="pcm_s16le",
        )
        for number in range(12)
    ]


def answers(handler):
    handler.answer_json(completion(SAID, usage=USAGE))


def give(page, files):
    open_fold(page, "many")
    page.locator("#many-files input[type=file]").set_input_files(files)
    expect(page.locator("#many-start")).to_be_enabled(timeout=PATIENCE_MS)


def rows(page, state):
    return page.locator(f'.batch li[data-state="{state}"]')


def at(page, stage):
    return page.locator(f'.batch[data-stage="{stage}"]')


def saved(page):
    """The zip of what is finished."""
    with page.expect_download() as saving:
        page.locator("#many-download").click()
    with zipfile.ZipFile(saving.value.path()) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def test_from_files_to_a_zip_of_answers_and_nothing_is_left(page, many, api, sounds):
    open_page(page, many[0].url)
    give(page, sounds[:4])
    expect(page.locator("#many-start")).to_contain_text("(4)")
    page.locator("#many-start").click()
    expect(at(page, "done")).to_be_visible(timeout=PATIENCE_MS)
    expect(rows(page, "answered")).to_have_count(4)
    expect(page.locator(".batch")).to_contain_text("0.0016 USD")
    files = saved(page)
    stems = [f"{number:03}-note_{number - 1}" for number in range(1, 5)]
    wanted = {f"{stem}.{kind}" for stem in stems for kind in ("txt", "srt", "json")}
    assert set(files) == wanted | {"answers.csv"}
    lines = list(csv.DictReader(io.StringIO(files["answers.csv"])))
    assert [(one["file"], one["state"], one["cost_usd"]) for one in lines] == [
        (path.name, "answered", "0.0004") for path in sounds[:4]
    ]
    assert len(api.requests) == 4
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#many-delete").click()
    expect(page.locator("#many-files")).to_be_visible()
    page.reload()
    expect(page.locator("#prompt textarea")).not_to_have_value("")
    expect(page.locator(".batch")).to_have_count(0)


def test_a_zip_is_what_is_in_it(page, many, api, sounds, tmp_path):
    path = tmp_path / "notes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for sound in sounds[:2]:
            archive.write(sound, f"../../{sound.name}")
        archive.writestr("letter.txt", "no sound")
    open_page(page, many[0].url)
    give(page, path)
    page.locator("#many-start").click()
    expect(at(page, "rest")).to_be_visible(timeout=PATIENCE_MS)
    expect(rows(page, "answered")).to_have_count(2)
    expect(rows(page, "failed")).to_contain_text("letter.txt")
    assert len(api.requests) == 2


def test_what_is_dropped_together_goes_there(page, many, api, sounds):
    open_page(page, many[0].url)
    given = [[path.name, list(path.read_bytes())] for path in sounds[:2]]
    page.evaluate(
        """(given) => {
            const dataTransfer = new DataTransfer();
            for (const [name, bytes] of given) {
                dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
            }
            const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
            document.body.dispatchEvent(event);
        }""",
        given,
    )
    expect(page.locator("#many-start")).to_contain_text("(2)", timeout=PATIENCE_MS)


def test_stopped_it_is_gone_on_with_after_a_reload(page, many, api, sounds):
    go_on = threading.Event()

    def script(handler):
        go_on.wait(30)
        answers(handler)

    api.script = script
    open_page(page, many[0].url)
    give(page, sounds)
    page.locator("#many-start").click()
    expect(rows(page, "asking")).to_have_count(3, timeout=PATIENCE_MS)
    page.locator("#many-stop").click()
    expect(page.locator("#many-stop")).to_contain_text("Give up")
    go_on.set()
    expect(at(page, "rest")).to_be_visible(timeout=PATIENCE_MS)
    expect(rows(page, "unsent")).to_have_count(9)
    page.reload()
    expect(page.locator("#many-resume")).to_contain_text("(9)")
    expect(page.locator("#many-files")).to_have_count(0)
    assert len(api.requests) == 3
    page.locator("#many-resume").click()
    expect(at(page, "done")).to_be_visible(timeout=PATIENCE_MS)
    assert len(api.requests) == 12


def test_what_failed_says_why_and_is_tried_again(page, many, api, sounds):
    def script(handler):
        if len(api.requests) == 2:
            handler.answer_json({"error": {"code": 400, "message": "no"}}, 400)
        else:
            answers(handler)

    api.script = script
    open_page(page, many[0].url)
    give(page, sounds[:4])
    page.locator("#many-start").click()
    expect(page.locator("#many-failed")).to_contain_text("(1)", timeout=PATIENCE_MS)
    expect(rows(page, "failed").locator("p")).to_contain_text("HTTP 400")
    page.locator("#many-failed").click()
    expect(at(page, "done")).to_be_visible(timeout=PATIENCE_MS)
    assert len(api.requests) == 5


def test_no_more_is_spent_than_was_said_and_the_page_says_so(page, many, api, sounds):
    open_page(page, many[0].url)
    give(page, sounds)
    page.locator("#many-limit input, #many-limit textarea").fill("0.0017")
    page.locator("#many-start").click()
    expect(page.locator('.batch [data-error="BatchSpent"]')).to_be_visible(timeout=PATIENCE_MS)
    expect(rows(page, "answered")).to_have_count(4)
    assert len(api.requests) == 4


def test_a_limit_that_is_none_is_said_before_anything_is_sent(page, many, api, sounds):
    open_page(page, many[0].url)
    give(page, sounds[:2])
    page.locator("#many-limit input, #many-limit textarea").fill("much")
    page.locator("#many-start").click()
    expect(page.locator('#many-outcome [data-error="BadLimit"]')).to_be_visible()
    assert api.requests == []


def test_after_a_kill_the_rest_is_offered_and_a_key_of_ones_own_is_asked_for(
    page, api, sounds, tmp_path
):
    hold = threading.Event()

    def script(handler):
        if len(api.requests) > 2:
            hold.wait(60)
        answers(handler)

    api.script = script
    environ = {"EXTERNAL_API_BASE_URL": api.base_url, "VISITOR_AT_ONCE": "2"}
    port = free_port()
    with running_app(tmp_path, environ, port) as app:
        open_page(page, app.url)
        page.locator("#api-key input").fill("ak_of_my_own")
        give(page, sounds)
        page.locator("#many-start").click()
        several.until(lambda: len(api.requests) == 10)  # two answered, eight under way
        expect(rows(page, "answered")).to_have_count(2, timeout=PATIENCE_MS)
        os.kill(app.process.pid, signal.SIGKILL)
        app.process.wait()
    hold.set()
    with running_app(tmp_path, environ, port) as app:
        page.goto("about:blank")
        open_page(page, app.url)
        expect(page.locator("#many-resume")).to_contain_text("(2)", timeout=PATIENCE_MS)
        expect(rows(page, "answered")).to_have_count(2)
        expect(rows(page, "unsure")).to_have_count(8)
        expect(page.locator(".batch")).to_contain_text("key of your own")
        assert len(api.requests) == 10
        page.locator("#many-resume").click()
        expect(page.locator('.batch [data-error="MissingKey"]')).to_be_visible()
        page.locator("#api-key input").fill("ak_of_my_own")
        page.locator("#many-resume").click()
        expect(rows(page, "answered")).to_have_count(4, timeout=PATIENCE_MS)
        assert len(api.requests) == 12
        page.locator("#many-unsure").click()
        expect(at(page, "done")).to_be_visible(timeout=PATIENCE_MS)
        assert len(api.requests) == 20


def test_other_files_can_be_asked_about_and_the_earlier_come_back(page, many, api, sounds):
    open_page(page, many[0].url)
    give(page, sounds[:2])
    page.locator("#many-start").click()
    expect(at(page, "done")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("#many-another").click()
    expect(page.locator(".batch")).to_have_count(0)
    earlier = page.locator("#many-earlier label")
    expect(earlier).to_have_text(["note 0.wav (2): 2 answered"])
    expect(page.locator("#many-start")).to_be_disabled()
    page.locator("#many-files input[type=file]").set_input_files(sounds[4:7])
    page.locator("#many-start").click()
    expect(at(page, "done")).to_be_visible(timeout=PATIENCE_MS)
    expect(rows(page, "answered")).to_have_count(3)
    page.reload()
    expect(rows(page, "answered")).to_have_count(3, timeout=PATIENCE_MS)
    expect(earlier).to_have_text(["note 0.wav (2): 2 answered"])
    earlier.click()
    expect(rows(page, "answered")).to_have_count(2)
    expect(earlier).to_have_text(["note 4.wav (3): 3 answered"])
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#many-delete").click()
    expect(page.locator(".batch")).to_have_count(0)
    expect(earlier).to_have_text(["note 4.wav (3): 3 answered"])
    assert len(api.requests) == 5


def test_before_the_press_it_is_said_what_all_may_cost(page, many, api, sounds, tmp_path):
    (tmp_path / "no sound.mp3").write_text("nothing to hear")
    open_page(page, many[0].url)
    give(page, sounds[:4])
    price = page.locator("#many-price")
    expect(price).to_have_text(re.compile(r"All of them.*≈ 0\.\d+–0\.\d+ USD"))
    page.locator("#many-files input[type=file]").set_input_files(
        [sounds[4], tmp_path / "no sound.mp3"]
    )
    expect(price).to_contain_text("1 file cannot be sent as it is")
    choose_model(page, "maker/unknown")
    expect(price).to_contain_text("What it will cost cannot be said")
    assert api.requests == []


def test_a_program_does_the_same(many, api, sounds):
    client = Client(many[0].url, verbose=False)
    files = [handle_file(path) for path in sounds[:4]]
    job = client.submit(files=files, most_usd="0.001", api_name="/ask_many")
    *_, (batch, finished) = job
    states = [one["state"] for one in batch["files"]]
    # Which of them have their turn first depends on which are looked at first.
    assert sorted(states) == ["answered"] * 2 + ["unsent"] * 2
    assert batch["error"]["class"] == "BatchSpent"
    with zipfile.ZipFile(finished) as archive:
        subtitles = {name for name in archive.namelist() if name.endswith(".srt")}
    answered = [number for number, state in enumerate(states) if state == "answered"]
    assert subtitles == {f"{number + 1:03}-note_{number}.srt" for number in answered}
    name = batch["batch"]
    batch, _ = client.predict(batch=name, api_name="/ask_many")
    assert [one["state"] for one in batch["files"]] == ["answered"] * 4
    assert len(api.requests) == 4
    client.predict(batch=name, action="delete", api_name="/ask_many")
    batch, finished = client.predict(batch=name, action="look", api_name="/ask_many")
    assert (batch["error"]["class"], finished) == ("BatchGone", None)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_and_it_is_no_wider_than_the_screen(
    page, many, api, sounds, width, scheme, tmp_path
):
    def script(handler):
        if len(api.requests) == 2:
            handler.answer_json({"error": {"code": 400, "message": "no"}}, 400)
        else:
            answers(handler)

    api.script = script
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, many[0].url)
    long = tmp_path / f"{'a-name-without-an-end-' * 6}.wav"
    long.write_bytes(sounds[0].read_bytes())
    give(page, [long, sounds[1]])
    assert not is_wide(page)
    assert not AXE.is_file() or violations(page) == []
    page.locator("#many-start").click()
    expect(at(page, "rest")).to_be_visible(timeout=PATIENCE_MS)
    assert not is_wide(page)
    assert not AXE.is_file() or violations(page) == []
