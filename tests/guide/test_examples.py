"""The five examples of the External API guide, word for word, against the offline API.

They stand beside this file as the guide has them. Two things change when they
run: the port, when 3000 is taken, and the option of ``base64``, which is macOS's
in the guide (``-i FILE`` there, ``-w0 FILE`` where base64 is GNU's).
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.clips import SENTENCES, clip
from tests.free_port import free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GUIDE_ORIGIN = "http://localhost:3000"
START_S = 60


@pytest.fixture(scope="module")
def origin():
    """``python -m services.offline_api`` on the guide's port, or on a free one."""
    with contextlib.ExitStack() as stack:
        port = 3000 if _is_free(3000) else free_port()
        api = subprocess.Popen(
            [sys.executable, "-m", "services.offline_api", "--port", str(port)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(api.wait)
        stack.callback(api.terminate)
        deadline = time.monotonic() + START_S
        while not _answers(port):
            assert api.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it did not come up"
            time.sleep(0.1)
        yield f"http://localhost:{port}"


def _is_free(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        httpx.get(f"http://localhost:{port}", trust_env=False)
        return False
    return True


def _answers(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        url = f"http://localhost:{port}/api/v1/models"
        return httpx.get(url, trust_env=False).status_code == 401
    return False


def printed(directory: Path, origin: str, example: str, *command: str) -> str:
    """What the example prints, run in a folder with its audio.mp3 and video.mp4."""
    shutil.copy(clip("party.mp3"), directory / "audio.mp3")
    shutil.copy(clip("cuts.mp4"), directory / "video.mp4")
    text = (HERE / example).read_text("utf-8").replace(GUIDE_ORIGIN, origin)
    if example.endswith(".sh.txt"):
        assert "$(base64 -i audio.mp3)" in text
        text = text.replace("base64 -i", "base64 -w0" if _has_gnu_base64() else "base64 -i")
    program = directory / Path(example).stem
    program.write_text(text, "utf-8")
    environ = {name: os.environ[name] for name in ("PATH", "NODE_PATH") if name in os.environ}
    ran = subprocess.run(
        [*command, str(program)],
        cwd=directory,
        env=environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode("utf-8")


def _has_gnu_base64() -> bool:
    said = subprocess.run(["base64", "--version"], capture_output=True, check=False)
    return b"GNU" in said.stdout


def _has_axios() -> bool:
    node = shutil.which("node")
    command = [node or "node", "-e", "require('axios')"]
    return (
        node is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


needs_axios = pytest.mark.skipif(
    shutil.which("node") is None, reason="the JavaScript examples need Node"
)


def test_the_python_example_hears_the_words(tmp_path, origin):
    assert SENTENCES["party.mp3"] in printed(tmp_path, origin, "audio.py.txt", sys.executable)


def test_the_python_example_sees_the_shots(tmp_path, origin):
    text = printed(tmp_path, origin, "video.py.txt", sys.executable)
    assert "Планов: 3" in text
    assert SENTENCES["cuts.mp4"] in text


@needs_axios
def test_the_javascript_example_hears_the_words(tmp_path, origin):
    assert _has_axios(), "tests/run.sh installs axios and sets NODE_PATH"
    assert SENTENCES["party.mp3"] in printed(tmp_path, origin, "audio.js.txt", "node")


@needs_axios
def test_the_javascript_example_sees_the_shots(tmp_path, origin):
    assert _has_axios(), "tests/run.sh installs axios and sets NODE_PATH"
    assert SENTENCES["cuts.mp4"] in printed(tmp_path, origin, "video.js.txt", "node")


def test_the_curl_example_hears_the_words(tmp_path, origin):
    assert SENTENCES["party.mp3"] in printed(tmp_path, origin, "audio.sh.txt", "bash")
