"""What the page says of itself."""

import json
import re
import struct

import pytest

from components.shell import served
from components.shell.head import first_things, manifest, tags
from components.texts import LANGUAGES, strings

FILES = served._FILES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_preview_has_the_pages_own_words_in_its_language(language):
    html = tags("https://app.test/sub", "shell/1", language)
    assert strings(language)["head.description"].replace("'", "&#x27;") in html
    assert '<meta property="og:url" content="https://app.test/sub/">' in html
    assert '<meta property="og:image" content="https://app.test/sub/shell/1/preview.png">' in html


def test_an_address_cannot_end_its_tag():
    assert "<script>" not in tags('https://a"><script>', "shell/1", "en")


def test_every_picture_that_is_named_is_there_in_its_size():
    named = [(one["src"], one["sizes"]) for one in json.loads(manifest(".", "en"))["icons"]] + [
        ("./preview.png", "1200x630"),
        ("./apple-touch-icon.png", "180x180"),
    ]
    for path, sizes in named:
        picture = (FILES / path).read_bytes()
        if path.endswith(".png"):
            width, height = struct.unpack(">II", picture[16:24])
            assert sizes == f"{width}x{height}"


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_the_pictures_are_small(path):
    assert path.stat().st_size < 30_000


def test_the_manifest_makes_it_installable_below_any_path():
    said = json.loads(manifest("shell/1", "ru"))
    assert (said["display"], said["start_url"], said["scope"]) == ("standalone", "./", "./")
    assert {"192x192", "512x512"} <= {one["sizes"] for one in said["icons"]}
    assert [one["src"] for one in said["icons"] if one["src"].startswith(("/", "http"))] == []
    assert said["description"] == strings("ru")["head.description"]


def test_the_first_script_is_no_module_and_has_nothing_of_one():
    script = re.search(r"<script>(.+)</script>", first_things(), re.DOTALL)[1]
    assert "export" not in script
    assert "import" not in script
    assert "</" not in script
