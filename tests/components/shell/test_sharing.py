"""Sharing: the worker that is served, and what a share without one comes to."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from components.scripts import page_scripts
from components.shell.sharing import TARGET, share_routes


def _client():
    scripts = page_scripts()
    routes = [*scripts.routes, *share_routes(scripts.folder)]
    return TestClient(Starlette(routes=routes), follow_redirects=False), scripts.folder


def test_the_worker_is_a_script_that_is_looked_for_anew_and_imports_what_is_served():
    client, folder = _client()
    worker = client.get("share-worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    assert f'"./{folder}/shell/share.js"' in worker.text
    assert client.get(f"{folder}/shell/share.js").status_code == 200


def test_a_share_that_no_worker_took_leads_to_the_page():
    client, _ = _client()
    answer = client.post(TARGET["action"], files={"media": b"sound"})
    assert (answer.status_code, answer.headers["location"]) == (303, "./#not-shared")
