"""What is finished of a batch, as one zip."""

import csv
import io
import zipfile
from dataclasses import replace

import pytest

from components.batch.files import stem_of, write_zip
from services.batch import Clip
from tests.components.batch.batches import ANSWERED, EN, UNSENT, batch_of
from tests.components.pages import REPORT

pytestmark = pytest.mark.anyio


async def zipped(path, batch, reports):
    async def report(number):
        return reports.get(number)

    await write_zip(path, batch, report, EN)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


async def test_each_answer_is_a_text_and_json_and_all_are_lines_of_one_table(tmp_path):
    files = await zipped(tmp_path / "a.zip", batch_of(ANSWERED, UNSENT), {0: REPORT})
    assert set(files) == {"001-a.txt", "001-a.json", "answers.csv"}
    assert files["001-a.txt"] == "Hello\n"
    lines = list(csv.DictReader(io.StringIO(files["answers.csv"])))
    assert [(one["number"], one["file"], one["state"], one["text"]) for one in lines] == [
        ("1", "a.mp3", "answered", "Hello"),
        ("5", "e.mp3", "unsent", ""),
    ]


async def test_an_answer_with_times_is_subtitles_too(tmp_path):
    told = replace(REPORT, text="1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    files = await zipped(tmp_path / "a.zip", batch_of(ANSWERED), {0: told})
    assert "Hello" in files["001-a.srt"]


async def test_no_cell_of_the_table_is_a_formula(tmp_path):
    clip = Clip(0, "=cmd.mp3", 1, "answered")
    told = replace(REPORT, text="=1+1")
    files = await zipped(tmp_path / "a.zip", batch_of(clip), {0: told})
    (line,) = csv.DictReader(io.StringIO(files["answers.csv"]))
    assert (line["file"], line["text"]) == ("'=cmd.mp3", "'=1+1")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("talk.mp3", "001-talk"),
        ("../../etc/passwd", "001-passwd"),
        ("..", "001"),
        ("C:\\Windows\\x.wav", "001-C_Windows_x"),
        ("голос 1.ogg", "001-голос_1"),
        ("a" * 300 + ".mp3", "001-" + "a" * 80),
        ("\n\x00.mp3", "001"),
        ("", "001"),
    ],
    ids=ascii,
)
def test_a_name_is_safe_wherever_it_is_unpacked(name, stem):
    assert stem_of(Clip(0, name, 1)) == stem
