"""Small files with something huge or endless inside end soon, in little memory, alone.

Of a worker 10 s of processor time and 500 MB are allowed, whatever the file.
The wall clock is not asked: a busy machine may be slow.
"""

import contextlib

import anyio
import pytest

from services import errors
from services.media.forms import EVERYTHING
from services.media.jobs.table import Inspect
from services.media.making import make
from services.media.values import Fit, Sendable
from services.media.workshop.workshop import Desk
from tests.clips import clip
from tests.services.media import bombs
from tests.services.media.usage import watched

pytestmark = pytest.mark.anyio

MOST_BYTES = 500 * 1024 * 1024
MOST_CPU_S = 10.0
PATIENCE_S = 120
SONG_S = 3.75

#: Bomb → the error, or the seconds that are really in it.
INSPECTED = {
    bombs.long_silence_in_flac: errors.TooMuchInside,
    bombs.many_channels_of_silence_in_flac: errors.TooMuchInside,
    bombs.long_silence_in_opus: errors.TooMuchInside,
    bombs.one_sample_a_second: errors.TooMuchInside,
    bombs.huge_png_in_avi: errors.UnreadableFile,
    bombs.large_png_in_avi: 0.12,
    bombs.png_that_grows_in_avi: 0.24,
    bombs.huge_raw_picture_in_avi: errors.UnreadableFile,
    bombs.pictures_of_no_bytes_in_avi: errors.UnreadableFile,
    bombs.huge_gif: errors.UnreadableFile,
    bombs.large_gif: 5.0,
    bombs.huge_cover: SONG_S,
    bombs.thousands_of_covers: errors.TooMuchInside,
    bombs.hundred_thousands_of_tags: errors.UnreadableFile,
    # On a fast machine the memory is used up before the time is.
    bombs.one_tag_of_200_megabytes: (errors.TooMuchInside, errors.UnreadableFile),
    bombs.mp4_that_claims_49_days: 0.8,
    bombs.mp4_that_claims_a_millisecond: 0.8,
    bombs.mp4_whose_pictures_last_for_days: errors.TooMuchInside,
    bombs.mov_that_names_the_same_bytes_again_and_again: errors.TooMuchInside,
    bombs.mov_of_samples_without_bytes: 13.5,
    bombs.mov_of_endlessly_many_samples: 1.0,
    bombs.mov_of_thousands_of_tracks: errors.TooMuchInside,
    bombs.mov_with_a_compressed_index: errors.TooMuchInside,
    bombs.mov_of_boxes_in_boxes: errors.NotMedia,
    bombs.matroska_of_thousands_of_tracks: 0.1,
    bombs.matroska_that_points_at_itself: 50.0,
    bombs.matroska_of_tags_in_tags: 0.1,
    bombs.ogg_of_thousands_of_links: 40.6,
    bombs.ogg_of_thousands_of_streams_at_once: errors.TooMuchInside,
    bombs.ts_of_thousands_of_programs: errors.TooMuchInside,
    bombs.riff_of_lists_in_lists: errors.NotMedia,
    bombs.wav_of_blocks_without_bytes: 1.0,
    bombs.wav_of_65535_channels: errors.UnreadableFile,
}
#: Bomb → the error of making an MP4 of it.
CONVERTED = {
    bombs.large_png_in_avi: errors.TooMuchInside,
    bombs.png_that_grows_in_avi: errors.UnreadableFile,
    bombs.large_gif: errors.TooMuchInside,
}


def test_every_bomb_is_set_off():
    made = {
        one
        for name, one in vars(bombs).items()
        if getattr(one, "__module__", None) == bombs.__name__ and not name.startswith("_")
    }

    assert made == set(INSPECTED)


@contextlib.asynccontextmanager
async def _in_bounds(workshop):
    """What happens inside stays within the bounds, and then the next file works."""
    with watched() as usage, anyio.fail_after(PATIENCE_S):
        yield
    assert usage.memory_bytes < MOST_BYTES
    assert usage.cpu_s < MOST_CPU_S
    assert (await workshop.do(Inspect(clip("party.mp3")))).container == "mp3"


async def _made(workshop, path, facts, kind):
    return await make(
        Desk(workshop),
        path,
        facts,
        kind,
        EVERYTHING,
        path.with_name("made"),
        raw=None,
        fit=Fit(),
        told=lambda _: None,
    )


@pytest.mark.parametrize(
    ("bomb", "outcome"), INSPECTED.items(), ids=lambda x: getattr(x, "__name__", "")
)
async def test_inspecting_a_bomb_ends_soon_and_in_little_memory(workshop, tmp_path, bomb, outcome):
    path = tmp_path / "media"
    bomb(path)

    async with _in_bounds(workshop):
        if isinstance(outcome, float):
            assert (await workshop.do(Inspect(path))).duration_s == pytest.approx(outcome, abs=0.2)
        else:
            with pytest.raises(outcome):
                await workshop.do(Inspect(path))


@pytest.mark.parametrize(("bomb", "error"), CONVERTED.items(), ids=lambda x: x.__name__)
async def test_converting_a_bomb_ends_soon_and_in_little_memory(workshop, tmp_path, bomb, error):
    path = tmp_path / "media"
    bomb(path)
    facts = await workshop.do(Inspect(path))

    async with _in_bounds(workshop):
        with pytest.raises(error):
            await _made(workshop, path, facts, "video")


async def test_what_a_worker_uses_is_seen(workshop, tmp_path):
    """The bounds would hold of nobody, too."""
    path = tmp_path / "media"
    bombs.long_silence_in_flac(path)

    with watched() as usage, pytest.raises(errors.TooMuchInside):
        await workshop.do(Inspect(path))

    assert 20 * 1024 * 1024 < usage.memory_bytes < MOST_BYTES
    assert 0 < usage.cpu_s < MOST_CPU_S


async def test_a_bomb_that_goes_out_as_it_is_was_inspected_in_bounds(workshop, tmp_path):
    path = tmp_path / "media"
    bombs.huge_cover(path)

    async with _in_bounds(workshop):
        facts = await workshop.do(Inspect(path))
        sendable = await _made(workshop, path, facts, "audio")

    assert sendable == Sendable(path, "audio", "mp3", facts, converted_from=None)
