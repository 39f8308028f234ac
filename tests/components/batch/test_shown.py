"""A batch as the page shows it: what is not known is said not to be."""

import html
import re

import pytest

from components.batch.shown import STATES, batch_html, price_html, row_of
from components.texts import LANGUAGES, Texts
from services.assistant import Costs, Fault
from services.batch import Clip, Price
from services.errors import BatchSpent
from tests.components.batch.batches import (
    ANSWERED,
    EN,
    FAILED,
    UNPRICED,
    UNSENT,
    UNSURE,
    batch_of,
)


def shown(batch, fault=None, texts=EN):
    return html.unescape(str(batch_html(batch, fault, texts)))


@pytest.mark.parametrize(
    ("clip", "cost", "words"),
    [
        (ANSWERED, "0.25 USD", "Hello"),
        (UNPRICED, None, ""),
        (UNSURE, None, EN("batch.unsure")),
        (UNSENT, "", ""),
    ],
    ids=["answered", "unpriced", "unsure", "unsent"],
)
def test_a_row_says_what_came_of_a_file_and_what_it_cost(clip, cost, words):
    row = row_of(clip, EN)
    assert (row.cost, row.words) == (cost, words)


def test_of_a_failure_stands_there_what_was_wrong_and_what_may_be_billed():
    row = row_of(FAILED, EN)
    assert "HTTP 400" in row.words
    assert EN("billed.refused") in row.words
    assert row.cost == ""


def test_what_is_not_reported_is_said_so_and_counted():
    told = shown(batch_of(ANSWERED, UNPRICED, UNSURE))
    assert told.count(EN("unknown")) == 2
    assert EN("batch.unpriced", count="2") in told
    assert EN("batch.cost", cost="0.25 USD") in told


def test_what_costs_nothing_yet_has_no_sum():
    assert "USD" not in shown(batch_of(UNSENT))


@pytest.mark.parametrize(
    ("batch", "stage"),
    [
        (batch_of(ANSWERED), "done"),
        (batch_of(ANSWERED, UNSENT), "rest"),
        (batch_of(UNSENT, is_running=True), "running"),
        (batch_of(UNSENT, is_running=True, is_stopping=True), "stopping"),
    ],
    ids=["done", "rest", "running", "stopping"],
)
def test_it_says_where_it_is(batch, stage):
    assert f'data-stage="{stage}"' in shown(batch)


def test_a_busy_api_is_said():
    slow = batch_of(UNSENT, is_running=True, at_once=2, is_slowed=True)
    assert EN("batch.slowed", at_once="2") in shown(slow)


def test_to_go_on_a_key_of_ones_own_has_to_be_given_again():
    assert EN("batch.own_key") in shown(batch_of(UNSENT, has_own_key=True))
    assert EN("batch.own_key") not in shown(batch_of(ANSWERED, has_own_key=True))


def test_what_has_ended_it_is_said():
    assert 'data-error="BatchSpent"' in shown(batch_of(UNSENT, halted=Fault.of(BatchSpent())))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_its_words_and_its_number(language):
    texts = Texts(language)
    clips = [Clip(at, f"{state}.mp3", 1, state) for at, state in enumerate(STATES)]
    told = shown(batch_of(*clips), texts=texts)
    for state in STATES:
        assert f'<span data-state="{state}">' in told
    assert not re.search(r"[{}]", told)


def price_words(price, texts=EN):
    return re.findall(r">([^<]+)</p>", html.unescape(str(price_html(price, texts))))


@pytest.mark.parametrize(
    ("price", "lines"),
    [
        (Price(12, looked=3), ["What it may cost: looked at 3 of 12 files…"]),
        (
            Price(2, looked=2, costs=Costs(0.001, 0.004)),
            ["All of them, estimated from the model's prices: ≈ 0.001–0.004 USD"],
        ),
        (
            Price(2, looked=2, costs=Costs(0.0, 0.0)),
            ["All of them, estimated from the model's prices: free of charge"],
        ),
        (Price(2, looked=2, unknown=2), [EN("plan.no_costs")]),
        (
            Price(104, zips=1, looked=100, unknown=2, unread=1, costs=Costs(1.0, 2.0)),
            [
                "As far as it can be said, estimated from the model's prices: ≈ 1–2 USD",
                "2 files are not in it: how long they are, or what they cost, is not known.",
                "1 file cannot be sent as it is, and is not in it.",
                "What is in a zip is not known before it is unpacked, and is not in it.",
                "The first 100 files were looked at; the others are not in it.",
            ],
        ),
    ],
    ids=["looking", "all", "free", "nobody can tell", "a part"],
)
def test_before_they_are_asked_about_it_is_said_what_files_may_cost(price, lines):
    assert price_words(price) == lines


def test_in_russian_files_are_counted_as_russian_does():
    price = Price(9, looked=9, unknown=3, unread=5, costs=Costs(0.001, 0.004))
    assert price_words(price, Texts("ru")) == [
        "Насколько это можно сказать, оценка по ценам модели: ≈ 0,001–0,004 долл.",
        "3 файла сюда не входят: неизвестна их длина или цена.",
        "5 файлов в таком виде отправить нельзя, они сюда не входят.",
    ]
