"""Batches over an API that does what a test says, and files for them."""

import asyncio
import contextlib

import pytest

from services.batch import Batches
from services.settings import Settings
from tests import making
from tests.browser.scripted_api import ScriptedApi, completion
from tests.capture import assistant_at

USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "cost": 0.001}


async def rest(batches, token):
    """The batch when it is at rest."""
    async for batch in batches.watch(token):
        last = batch
    return last


def states(batch):
    return [clip.state for clip in batch.clips]


@pytest.fixture
def api():
    with ScriptedApi() as scripted:
        scripted.script = lambda handler: handler.answer_json(completion("Hello", usage=USAGE))
        yield scripted


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A dozen short sounds, no two of a length."""
    folder = tmp_path_factory.mktemp("sounds")
    return [
        making.write_sound(
            folder / f"tone-{number}.wav",
            making.tone(0.3 + number / 100),
            container="wav",
            codec="pcm_s16le",
        )
        for number in range(12)
    ]


@pytest.fixture
def open_batches(api, workshop, tmp_path):
    """Opens batches of an app that starts, in the same place each time."""
    root = tmp_path / "batches"
    root.mkdir()

    @contextlib.asynccontextmanager
    async def opened(unwatched_s=10.0, clock=None, **environ):
        environ = {"EXTERNAL_API_BASE_URL": api.base_url, "EXTERNAL_API_KEY": api.key} | environ
        more = {"clock": clock} if clock else {}
        async with assistant_at(api.base_url, workshop, **environ) as assistant:
            settings = Settings.from_environ(environ)
            batches = Batches(assistant, workshop, settings, root, unwatched_s=unwatched_s, **more)
            batches.root = root
            try:
                yield batches
            finally:
                await asyncio.to_thread(batches.close)

    return opened
