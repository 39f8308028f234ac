"""Gradio's own files: all there, side by side, and kept."""

import re

import httpx
import pytest
from starlette.applications import Starlette

from components.shell import gradios
from components.shell.gradios import create_gradios_files

NAMES = gradios._NAMES.read_text("utf-8").split()


async def _get(made, path, accepts="br"):
    transport = httpx.ASGITransport(Starlette(routes=made.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
        return await client.get(path, headers={"Accept-Encoding": accepts})


def test_this_gradio_has_every_file_that_is_named():
    assert [name for name in NAMES if not (gradios._FOLDER / name).is_file()] == []


def test_another_gradio_goes_without(tmp_path):
    made = create_gradios_files(folder=tmp_path)
    assert "/assets/" not in made.scripts + made.styles
    assert len(made.routes) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("accepts", ["br", "gzip", "identity"])
async def test_a_file_is_what_gradio_has_and_kept_for_ever(accepts):
    name = next(name for name in NAMES if name.startswith("Blocks") and name.endswith(".js"))
    response = await _get(create_gradios_files(), f"/assets/{name}", accepts)
    assert response.content == (gradios._FOLDER / name).read_bytes()
    assert response.headers.get("content-encoding", "identity") == accepts
    assert response.headers["cache-control"].endswith("immutable")


@pytest.mark.anyio
async def test_all_styles_are_one_sheet_and_each_is_marked_as_there():
    made = create_gradios_files()
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', made.styles)
    marked = re.findall(r'disabled href="\./assets/([^"]+)"', made.styles)
    sheet = (await _get(made, f"/{address}")).text
    assert marked
    assert [name for name in marked if (gradios._FOLDER / name).read_text() not in sheet] == []


def test_no_sheet_needs_a_file_beside_it():
    """In one sheet at another address a relative one would lead nowhere."""
    sheets = [(gradios._FOLDER / name).read_text() for name in NAMES if name.endswith(".css")]
    found = [url for sheet in sheets for url in re.findall(r"url\(\s*[\"']?([^)]{5})", sheet)]
    assert [url for url in found if not url.startswith(("data:", "#"))] == []
    assert not any("@import" in sheet for sheet in sheets)


@pytest.mark.anyio
async def test_what_stands_for_the_player_of_streams_exports_the_same_and_plays_none():
    (name,) = [name for name in NAMES if name.startswith("hls-")]
    exports = r"export\s*\{([^}]*)\}"
    theirs = re.search(exports, (gradios._FOLDER / name).read_text())[1].split(",")
    ours = re.search(exports, (await _get(create_gradios_files(), f"/assets/{name}")).text)[1]
    assert sorted(one.strip().split()[-1] for one in ours.split(",")) == sorted(
        one.split()[-1] for one in theirs
    )
