"""The page's scripts: what is served, and that each trouble they name has its sentences."""

import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from components import scripts
from components.scripts import APART, SCRIPTS, page_scripts
from components.texts import LANGUAGES, strings

COMPONENTS = Path(scripts.__file__).parent
SOURCES = {name: (COMPONENTS / name).read_text("utf-8") for name in SCRIPTS}
EN = strings("en")
#: What may go wrong before a recording, and while it is made.
TROUBLES = {
    place: {key.split(".")[1] for key in EN if re.fullmatch(rf"{place}\.\w+\.what", key)}
    for place in ("microphone", "camera")
}


def _quoted(*names):
    return {word for name in names for word in re.findall(r'"(\w+)"', SOURCES[f"inputs/{name}.js"])}


def test_every_sentence_of_the_doctor_is_for_a_trouble_that_a_script_names():
    assert TROUBLES["microphone"] <= _quoted("diagnosis", "level", "microphone", "sound")
    assert TROUBLES["camera"] <= _quoted("diagnosis", "microphone")


def test_the_camera_shares_the_microphones_troubles_but_those_of_its_sound():
    heard = {"muted", "dead", "loud", "quiet", "lost"}

    assert heard <= _quoted("level", "sound")
    assert TROUBLES["camera"] == TROUBLES["microphone"] - heard | {"silent"}


def test_every_sentence_about_what_is_kept_is_one_that_a_script_says():
    sentences = {key.removeprefix("kept.") for key in EN if key.startswith("kept.")}
    named = re.findall(r'kept\.(\w+)"', SOURCES["inputs/offers.js"])
    actions = re.findall(r"^      (\w+): ", SOURCES["inputs/kept.js"], re.MULTILINE)
    said = re.findall(r'say\("(\w+)"\)', SOURCES["inputs/kept.js"])

    assert sentences == {*named, *actions, *said, "microphone", "camera"}


@pytest.mark.parametrize("place", TROUBLES)
def test_every_trouble_has_a_way_out(place):
    assert {f"{place}.{trouble}.next" for trouble in TROUBLES[place]} <= set(EN)


def test_every_script_there_is_is_served():
    scripts = [path.relative_to(COMPONENTS).as_posix() for path in COMPONENTS.rglob("*.js")]
    assert sorted(SCRIPTS) == sorted([*scripts, "result/card.css"])


def test_the_texts_are_those_of_every_language():
    found = re.search(r"^start\(window, (.+)\);$", page_scripts().head, re.MULTILINE)
    texts = json.loads(found[1])

    assert set(texts) == set(LANGUAGES)
    assert texts["ru"]["leftovers"]["undo"] == strings("ru")["gradio.undo"]
    assert texts["ru"]["microphone"]["camera.none.what"] == strings("ru")["camera.none.what"]
    assert texts["ru"]["feed"]["card.left"] == strings("ru")["card.left"]
    assert texts["ru"]["feed"]["history.title"] == strings("ru")["history.title"]
    assert texts["ru"]["kept"]["kept.note"] == strings("ru")["kept.note"]


def test_the_texts_stand_there_as_they_are_read():
    """An escape for each letter would make the Russian ones three times as long."""
    assert strings("ru")["gradio.undo"] in page_scripts().head


def test_a_text_cannot_end_the_script_element():
    assert page_scripts().head.count("</") == 1


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_call_no_server(name):
    """But for the look of a card, a file beside them, and what passes on or takes requests.

    And for the file that an answer is about, which lies where the page's uploads do.
    """
    if name in (*APART, "inputs/uploading.js", "inputs/tries.js"):
        return
    words = ("fetch", "XMLHttpRequest", "WebSocket", "sendBeacon", "EventSource", "import(")
    source = SOURCES[name].replace('window.fetch(new window.URL("card.css", import.meta.url))', "")
    if name == "result/code.js":
        source = source.replace("window.fetch(link.href)", "")

    assert [word for word in words if word in source] == []


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name.endswith(".js")])
def test_a_script_imports_nothing_but_scripts_of_the_page(name):
    imported = re.findall(r'^import .+ from "(.+)";$', SOURCES[name], re.MULTILINE)
    folder = (COMPONENTS / name).parent

    assert len(imported) == SOURCES[name].count("import ")
    assert {(folder / one).resolve() for one in imported} <= {COMPONENTS / one for one in SCRIPTS}


def test_what_the_browser_is_told_to_load_is_what_is_served():
    page = page_scripts()
    (bundle,) = re.findall(r'<link rel="modulepreload" href="(.+?)">', page.head)

    assert f"/{bundle}" in [route.path for route in page.routes]
    assert f'import {{ start }} from "./{bundle}";' in page.head


@pytest.fixture
async def served():
    transport = httpx.ASGITransport(Starlette(routes=page_scripts().routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
        yield client


@pytest.mark.anyio
async def test_a_script_is_served_as_it_is_and_kept_by_the_browser(served):
    *scripts, bundle = page_scripts().routes
    assert (await served.get(bundle.path)).is_success
    for route, source in zip(scripts, SOURCES.values(), strict=True):
        response = await served.get(route.path)
        assert response.text == source
        kind = "css" if route.path.endswith(".css") else "javascript"
        assert response.headers["content-type"] == f"text/{kind}; charset=utf-8"
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["scripts.py", "locales/en.json", "inputs/", "../app.py", ""])
async def test_nothing_else_is_served(served, name):
    folder = page_scripts().routes[0].path.removesuffix("start.js")

    assert (await served.get(folder + name)).status_code == 404
    assert (await served.get(f"/scripts/{name}")).status_code == 404


def test_another_version_has_another_address(tmp_path):
    for name in SCRIPTS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SOURCES[name], "utf-8")
    before = page_scripts().routes[0].path
    assert page_scripts(tmp_path).routes[0].path == before

    (tmp_path / SCRIPTS[-1]).write_text(SOURCES[SCRIPTS[-1]] + "\n", "utf-8")
    assert page_scripts(tmp_path).routes[0].path != before
