"""Gradio keeps of a visitor what is needed to answer them."""

import pytest
from gradio.state_holder import SessionState

from components.form import field_of
from tests.components.pages import Page


@pytest.fixture(scope="module")
def blocks():
    return Page().blocks


def test_whoever_comes_gets_the_components_without_a_description_of_each(blocks):
    visit = SessionState(blocks)
    assert visit.blocks_config.blocks == blocks.blocks
    assert visit.blocks_config.fns == blocks.fns
    assert list(visit.components) == []


def test_a_key_that_is_typed_is_not_written_into_one(blocks):
    visit = SessionState(blocks)
    (key,) = (one for one in blocks.blocks.values() if field_of(one) == "api_key")
    visit._update_value_in_config(key._id, "sk-or-v1-typed")  # as Gradio does with each value
    assert "sk-or-v1-typed" not in repr(visit.config_values)


def test_the_page_itself_is_described_as_it_was(blocks):
    described = blocks.get_config_file()["components"]
    assert {one["id"] for one in described} == set(blocks.blocks)
    assert all(one["props"] for one in described)
