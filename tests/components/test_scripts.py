"""The page's scripts: each trouble they name has its sentences, and the other way round."""

import re
from pathlib import Path

import pytest

from components import scripts
from components.scripts import page_script
from components.texts import strings

COMPONENTS = Path(scripts.__file__).parent
EN = strings("en")
#: What may go wrong before a recording, and while it is made.
TROUBLES = {
    place: {key.split(".")[1] for key in EN if re.fullmatch(rf"{place}\.\w+\.what", key)}
    for place in ("microphone", "camera")
}


def _quoted(name):
    return set(re.findall(r'"(\w+)"', (COMPONENTS / name).read_text("utf-8")))


def test_every_sentence_of_the_doctor_is_for_a_trouble_that_a_script_names():
    assert TROUBLES["microphone"] <= _quoted("microphone.js") | _quoted("level.js")
    assert TROUBLES["camera"] <= _quoted("microphone.js")


def test_the_camera_shares_the_microphones_troubles_but_those_of_its_sound():
    heard = {"muted", "dead", "loud", "quiet", "lost"}

    assert heard <= _quoted("level.js")
    assert TROUBLES["camera"] == TROUBLES["microphone"] - heard | {"silent"}


@pytest.mark.parametrize("place", TROUBLES)
def test_every_trouble_has_a_way_out(place):
    assert {f"{place}.{trouble}.next" for trouble in TROUBLES[place]} <= set(EN)


def test_the_script_cannot_end_its_element():
    assert "</" not in page_script()


def test_the_scripts_call_no_server():
    words = ("fetch", "XMLHttpRequest", "WebSocket", "sendBeacon", "EventSource", "import(")
    for name in ("leftovers", "level", "microphone"):
        script = (COMPONENTS / f"{name}.js").read_text("utf-8")
        assert [word for word in words if word in script] == []
