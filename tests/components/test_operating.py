"""What its host asks the app."""

import httpx
import pytest
from starlette.applications import Starlette

from components.operating import operating_routes

pytestmark = pytest.mark.anyio


class Standing:
    """An assistant that is as well as it is told."""

    def __init__(self, works=True, sees=True):
        self.works = works
        self.sees = sees

    async def can_work(self):
        return self.works

    async def sees_api(self):
        return self.sees

    def metrics(self):
        return b"show_and_tell_runs_under_way 3.0"


async def got(path, folder, headers=None, **standing):
    app = Starlette(routes=operating_routes(Standing(**standing), folder))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        return await client.get(path, headers=headers)


async def test_it_says_that_it_is_up(tmp_path):
    assert (await got("/healthz", tmp_path, works=False)).text == "ok"


@pytest.mark.parametrize(
    ("works", "sees", "status"), [(True, True, 200), (False, True, 503), (True, False, 503)]
)
async def test_it_says_whether_it_can_work_and_what_is_missing(tmp_path, works, sees, status):
    response = await got("/readyz", tmp_path, works=works, sees=sees)
    assert response.status_code == status
    assert response.json() == {"disk": True, "workers": works, "api": sees}


async def test_without_room_for_files_it_is_not_ready(tmp_path, monkeypatch):
    full = type("Usage", (), {"free": 1024**3})
    monkeypatch.setattr("components.operating.shutil.disk_usage", lambda _: full)
    response = await got("/readyz", tmp_path)
    assert (response.status_code, response.json()["disk"]) == (503, False)


async def test_its_numbers_are_for_who_comes_to_it_directly(tmp_path):
    told = await got("/metrics", tmp_path)
    assert told.text == "show_and_tell_runs_under_way 3.0"
    assert told.headers["content-type"].startswith("text/plain; version=")
    assert (await got("/metrics", tmp_path, {"x-forwarded-for": "1.2.3.4"})).status_code == 404


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
@pytest.mark.parametrize(
    "header",
    [
        *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded", "Forwarded"),
        *("Via", "X-Real-IP", "CF-Connecting-IP", "CF-Connecting-IPv6", "True-Client-IP"),
        *("X-Client-IP", "Fastly-Client-IP", "Fly-Client-IP", "X-Original-Forwarded-For"),
    ],
)
async def test_what_is_the_hosts_business_is_told_to_nobody_behind_a_proxy(tmp_path, path, header):
    told = await got(path, tmp_path, {header: ""})
    assert (told.status_code, told.text) == (404, "")


async def test_that_it_is_up_is_told_through_a_proxy_too(tmp_path):
    assert (await got("/healthz", tmp_path, {"Via": "1.1 proxy"})).status_code == 200
