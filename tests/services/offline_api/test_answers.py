"""The facts of a sound, in words and numbers of the question's language."""

import re
from pathlib import Path

import pytest

from services.offline_api import weights
from services.offline_api.answers import Answers
from services.offline_api.server import application, served
from services.offline_api.weights import CURE
from services.offline_api.wording import _EN, _RU, sentences_for
from tests.clips import SENTENCES, clip, plain
from tests.making import samples_of, silence, tone, write_sound
from tests.services.offline_api.asking import audio, post, request, said, text, video, words

ROOT = Path(__file__).parents[3]

PARTY = audio(clip("party.mp3").read_bytes(), "mp3")
EN, RU = sentences_for("?"), sentences_for("а?")
PLAN = audio(clip("plan.flac").read_bytes(), "flac")


def test_a_sound_is_told_with_its_facts(offline_url):
    assert said(offline_url, PARTY, "Transcribe this audio in English").splitlines() == [
        f"{SENTENCES['party.mp3']}.",
        "",
        "---",
        "",
        f"*{EN.say('who')} {EN.say('heard_in', languages='English')}*",
        "",
        "- Sound: mp3, mp3, 16 kHz, mono, 3.78 s",
        "- Level -15.7 dBFS, 29% silence",
    ]


def test_a_russian_question_about_russian_is_answered_in_russian(offline_url):
    """The guide's own question."""
    assert said(offline_url, PLAN, "Транскрибируй это аудио на русском языке").splitlines() == [
        f"{SENTENCES['plan.flac']}.",
        "",
        "---",
        "",
        f"*{RU.say('who')} {RU.say('heard_in', languages='русский')}*",
        "",
        "- Звук: flac, flac, 16 кГц, моно, 6,47 с",
        "- Уровень -18,8 дБFS, тишины 18 %",
    ]


def test_the_language_is_that_of_the_speech_and_not_that_of_the_question(offline_url):
    answer = said(offline_url, PLAN, "Transcribe this audio in English")
    assert plain(words(answer)) == plain(SENTENCES["plan.flac"])
    assert "Language heard: Russian." in answer


@pytest.mark.parametrize("form", ["ogg", "pcm16"])
def test_what_is_heard_over_http_is_what_was_said(offline_url, tmp_path, form):
    container, codec, rate = {
        "ogg": ("ogg", "libopus", 48_000),
        "pcm16": ("s16le", "pcm_s16le", 24_000),
    }[form]
    path = tmp_path / "sound"
    write_sound(
        path, samples_of(clip("beach.flac")), container=container, codec=codec, out_rate=rate
    )
    answer = said(offline_url, audio(path.read_bytes(), form))
    assert plain(words(answer)) == plain(SENTENCES["beach.flac"])


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("Translate it into Russian", "for anything else a model is needed"),
        ("Summarise it", "for anything else a model is needed"),
        ("Опиши, что слышно", "для всего остального нужна модель"),
        ("Who is at the party?", "for anything else a model is needed"),
    ],
)
def test_what_no_ear_can_do_is_said_beside_the_words(offline_url, prompt, sentence):
    answer = said(offline_url, PARTY, prompt)
    assert plain(words(answer)) == plain(SENTENCES["party.mp3"])
    assert sentence in answer


def test_subtitles_are_written_from_the_times_of_the_words(offline_url):
    answer = said(offline_url, PLAN, "Сделай субтитры")
    number, times, text, *_ = answer.splitlines()
    assert (number, plain(text)) == ("1", plain(SENTENCES["plan.flac"]))
    assert re.fullmatch(r"00:00:00,\d{3} --> 00:00:05,\d{3}", times)
    assert "нужна модель" not in answer


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [("What is said?", "No speech heard."), ("Что здесь сказано?", "Речи не слышно.")],
    ids=["English", "Russian"],
)
def test_no_speech_is_said_to_be_none(offline_url, tmp_path, prompt, answer):
    path = write_sound(tmp_path / "tone", tone(1.0), container="wav", codec="pcm_s16le")

    assert words(said(offline_url, audio(path.read_bytes(), "wav"), prompt)) == answer


@pytest.fixture
def deaf_url(workshop):
    """An offline API without the weights of its ears."""
    with served(application(Answers(workshop, None))) as url:
        yield url


def test_without_weights_the_facts_are_told_and_the_command_that_cures_it(deaf_url):
    response = post(deaf_url, request(PARTY))

    answer = response.json()["choices"][0]["message"]["content"]
    assert words(answer).startswith("I cannot hear here")
    assert CURE in words(answer)
    assert "- Sound: mp3, mp3, 16 kHz, mono, 3.78 s" in answer
    assert response.json()["usage"]["prompt_tokens_details"]["audio_tokens"] == 0


def test_without_weights_the_sights_of_a_film_are_told(deaf_url):
    answer = said(deaf_url, video(clip("cuts.mp4").read_bytes()))

    assert "- Shots: 3" in answer
    assert CURE in answer


def test_the_command_that_cures_it_installs_what_is_looked_for():
    listed = (ROOT / CURE.rpartition(" ")[2]).read_text("utf-8").splitlines()
    packages = {line.partition("==")[0].replace("-", "_") for line in listed if "==" in line}
    assert packages == {package for package, _ in weights._HALVES}


@pytest.mark.parametrize(
    ("layout", "name"), [("mono", "mono"), ("stereo", "stereo"), ("5.1", "6 channels")]
)
def test_channels_and_rate_are_told(offline_url, tmp_path, layout, name):
    path = write_sound(
        tmp_path / "sound",
        tone(1.0),
        container="wav",
        codec="pcm_s16le",
        out_rate=44_100,
        layout=layout,
    )

    answer = said(offline_url, audio(path.read_bytes(), "wav"))

    assert f"- Sound: wav, pcm_s16le, 44.1 kHz, {name}, 1.00 s" in answer


def test_digital_silence_is_told_from_a_low_level(offline_url):
    answer = said(offline_url, audio(silence(0.5).tobytes(), "pcm16"))

    assert answer.endswith("- Digital silence: every sample is zero")


def test_a_sound_without_a_question_is_answered_in_english(offline_url):
    response = post(offline_url, request(PARTY))

    assert "- Sound: mp3" in response.json()["choices"][0]["message"]["content"]
    assert response.json()["usage"]["prompt_tokens"] < 400


def test_all_texts_of_a_question_are_read(offline_url):
    response = post(offline_url, request(text("Transcribe"), text("по-русски"), PARTY))

    assert "- Звук: mp3" in response.json()["choices"][0]["message"]["content"]


def test_nothing_is_echoed_of_the_question(offline_url):
    assert "a canary" not in said(offline_url, PARTY, "Say a canary {duration} %s")


def test_the_words_are_first(offline_url):
    assert plain(words(said(offline_url, PARTY))) == plain(SENTENCES["party.mp3"])


def test_both_languages_have_the_same_sentences():
    assert _EN.keys() == _RU.keys()


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        pytest.param("Describe", "There is no sound track.", id="English"),
        pytest.param("", "There is no sound track.", id="nothing"),
        pytest.param("Décris 描述", "There is no sound track.", id="neither"),
        pytest.param("Опиши", "Звуковой дорожки нет.", id="Russian"),
        pytest.param("ОПИШИ", "Звуковой дорожки нет.", id="capitals"),
        pytest.param("Translate into русский", "Звуковой дорожки нет.", id="a word of it"),
        pytest.param("Ё", "Звуковой дорожки нет.", id="the last letter"),
    ],
)
def test_the_language_is_the_question_s(prompt, sentence):
    assert sentences_for(prompt).say("no_track") == sentence


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [("?", "Brightness 5%, motion 12.3%"), ("а?", "Яркость 5 %, движение 12,3 %")],
    ids=["English", "Russian"],
)
def test_numbers_are_written_as_the_language_does(prompt, sentence):
    assert sentences_for(prompt).say("light", brightness=0.05, motion=0.1234) == sentence


def test_frame_rates_keep_what_tells_them_apart():
    words = sentences_for("")

    assert words.say("rate", rate=24_000 / 1001) == "23.976 frames per second"
    assert words.say("rate", rate=25.0) == "25 frames per second"
