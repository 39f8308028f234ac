"""The facts of a sound, in words and numbers of the question's language."""

import pytest

from services.offline_api.wording import _EN, _RU, sentences_for
from tests.clips import SENTENCES, clip
from tests.making import silence, tone, write_sound
from tests.services.offline_api.asking import audio, post, request, said, text, words

RUSSIAN = (
    "Это услышал встроенный офлайн-API: приблизительно и только английский (США), это не модель ИИ."
)
PARTY = audio(clip("party.mp3").read_bytes(), "mp3")


def test_a_sound_is_told_with_its_facts(offline_url):
    assert said(offline_url, PARTY).splitlines() == [
        SENTENCES["party.mp3"],
        "",
        "---",
        "",
        "*The built-in offline API heard this: rough US English, not an AI model.*",
        "",
        "- Sound: mp3, mp3, 16 kHz, mono, 3.75 s",
        "- Level -20.9 dBFS, 26 % silence",
    ]


def test_a_russian_question_is_answered_in_russian(offline_url):
    """The guide's own question; the words themselves stay English."""
    assert said(offline_url, PARTY, "Транскрибируй это аудио на русском языке").splitlines() == [
        SENTENCES["party.mp3"],
        "",
        "---",
        "",
        f"*{RUSSIAN}*",
        "",
        "- Звук: mp3, mp3, 16 кГц, моно, 3,75 с",
        "- Уровень -20,9 дБFS, тишины 26 %",
    ]


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


def test_a_sound_of_over_ten_minutes_is_heard_for_ten(offline_url, tmp_path):
    path = write_sound(
        tmp_path / "sound", silence(601.0, rate=8_000), container="flac", codec="flac", rate=8_000
    )

    answer = said(offline_url, audio(path.read_bytes(), "flac"))

    assert "No speech heard.\n\nOnly the first 600 s were listened to." in answer
    assert "601.00 s" in answer


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
    assert words(said(offline_url, PARTY)) == SENTENCES["party.mp3"]


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
    [("?", "Brightness 5 %, motion 12.3 %"), ("а?", "Яркость 5 %, движение 12,3 %")],
    ids=["English", "Russian"],
)
def test_numbers_are_written_as_the_language_does(prompt, sentence):
    assert sentences_for(prompt).say("light", brightness=0.05, motion=0.1234) == sentence


def test_frame_rates_keep_what_tells_them_apart():
    words = sentences_for("")

    assert words.say("rate", rate=24_000 / 1001) == "23.976 frames per second"
    assert words.say("rate", rate=25.0) == "25 frames per second"
