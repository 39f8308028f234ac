"""Who answers, and the field for the key."""

import json
import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from services.assistant import Api
from tests.components.pages import Noting, Page

ROOT = Path(__file__).parents[2]
LOCALES = {name: ROOT / "components" / "locales" / f"{name}.json" for name in ("en", "ru")}
URL = "https://api.example:8443/api/v1"
NEEDS_A_KEY = Api(URL, is_offline=False, has_key=False)
HAS_A_KEY = Api(URL, is_offline=False, has_key=True)
OFFLINE = Api("http://127.0.0.1:9/api/v1", is_offline=True, has_key=False)
NAMES = ["needs a key", "has a key", "offline"]


def _page(api):
    assistant = Noting()
    assistant.api = api
    return Page(assistant)


def _panel(block):
    """The panel around ``block`` that a person opens and closes."""
    while not isinstance(block, gr.Accordion):
        block = block.parent
    return block


@pytest.mark.parametrize(
    ("api", "is_open"),
    [(NEEDS_A_KEY, True), (HAS_A_KEY, False), (OFFLINE, False)],
    ids=NAMES,
)
def test_the_panel_of_the_key_is_open_where_nothing_goes_without_one(api, is_open):
    assert _panel(_page(api).fields["api_key"]).open is is_open


@pytest.mark.parametrize(
    ("api", "key"),
    [
        (NEEDS_A_KEY, "connection.key_needed"),
        (HAS_A_KEY, "connection.key_host"),
        (OFFLINE, "connection.key_offline"),
    ],
    ids=NAMES,
)
def test_the_field_says_whether_a_key_is_needed(api, key):
    assert _page(api).fields["api_key"].info.key == key


def test_a_key_is_not_shown_and_not_remembered_by_the_browser():
    field = _page(NEEDS_A_KEY).fields["api_key"]
    assert field.type == "password"
    assert field.html_attributes.autocomplete == "off"
    assert field.value is None


def test_who_signs_in_does_so_where_the_api_is_openrouters():
    at = "https://openrouter.ai/auth"
    page = _page(replace(NEEDS_A_KEY, sign_in_at=at))
    place = page.by_id["sign-in"]
    assert f'data-at="{at}"' in place.value
    assert _panel(place) is _panel(page.fields["api_key"])
    assert page.by_id["came-back"].visible == "hidden"  # on the page, and not to be seen


@pytest.mark.parametrize("api", [NEEDS_A_KEY, HAS_A_KEY, OFFLINE], ids=NAMES)
def test_nobody_signs_in_anywhere_else(api):
    page = _page(api)
    assert "sign-in" not in page.by_id
    assert page.by_id["came-back"].visible is False


def test_the_host_of_the_api_that_answers_is_named():
    banner = _page(HAS_A_KEY).by_id["api"]
    assert "api.online" in banner.value
    assert "**api.example:8443**" in banner.value
    assert "offline" not in banner.elem_classes


def test_the_offline_api_says_so_and_looks_so():
    banner = _page(OFFLINE).by_id["api"]
    assert "api.offline" in banner.value
    assert "offline" in banner.elem_classes


def test_ears_without_weights_are_told_with_what_cures_them():
    deaf = _page(replace(OFFLINE, hears=False)).by_id["api"]
    assert "api.deaf" in deaf.value
    assert "offline" in deaf.elem_classes


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_command_that_cures_them_is_one_that_there_is(language):
    (command,) = re.findall(
        r"pip install -r (\S+)`", json.loads(LOCALES[language].read_text("utf-8"))["api.deaf"]
    )
    assert (ROOT / command).is_file()
