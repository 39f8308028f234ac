"""The ears: the sentences of the clips come back exactly, in every form; noise does not."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from services.offline_api import ear
from tests.clips import SENTENCES, clip
from tests.making import samples_of, silence, tone, write_sound
from tests.services.offline_api.asking import audio, said

CLIPS = [name for name in SENTENCES if name.endswith(".flac")]
#: Format of the API → muxer, encoder, sample rate.
FORMS = {
    "wav": ("wav", "pcm_s16le", 16_000),
    "mp3": ("mp3", "libmp3lame", 24_000),
    "aiff": ("aiff", "pcm_s16be", 16_000),
    "aac": ("adts", "aac", 24_000),
    "ogg": ("ogg", "libopus", 48_000),
    "flac": ("flac", "flac", 16_000),
    "m4a": ("ipod", "aac", 44_100),
    "pcm16": ("s16le", "pcm_s16le", 24_000),
    "pcm24": ("s24le", "pcm_s24le", 24_000),
}


def words(text: str) -> str:
    """What was heard, without the facts below it."""
    return text.partition("\n")[0]


def heard(url: str, samples: np.ndarray, directory: Path, form: str = "wav") -> str:
    """The words in 16 kHz ``samples``, sent as ``form``."""
    muxer, encoder, rate = FORMS[form]
    path = write_sound(directory / form, samples, container=muxer, codec=encoder, out_rate=rate)
    return words(said(url, audio(path.read_bytes(), form)))


@pytest.mark.parametrize("name", CLIPS)
def test_a_sentence_comes_back_exactly(name, offline_url):
    assert words(said(offline_url, audio(clip(name).read_bytes(), "flac"))) == SENTENCES[name]


@pytest.mark.parametrize("form", FORMS)
def test_a_sentence_survives_every_format(form, offline_url, tmp_path):
    assert (
        heard(offline_url, samples_of(clip("beach.flac")), tmp_path, form)
        == SENTENCES["beach.flac"]
    )


SILENT = {
    "digital silence": silence(2),
    "a tone": tone(2),
    "noise": np.random.default_rng(1).normal(0, 800, 32_000).astype(np.int16),
}


@pytest.mark.parametrize("sound", SILENT.values(), ids=list(SILENT))
def test_what_is_no_speech_is_said_to_be_none(sound, offline_url, tmp_path):
    assert heard(offline_url, sound, tmp_path) == "No speech heard."


def test_long_sound_is_cut_at_pauses_and_loses_no_piece(offline_url, tmp_path):
    names = ["beach.flac", "project.flac", "dogs.flac", "life.flac", "party.flac", "beach.flac"]
    pause = silence(0.6)
    speech = np.concatenate([part for name in names for part in (samples_of(clip(name)), pause)])
    assert len(speech) > 14 * 16_000
    spoken = " ".join(SENTENCES[name] for name in names).split()
    answer = heard(offline_url, speech, tmp_path).split()
    # Where a piece begins and ends may cost a word; what is lost whole costs many.
    missing = [word for word in set(spoken) if word not in answer]
    assert len(missing) <= 2, missing


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("what the fuck", "what the f…"),
        ("the class passed", "the class passed"),
        ("a peacock", "a peacock"),
    ],
)
def test_rude_words_are_masked(text, shown):
    assert ear._masked(text) == shown


def test_without_pocketsphinx_it_says_that_it_cannot_hear():
    program = (
        "import sys; sys.modules['pocketsphinx'] = None\n"
        "from services.offline_api import ear\n"
        "ear.warm_up()\n"
        "told = []\n"
        f"ear.listen({str(clip('beach.flac'))!r}, tell=told.append)\n"
        "assert told == [{'can_hear': False}], told\n"
    )
    root = Path(__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
