"""What all tests share."""

import pytest

from services.media.sandbox import Sandbox
from services.offline_api.server import in_background


@pytest.fixture(scope="session")
def anyio_backend():
    """Tests marked ``anyio`` run on asyncio, as the app does."""
    return "asyncio"


@pytest.fixture(scope="session")
def sandbox():
    """A sandbox for media jobs."""
    with Sandbox("services.media.jobs.table") as box:
        yield box


@pytest.fixture(scope="session")
def offline_url():
    """The base URL of an offline API that runs in this process."""
    with in_background() as url:
        yield url
