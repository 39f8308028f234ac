"""Gradio hands an upload on and does not open it: with FFmpeg it would follow playlists."""

import subprocess
import sys
from pathlib import Path

import gradio as gr
import pytest
from gradio.data_classes import FileData

from tests.components.pages import Page

PLAYLIST = "#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
MEDIA = (gr.Audio, gr.Video, gr.File)
NAMES = ["a.wav", "a.mp3", "a.m4a", "a.webm", "a.mp4", "a.mov", "a.mkv", "a.avi", "a", "a.m3u8"]
_STARTED = ("subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system")


class _Watch:
    """Notes programs that are started, and openings of files of ours, while it is on."""

    def __init__(self):
        self.noted = None
        sys.addaudithook(self._audit)  # for good: it cannot be taken away

    def _audit(self, event, arguments):
        if self.noted is None:
            return
        if event in _STARTED:
            self.noted.append(event)
        elif event == "open" and "upload" in str(arguments[0]):
            self.noted.append(f"open: {arguments[0]}")

    def __enter__(self):
        self.noted = []
        return self.noted

    def __exit__(self, *_):
        self.noted = None


@pytest.fixture(scope="module")
def watch():
    return _Watch()


@pytest.fixture(scope="module")
def page():
    return Page().blocks


def _media_components(page):
    return [block for block in page.blocks.values() if isinstance(block, MEDIA)]


def _taken(page):
    """Those that a handler is given; what only shows a file takes none."""
    given = {block._id for listener in page.fns.values() for block in listener.inputs}
    return [one for one in _media_components(page) if one._id in given]


@pytest.fixture
def uploads(tmp_path):
    """A playlist under the names that media have."""
    folder = tmp_path / "upload"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(PLAYLIST, "utf-8")
    return [str(folder / name) for name in NAMES]


def test_the_page_takes_media(page):
    assert {type(one) for one in _taken(page)} == set(MEDIA)


def test_an_upload_reaches_a_handler_unopened(page, watch, uploads):
    for component in _taken(page):
        for upload in uploads:
            with watch as noted:
                handed_on = component.preprocess(FileData(path=upload))

            files = handed_on if isinstance(handed_on, list) else [handed_on]
            assert (list(map(str, files)), noted) == ([upload], [])


def test_an_upload_leaves_no_other_file_behind(page, uploads, tmp_path):
    for component in _taken(page):
        component.GRADIO_CACHE = str(tmp_path)
        component.preprocess(FileData(path=uploads[0]))

    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_nothing_is_handed_back_to_a_component_that_would_open_it(page):
    """What goes out by gr.Audio and gr.Video is probed and converted with FFmpeg."""
    opening = {one._id for one in _media_components(page) if isinstance(one, (gr.Audio, gr.Video))}

    written = {block._id for listener in page.fns.values() for block in listener.outputs}

    assert opening & written == set()


def test_what_is_opened_and_what_is_started_would_be_noticed(watch, uploads):
    with watch as noted:
        Path(uploads[0]).read_bytes()
        subprocess.run([sys.executable, "-c", ""], check=True)

    assert noted == [f"open: {uploads[0]}", "subprocess.Popen"]
