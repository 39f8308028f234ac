"""What was made of files is kept for a while, and no longer."""

import asyncio
import tempfile

import pytest

from services.assistant.kept import Kept
from services.media.values import MediaFacts, Sendable

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where kept files are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def made(folder, name="made", size=10):
    path = folder / name
    path.write_bytes(bytes(size))
    return Sendable(path, "audio", "mp3", MediaFacts("mp3", size, 1.0, None, None), "wav")


def kept_files(folder):
    return list(folder.glob("kept-*"))


async def test_what_is_taken_outlives_what_it_was_made_in(temporary):
    kept, first = Kept(), made(temporary)
    kept.keep("a", first)
    first.path.unlink()
    taken = kept.take("a", temporary / "taken")
    kept.clear()
    assert taken.path.read_bytes() == bytes(10)
    assert kept.take("b", temporary / "other") is None


async def test_what_nobody_takes_is_removed(temporary):
    kept = Kept(kept_s=0.01)
    kept.keep("a", made(temporary))
    assert len(kept_files(temporary)) == 1
    await asyncio.sleep(0.05)
    assert kept_files(temporary) == []
    assert kept.take("a", temporary / "taken") is None


async def test_of_too_many_bytes_the_oldest_go(temporary):
    kept = Kept(most_bytes=25)
    for name in "abc":
        kept.keep(name, made(temporary, name))
    assert kept.take("a", temporary / "1") is None
    assert kept.take("c", temporary / "2") is not None
    assert len(kept_files(temporary)) == 2


async def test_what_is_too_large_is_not_kept(temporary):
    kept = Kept(most_bytes=5)
    kept.keep("a", made(temporary))
    assert kept_files(temporary) == []


async def test_what_somebody_swept_up_is_not_there(temporary):
    kept = Kept()
    kept.keep("a", made(temporary))
    kept_files(temporary)[0].unlink()
    assert kept.take("a", temporary / "taken") is None


async def test_what_is_kept_says_where_and_so_does_what_is_taken(temporary):
    kept = Kept(folder=temporary / "served" / "sent")
    at = kept.keep("a", made(temporary)).kept_at
    assert at.parent == temporary / "served" / "sent"
    assert at.read_bytes() == bytes(10)
    assert kept.take("a", temporary / "taken").kept_at == at


async def test_nobody_guesses_where_it_is_but_anybody_sees_what(temporary):
    kept = Kept()
    one, other = (kept.keep(name, made(temporary, name)).kept_at for name in "ab")
    assert one != other
    assert len(one.stem.removeprefix("kept-")) == 32
    assert one.suffix == ".mp3"


async def test_what_is_not_kept_lies_nowhere(temporary):
    assert Kept(most_bytes=5).keep("a", made(temporary)).kept_at is None
