"""Whatever is wrong in a file, it is one of our errors or an answer, and nothing stays behind.

``MUTATIONS`` and ``MUTATION_SEED`` in the environment ask for more of them, or
for others; ``MUTATION`` for the one with that number.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import anyio
import pytest

from services import errors
from services.media.jobs.table import Cut, Frames, Inspect, Samples, ToMp4
from services.media.making import make
from services.media.values import Fit, MediaFacts, Sendable, Takes
from services.media.workshop.workshop import Desk, Workshop
from tests.services.media.direct import PICTURE, SOUND, SPEECH
from tests.services.media.mutants import mutant, parents
from tests.services.media.usage import watched, workers

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(0 if "MUTATIONS" in os.environ else 180),
]

SEED = int(os.environ.get("MUTATION_SEED", "2024"))
COUNT = int(os.environ.get("MUTATIONS", "120"))
#: Only this one, with a traceback.
ONE = os.environ.get("MUTATION")
AT_ONCE = 2
PATIENCE_S = 120
MOST_BYTES = 500 * 1024 * 1024

#: What a model takes of which nothing is known: almost everything is made anew for it.
LITTLE = Takes(frozenset({"mp3"}), frozenset({"video/mp4"}))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The files that mutants are made of."""
    return parents(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder that temporary files would go to, empty."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


#: What may be wrong with a file that has bytes.
FAULTS = {
    *("EmptyFile", "NotMedia", "UnreadableFile", "TooMuchInside"),
    *("NoSound", "NoPicture", "BadTrim"),
}


async def _all_that_is_done(workshop, path):
    """Inspect the file and make everything of it. Returns how that ended, by our errors."""
    desk = Desk(workshop, path.parent.name)
    try:
        facts = await desk.do(Inspect(path))
    except errors.InputError as error:
        return [type(error).__name__]
    assert isinstance(facts, MediaFacts)
    outcomes = []
    for kind in ("audio", "video"):
        shares = []
        try:
            sendable = await make(
                desk,
                path,
                facts,
                kind,
                LITTLE,
                path.with_name(f"made-{kind}"),
                raw=None,
                fit=Fit(),
                told=shares.append,
            )
        except errors.InputError as error:
            outcomes.append(type(error).__name__)
        else:
            assert isinstance(sendable, Sendable)
            assert all(0 <= share <= 1 for share in shares)
    folder = path.with_name("made-pieces")
    folder.mkdir()
    for job in (
        Cut(path, None, folder, "mp3", SPEECH, 1.0),
        ToMp4(path, path.with_name("made-part"), PICTURE, SOUND, 0.1, 0.3),
        Samples(path, None, path.with_name("made-samples"), 16_000, 60.0),
        Frames(path, path.with_name("made-frames"), ((0.1, 0.3),), 5),
    ):
        try:
            await desk.do(job)
        except errors.InputError as error:
            outcomes.append(type(error).__name__)
    return outcomes


async def test_a_damaged_file_is_an_answer_or_an_error_of_ours(whole, tmp_path, temporary):
    numbers = iter([int(ONE)] if ONE else range(COUNT))
    failed = []

    async def try_some(workshop, folder):
        for number in numbers:
            what, data = mutant(SEED, number, whole)
            path = folder / "media"
            path.write_bytes(data)
            try:
                with anyio.fail_after(PATIENCE_S):
                    assert {*await _all_that_is_done(workshop, path)} <= FAULTS
            except Exception as error:
                if ONE:
                    raise
                failed.append(f"MUTATION_SEED={SEED} MUTATION={number} ({what}): {error!r}")
            left = {one.name for one in folder.iterdir()}
            if any(name != "media" and not name.startswith("made-") for name in left):
                failed.append(f"MUTATION_SEED={SEED} MUTATION={number} ({what}) left {left}")
            shutil.rmtree(folder)
            folder.mkdir()

    with watched() as usage, Workshop("services.media.jobs.table", AT_ONCE) as workshop:
        folders = [tmp_path / str(number) for number in range(AT_ONCE)]
        for folder in folders:
            folder.mkdir()
        await asyncio.gather(*(try_some(workshop, folder) for folder in folders))

    assert failed == []
    assert list(temporary.iterdir()) == []
    assert 0 < usage.memory_bytes < MOST_BYTES


async def test_no_worker_is_left_after_damaged_files(whole, tmp_path):
    before = workers()
    with Workshop("services.media.jobs.table", AT_ONCE) as workshop:
        for number in range(6):
            path = tmp_path / "media"
            path.write_bytes(mutant(SEED, number, whole)[1])
            await _all_that_is_done(workshop, path)
            shutil.rmtree(tmp_path)
            tmp_path.mkdir()

    with anyio.fail_after(PATIENCE_S):
        while workers() - before:  # noqa: ASYNC110  # processes tell nobody that they end
            await anyio.sleep(0.01)


def test_a_mutant_is_made_again_from_its_number(whole):
    assert mutant(SEED, 7, whole) == mutant(SEED, 7, whole)
    assert mutant(SEED, 7, whole) != mutant(SEED + 1, 7, whole)


def test_nothing_is_left_to_chance_but_the_change(whole):
    """The parents are the same in each run, or a number would stand for another file."""
    with tempfile.TemporaryDirectory() as again:
        other = parents(Path(again))

    different = {name for name in whole if whole[name] != other[name]}
    assert list(other) == list(whole)
    assert different == set()
