"""What all tests share."""

import os

import pytest

from services.media.workshop.workshop import Workshop
from services.offline_api.server import in_background
from services.offline_api.weights import find_weights

# gradio_client would report each start to its makers.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Playwright's event loop stays in the main thread once it runs, so its tests come last."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session")
def anyio_backend():
    """Tests marked ``anyio`` run on asyncio, as the app does."""
    return "asyncio"


@pytest.fixture(scope="session")
def workshop():
    """A workshop for media jobs."""
    with Workshop("services.media.jobs.table") as open_workshop:
        yield open_workshop


@pytest.fixture(scope="session")
def offline_url():
    """The base URL of an offline API that runs in this process."""
    with in_background(find_weights(None)) as url:
        yield url
