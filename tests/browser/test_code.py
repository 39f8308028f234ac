"""The request of an answer as code: looked at, copied, run, and the file that it sends."""

import base64
import os
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from tests.browser.scenes import ready, says
from tests.browser.scripted_api import delta
from tests.browser.steps import ask, open_page, unfold_code, upload, wait_until_done
from tests.clips import clip
from tests.making import tone, write_sound

QUESTION = 'Who\'s "there"? `ls` $HOME \\\n</pre><b>Кто?</b> 🎙️'


@pytest.fixture
def answered(page, scripted_app, api):
    """A page with an answer whose code is unfolded."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    api.script = says("words")
    ready(page, scripted_app.url)
    page.locator("#prompt textarea").fill(QUESTION)
    ask(page)
    wait_until_done(page)
    unfold_code(page)
    return page


def snippet(page, language):
    """The fold of a language."""
    return page.locator("#code details").filter(has=page.locator("summary", has_text=language))


def saved(page, press, folder):
    """The file that a press has the browser save."""
    with page.expect_download() as coming:
        page.locator(press).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_code_that_is_copied_sends_the_same_question_and_file(answered, api, tmp_path):
    file = saved(answered, "#code a", tmp_path)
    snippet(answered, "cURL").get_by_role("button").click()
    expect(snippet(answered, "cURL").get_by_role("button")).to_contain_text("Copied")
    code = answered.evaluate("navigator.clipboard.readText()")
    assert (file.name, api.key in code) == ("media.mp3", False)
    environ = {"PATH": os.environ["PATH"], "EXTERNAL_API_KEY": "ak_mine"}
    done = subprocess.run(
        ["bash", "-c", code], cwd=tmp_path, env=environ, check=True, capture_output=True, timeout=60
    )
    assert b"words" in done.stdout
    ours, theirs = api.requests
    assert theirs == ours
    assert ours["messages"][0]["content"][0]["text"] == QUESTION


@pytest.mark.parametrize("language", ["Python", "JavaScript"])
def test_another_language_takes_the_place_of_the_first(answered, api, language):
    snippet(answered, language).locator("summary").click()
    expect(snippet(answered, language).locator("pre")).to_be_visible()
    expect(answered.locator("#code pre:visible")).to_have_count(1)
    snippet(answered, language).get_by_role("button").click()
    code = answered.evaluate("navigator.clipboard.readText()")
    assert code == snippet(answered, language).locator("pre").text_content()
    assert "EXTERNAL_API_KEY" in code
    assert api.key not in answered.locator("#code").inner_html()


def test_a_browser_runs_the_javascript_below_what_it_brings_itself(answered, api):
    code = snippet(answered, "JavaScript").locator("pre").text_content()
    first, begins, rest = code.partition("const body")
    assert first.count("const ") == 3
    api.script = lambda handler: handler.stream(iter([delta("Привет, "), delta("мир")]))
    answered.goto(f"{api.base_url}/models")  # a page of the same origin may ask
    said = answered.evaluate(
        f"""async (bytes) => {{
            const file = new File([new Uint8Array(bytes)], "media.mp3");
            const media = new Uint8Array(await file.arrayBuffer()).toBase64();
            const said = [];
            const [key, show] = ["ak_mine", (words) => said.push(words)];
            {begins}{rest}
            return said.join("");
        }}""",
        list(clip("party.mp3").read_bytes()),
    )
    assert said == "Привет, мир\n"
    ours, theirs = api.requests
    assert theirs == ours


def test_code_is_reached_and_folded_by_keys_alone(answered):
    answered.locator("#newest [data-act=code]").press("Enter")
    expect(answered.locator("#code")).to_be_hidden()
    answered.keyboard.press("Enter")
    reached = []
    for _ in range(12):
        answered.keyboard.press("Tab")
        reached.append(answered.evaluate("document.activeElement.tagName"))
    assert "PRE" in reached
    assert reached.count("SUMMARY") >= 3


def test_a_har_has_neither_media_nor_a_key(answered, api, tmp_path):
    text = saved(answered, "#code [data-kind=har]", tmp_path).read_text("utf-8")
    assert "(base64 of media.mp3)" in text
    assert api.key not in text
    assert len(text) < 5000


def test_a_file_that_was_made_can_be_had_until_it_is_gone(page, scripted_app, api, tmp_path):
    made = write_sound(tmp_path / "tone.caf", tone(0.5), container="caf", codec="alac")
    api.script = says("words")
    open_page(page, scripted_app.url)
    upload(page, "audio-file", made)
    ask(page)
    wait_until_done(page)
    code = unfold_code(page)
    sent = api.requests[0]["messages"][0]["content"][1]["input_audio"]
    file = saved(page, "#code a", tmp_path)
    assert file.name == f"media.{sent['format']}"
    assert file.read_bytes() == base64.b64decode(sent["data"])
    place = unquote(code.locator("a").get_attribute("href").partition("file=")[2])
    Path(place).unlink()
    code.locator("a").click()
    expect(code).to_contain_text("The server no longer has the file as it was sent.")


def test_the_code_of_an_earlier_answer_is_there_without_the_file(answered):
    answered.reload()
    answered.locator("#history summary").first.click()
    card = answered.locator("#history .card")
    expect(card.locator(".source")).to_be_hidden()
    card.get_by_role("button", name="Code").click()
    expect(card.locator(".source")).to_contain_text("The server no longer has the file")
    expect(card.locator(".source details")).to_have_count(3)
    assert "gradio_api" not in card.inner_html()
