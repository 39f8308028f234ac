"""What a process finds of batches that another one was at: one that is gone, or is at it still."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import traceback

import pytest

from services import errors
from services.batch import Question
from tests import several
from tests.browser.scripted_api import completion
from tests.postgres import running_postgres
from tests.services.batch.conftest import USAGE, rest, states

pytestmark = pytest.mark.anyio

ASKED = Question("What is said?", "openai/gpt-4o")

#: An app that begins with a batch, says its token, and is killed.
_ANOTHER = """
import asyncio, os, sys
from pathlib import Path
from services.batch import Batches, Question
from services.media.workshop.workshop import Workshop
from services.settings import Settings
from tests.capture import assistant_at

async def main(root, url, *files):
    with Workshop("services.media.jobs.table") as workshop:
        async with assistant_at(url, workshop) as assistant:
            environ = {"EXTERNAL_API_BASE_URL": url, "EXTERNAL_API_KEY": "ak_x"}
            environ |= {"VISITOR_AT_ONCE": "2"}
            environ |= {name: value for name, value in os.environ.items() if "BATCH" in name}
            batches = Batches(assistant, workshop, Settings.from_environ(environ), Path(root))
            token = await batches.make([Path(one) for one in files], Question("What?", "m/m"))
            await batches.start(token)
            print(token, flush=True)
            async for _ in batches.watch(token):
                pass

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def postgres():
    with running_postgres() as server:
        yield server
        # A thread that waits for the database would go on for ever once that is gone.
        several.until(lambda: not threads_of_dbos(), 90)


def threads_of_dbos():
    """The threads of this process that are in DBOS."""
    frames = sys._current_frames()
    return [
        thread
        for thread in threading.enumerate()
        if any(
            "/dbos/" in frame.filename
            for frame in traceback.extract_stack(frames.get(thread.ident))
        )
    ]


@pytest.fixture(params=["SQLite", "Postgres"])
def database(request):
    """Where it is noted what was begun, as a host says it."""
    if request.param == "SQLite":
        return {}
    url = request.getfixturevalue("postgres").url
    return {"BATCH_DATABASE_URL": url, "BATCH_FOLDER": "/shared"}


@pytest.fixture
def hold(api):
    """From the fourth on a question is answered once it is set."""
    hold = threading.Event()

    def script(handler):
        if len(api.requests) > 3:
            hold.wait(60)
        handler.answer_json(completion("Hello", usage=USAGE))

    api.script = script
    yield hold
    hold.set()


@contextlib.asynccontextmanager
async def another(root, api, sounds, database):
    """Another process with a batch, of which three have their answers and two wait for theirs."""
    app = subprocess.Popen(  # noqa: ASYNC220  # it is there at once
        [sys.executable, "-c", _ANOTHER, root, api.base_url, *sounds],
        env=os.environ | database,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        token = (await asyncio.to_thread(app.stdout.readline)).strip()
        await asyncio.to_thread(several.until, lambda: len(api.requests) == 5)
        yield token, app
    finally:
        kill(app)
        app.stdout.close()


def kill(app):
    if app.poll() is None:
        os.killpg(app.pid, signal.SIGKILL)
        app.wait()


async def test_after_a_kill_the_finished_are_there_and_nothing_is_sent_twice_by_itself(
    open_batches, api, sounds, database, hold
):
    async with open_batches(**database) as batches:
        async with another(batches.root, api, sounds, database) as (token, app):
            kill(app)
        hold.set()
        batch = await batches.get(token)
        assert (batch.count("answered"), batch.count("unsure"), batch.count("unsent")) == (3, 2, 7)
        assert not batch.is_running
        assert batch.unpriced == 2
        assert len(api.requests) == 5
        await batches.start(token)
        batch = await rest(batches, token)
        assert (batch.count("answered"), batch.count("unsure")) == (10, 2)
        assert len(api.requests) == 12
        await batches.start(token, ["unsure"])
        assert states(await rest(batches, token)) == ["answered"] * 12
        assert len(api.requests) == 14


async def test_what_another_process_is_at_is_left_to_it(open_batches, api, sounds, database, hold):
    async with open_batches(**database) as batches:
        async with another(batches.root, api, sounds, database) as (token, app):
            for way in (batches.get, batches.start, batches.delete):
                with pytest.raises(errors.BatchElsewhere):
                    await way(token)
            assert len(api.requests) == 5
            hold.set()
            await asyncio.to_thread(app.wait)
        assert states(await batches.get(token)) == ["answered"] * 12
        assert len(api.requests) == 12


async def test_while_the_database_is_away_nothing_is_sent_and_then_all_is_there(
    open_batches, api, sounds, postgres
):
    shared = {"BATCH_DATABASE_URL": postgres.url, "BATCH_FOLDER": "/shared"}
    async with open_batches(**shared) as batches:
        token = await batches.make(sounds[:3], ASKED)
        postgres.end()
        try:
            for way in (batches.get, batches.start, batches.delete):
                with pytest.raises(errors.BatchesAway):
                    await way(token)
        finally:
            await asyncio.to_thread(postgres.start)
        await batches.start(token)
        assert states(await rest(batches, token)) == ["answered"] * 3
        postgres.end()
        try:
            with pytest.raises(errors.BatchesAway):
                await batches.get(token)
        finally:
            await asyncio.to_thread(postgres.start)
        assert states(await batches.get(token)) == ["answered"] * 3
    assert len(api.requests) == 3


async def test_an_app_whose_database_is_away_ends_all_the_same(open_batches, sounds, postgres):
    shared = {"BATCH_DATABASE_URL": postgres.url, "BATCH_FOLDER": "/shared"}
    try:
        async with open_batches(**shared) as batches:
            await batches.get(await batches.make(sounds[:1], ASKED))
            postgres.end()
    finally:
        postgres.start()
