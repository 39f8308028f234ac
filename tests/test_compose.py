"""What deploy/compose.yaml says of each service, and that the app can live with it."""

import contextlib
import re
import shutil
import subprocess

import httpx
import pytest
import yaml
from gradio_client import Client, handle_file

from services.settings import Settings
from tests.browser.conftest import ROOT, running_app
from tests.browser.scripted_api import ScriptedApi
from tests.clips import clip
from tests.several import echo

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
REPLICAS = {name for name, one in SERVICES.items() if one.get("image") == "show-and-tell"}
MB = 1024 * 1024
#: Gradio's own.
GRADIOS = {"GRADIO_ANALYTICS_ENABLED"}
UNITS = {"k": 1024, "m": MB, "g": 1024 * MB}


def size(text):
    """The bytes of a size as Docker and nginx write it."""
    return int(text[:-1]) * UNITS[text[-1]]


def tmpfs_of(service):
    """The options of each place in memory that may be written, by its path."""
    places = (place.partition(":") for place in service["tmpfs"])
    return {path: options.split(",") for path, _, options in places}


def test_nginx_knows_each_replica():
    replicas = (DEPLOY / "replicas.conf").read_text("utf-8")
    named = re.findall(r"^\s*server ([\w-]+):7860 ", replicas, re.MULTILINE)
    assert len(REPLICAS) > 1
    assert set(named) == REPLICAS == set(SERVICES["nginx"]["depends_on"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert not {"privileged", "cap_add", "pid", "network_mode", "devices"} & set(service)
    assert int(service["user"].split(":")[0]) > 0
    places = tmpfs_of(service)
    assert set(places) == {"/tmp"} | ({"/var/run/postgresql"} if name == "queue" else set())
    for options in places.values():
        assert {"noexec", "nosuid", "nodev"} <= set(options)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_bounded_and_looked_after(name):
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} == set(limits)
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_only_nginx_is_reached_from_outside():
    assert {name for name, one in SERVICES.items() if "ports" in one} == {"nginx"}
    assert COMPOSE["networks"]["counts"] == {"internal": True}
    assert SERVICES["counts"]["networks"] == SERVICES["queue"]["networks"] == ["counts"]


@pytest.mark.parametrize("name", sorted(REPLICAS))
def test_a_replica_is_told_what_there_is(name):
    environ = SERVICES[name]["environment"]
    known = {one.upper() for one in Settings.model_fields} | GRADIOS
    assert set(environ) <= known
    # What has no value here comes from the environment of who starts it, or is not set.
    settings = Settings.from_environ({one: str(value or "") for one, value in environ.items()})
    assert settings.trusted_proxies == 1
    assert settings.redis_url.get_secret_value() == "redis://counts:6379/0"
    assert settings.batch_database_url.get_secret_value().endswith("@queue:5432/postgres")
    assert SERVICES[name]["volumes"] == [f"batches:{settings.batch_folder}"]
    assert "healthz" in SERVICES[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", sorted(REPLICAS))
def test_sizes_fit_into_each_other(name):
    service = SERVICES[name]
    (tmp,) = [size(one[5:]) for one in tmpfs_of(service)["/tmp"] if one.startswith("size=")]
    settings = Settings.from_environ({k: str(v or "") for k, v in service["environment"].items()})
    spare = 1024 * MB  # which components/uploads.py leaves
    uploads = settings.max_uploads_mb * MB
    assert settings.max_upload_bytes <= uploads < tmp - spare
    assert size(service["deploy"]["resources"]["limits"]["memory"]) >= tmp - spare + 1024 * MB


def test_nginx_takes_as_much_as_the_app():
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    others, upload, model = map(size, re.findall(r"client_max_body_size (\d+\w);", nginx))
    settings = Settings.from_environ({})
    assert upload == settings.max_upload_bytes + 64 * 1024
    assert (others, model) == (4 * MB, 16 * MB)  # of components/gate.py


def test_the_image_runs_as_who_compose_says():
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert "--uid 1000 app" in dockerfile
    assert "--owner=app --mode=700 /batches" in dockerfile  # or a new volume would be root's
    assert {SERVICES[name]["user"] for name in REPLICAS} == {"1000:1000"}


#: Makes all read-only but the folder that is named first, as Compose does, and then runs
#: the rest. It is the root of a space of its own, in which it may mount.
READ_ONLY = """
set -e
mount -t tmpfs -o size=3g,mode=1777,noexec,nosuid,nodev tmpfs "$1"
for place in "$2" "$3"; do
    mount --bind "$place" "$place"
    mount -o remount,bind,ro "$place"
done
mount -o remount,bind,ro /
shift 3
exec "$@"
"""


def can_mount():
    unshare = shutil.which("unshare")
    tried = ["unshare", "--map-root-user", "--mount", "mount", "-o", "remount,bind,ro", "/"]
    return bool(unshare) and not subprocess.run(tried, capture_output=True, check=False).returncode


@pytest.mark.skipif(not can_mount(), reason="no right here to a space of one's own")
@pytest.mark.timeout(400)  # a start is work for seconds
def test_the_app_needs_nothing_to_write_to_but_its_temporary_folder(tmp_path):
    home, tmp = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    tmp.mkdir()
    space = ("unshare", "--map-root-user", "--mount", "sh", "-c", READ_ONLY, "sh")
    before = (*space, str(tmp), str(home), str(ROOT))
    for place in (home, ROOT, ROOT.parent, tmp_path):
        tried = [*before, "touch", str(place / "written")]
        assert subprocess.run(tried, capture_output=True, check=False).returncode == 1
    with ScriptedApi() as api:
        api.script = echo(api)
        environ = {
            "EXTERNAL_API_BASE_URL": api.base_url,
            "EXTERNAL_API_KEY": api.key,
            "HOME": str(home),
            "TMPDIR": str(tmp),
            # As on Hugging Face, where Gradio does more.
            "SYSTEM": "spaces",
            "SPACE_ID": "owner/space",
        }
        with running_app(tmp_path, environ, before=before) as app:
            ready = httpx.get(f"{app.url}/readyz", trust_env=False, timeout=60)
            assert ready.json() == {"disk": True, "workers": True, "api": True}
            with contextlib.closing(Client(app.url, verbose=False)) as client:
                content, report = client.predict(
                    audio=handle_file(clip("party.mp3")), prompt="Hm?", api_name="/ask_audio"
                )
        assert report["error"] is None
        assert content.startswith("Hm?")
        log = app.log.read_text("utf-8")
        assert "Read-only" not in log
        assert "Traceback" not in log
    assert list(home.iterdir()) == []
