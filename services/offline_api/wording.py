"""The offline API's sentences, in the language of the question."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_EN: Final = MappingProxyType(
    {
        "no_speech": "No speech heard.",
        "cannot_hear": "I cannot hear here: pocketsphinx is not installed.",
        "listened_to": "Only the first {seconds:.0f} s were listened to.",
        "who": "The built-in offline API heard this: rough US English, not an AI model.",
        "who_video": "The built-in offline API looked at this: it measures, it is not an AI model.",
        "sound": "Sound: {container}, {codec}, {rate:g} kHz, {channels}, {duration:.2f} s",
        "mono": "mono",
        "stereo": "stereo",
        "many": "{channels} channels",
        "level": "Level {level:.1f} dBFS, {silent:.0f} % silence",
        "digital_silence": "Digital silence: every sample is zero",
        "video": "Video: {container}, {codec}, {width} × {height}, {rate}, {duration}, "
        "{size} bytes",
        "rate": "{rate:.3g} frames per second",
        "no_rate": "frame rate unknown",
        "no_duration": "duration unknown",
        "duration": "{duration:.2f} s",
        "shots": "Shots: {count}",
        "shot": "{start:.2f}–{end:.2f} s",
        "colours": "Colours: {colours}",
        "light": "Brightness {brightness:.0f} %, motion {motion:.1f} %",
        "watched": "Only the first {seconds:.0f} s were watched.",
        "track": "Sound track: {codec}, {rate:g} kHz, {channels}",
        "no_track": "There is no sound track.",
        "words": "Words heard on the sound track",
        "black": "black",
        "grey": "grey",
        "white": "white",
        "red": "red",
        "orange": "orange",
        "yellow": "yellow",
        "green": "green",
        "cyan": "cyan",
        "blue": "blue",
        "purple": "purple",
        "pink": "pink",
        "brown": "brown",
    }
)
_RU: Final = MappingProxyType(
    {
        "no_speech": "Речи не слышно.",
        "cannot_hear": "Здесь я не слышу: pocketsphinx не установлен.",
        "listened_to": "Прослушаны только первые {seconds:.0f} с.",
        "who": "Это услышал встроенный офлайн-API: приблизительно и только английский (США), "
        "это не модель ИИ.",
        "who_video": "Это посмотрел встроенный офлайн-API: он измеряет, это не модель ИИ.",
        "sound": "Звук: {container}, {codec}, {rate:g} кГц, {channels}, {duration:.2f} с",
        "mono": "моно",
        "stereo": "стерео",
        "many": "каналов: {channels}",
        "level": "Уровень {level:.1f} дБFS, тишины {silent:.0f} %",
        "digital_silence": "Цифровая тишина: все отсчёты равны нулю",
        "video": "Видео: {container}, {codec}, {width} × {height}, {rate}, {duration}, {size} байт",
        "rate": "кадров в секунду: {rate:.3g}",
        "no_rate": "частота кадров неизвестна",
        "no_duration": "длительность неизвестна",
        "duration": "{duration:.2f} с",
        "shots": "Планов: {count}",
        "shot": "{start:.2f}–{end:.2f} с",
        "colours": "Цвета: {colours}",
        "light": "Яркость {brightness:.0f} %, движение {motion:.1f} %",
        "watched": "Просмотрены только первые {seconds:.0f} с.",
        "track": "Звуковая дорожка: {codec}, {rate:g} кГц, {channels}",
        "no_track": "Звуковой дорожки нет.",
        "words": "Слова на звуковой дорожке",
        "black": "чёрный",
        "grey": "серый",
        "white": "белый",
        "red": "красный",
        "orange": "оранжевый",
        "yellow": "жёлтый",
        "green": "зелёный",
        "cyan": "голубой",
        "blue": "синий",
        "purple": "фиолетовый",
        "pink": "розовый",
        "brown": "коричневый",
    }
)


def words_for(prompt: str) -> Mapping[str, str]:
    """Russian sentences for a question with Cyrillic letters, else English ones."""
    return _RU if any("а" <= letter <= "я" or letter == "ё" for letter in prompt.lower()) else _EN
