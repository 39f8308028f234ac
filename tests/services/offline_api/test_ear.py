"""What the ear writes down: our sentences in two languages, and nothing where nobody speaks."""

import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from faster_whisper import WhisperModel

from services.media.jobs.decode import samples
from services.media.jobs.table import Samples
from services.media.values import RawPcm
from services.media.workshop.job import adapter
from services.media.workshop.worker import Teller
from services.offline_api import HEARD_RATE, ear
from services.offline_api.jobs import Heard, Transcribe
from services.offline_api.weights import find_weights
from tests.clips import RUSSIAN, SENTENCES, clip, plain, words_amiss
from tests.making import GUIDE_SOUNDS, samples_of, silence, tone, write_sound

CLIPS = tuple(name for name in SENTENCES if name.endswith(".flac"))


@pytest.fixture(scope="module", autouse=True)
def model():
    """The model, loaded into this process once."""
    ear.load(str(find_weights(None)))
    yield ear._models[0]
    ear._models.clear()


def told(sound: np.ndarray, language="en") -> list[Heard]:
    """What the ear tells of mono 16 kHz ``sound``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "samples"
        sound.astype(np.int16).tofile(path)
        heard = []

        def say(name, news):
            if name == "news":
                heard.append(adapter(Heard).validate_python(news))

        ear.transcribe(Transcribe(path, language), Teller(say, Heard))
        return heard


def text_of(heard: list[Heard]) -> str:
    return " ".join(one.text for one in heard)


@pytest.mark.parametrize("name", CLIPS)
def test_a_clip_is_written_down_word_for_word_in_its_language(name):
    heard = told(samples_of(clip(name)))

    assert plain(text_of(heard)) == plain(SENTENCES[name])
    assert {one.language for one in heard} == {"ru" if name in RUSSIAN else "en"}
    assert not any(one.is_doubtful for one in heard)


@pytest.mark.parametrize("form", GUIDE_SOUNDS)
@pytest.mark.parametrize("name", ["beach.flac", "plan.flac"], ids=["English", "Russian"])
def test_every_format_of_the_guide_is_heard_in_both_languages(tmp_path, name, form):
    container, codec, rate = GUIDE_SOUNDS[form]
    path = tmp_path / f"sound.{form}"
    write_sound(path, samples_of(clip(name)), container=container, codec=codec, out_rate=rate)
    raw = RawPcm(form) if form.startswith("pcm") else None
    out = tmp_path / "decoded"
    samples(Samples(path, raw, out, HEARD_RATE, most_s=600), Teller(lambda *_: None, None))

    # A lossy codec costs a word here and there.
    assert words_amiss(text_of(told(np.fromfile(out, dtype=np.int16))), SENTENCES[name]) <= 1


@pytest.mark.parametrize("name", ["project.flac", "plan.flac"], ids=["English", "Russian"])
def test_a_telephone_is_heard(name):
    narrow = samples_of(clip(name), 8_000)
    wide = np.interp(np.arange(len(narrow) * 2) / 2, np.arange(len(narrow)), narrow)

    assert plain(text_of(told(wide))) == plain(SENTENCES[name])


@pytest.mark.parametrize("gain", [0.05, 0.4, 1.5])
def test_a_clip_is_heard_soft_or_loud(gain):
    sound = (samples_of(clip("project.flac")) * gain).clip(-32768, 32767)

    assert plain(text_of(told(sound))) == plain(SENTENCES["project.flac"])


def test_words_have_the_times_at_which_they_are_spoken():
    sound = np.concatenate([silence(5.0), samples_of(clip("beach.flac"))])
    (heard,) = told(sound)

    assert [
        plain(word["text"] if isinstance(word, dict) else word.text) for word in heard.words
    ] == (plain(SENTENCES["beach.flac"]).split())
    assert heard.start_s == pytest.approx(5.3, abs=0.4)
    assert heard.end_s == pytest.approx(7.3, abs=0.6)


def test_long_silences_take_no_words_and_lose_none():
    parts = [silence(20.0), samples_of(clip("plan.flac")), silence(20.0)]

    assert plain(text_of(told(np.concatenate(parts)))) == plain(SENTENCES["plan.flac"])


def test_no_word_is_lost_where_blocks_meet(monkeypatch):
    monkeypatch.setattr(ear, "_BLOCK_S", 8)
    monkeypatch.setattr(ear, "_LAST_PART_S", 5)
    names = ("beach.flac", "project.flac", "life.flac", "dogs.flac")
    sound = np.concatenate([samples_of(clip(name)) for name in names])

    heard = told(sound)

    assert plain(text_of(heard)) == plain(" ".join(SENTENCES[name] for name in names))
    assert all(one.start_s < two.start_s for one, two in itertools.pairwise(heard))
    assert heard[-1].end_s <= len(sound) / HEARD_RATE


def test_what_takes_several_blocks_is_heard_to_its_end():
    """Hardly anything is said in it, so that the test does not take as long as it would."""
    sound = np.zeros(660 * HEARD_RATE, dtype=np.int16)
    for name, at_s in (("beach.flac", 2), ("plan.flac", 650)):
        spoken = samples_of(clip(name))
        sound[at_s * HEARD_RATE : at_s * HEARD_RATE + len(spoken)] = spoken

    heard = told(sound)

    # A sentence may come as one cue or as two: sums differ a little from processor to processor.
    first = [one for one in heard if one.start_s < 330]
    last = [one for one in heard if one.start_s >= 330]
    assert plain(" ".join(one.text for one in first)) == plain(SENTENCES["beach.flac"])
    assert plain(" ".join(one.text for one in last)) == plain(SENTENCES["plan.flac"])
    assert ({one.language for one in first}, {one.language for one in last}) == ({"en"}, {"ru"})
    assert last[0].start_s == pytest.approx(650.3, abs=0.5)


@pytest.mark.parametrize("name", ["beach.flac", "plan.flac"])
def test_a_short_clip_is_encoded_once(monkeypatch, model, name):
    encoded, encode = [], WhisperModel.encode

    def counted(self, features):
        encoded.append(features)
        return encode(self, features)

    monkeypatch.setattr(WhisperModel, "encode", counted)
    model._last = None

    told(samples_of(clip(name)))

    assert len(encoded) == 1


# Where nobody speaks.

RNG = np.random.default_rng(1)


def noise(seconds, level, colour="white"):
    sound = RNG.normal(0, 1, round(seconds * HEARD_RATE))
    if colour == "brown":
        sound = np.cumsum(sound)
        sound -= np.linspace(sound[0], sound[-1], len(sound))
    return sound / np.abs(sound).max() * level * 32767


def chord(seconds, *hertz, level=0.3):
    return sum(tone(seconds, hertz=one) * (level / len(hertz)) for one in hertz)


def pulses(seconds, per_s, hertz):
    """A tone that comes and goes, as a melody or an alarm does."""
    at = np.arange(round(seconds * HEARD_RATE)) / HEARD_RATE
    return tone(seconds, hertz=hertz) * (np.sin(2 * np.pi * per_s * at) > 0)


def melody(*hertz):
    return np.concatenate([chord(0.4, one, one * 2, one * 3) for one in hertz])


def sweep(seconds, low, high):
    at = np.arange(round(seconds * HEARD_RATE)) / HEARD_RATE
    return 9000 * np.sin(2 * np.pi * (low * at + (high - low) * at**2 / (2 * seconds)))


def drums(seconds):
    beat = noise(0.5, 0.8) * np.exp(-np.arange(HEARD_RATE // 2) / 800)
    return np.tile(beat, round(seconds * 2))


SPEECHLESS = {
    "digital silence": silence(2.0),
    "ten seconds of digital silence": silence(10.0),
    "a long digital silence": silence(40.0),
    "faint noise": noise(2.0, 0.0005),
    "a room's noise": noise(10.0, 0.003),
    "loud noise": noise(5.0, 0.3),
    "full noise": noise(5.0, 1.0),
    "a waterfall": noise(10.0, 0.5, "brown"),
    "the wind": noise(10.0, 0.05, "brown"),
    "a low tone": tone(5.0, hertz=60),
    "hum": tone(5.0, hertz=100),
    "a tone": tone(5.0),
    "a high tone": tone(5.0, hertz=4000),
    "a faint tone": tone(5.0) * 0.01,
    "a beep": tone(0.05),
    "a click": np.array([0, 20_000, 0]),
    "one sample": np.array([1]),
    "a chord": chord(5.0, 262, 330, 392),
    "an organ": chord(8.0, 131, 196, 262, 330, 392, 523),
    "an alarm": pulses(5.0, 2, 1000),
    "a telephone that is busy": pulses(5.0, 1, 425),
    "a melody": melody(262, 294, 330, 349, 392, 440, 494, 523) * 0.9,
    "a melody twice": np.tile(melody(392, 392, 440, 392, 523, 494), 3) * 0.9,
    "a siren": sweep(5.0, 400, 1200),
    "a whistle that rises": sweep(3.0, 800, 3000),
    "drums": drums(6.0),
    "noise and a tone": noise(5.0, 0.1) + tone(5.0) * 0.3,
}


def test_there_are_enough_sounds_without_speech():
    assert len(SPEECHLESS) >= 24


@pytest.mark.parametrize("sound", SPEECHLESS.values(), ids=SPEECHLESS)
def test_what_is_no_speech_gives_no_words(sound):
    assert told(sound.clip(-32768, 32767)) == []


def test_of_no_samples_nothing_is_told():
    assert told(np.array([])) == []


# What is made of what Whisper says.


@dataclass
class Whisper:
    """Says what it is told; notes the languages it was asked to hear."""

    probability: float = 0.9
    supported_languages: tuple = ("en", "ru")
    segments: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def transcribe(self, _, language=None, **__):
        self.asked.append(language)
        info = SimpleNamespace(language=language or "sw", language_probability=self.probability)
        return iter(self.segments), info


def segment(text=" Hello.", logprob=-0.3, compression=1.0):
    return SimpleNamespace(
        text=text,
        start=1.0,
        end=2.0,
        avg_logprob=logprob,
        compression_ratio=compression,
        words=[SimpleNamespace(word=text, start=1.0, end=2.0)],
    )


@pytest.fixture
def whisper(monkeypatch):
    said = Whisper()
    monkeypatch.setattr(ear, "_models", [said])
    return said


@pytest.mark.parametrize(
    ("probability", "asked", "heard"), [(0.5, [None], "sw"), (0.49, [None, "ru"], "ru")]
)
def test_a_language_that_cannot_be_told_is_that_of_the_question(whisper, probability, asked, heard):
    whisper.probability, whisper.segments = probability, [segment()]

    (one,) = told(silence(1.0), "ru")

    assert (whisper.asked, one.language) == (asked, heard)


def test_a_language_that_the_model_does_not_know_is_not_asked_of_it(whisper):
    whisper.probability, whisper.segments = 0.1, [segment()]

    (one,) = told(silence(1.0), "xx")

    assert (whisper.asked, one.language) == ([None], "sw")


@pytest.mark.parametrize(("logprob", "is_doubtful"), [(-0.7, False), (-0.71, True)])
def test_what_is_probably_misheard_is_marked(whisper, logprob, is_doubtful):
    whisper.segments = [segment(logprob=logprob)]

    assert told(silence(1.0))[0].is_doubtful is is_doubtful


@pytest.mark.parametrize(
    "made_up",
    [segment(" . . . ."), segment("♪♪"), segment(""), segment(" so so so so", compression=2.41)],
    ids=["dots", "notes", "nothing", "repetition"],
)
def test_what_nobody_said_is_dropped(whisper, made_up):
    whisper.segments = [made_up, segment()]

    assert [one.text for one in told(silence(1.0))] == ["Hello."]


def test_a_block_ends_in_its_quietest_moment():
    sound = tone(20.0)
    sound[16 * HEARD_RATE : 17 * HEARD_RATE] = 0
    blocks = list(ear._blocks(np.tile(sound, 30)))

    assert [last for _, last in blocks[:-1]] == [first for first, _ in blocks[1:]]
    assert blocks[-1][1] == 600 * HEARD_RATE
    for _, last in blocks[:-1]:
        assert last / HEARD_RATE % 20 == pytest.approx(16.5, abs=0.5)


def test_signs_of_life_come_with_every_block(monkeypatch, whisper):
    monkeypatch.setattr("services.media.workshop.worker._TOLD_S", 0)
    told_of = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "samples"
        silence(650.0).astype(np.int16).tofile(path)
        ear.transcribe(
            Transcribe(path, "en"), Teller(lambda name, value: told_of.append((name, value)), Heard)
        )

    assert [value[0] for name, value in told_of if name == "read"] == pytest.approx(
        [0, 285, 570], abs=31
    )
