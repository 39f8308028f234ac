"""Requests that fail or are cut: what is left of them, and what is told."""

import asyncio
import contextlib
import logging
import os
import shutil
import time

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse

from components.texts import LANGUAGES, Texts
from components.uploads import Guarded

pytestmark = pytest.mark.anyio


def upload(path="/gradio_api/upload", language="en"):
    headers = [(b"accept-language", language.encode())]
    return {"type": "http", "path": path, "headers": headers, "method": "POST"}


async def sent_by(app, scope, folder, most_bytes=10**9):
    """What is sent in answer to a request."""
    sent = []

    async def send(message):
        sent.append(message)

    await Guarded(app, folder, most_bytes=most_bytes, largest_bytes=400)(scope, None, send)
    return sent


def writing(folder, then):
    """An upload that has written half a file when ``then`` happens."""

    async def app(scope, receive, send):
        (folder / f"tmp{len(list(folder.iterdir()))}").write_bytes(bytes(1000))
        await then(send)

    return app


async def cut(_):
    raise ClientDisconnect


async def full(_):
    raise OSError(28, "no room for /srv/canary")


async def well(scope, receive, send):
    await PlainTextResponse("taken")(scope, receive, send)


async def moved(send):
    await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.mark.parametrize("how", [cut, full, moved], ids=["cut", "full", "under another name"])
async def test_a_file_that_was_not_taken_is_removed(tmp_path, how):
    with contextlib.suppress(OSError):
        await sent_by(writing(tmp_path, how), upload(), tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_uploads_that_are_whole_stay(tmp_path):
    (tmp_path / "hash").mkdir()
    (tmp_path / "hash" / "party.mp3").write_bytes(b"1")
    await sent_by(writing(tmp_path, cut), upload(), tmp_path)
    assert [path.name for path in tmp_path.rglob("*.mp3")] == ["party.mp3"]


async def test_what_another_upload_is_writing_stays(tmp_path):
    begun, going_on = asyncio.Event(), asyncio.Event()

    async def app(scope, receive, send):
        (tmp_path / scope["name"]).write_bytes(b"half")
        if scope["name"] == "slow":
            begun.set()
            await going_on.wait()
        raise ClientDisconnect

    guarded = Guarded(app, tmp_path, most_bytes=10**9, largest_bytes=400)
    slow = asyncio.create_task(guarded(upload() | {"name": "slow"}, None, None))
    await begun.wait()
    (tmp_path / "stale").write_bytes(b"half")
    os.utime(tmp_path / "stale", (time.time() - 9999,) * 2)
    await guarded(upload() | {"name": "quick"}, None, None)
    assert {path.name for path in tmp_path.iterdir()} == {"slow", "quick"}
    going_on.set()
    await slow
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_bug_is_told_in_a_sentence_and_logged_without_its_message(
    tmp_path, language, caplog
):
    caplog.set_level(logging.DEBUG)
    start, body = await sent_by(writing(tmp_path, full), upload(language=language), tmp_path)
    assert start["status"] == 500
    assert body["body"].decode() == Texts(language)("error.AppFailed.what")
    assert "OSError ENOSPC < tests/components/test_guarded.py:" in caplog.text
    assert "canary" not in caplog.text


async def test_nothing_is_sent_behind_an_answer_that_has_begun(tmp_path):
    async def app(scope, receive, send):
        await moved(send)
        raise ValueError

    assert len(await sent_by(app, upload("/"), tmp_path)) == 1


async def test_who_left_is_told_nothing_and_leaves_no_line(tmp_path, caplog):
    assert await sent_by(writing(tmp_path, cut), upload(), tmp_path) == []
    assert caplog.text == ""


async def test_other_connections_pass_through(tmp_path):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    await Guarded(app, tmp_path, most_bytes=10**9, largest_bytes=400)(
        {"type": "websocket"}, None, None
    )
    assert seen == ["websocket"]


@pytest.mark.parametrize(("size", "status"), [(500, 200), (501, 507)])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_uploads_together_take_up_no_more_than_they_may(tmp_path, size, status, language):
    kept = tmp_path / "0a1b"
    kept.mkdir()
    (kept / "a.wav").write_bytes(bytes(500))

    async def app(scope, receive, send):
        await PlainTextResponse("taken")(scope, receive, send)

    scope = upload(language=language)
    scope["headers"].append((b"content-length", str(size).encode()))
    start, body = await sent_by(app, scope, tmp_path, most_bytes=1000)
    assert start["status"] == status
    if status == 507:
        assert body["body"].decode().startswith(Texts(language)("error.StorageFull.what"))


async def test_some_of_the_disk_stays_free(tmp_path, monkeypatch):
    almost_full = shutil.disk_usage(tmp_path)._replace(free=1024**3 + 10)
    monkeypatch.setattr("components.uploads.shutil.disk_usage", lambda _: almost_full)
    scope = upload()
    scope["headers"].append((b"content-length", b"11"))
    start, _ = await sent_by(None, scope, tmp_path)
    assert start["status"] == 507


@pytest.mark.parametrize(("most_bytes", "status"), [(900, 200), (899, 507)])
async def test_one_that_does_not_say_how_large_it_is_counts_as_the_largest(
    tmp_path, most_bytes, status
):
    (tmp_path / "a.wav").write_bytes(bytes(500))
    os.utime(tmp_path / "a.wav")

    async def app(scope, receive, send):
        await PlainTextResponse("taken")(scope, receive, send)

    start, _ = await sent_by(app, upload(), tmp_path, most_bytes=most_bytes)
    assert start["status"] == status


async def test_those_on_their_way_are_counted_too(tmp_path):
    statuses, over = [], asyncio.Event()

    async def app(scope, receive, send):
        await over.wait()
        await PlainTextResponse("taken")(scope, receive, send)

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    guarded = Guarded(app, tmp_path, most_bytes=1000, largest_bytes=600)
    both = [asyncio.create_task(guarded(upload(), None, send)) for _ in range(2)]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    assert statuses == [507]
    over.set()
    await asyncio.gather(*both)
    assert statuses == [507, 200]


@pytest.mark.parametrize("path", ["/gradio_api/mcp", "/gradio_api/mcp/", "/gradio_api/mcp/http/"])
async def test_the_file_of_a_models_call_counts_with_the_uploads(tmp_path, path):
    (tmp_path / "hash").mkdir()
    (tmp_path / "hash" / "kept.wav").write_bytes(bytes(600))
    scope = upload(path)
    scope["headers"].append((b"content-length", b"500"))
    assert (await sent_by(well, scope, tmp_path, most_bytes=1000))[0]["status"] == 507
    assert (await sent_by(well, scope, tmp_path, most_bytes=1100))[0]["status"] == 200
    scope["method"] = "GET"
    assert (await sent_by(well, scope, tmp_path, most_bytes=1000))[0]["status"] == 200
