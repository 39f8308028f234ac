"""One folder for what is temporary, and the sweeping of what others left."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from services.temporary import lasting_folder, temporary_folder

ROOT = Path(__file__).parents[2]
#: Makes its folder, puts a file there, says where, and waits to be killed.
LEFT_BEHIND = """
import tempfile, time
from services.temporary import lasting_folder, temporary_folder
with temporary_folder() as folder:
    tempfile.NamedTemporaryFile(delete=False).close()
    (folder / "uploads").mkdir()
    (folder / "uploads" / "recording.wav").write_bytes(bytes(1000))
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Where the system keeps temporary files during this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def another(place):
    """Another process with a folder, and that folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", LEFT_BEHIND],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.wait()
    process.stdout.close()


def test_temporary_files_are_made_in_the_folder_and_go_with_it(place):
    with temporary_folder() as folder:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            assert Path(file.name).parent == folder
        assert Path(tempfile.mkdtemp()).parent == folder
    assert not folder.exists()
    assert tempfile.gettempdir() == str(place)


def test_nothing_of_it_is_left(place):
    with temporary_folder() as folder:
        root = folder.parent
    assert list(root.iterdir()) == []


def test_nobody_else_may_look_into_it():
    with temporary_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.parent.stat().st_mode & 0o077 == 0


def test_what_a_killed_process_left_is_swept_away(another):
    process, left = another
    process.kill()
    process.wait()
    assert (left / "uploads" / "recording.wav").exists()
    with temporary_folder():
        assert not left.exists()


def test_what_a_living_process_has_stays(another):
    _, others = another
    with temporary_folder():
        assert (others / "uploads" / "recording.wav").exists()


def test_what_is_not_ours_stays(place):
    with temporary_folder() as folder:
        root = folder.parent
    (root / "a note").write_text("mine")
    with temporary_folder():
        assert (root / "a note").exists()


def test_somebody_elses_folder_in_its_place_is_refused(place):
    with temporary_folder() as folder:
        name = folder.parent.name
    (place / name).rmdir()
    (place / "elsewhere").mkdir()
    (place / name).symlink_to(place / "elsewhere")
    with pytest.raises(PermissionError), temporary_folder():
        pass


def test_what_lasts_is_there_for_the_next_process():
    with lasting_folder() as folder:
        (folder / "batch").write_text("mine")
    with temporary_folder():  # which sweeps up
        pass
    with lasting_folder() as again:
        assert again == folder
        assert (again / "batch").read_text() == "mine"


def test_two_at_once_have_a_lasting_folder_each(tmp_path):
    with (
        lasting_folder(tmp_path / "a" / "b") as first,
        lasting_folder(tmp_path / "a" / "b") as other,
    ):
        assert first != other
        assert {first.parent, other.parent} == {tmp_path / "a" / "b"}
    with lasting_folder(tmp_path / "a" / "b") as again:
        assert again == first


def test_one_that_is_shared_all_have_at_once(tmp_path):
    with (
        lasting_folder(tmp_path, is_shared=True) as first,
        lasting_folder(tmp_path, is_shared=True) as other,
        lasting_folder(tmp_path) as alone,
    ):
        assert first == other != alone
        assert first.stat().st_mode & 0o077 == 0


def test_nobody_else_may_look_into_what_lasts(tmp_path):
    for root in (None, tmp_path / "mine"):
        with lasting_folder(root) as folder:
            assert folder.stat().st_mode & 0o077 == 0
            assert folder.parent.stat().st_mode & 0o077 == 0
