"""Several machines, as deploy/ describes them: the same from processes, with its very nginx."""

import contextlib
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import yaml

from services.settings import Settings
from tests.browser.conftest import ROOT, running_app
from tests.browser.scripted_api import ScriptedApi, completion, delta
from tests.browser.test_nginx import NGINX
from tests.clips import clip
from tests.free_port import free_port
from tests.redis import running_redis

DEPLOY = ROOT / "deploy"
SESSIONS, DAY = 24, 36
CLIP = clip("party.mp3")


@contextlib.contextmanager
def balanced(folder, replicas):
    """nginx with the configuration of deploy/, before these replicas; its address."""
    assert NGINX, "nginx is not installed: bash tests/run.sh installs it"
    port = free_port()
    upstream = (DEPLOY / "upstream.conf").read_text("utf-8")
    for number, url in enumerate(replicas, 1):
        upstream = upstream.replace(f"app-{number}:7860", url.removeprefix("http://"))
    site = (DEPLOY / "site.conf").read_text("utf-8")
    site = site.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{places}{upstream}{site}}}\n"
    )
    with subprocess.Popen([NGINX, "-c", config, "-e", folder / "nginx.log"]) as server:
        url = f"http://127.0.0.1:{port}/"
        try:
            until(lambda: is_up(url))
            yield url
        finally:
            server.terminate()


def is_up(url):
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}healthz", trust_env=False).status_code == 200
    return False


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def machines(tmp_path):
    """What stands in front, both replicas, and the API behind them."""
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(ScriptedApi())
        environ = {
            "EXTERNAL_API_BASE_URL": api.base_url,
            "EXTERNAL_API_KEY": api.key,
            "REDIS_URL": stack.enter_context(running_redis()),
            "TRUSTED_PROXIES": "1",
            "DAILY_LIMIT": str(DAY),
        }
        replicas = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            replicas.append(stack.enter_context(running_app(tmp_path / name, environ)))
        yield (
            stack.enter_context(balanced(tmp_path, [one.url for one in replicas])),
            replicas,
            api,
        )


def visitor(url, number):
    """A client with an address of its own."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{number}")
    return httpx.Client(base_url=f"{url}gradio_api/", transport=transport, timeout=60)


def asked(url, number):
    """What a visitor is told who uploads a clip and asks about it."""
    with visitor(url, number) as client:
        (path,) = client.post("upload", files={"files": ("a.mp3", CLIP.read_bytes())}).json()
        body = {
            "audio": {"path": path, "meta": {"_type": "gradio.FileData"}},
            "prompt": f"visitor {number}.",
        }
        event = client.post("call/v2/ask_audio", json=body).json()
        return client.get(f"call/v2/ask_audio/{event['event_id']}").text


def echo(api):
    """An API that says the question."""

    def script(handler):
        (content,) = [one["content"] for one in api.requests[-1]["messages"][-1:]]
        handler.answer_json(completion(f"Heard: {content[0]['text']}"))

    api.script = script


def counted(replica):
    """How many runs a replica has had."""
    told = httpx.get(f"{replica.url}/metrics", trust_env=False).text
    return sum(
        float(one)
        for one in re.findall(r"^show_and_tell_runs_total\{.*\} (.*)$", told, re.MULTILINE)
    )


def test_each_visitor_reaches_one_replica_and_all_have_one_limit(machines):
    url, replicas, api = machines
    echo(api)
    numbers = range(1, SESSIONS + 1)
    with ThreadPoolExecutor(8) as callers:
        told = list(callers.map(lambda number: asked(url, number), numbers))
        more = list(callers.map(lambda number: asked(url, number), numbers))
    assert ["Heard: " in one for one in told] == [True] * SESSIONS
    # An upload is there for who asks, and half of them are somewhere else.
    shares = [counted(one) for one in replicas]
    assert sum(shares) == 2 * SESSIONS
    assert min(shares) >= SESSIONS / 4
    assert len(api.requests) == DAY
    assert sum("DailyLimitReached" in one for one in more) == 2 * SESSIONS - DAY
    assert httpx.get(f"{url}metrics", trust_env=False).status_code == 404


def test_when_a_replica_dies_its_visitors_read_it_and_the_others_notice_nothing(machines):
    url, replicas, api = machines

    def script(handler):
        def payloads():
            yield delta("first words")
            assert api.over.wait(60)
            yield delta(" and the last")
            yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

        handler.stream(payloads())

    api.script = script
    numbers = range(1, 9)
    with ThreadPoolExecutor(8) as callers:
        running = [callers.submit(asked, url, number) for number in numbers]
        until(lambda: len(api.requests) == len(numbers))
        lost = int(counted_under_way(replicas[0]))
        replicas[0].process.kill()
        api.over.set()
        ends = [one.exception(timeout=60) or one.result() for one in running]
    whole = [one for one in ends if isinstance(one, str) and "and the last" in one]
    broken = [one for one in ends if isinstance(one, httpx.TransportError)]
    assert (len(whole), len(broken)) == (len(numbers) - lost, lost)
    assert 0 < lost < len(numbers)
    with ThreadPoolExecutor(8) as callers:
        again = list(callers.map(lambda number: asked(url, number), numbers))
    assert ["and the last" in one for one in again] == [True] * len(numbers)


def counted_under_way(replica):
    told = httpx.get(f"{replica.url}/metrics", trust_env=False).text
    (number,) = re.findall(r"^show_and_tell_runs_under_way (.*)$", told, re.MULTILINE)
    return float(number)


COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_each_service_is_locked_up_and_looked_after(name):
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert {"mem_limit", "cpus", "pids_limit", "healthcheck"} <= set(service)
    assert service.get("tmpfs") or service.get("volumes")


@pytest.mark.parametrize("name", ["app-1", "app-2"])
def test_each_variable_is_one_that_the_app_knows(name):
    known = {one.upper() for one in Settings.model_fields} | {"HOME", "TMPDIR"}
    assert set(COMPOSE["services"][name]["environment"]) <= known


def test_every_replica_is_behind_nginx():
    replicas = {name for name in COMPOSE["services"] if name.startswith("app-")}
    upstream = (DEPLOY / "upstream.conf").read_text("utf-8")
    assert set(re.findall(r"server (app-\d+):7860", upstream)) == replicas
    assert set(COMPOSE["services"]["nginx"]["depends_on"]) == replicas
