"""Every visible string, in English and Russian, and numbers as each language writes them.

Labels that never change are translated by the browser (:func:`browser_texts`);
what depends on a run is written here, in the language the browser asks for
first. Both go by the same setting of the browser.
"""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

import gradio as gr
from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

Language = Literal["en", "ru"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_LOCALES: Final = Path(__file__).parent / "locales"


@functools.cache
def strings(language: Language) -> Mapping[str, str]:
    """The strings of ``language`` by their keys."""
    return MappingProxyType(json.loads((_LOCALES / f"{language}.json").read_text("utf-8")))


def browser_texts() -> gr.I18n:
    """All strings for the browser, which picks the language; some stand for Gradio's own."""
    return gr.I18n(
        **{
            language: {**strings(language), "audio.record": strings(language)["record.tab"]}
            for language in LANGUAGES
        }
    )


def language_of(request: gr.Request | None) -> Language:
    """The language the browser wants most, English where we do not speak it."""
    headers = request.headers if request is not None else {}
    return language_in(headers.get("accept-language", "") if headers else "")


def language_in(header: str) -> Language:
    """What an ``Accept-Language`` header wants most, English where we do not speak it."""
    wanted = re.split(r"[-,;]", header.strip().lower(), maxsplit=1)[0]
    return next((one for one in LANGUAGES if one == wanted), "en")


@dataclass(frozen=True, slots=True)
class Texts:
    """The strings and number formats of one language."""

    language: Language

    def __call__(self, key: str, **facts: str | float) -> str:
        """The string ``key`` with ``facts`` filled in."""
        return strings(self.language)[key].format(**facts)

    def counted(self, key: str, number: int, **facts: str | float) -> str:
        """The string ``key`` in the form that the language has for ``number`` of something."""
        return self(f"{key}.{Locale(self.language).plural_form(number)}", **facts)

    def language_name(self, code: str) -> str:
        """The name of the language that ISO 639 has ``code`` for; the code where it is none."""
        names: Mapping[str, str] = Locale(self.language).languages
        return names.get(str(get_global("language_aliases").get(code, code)), code)

    def number(self, value: float, digits: int = 0) -> str:
        """``1234.5`` as the language writes it, with at most ``digits`` decimals."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return format_decimal(value, pattern, locale=self.language)

    def percent(self, share: float) -> str:
        """``0.25`` as a whole percentage; less than all is not 100 %, and something is not 0 %."""
        shown = min(max(share, 0.01), 0.99) if 0 < share < 1 else share
        return format_percent(shown, locale=self.language)

    def seconds(self, value: float, digits: int = 1) -> str:
        """A duration in seconds."""
        return self._unit(round(value, digits), "duration-second")

    def took(self, value: float) -> str:
        """How long something took, in seconds, and never none of them."""
        return self.seconds(max(value, 0.01), 1 if value >= 1 else 2)

    def length(self, seconds: float) -> str:
        """How long something lasts, in the units that people count it in."""
        if seconds < 60:
            return self.seconds(seconds, 0 if seconds >= 10 else 1)
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "hour"), (minutes, "minute"), (rest, "second"))
        shown = [self._unit(count, f"duration-{unit}") for count, unit in parts if count]
        return " ".join(shown)

    def timestamp(self, seconds: float) -> str:
        """``75.3`` as ``1:15``, with hours where there are some."""
        minutes, rest = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def milliseconds(self, value: float) -> str:
        """A duration in milliseconds, or in seconds from ten of them."""
        if value >= 10_000:
            return self.seconds(value / 1000)
        return self._unit(round(value) if value >= 10 else round(value, 1), "duration-millisecond")

    def moment(self, when: datetime) -> str:
        """A date and a time with its zone, as ``when`` has them."""
        day = format_datetime(when, "d MMMM y, HH:mm", tzinfo=when.tzinfo, locale=self.language)
        return f"{day} {when:%Z}".rstrip()

    def day(self, when: date) -> str:
        """The day of ``when``, in its zone."""
        return format_date(when, "d MMM y", locale=self.language)

    def money(self, usd: float) -> str:
        """An amount in USD, to the cent; a smaller one is not nothing."""
        return self.currency(usd, 2 if abs(usd) >= 0.01 or not usd else 6)

    def currency(self, usd: float, digits: int) -> str:
        """An amount in USD, with at most ``digits`` decimals."""
        return format_currency(
            round(usd, digits), "USD", locale=self.language, decimal_quantization=False
        )

    def size(self, count: int) -> str:
        """A size in bytes, in the largest unit of 1024 × 1024 or 1024 that fits."""
        # By what is shown: 1,048,575 bytes are 1 MB, not 1,024 kB.
        if round(count / 1024, 1) >= 1024:
            return self._unit(round(count / 1024 / 1024, 1), "digital-megabyte")
        if count >= 1024:
            return self._unit(round(count / 1024, 1), "digital-kilobyte")
        return self._unit(count, "digital-byte")

    def _unit(self, value: float, unit: str) -> str:
        return format_unit(value, unit, length="short", locale=self.language)


def texts_for(request: gr.Request | None) -> Texts:
    """The texts for whoever sent ``request``."""
    return Texts(language_of(request))
