"""The five examples of the External API guide, run as they stand there.

The files beside this one are the guide's code blocks, letter for letter. They name
``audio.mp3`` and ``video.mp4``, so these are there when they run, and port 3000,
which only makes way for another where something else has it. ``base64 -i`` is
macOS's; GNU's ``base64`` needs ``-w0``, or it wraps the lines.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clips import SENTENCES, clip

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NODE_PATH = os.environ.get("NODE_PATH") or str(ROOT / ".cache" / "node" / "node_modules")
#: No proxies, no keys: what finds the programs, and nothing else.
ENVIRON = {"PATH": os.environ["PATH"], "NODE_PATH": NODE_PATH}


def has_axios() -> bool:
    node = shutil.which("node")
    return (
        node is not None
        and not subprocess.run(
            [node, "-e", "require('axios')"],
            env=ENVIRON,
            cwd=HERE,
            capture_output=True,
            check=False,
        ).returncode
    )


def is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_server(("localhost", port)):
        return True
    return False


@pytest.fixture(scope="module")
def port():
    """The port of an offline API that was started as a person would."""
    with subprocess.Popen(
        [sys.executable, "-m", "services.offline_api", "--port", "3000" if is_free(3000) else "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            address = process.stdout.readline().partition("http://localhost:")[2]
            yield address.partition("/")[0]
        finally:
            process.terminate()


@pytest.fixture
def printed(port, tmp_path):
    """What an example prints, in a directory with the files it names."""
    shutil.copy(clip("party.mp3"), tmp_path / "audio.mp3")
    shutil.copy(clip("cuts.mp4"), tmp_path / "video.mp4")

    def run(name: str, program: str) -> str:
        code = (HERE / name).read_text("utf-8")
        assert code.count("localhost:3000") == 1
        if sys.platform == "linux":
            code = code.replace("base64 -i ", "base64 -w0 ")
        path = tmp_path / name.removesuffix(".txt")
        path.write_text(code.replace("localhost:3000", f"localhost:{port}"), "utf-8")
        done = subprocess.run(
            [program, path.name],
            cwd=tmp_path,
            env=ENVIRON,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_python_example_for_audio_prints_the_words(printed):
    assert printed("1-audio.py.txt", sys.executable).startswith(SENTENCES["party.mp3"])


def test_the_python_example_for_video_prints_the_words_and_the_shots(printed):
    answer = printed("2-video.py.txt", sys.executable)

    assert f"- 0:00–0:02 {SENTENCES['cuts.mp4']}." in answer
    assert "- Планов: 3" in answer


@pytest.mark.skipif(not has_axios(), reason="Node with axios is not here: tests/run.sh installs it")
def test_the_javascript_example_for_audio_prints_the_words(printed):
    assert printed("3-audio.js.txt", "node").startswith(SENTENCES["party.mp3"])


@pytest.mark.skipif(not has_axios(), reason="Node with axios is not here: tests/run.sh installs it")
def test_the_javascript_example_for_video_prints_the_words_and_the_shots(printed):
    answer = printed("4-video.js.txt", "node")

    assert f"- 0:00–0:02 {SENTENCES['cuts.mp4']}." in answer
    assert "- Планов: 3" in answer


def test_the_curl_example_prints_the_answer_of_the_guide_s_shape(printed):
    answer = json.loads(printed("5-audio.sh.txt", "bash"))

    assert answer["choices"][0]["message"]["content"].startswith(SENTENCES["party.mp3"])
    assert answer.keys() >= {
        "id",
        "object",
        "created",
        "model",
        "choices",
        "usage",
        "provider",
        "processing_time_ms",
    }
