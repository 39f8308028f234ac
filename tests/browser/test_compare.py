"""Several models are asked about one clip with one press, and their answers stand side by side."""

import csv
import io
import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import running_app
from tests.browser.scripted_api import ScriptedApi, completion
from tests.browser.steps import ask, open_fold, open_page, stage, upload
from tests.browser.test_accessible import AXE, violations
from tests.browser.test_feed import kept
from tests.clips import clip

SAID = {
    "maker/one": "We meet at nine.",
    "maker/two": "We meet at five.",
    "maker/three": "We meet at nine",
}
#: What people call them.
NAMES = {one: f"Maker: {one.partition('/')[2].title()}" for one in SAID}
PRICES = {"prompt": "0.000001", "completion": "0.000002"}
USAGE = {
    "prompt_tokens": 80,
    "completion_tokens": 8,
    "cost": 0.0005,
    "prompt_tokens_details": {"audio_tokens": 65},
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """An app whose API has three models with names and prices."""
    models = [
        {
            "id": one,
            "name": NAMES[one],
            "architecture": {"input_modalities": ["text", "audio"]},
            "pricing": PRICES,
        }
        for one in SAID
    ]
    with ScriptedApi(catalogue={"data": models}) as api:
        environ = {"EXTERNAL_API_BASE_URL": api.base_url, "EXTERNAL_API_KEY": api.key}
        with running_app(tmp_path_factory.mktemp("compared"), environ) as app:
            yield app, api


@pytest.fixture
def api(compared):
    compared[1].reset()
    compared[1].script = lambda handler: handler.answer_json(
        completion(SAID[handler.asked["model"]], model=handler.asked["model"], usage=USAGE)
    )
    return compared[1]


@pytest.fixture
def given(page, compared, api, request):
    """The page, with a sound and two models to compare the chosen one with."""
    page.emulate_media(color_scheme=getattr(request, "param", "light"))
    open_page(page, compared[0].url)
    upload(page, "audio-file", clip("plan.flac"))
    open_fold(page, "comparing")
    field = page.locator("#compare input")
    for number in (1, 2):
        field.click()
        page.locator("#compare [role=option]").nth(number).click()
    field.press("Escape")
    expect(page.locator("#ask")).to_contain_text("Ask\u00a03×")
    return page


def compare(page):
    ask(page)
    expect(stage(page, "compared")).to_be_visible()


def test_one_press_asks_all_and_the_clip_is_the_same_for_each(given, api):
    compare(given)
    assert sorted(one["model"] for one in api.requests) == sorted(SAID)
    sent = {json.dumps(one["messages"]) for one in api.requests}
    assert len(sent) == 1
    cards = given.locator("#newest .column .answer")
    expect(cards).to_have_count(3)
    assert sorted(text.strip() for text in cards.all_inner_texts()) == sorted(SAID.values())


def test_the_price_of_all_stands_on_the_button_once_the_models_are_known(given, api):
    compare(given)  # what they cost is learnt from their answers
    given.locator("#repeats label").nth(1).click()
    expect(given.locator("#ask")).to_contain_text("Ask\u00a06×")
    expect(given.locator("#ask")).to_contain_text("≤\u00a0$0.0")


def test_a_failure_is_its_own_cell_and_can_be_asked_again(given, api):
    well = api.script

    def script(handler):
        if handler.asked["model"] == "maker/two":
            handler.answer_json({"error": {"code": 402, "message": "no credit"}}, 402)
        else:
            well(handler)

    api.script = script
    compare(given)
    expect(stage(given, "compared")).to_contain_text("2 of 3 answered")
    expect(given.locator('#newest .column [data-error="OutOfCredit"]')).to_have_count(1)
    expect(given.locator('#newest .column [data-state="done"]')).to_have_count(2)
    api.script = well
    given.locator("#newest .column").get_by_role("button", name="Retry").click()
    expect(stage(given, "compared")).to_contain_text("3 of 3 answered")
    assert len(api.requests) == 4
    expect(given.locator("#history li")).to_have_count(0)


def test_what_they_are_held_against_can_be_chosen(given, api):
    compare(given)
    given.locator(".differences summary").click()
    shown = given.locator(".differences p[data-against]:visible")
    names = shown.locator(".model")
    assert names.all_inner_texts() == [NAMES["maker/two"]]
    given.locator(".against select").select_option(label=NAMES["maker/two"])
    assert set(names.all_inner_texts()) == {NAMES["maker/one"], NAMES["maker/three"]}
    expect(given.locator('tr[data-row="wrong"]:visible')).to_have_count(1)


def test_it_can_be_taken_along(given, api):
    compare(given)
    given.locator(".comparison .menu summary").click()
    with given.expect_download() as saving:
        given.locator('.comparison [data-kind="csv"]').click()
    text = saving.value.path().read_text("utf-8")
    assert {line["model"] for line in csv.DictReader(io.StringIO(text))} == set(SAID)


def test_after_a_reload_the_answers_and_the_table_are_among_the_earlier_ones(given, api):
    compare(given)
    expect(given.locator("#newest .comparison table")).to_be_visible()
    for one in (*NAMES.values(), "3 models"):
        kept(given, one)
    given.reload()
    before = given.locator("#history .history li")
    expect(before).to_have_count(4)
    words = " ".join(before.all_inner_texts())
    assert "3 models" in words
    assert all(one in words for one in NAMES.values())


def test_blind_the_names_are_hidden_until_somebody_asks(given, api):
    given.locator("#blind input").check()
    compare(given)
    names = given.locator("#newest .model, #newest .asked").filter(has_text="Maker: ")
    expect(names.first).to_be_hidden()
    expect(given.locator("#newest .letter").first).to_be_visible()
    given.get_by_role("button", name="Show which model is which").click()
    expect(names.first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_of_it_makes_the_page_wider_than_the_screen(given, api, width):
    given.set_viewport_size({"width": width, "height": 844})
    compare(given)
    wide = "[document.documentElement.scrollWidth, document.querySelector('#flow').scrollWidth]"
    assert max(given.evaluate(wide)) <= width


@pytest.mark.skipif(not AXE.is_file(), reason="there is no axe-core here")
@pytest.mark.parametrize("given", ["light", "dark"], indirect=True)
def test_everybody_can_read_it(given, api):
    assert violations(given) == []
    compare(given)
    given.locator(".differences summary").click()
    assert violations(given) == []
