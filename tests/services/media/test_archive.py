"""Unpacking a stranger's zip: whatever is in it stays where it is told to be."""

import io
import os
import zipfile

import pytest

from services import errors
from services.media.jobs.table import Unpack, Unpacked

pytestmark = pytest.mark.anyio

LINK = 0o120777 << 16


@pytest.fixture
def unpack(workshop, tmp_path):
    """What is unpacked of a zip with these entries, and the folder where it is."""
    folder = tmp_path / "inner" / "folder"
    folder.mkdir(parents=True)

    async def unpacked(content, first=0, most_files=9, most_bytes=10**6, most_file_bytes=10**6):
        path = tmp_path / "given.zip"
        path.write_bytes(content)
        job = Unpack(path, folder, first, most_files, most_bytes, most_file_bytes)
        return await workshop.do(job), folder

    return unpacked


def zipped(*entries, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


async def test_each_file_lies_under_a_number_and_keeps_its_name(unpack):
    found, folder = await unpack(zipped(("a/ä.mp3", b"one"), ("b.wav", b"three")), first=4)
    assert found == (Unpacked("ä.mp3", 3), Unpacked("b.wav", 5))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "4": b"one",
        "5": b"three",
    }


@pytest.mark.parametrize(
    "name",
    ["../up.mp3", "/tmp/many-absolute.mp3", "..\\..\\up.mp3", "C:\\up.mp3", "a/../../../up.mp3"],
)
async def test_a_name_leads_nowhere(unpack, tmp_path, name):
    found, folder = await unpack(zipped((name, b"x")))
    assert found in ((Unpacked("up.mp3", 1),), (Unpacked("many-absolute.mp3", 1),))
    assert [path.name for path in folder.iterdir()] == ["0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["given.zip", "inner"]
    assert "many-absolute.mp3" not in [one.name for one in os.scandir("/tmp")]


async def test_a_link_is_followed_by_nobody(unpack):
    entry = zipfile.ZipInfo("secret.mp3")
    entry.create_system, entry.external_attr = 3, LINK
    found, folder = await unpack(zipped((entry, "/etc/passwd")))
    assert found == (Unpacked("secret.mp3", len("/etc/passwd")),)
    assert not (folder / "0").is_symlink()
    assert (folder / "0").read_text() == "/etc/passwd"


async def test_a_bomb_is_told_by_what_comes_out_of_it(unpack):
    content = zipped(("bomb.wav", bytes(50_000_000)))
    assert len(content) < 60_000
    with pytest.raises(errors.TooMuchInside):
        await unpack(content)


async def test_many_together_are_no_way_around_that(unpack):
    content = zipped(*((f"{number}.wav", bytes(400_000)) for number in range(5)))
    with pytest.raises(errors.TooMuchInside):
        await unpack(content)


async def test_a_size_that_is_a_lie_helps_nobody(unpack):
    content = bytearray(zipped(("bomb.wav", bytes(2_000_000))))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises((errors.TooMuchInside, errors.BrokenArchive)):
        await unpack(bytes(content))


async def test_too_many_files_are_not_unpacked_at_all(unpack, tmp_path):
    content = zipped(*((f"{number}.mp3", b"x") for number in range(10)))
    with pytest.raises(errors.TooManyFiles):
        await unpack(content)
    assert list((tmp_path / "inner" / "folder").iterdir()) == []


async def test_folders_and_what_systems_put_beside_files_are_passed_over(unpack):
    entries = ("a/", ""), ("__MACOSX/a/._one.mp3", "x"), (".DS_Store", "x"), ("a/one.mp3", "x")
    found, _ = await unpack(zipped(*entries))
    assert [one.name for one in found] == ["one.mp3"]


async def test_what_is_encrypted_is_told_as_that(unpack):
    content = bytearray(zipped(("a.mp3", b"x" * 100)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    with pytest.raises(errors.ProtectedFile):
        await unpack(bytes(content))


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
async def test_bad_bytes_are_a_broken_zip(unpack, compression):
    content = bytearray(zipped(("a.mp3", os.urandom(5000)), compression=compression))
    content[1000:1200] = bytes(200)
    with pytest.raises(errors.BrokenArchive):
        await unpack(bytes(content))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x03\x04" + bytes(5000)])
async def test_what_is_none_is_told_so(unpack, content):
    with pytest.raises(errors.BrokenArchive):
        await unpack(content)
