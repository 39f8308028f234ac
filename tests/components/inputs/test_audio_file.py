"""Bare samples, and the player for an upload."""

from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from components.inputs.audio_file import pcm_format, raw_pcm, upload_source, wav_source
from components.result.receipt import player_html
from services.assistant import RawPcm


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.pcm", "pcm16"),
        ("a.raw", "pcm16"),
        ("a.pcm16", "pcm16"),
        ("a.pcm24", "pcm24"),
        ("A.PCM", "pcm16"),
        ("a.b.PcM24", "pcm24"),
        ("a.wav", None),
        ("a.pcm.wav", None),
        ("pcm16", None),
        (".pcm", None),
        ("", None),
        (None, None),
    ],
)
def test_only_these_names_stand_for_bare_samples(name, form):
    assert pcm_format(name and f"/tmp/x.pcm/{name}") == form


@pytest.mark.parametrize("form", ["pcm16", "pcm24"])
def test_bare_samples_are_what_the_person_chose(form):
    assert raw_pcm("/tmp/a.pcm", form) == RawPcm(form, sample_rate=24_000, channels=1)


def test_bare_samples_have_the_rate_and_the_channels_that_were_chosen():
    assert raw_pcm("/tmp/a.pcm", "pcm24", "8000", 2) == RawPcm("pcm24", 8_000, 2)


@pytest.mark.parametrize("chosen", ["", "mp3", "pcm32"])
def test_bare_samples_are_16_bit_if_the_choice_makes_no_sense(chosen):
    assert raw_pcm("/tmp/a.pcm24", chosen) == RawPcm("pcm16")


def test_another_file_is_never_bare_samples():
    assert raw_pcm("/tmp/a.wav", "pcm24") is None


class Tags(HTMLParser):
    """Collects the tags of a text, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


@pytest.mark.parametrize(
    "name",
    [
        "speech.mp3",
        'a" onerror="x.mp3',
        "<img src=x onerror=alert(1)>.mp3",
        "a' onerror='x.mp3",
        "a&quot;b.mp3",
        "a?b#c%41.mp3",
        "-i.wav",
        "речь \u202e3pm.wav",
        "..\\..\\a.mp3",
    ],
)
def test_a_name_is_nothing_but_an_address_in_the_player(name):
    label = 'Listen "to" <it>'
    ((tag, attributes),) = Tags(player_html(upload_source(f"/tmp/gradio/{name}"), label)).tags
    assert tag == "audio"
    assert attributes.keys() == {"class", "controls", "preload", "src", "aria-label"}
    address = attributes["src"]
    assert address.isascii()
    assert not set('?#"<> ') & set(address)
    assert unquote(address) == f"gradio_api/file=/tmp/gradio/{name}"
    assert attributes["aria-label"] == label


def test_a_sound_is_an_address_of_its_own():
    assert wav_source(b"RIFF") == "data:audio/wav;base64,UklGRg=="
