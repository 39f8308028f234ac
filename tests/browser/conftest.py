"""The real app in processes of its own, and a Chromium with a fake microphone and camera."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.browser.openrouter import OpenRouter
from tests.browser.scripted_api import ScriptedApi
from tests.browser.steps import PATIENCE_MS
from tests.clips import SENTENCES, clip
from tests.free_port import free_port
from tests.making import samples_of, silence, write_sound

ROOT = Path(__file__).parents[2]
#: What is spoken into the fake microphone.
SPOKEN = "plan.flac"
SPOKEN_WORDS = SENTENCES[SPOKEN]
#: How many of them may be misheard: a browser encodes as fast as the machine lets it, and the
#: ears' sums come out a little different on another processor.
MISHEARD = 1
#: How long a recording takes in which all of them are, in seconds.
SPOKEN_S = 7.5
START_S = 120

#: Chromium's processing for telephone calls garbles a fake microphone: ask for the sound as it is.
RAW_MICROPHONE = """
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const raw = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
    navigator.mediaDevices.getUserMedia = (wanted) => ask(
        wanted?.audio ? {...wanted, audio: {...Object(wanted.audio), ...raw}} : wanted
    );
"""


@dataclass(frozen=True)
class RunningApp:
    """An app that answers, where its log is, and its process."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def running_app(
    directory: Path,
    environ: Mapping[str, str],
    port: int | None = None,
    before: Sequence[str] = (),
) -> Iterator[RunningApp]:
    """``python app.py`` with nothing of our environment but ``environ``.

    ``before`` is a command that runs the rest of its arguments in its own place.
    """
    port = port or free_port()
    log = directory / "app.log"
    with log.open("wb") as sink:
        app = subprocess.Popen(
            [*before, sys.executable, "app.py"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(directory), "TMPDIR": str(directory)}
            | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
            | dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + START_S
            while not _is_up(url):
                if app.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the app did not come up:\n{log.read_text()}")
                time.sleep(0.1)
            yield RunningApp(url, log, app)
        finally:
            app.terminate()
            app.wait(timeout=30)


def _is_up(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    return False


@pytest.fixture(scope="session")
def offline_app(tmp_path_factory) -> Iterator[RunningApp]:
    """The app with nothing configured: its built-in offline API answers."""
    with running_app(tmp_path_factory.mktemp("offline"), {}) as app:
        yield app


@pytest.fixture(scope="session")
def _scripted(tmp_path_factory) -> Iterator[tuple[RunningApp, ScriptedApi]]:
    with ScriptedApi() as api:
        environ = {
            "EXTERNAL_API_BASE_URL": api.base_url,
            "EXTERNAL_API_KEY": api.key,
            "DAILY_LIMIT": "100000",  # a day's tests are more than a day's visitors
        }
        with running_app(tmp_path_factory.mktemp("scripted"), environ) as app:
            yield app, api


@pytest.fixture
def scripted_app(_scripted) -> RunningApp:
    """The app with the test's own API behind it."""
    return _scripted[0]


@pytest.fixture
def api(_scripted) -> ScriptedApi:
    """What stands behind ``scripted_app``, with its script and its memory empty."""
    _scripted[1].reset()
    return _scripted[1]


@pytest.fixture(scope="session")
def _routed(tmp_path_factory) -> Iterator[tuple[RunningApp, OpenRouter]]:
    with OpenRouter() as router:
        environ = {
            "EXTERNAL_API_BASE_URL": router.base_url,
            "EXTERNAL_API_KEY": router.key,
            "OPENROUTER_ORIGIN": router.origin,
        }
        with running_app(tmp_path_factory.mktemp("routed"), environ) as app:
            yield app, router


@pytest.fixture
def routed_app(_routed) -> RunningApp:
    """The app with a stand-in for OpenRouter behind it, at which one can sign in."""
    return _routed[0]


@pytest.fixture
def router(_routed) -> OpenRouter:
    """What stands behind ``routed_app``, remembering nothing."""
    _routed[1].reset()
    return _routed[1]


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory):
    directory = tmp_path_factory.mktemp("devices")
    rate = 48_000
    pause = silence(0.8, rate)
    speech = np.concatenate([pause, samples_of(clip(SPOKEN), rate), pause])
    microphone = write_sound(
        directory / "speech.wav", speech, container="wav", codec="pcm_s16le", rate=rate
    )
    camera = _write_camera(directory / "camera.y4m")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {
        "executable_path": chromium,
        "args": [
            "--no-sandbox",
            "--disable-background-networking",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}%noloop",
            f"--use-file-for-fake-video-capture={camera}",
        ],
    }


def _write_camera(path: Path) -> Path:
    """A grey that brightens and darkens, so that it loops unseen: 160 × 120, YUV4MPEG2."""
    width, height = 160, 120
    chroma = bytes([128]) * (width * height // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for step in range(20):
            file.write(b"FRAME\n" + bytes([60 + abs(10 - step) * 4]) * (width * height) + chroma)
    return path


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return browser_context_args | {
        "permissions": ["microphone", "camera"],
        "locale": "en-US",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture
def page(page):
    page.add_init_script(RAW_MICROPHONE)
    page.context.set_default_timeout(PATIENCE_MS)  # also for further pages of the same visitor
    return page
