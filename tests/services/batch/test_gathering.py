"""Files and zips become the clips of a batch, or nothing is left of them."""

import os
import zipfile

import pytest

from services import errors
from services.batch import Question
from services.batch.values import MOST_CLIPS

pytestmark = pytest.mark.anyio

ASKED = Question("What is said?", "m/m")


def packed(path, names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return path


async def test_a_zip_among_files_is_what_is_in_it(open_batches, sounds, tmp_path):
    path = packed(tmp_path / "a.bin", ["x/one.mp3", "two.mp3"])
    async with open_batches() as batches:
        token = await batches.make([sounds[0], path, sounds[1]], ASKED)
        names = [clip.name for clip in (await batches.get(token)).clips]
        assert names == ["tone-0.wav", "one.mp3", "two.mp3", "tone-1.wav"]


async def test_all_of_it_is_for_us_alone(open_batches, sounds):
    async with open_batches() as batches:
        await batches.make(sounds[:2], ASKED)
        folders = [path for path in batches.root.rglob("*") if path.is_dir()]
        assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ([], errors.NoMedia),
        ([f"{number}.mp3" for number in range(MOST_CLIPS + 1)], errors.TooManyFiles),
    ],
    ids=["none", "too many"],
)
async def test_what_makes_no_batch_leaves_nothing(open_batches, tmp_path, names, error):
    path = packed(tmp_path / "a.zip", [*names, "folder/"])
    async with open_batches() as batches:
        with pytest.raises(error):
            await batches.make([path], ASKED)
        assert list(batches.root.iterdir()) == []


async def test_a_damaged_zip_is_told_as_that(open_batches, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    async with open_batches() as batches:
        with pytest.raises(errors.BrokenArchive):
            await batches.make([path], ASKED)
        assert list(batches.root.iterdir()) == []


async def test_what_has_gone_meanwhile_is_told_as_that(open_batches, sounds, tmp_path):
    async with open_batches() as batches:
        with pytest.raises(errors.FileGone):
            await batches.make([sounds[0], tmp_path / "gone.wav"], ASKED)
        assert list(batches.root.iterdir()) == []


async def test_without_a_question_nothing_is_kept(open_batches, sounds):
    async with open_batches() as batches:
        with pytest.raises(errors.NoPrompt):
            await batches.make(sounds[:1], Question(" ", "m/m"))
        assert list(batches.root.iterdir()) == []


async def test_one_visitor_has_a_share_and_all_together_an_end(open_batches, tmp_path):
    path = tmp_path / "large.wav"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 9 * 1024 * 1024)
    limits = {"MAX_FILE_MB": "1", "MAX_UPLOADS_MB": "30"}  # a share is 10 MB
    async with open_batches(**limits) as batches:
        await batches.make([path], ASKED, payer="ann")
        with pytest.raises(errors.ShareFull):
            await batches.make([path], ASKED, payer="ann")
        await batches.make([path], ASKED, payer="bob")
        await batches.make([path], ASKED, payer="cyd")
        with pytest.raises(errors.StorageFull):
            await batches.make([path], ASKED, payer="dan")


async def test_what_comes_out_of_a_zip_counts(open_batches, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.wav", bytes(5 * 1024 * 1024))
    limits = {"MAX_FILE_MB": "1", "MAX_UPLOADS_MB": "30"}
    async with open_batches(**limits) as batches:
        with pytest.raises(errors.TooMuchInside):
            await batches.make([path], ASKED)
        assert list(batches.root.iterdir()) == []
