"""What the inputs hold when Ask is pressed."""

from pathlib import Path

import pytest

from components.inputs import Given
from services.assistant import LocalFile, RawPcm, VideoLink

FULL = {
    "record": "/tmp/r.wav",
    "audio_file": "/tmp/a.mp3",
    "pcm": "pcm16",
    "video": "/tmp/v.mp4",
    "url": "https://youtu.be/1",
}
RECORDING = LocalFile(Path("/tmp/r.wav"), "audio")
SOUND = LocalFile(Path("/tmp/a.mp3"), "audio")
FILM = LocalFile(Path("/tmp/v.mp4"), "video")


@pytest.mark.parametrize(
    ("chosen", "media", "kind"),
    [
        ("record", RECORDING, "audio"),
        ("audio_file", SOUND, "audio"),
        ("video", VideoLink("https://youtu.be/1"), "video"),
    ],
)
def test_only_the_input_in_front_counts(chosen, media, kind):
    given = Given(chosen, **FULL)
    assert (given.media(), given.kind) == (media, kind)


@pytest.mark.parametrize(
    ("url", "media"),
    [
        (" https://youtu.be/2 \n", VideoLink("https://youtu.be/2")),
        ("no link", VideoLink("no link")),  # refused later, with words
        ("", FILM),
        ("  ", FILM),
        (None, FILM),
    ],
    ids=["link", "not a link", "empty", "blank", "null"],
)
def test_a_link_goes_before_a_file(url, media):
    assert Given("video", video="/tmp/v.mp4", url=url).media() == media


def test_a_link_needs_no_file():
    assert Given("video", url="https://youtu.be/1").media() == VideoLink("https://youtu.be/1")


@pytest.mark.parametrize("chosen", ["record", "audio_file", "video"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_input_gives_nothing_whatever_the_others_hold(chosen, nothing):
    held = FULL | {chosen: nothing} | ({"url": nothing} if chosen == "video" else {})
    assert Given(chosen, **held).media() is None


@pytest.mark.parametrize("form", ["pcm16", "pcm24"])
def test_bare_samples_are_read_as_chosen(form):
    given = Given("audio_file", audio_file="/tmp/a.raw", pcm=form)
    assert given.media() == LocalFile(Path("/tmp/a.raw"), "audio", RawPcm(form))


def test_the_choice_of_samples_does_not_touch_another_file():
    assert Given("audio_file", audio_file="/tmp/a.mp3", pcm="pcm24").media() == SOUND
