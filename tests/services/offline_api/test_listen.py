"""What the ear hears: our sentences word for word, silence as silence."""

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pydub import AudioSegment

from services.media.jobs.decode import samples
from services.media.jobs.table import Samples
from services.media.values import RawPcm
from services.media.workshop.worker import Teller
from services.media.workshop.workshop import Workshop
from services.offline_api import HEARD_RATE, ear
from services.offline_api.answers import Answers
from services.offline_api.jobs import Heard, Transcribe
from services.offline_api.server import application, served
from tests.clips import SENTENCES, clip
from tests.making import samples_of, silence, tone, write_sound
from tests.services.offline_api.asking import audio, post, request, said, video, words

CLIPS = tuple(name for name in SENTENCES if name.endswith(".flac"))
#: Format of the API → how it is made: muxer, codec, sample rate.
FORMS = {
    "wav": ("wav", "pcm_s16le", 44_100),
    "flac": ("flac", "flac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "ogg": ("ogg", "libopus", 48_000),
    "aac": ("adts", "aac", 44_100),
    "aiff": ("aiff", "pcm_s16be", 44_100),
    "pcm16": ("s16le", "pcm_s16le", 24_000),
    "pcm24": ("s24le", "pcm_s24le", 24_000),
}


def made(directory: Path, name: str, form: str) -> Path:
    """The clip ``name`` in the format ``form``."""
    container, codec, rate = FORMS[form]
    path = directory / f"{name}.{form}"
    return write_sound(
        path, samples_of(clip(name)), container=container, codec=codec, out_rate=rate
    )


def heard(sound: np.ndarray, directory: Path) -> list[str]:
    """What the ear tells of mono 16 kHz ``sound``, piece by piece."""
    return [piece.text for piece in told(sound, directory)]


def told(sound: np.ndarray, directory: Path) -> list[Heard]:
    """The same, with the frames of each piece."""
    path = directory / "samples"
    sound.astype(np.int16).tofile(path)
    pieces = []
    tell = Teller(lambda _, news: pieces.append(Heard(**news)), Heard)
    assert ear.transcribe(Transcribe(path), tell)
    return pieces


def words_of(name: str, form: str) -> str:
    """The words that come out of a clip in a format, by the way a request takes."""
    with tempfile.TemporaryDirectory() as directory:
        raw = RawPcm(form) if form.startswith("pcm") else None
        out = Path(directory) / "decoded"
        job = Samples(made(Path(directory), name, form), raw, out, HEARD_RATE, most_s=600)
        samples(job, Teller(lambda *_: None, None))
        return " ".join(heard(np.fromfile(out, dtype=np.int16), Path(directory)))


@pytest.fixture(scope="module")
def all_words():
    """The words of every clip in every format; two processes, since each takes its time."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        yield {(name, form): pool.submit(words_of, name, form) for form in FORMS for name in CLIPS}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CLIPS)
def test_every_sentence_comes_back_word_for_word_in_every_format(all_words, name, form):
    assert all_words[name, form].result() == SENTENCES[name]


@pytest.mark.parametrize("form", FORMS)
def test_every_format_of_the_guide_is_heard_over_http(offline_url, tmp_path, form):
    part = audio(made(tmp_path, "beach.flac", form).read_bytes(), form)

    assert words(said(offline_url, part)) == SENTENCES["beach.flac"]


@pytest.mark.parametrize("name", CLIPS)
def test_every_clip_is_heard_as_it_is(name, tmp_path):
    assert heard(samples_of(clip(name)), tmp_path) == [SENTENCES[name]]


def test_the_clip_for_the_guide_s_examples_is_heard_as_it_is(tmp_path):
    assert heard(samples_of(clip("party.mp3")), tmp_path) == [SENTENCES["party.mp3"]]


@pytest.mark.parametrize("gain", [0.05, 0.4, 1.5])
def test_a_clip_is_heard_soft_or_loud(gain, tmp_path):
    sound = samples_of(clip("project.flac")) * gain

    assert heard(sound.clip(-32768, 32767), tmp_path) == [SENTENCES["project.flac"]]


def noise(seconds: float, level: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    return (rng.normal(0, level, round(seconds * 16_000)) * 32767).clip(-32768, 32767)


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(silence(2.0), id="digital silence"),
        pytest.param(noise(2.0, 0.0005), id="faint noise"),
        pytest.param(noise(2.0, 0.1), id="loud noise"),
        pytest.param(tone(2.0), id="a tone"),
        pytest.param(tone(2.0, hertz=100), id="hum"),
        pytest.param(tone(0.05), id="a beep"),
        pytest.param(np.array([0, 20_000, 0]), id="a click"),
    ],
)
def test_what_is_no_speech_gives_no_words(sound, tmp_path):
    assert not any(heard(sound, tmp_path))


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [("What is said?", "No speech heard."), ("Что здесь сказано?", "Речи не слышно.")],
    ids=["English", "Russian"],
)
def test_no_speech_is_said_to_be_none(offline_url, tmp_path, prompt, answer):
    path = write_sound(tmp_path / "tone", tone(1.0), container="wav", codec="pcm_s16le")

    assert words(said(offline_url, audio(path.read_bytes(), "wav"), prompt)) == answer


def test_what_was_heard_before_changes_nothing(tmp_path):
    dogs, count = samples_of(clip("dogs.flac")), samples_of(clip("count.flac"))

    assert heard(dogs, tmp_path) + heard(count, tmp_path) + heard(dogs, tmp_path) == [
        SENTENCES["dogs.flac"],
        SENTENCES["count.flac"],
        SENTENCES["dogs.flac"],
    ]


def test_no_word_of_long_sound_is_lost(tmp_path):
    names = ("beach.flac", "project.flac", "life.flac", "party.flac", "dogs.flac")
    sound = np.concatenate([samples_of(clip(name)) for name in names])
    assert len(sound) > 14 * HEARD_RATE

    pieces = heard(sound, tmp_path)

    assert len(pieces) == 2
    assert " ".join(pieces) == " ".join(SENTENCES[name] for name in names)


def test_a_cut_falls_into_the_quietest_moment_from_8_to_14_seconds():
    """Three tones with pauses at 6, at 11 and at 15 seconds."""
    sound = tone(20.0)
    for start in (6, 11, 15):
        sound[start * HEARD_RATE : start * HEARD_RATE + HEARD_RATE // 2] = 0

    pieces = list(
        ear._pieces(
            AudioSegment(data=sound.tobytes(), sample_width=2, frame_rate=HEARD_RATE, channels=1)
        )
    )

    # Silence at the ends of pieces is cut off but for a fifth of a second.
    assert [len(piece) for piece in pieces] == pytest.approx([11_200, 8_700], abs=200)


def test_long_silences_are_not_listened_to(tmp_path):
    sound = np.concatenate([silence(20.0), samples_of(clip("beach.flac")), silence(20.0)])

    pieces = told(sound, tmp_path)

    assert [piece.text for piece in pieces if piece.text] == [SENTENCES["beach.flac"]]
    assert sum(piece.frames for piece in pieces) < 400  # of 10 ms


@pytest.mark.parametrize(
    ("mishearing", "masked"),
    [
        ("what the fuck is this", "what the f… is this"),
        ("fucking fuckers fucked up", "f… f… f… up"),
        ("some motherfuckers", "some m…"),
        ("bullshit and shitty horseshit", "b… and s… h…"),
        ("son-of-a-bitch bitches", "s… b…"),
        ("a pain in the ass asshole", "a pain in the a… a…"),
        ("the cock's dick", "the c… d…"),
    ],
)
def test_rude_mishearings_are_masked(mishearing, masked):
    assert ear._masked(mishearing) == masked


@pytest.mark.parametrize(
    "text",
    [
        "a cocktail in the cockpit with hancock and a peacock",
        "charles dickens wrote a dictionary",
        "the shiitake class passed the assessment of the assistant",
        "grapes and drapery rapidly",
        "bass players harass no one in scunthorpe",
        "titanic title niger nigeria snigger",
    ],
)
def test_words_that_only_look_rude_are_left(text):
    assert ear._masked(text) == text


@pytest.fixture
def deaf_url(workshop):
    """An offline API where pocketsphinx is not installed."""
    with (
        Workshop("tests.services.offline_api.deaf_jobs") as ears,
        served(application(Answers(workshop, ears))) as url,
    ):
        yield url


def test_without_pocketsphinx_the_facts_of_a_sound_are_told(deaf_url):
    response = post(deaf_url, request(audio(clip("beach.flac").read_bytes(), "flac")))

    answer = response.json()["choices"][0]["message"]["content"]
    assert words(answer) == "I cannot hear here: pocketsphinx is not installed."
    assert "- Sound: flac, flac, 16 kHz, mono, 3.13 s" in answer
    assert response.json()["usage"]["prompt_tokens_details"]["audio_tokens"] == 0


def test_without_pocketsphinx_the_sights_of_a_film_are_told(deaf_url):
    answer = said(deaf_url, video(clip("cuts.mp4").read_bytes()))

    assert "- Shots: 3" in answer
    assert answer.endswith("I cannot hear here: pocketsphinx is not installed.")
