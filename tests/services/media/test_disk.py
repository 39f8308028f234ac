"""A disk that is full, or a folder nobody can write to, is our failure and not the file's."""

import contextlib
from pathlib import Path

import pytest

from services import errors
from services.media.jobs.table import Cut, Frames, Rewrap, Samples, ToAudio, ToMp4
from services.media.workshop.workshop import Workshop
from tests.making import tone, write_film
from tests.services.media import hasty_jobs
from tests.services.media.direct import PICTURE, SOUND, SPEECH, WHOLE

pytestmark = pytest.mark.anyio

#: Every job that writes → the job of a film, which writes to this path.
JOBS = {
    "wav": lambda film, out: ToAudio(film, None, out, "wav", WHOLE),
    "flac": lambda film, out: ToAudio(film, None, out, "flac", WHOLE),
    "mp3": lambda film, out: ToAudio(film, None, out, "mp3", SOUND),
    "mp4": lambda film, out: ToMp4(film, out, PICTURE, SOUND),
    "rewrapped sound": lambda film, out: Rewrap(film, None, out, "adts", "audio"),
    "rewrapped film": lambda film, out: Rewrap(film, None, out, "mp4", "video"),
    "samples": lambda film, out: Samples(film, None, out, 16_000, 60.0),
    "pictures": lambda film, out: Frames(film, out, ((0.0, 9.0),), 25),
    "pieces": lambda film, out: Cut(film, None, out.parent, "mp3", SPEECH, 9.0),
    "pieces of wav": lambda film, out: Cut(film, None, out.parent, "wav", WHOLE, 9.0),
}
#: The name of the first piece; any other job takes any name.
NAME = "0"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of three seconds."""
    return write_film(
        tmp_path_factory.mktemp("film") / "film",
        [((200, 20, 20), 3.0)],
        container="matroska",
        codec="libx264",
        sound=tone(3.0),
    )


@contextlib.contextmanager
def _ours(caplog, errno):
    with pytest.raises(errors.AppFailed):
        yield
    [record] = caplog.records
    assert f" {errno} < " in record.getMessage()


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())
async def test_a_disk_that_is_full_is_our_failure(workshop, film, tmp_path, caplog, job):
    out = tmp_path / NAME
    out.symlink_to("/dev/full")

    with _ours(caplog, "ENOSPC"):
        await workshop.do(job(film, out))


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())
async def test_a_folder_that_is_gone_is_our_failure(workshop, film, tmp_path, caplog, job):
    with _ours(caplog, "ENOENT"):
        await workshop.do(job(film, tmp_path / "gone" / NAME))


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())
async def test_a_place_nobody_can_write_to_is_our_failure(workshop, film, caplog, job):
    """Not even root can make a file there."""
    with pytest.raises(errors.AppFailed):
        await workshop.do(job(film, Path("/proc/self") / NAME))

    [record] = caplog.records
    assert "a bug in the job" in record.getMessage()


async def test_a_file_that_is_gone_is_our_failure(workshop, tmp_path, caplog):
    """Whoever asked has linked it: nobody else takes it away."""
    with _ours(caplog, "ENOENT"):
        await workshop.do(Samples(tmp_path / "gone", None, tmp_path / "out", 16_000, 60.0))


@pytest.mark.parametrize("name", ["wav", "mp4"])
async def test_the_log_does_not_say_which_file_it_was(workshop, film, tmp_path, caplog, name):
    with pytest.raises(errors.AppFailed):
        await workshop.do(JOBS[name](film, tmp_path / "canary" / NAME))

    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    "job",
    [
        lambda film, out: hasty_jobs.ToAudio(film, None, out, "wav", WHOLE),
        lambda film, out: hasty_jobs.ToMp4(film, out, PICTURE, SOUND),
        lambda film, out: hasty_jobs.Samples(film, None, out, 16_000, 60.0),
    ],
    ids=["wav", "mp4", "samples"],
)
async def test_a_file_of_which_more_is_made_than_may_be_is_at_fault_itself(film, tmp_path, job):
    """And not our disk, which may be as good as empty."""
    out = tmp_path / "out"
    wanted = job(film, out)

    with Workshop(hasty_jobs.__name__) as hasty, pytest.raises(errors.UnreadableFile):
        await hasty.do(wanted)

    assert out.stat().st_size <= wanted.limits.output_bytes
