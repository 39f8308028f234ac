"""The page with an assistant that notes what it is asked."""

import pytest

from tests.components.pages import Page


@pytest.fixture(scope="module")
def page():
    return Page()


@pytest.fixture
def assistant(page):
    """The page's assistant, with nothing noted yet."""
    page.assistant.__init__()
    return page.assistant
