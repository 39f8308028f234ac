"""Languages, and numbers as each writes them."""

from datetime import UTC, datetime, timedelta, timezone

import gradio as gr
import pytest
from starlette.requests import Request

from components.texts import LANGUAGES, Texts, browser_texts, language_of, strings, texts_for

EN, RU = Texts("en"), Texts("ru")
NBSP = "\u00a0"  # between the groups of digits, in Russian


def request_in(header):
    headers = [] if header is None else [(b"accept-language", header.encode())]
    return gr.Request(request=Request({"type": "http", "headers": headers}))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("ru", "ru"),
        (" RU", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("en", "en"),
        ("de", "en"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_what_the_browser_wants_most(header, language):
    assert language_of(request_in(header)) == language
    assert texts_for(request_in(header)) == Texts(language)


def test_without_a_request_the_language_is_english():
    assert language_of(None) == "en"


def test_facts_are_filled_into_the_string_of_the_language():
    assert EN("status.done", seconds="{x}") == "Done in {x}."
    assert RU("status.done", seconds="3 с") == "Готово за 3 с."


def test_a_string_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        EN("no.such.string")


def test_strings_do_not_change():
    with pytest.raises(TypeError):
        strings("en")["ask.button"] = "x"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browser_gets_all_strings(language):
    shown = browser_texts().translations[language]
    assert {key: shown[key] for key in strings(language)} == strings(language)
    assert shown["audio.record"] == strings(language)["record.tab"]  # Gradio's own


@pytest.mark.parametrize(
    ("value", "digits", "english", "russian"),
    [
        (0, 0, "0", "0"),
        (7, 2, "7", "7"),
        (1234567, 0, "1,234,567", f"1{NBSP}234{NBSP}567"),
        (1234.5, 2, "1,234.5", f"1{NBSP}234,5"),
        (0.000123, 6, "0.000123", "0,000123"),
        (1e-7, 9, "0.0000001", "0,0000001"),
        (2.345, 1, "2.3", "2,3"),
        (-20.46, 1, "-20.5", "-20,5"),
    ],
)
def test_numbers(value, digits, english, russian):
    assert (EN.number(value, digits), RU.number(value, digits)) == (english, russian)


@pytest.mark.parametrize(
    ("share", "english", "russian"),
    [
        (0, "0%", f"0{NBSP}%"),
        (0.003, "1%", f"1{NBSP}%"),
        (0.256, "26%", f"26{NBSP}%"),
        (0.997, "99%", f"99{NBSP}%"),
        (0.99999, "99%", f"99{NBSP}%"),
        (1, "100%", f"100{NBSP}%"),
    ],
)
def test_percentages(share, english, russian):
    assert (EN.percent(share), RU.percent(share)) == (english, russian)


@pytest.mark.parametrize(
    ("value", "digits", "english", "russian"),
    [
        (0, 1, "0 sec", "0 с"),
        (0.34, 1, "0.3 sec", "0,3 с"),
        (1.5, 0, "2 sec", "2 с"),
        (300, 0, "300 sec", "300 с"),
        (3.456, 2, "3.46 sec", "3,46 с"),
    ],
)
def test_seconds(value, digits, english, russian):
    assert (EN.seconds(value, digits), RU.seconds(value, digits)) == (english, russian)


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        (0, "0 ms", "0 мс"),
        (0.04, "0 ms", "0 мс"),
        (1.26, "1.3 ms", "1,3 мс"),
        (12.6, "13 ms", "13 мс"),
        (2345, "2,345 ms", f"2{NBSP}345 мс"),
        (12_345, "12.3 sec", "12,3 с"),
    ],
)
def test_milliseconds_become_seconds_from_ten_of_them(value, english, russian):
    assert (EN.milliseconds(value), RU.milliseconds(value)) == (english, russian)


@pytest.mark.parametrize(
    ("count", "english", "russian"),
    [
        (0, "0 byte", "0 Б"),
        (1023, "1,023 byte", f"1{NBSP}023 Б"),
        (1024, "1 kB", "1 кБ"),
        (107_368, "104.9 kB", "104,9 кБ"),
        (1_048_470, "1,023.9 kB", f"1{NBSP}023,9 кБ"),
        (1_048_575, "1 MB", "1 МБ"),
        (52_428_800, "50 MB", "50 МБ"),
    ],
)
def test_sizes(count, english, russian):
    assert (EN.size(count), RU.size(count)) == (english, russian)


@pytest.mark.parametrize(
    ("usd", "english", "russian"),
    [
        (0, "$0.00", f"0,00{NBSP}$"),
        (4.2, "$4.20", f"4,20{NBSP}$"),
        (1234.567, "$1,234.57", f"1{NBSP}234,57{NBSP}$"),
        (0.0042, "$0.0042", f"0,0042{NBSP}$"),
        (-0.1, "-$0.10", f"-0,10{NBSP}$"),
    ],
)
def test_amounts_of_money(usd, english, russian):
    assert (EN.money(usd), RU.money(usd)) == (english, russian)


def test_a_day_is_one_of_the_moments_zone():
    day = datetime(2027, 12, 1, 23, 59, tzinfo=UTC)

    assert (EN.day(day), RU.day(day)) == ("1 Dec 2027", "1 дек. 2027")


def test_a_moment_has_its_date_its_time_and_its_zone():
    moscow = timezone(timedelta(hours=3), "MSK")

    assert EN.moment(datetime(2026, 8, 5, 14, 2, tzinfo=UTC)) == "5 August 2026, 14:02 UTC"
    assert RU.moment(datetime(2026, 8, 5, 9, 2, tzinfo=moscow)) == "5 августа 2026, 09:02 MSK"
