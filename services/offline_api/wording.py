"""The offline API's sentences, in the language of the question.

A sentence's fields take Unicode number patterns, as in ``{duration:0.00}``
(https://unicode.org/reports/tr35/tr35-numbers.html#Number_Format_Patterns).
"""

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType
from typing import Any, Final

from babel import Locale
from babel.numbers import format_decimal

_EN: Final = MappingProxyType(
    {
        "no_speech": "No speech heard.",
        "cannot_hear": "I cannot hear here: the weights of my ears are not installed. "
        "This installs them: `{command}`",
        "doubtful": "probably misheard",
        "heard_in": "Language heard: {languages}.",
        "needs_model": "It writes down what is said; for anything else a model is needed.",
        "listened_to": "Only the first {seconds:0} s were listened to.",
        "who": "The built-in offline API listened with Whisper base: it is not a model to talk to.",
        "who_video": "The built-in offline API looked at this: it measures, it is not an AI model.",
        "sound": "Sound: {container}, {codec}, {rate:0.###} kHz, {channels}, {duration:0.00} s",
        "mono": "mono",
        "stereo": "stereo",
        "many": "{channels} channels",
        "level": "Level {level:0.0} dBFS, {silent:0%} silence",
        "digital_silence": "Digital silence: every sample is zero",
        "video": "Video: {container}, {codec}, {width} × {height}, {rate}, {duration}, "
        "{size:#,##0} bytes",
        "rate": "{rate:0.###} frames per second",
        "no_rate": "frame rate unknown",
        "no_duration": "duration unknown",
        "duration": "{duration:0.00} s",
        "shots": "Shots: {count}",
        "shot": "{start:0.00}–{end:0.00} s",
        "colours": "Colours: {colours}",
        "colour": "{name} {share:0%}",
        "light": "Brightness {brightness:0%}, motion {motion:0.0%}",
        "watched": "Only the first {seconds:0} s were watched.",
        "track": "Sound track: {codec}, {rate:0.###} kHz, {channels}",
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
        "cannot_hear": "Здесь я не слышу: не установлены веса моего слуха. "
        "Их ставит команда: `{command}`",
        "doubtful": "вероятно, ослышка",
        "heard_in": "Язык речи: {languages}.",
        "needs_model": "Он записывает сказанное; для всего остального нужна модель.",
        "listened_to": "Прослушаны только первые {seconds:0} с.",
        "who": "Это слушал встроенный офлайн-API (Whisper base): с ним нельзя поговорить.",
        "who_video": "Это посмотрел встроенный офлайн-API: он измеряет, это не модель ИИ.",
        "sound": "Звук: {container}, {codec}, {rate:0.###} кГц, {channels}, {duration:0.00} с",
        "mono": "моно",
        "stereo": "стерео",
        "many": "каналов: {channels}",
        "level": "Уровень {level:0.0} дБFS, тишины {silent:0 %}",
        "digital_silence": "Цифровая тишина: все отсчёты равны нулю",
        "video": "Видео: {container}, {codec}, {width} × {height}, {rate}, {duration}, "
        "{size:#,##0} байт",
        "rate": "кадров в секунду: {rate:0.###}",
        "no_rate": "частота кадров неизвестна",
        "no_duration": "длительность неизвестна",
        "duration": "{duration:0.00} с",
        "shots": "Планов: {count}",
        "shot": "{start:0.00}–{end:0.00} с",
        "colours": "Цвета: {colours}",
        "colour": "{name} {share:0 %}",
        "light": "Яркость {brightness:0 %}, движение {motion:0.0 %}",
        "watched": "Просмотрены только первые {seconds:0} с.",
        "track": "Звуковая дорожка: {codec}, {rate:0.###} кГц, {channels}",
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


class Sentences(Formatter):
    """The sentences of one language, with numbers as that language writes them."""

    def __init__(self, locale: str, sentences: Mapping[str, str]) -> None:
        self.locale = locale
        self._sentences = sentences

    def language(self, code: str) -> str:
        """The name of a language, by its ISO 639-1 code."""
        return str(Locale(self.locale).languages.get(code, code))

    def say(self, name: str, /, **values: str | float) -> str:
        """The sentence called ``name``."""
        return self.vformat(self._sentences[name], (), values)

    def format_field(self, value: Any, pattern: str) -> str:
        """A number by its pattern; a text as it is."""
        return format_decimal(value, pattern, self.locale) if pattern else str(value)


def sentences_for(prompt: str) -> Sentences:
    """Russian sentences for a question with Cyrillic letters, else English ones."""
    if any("а" <= letter <= "я" or letter == "ё" for letter in prompt.lower()):
        return Sentences("ru", _RU)
    return Sentences("en", _EN)
