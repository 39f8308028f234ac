"""What something may cost is said before it is asked, and beside what it did cost."""

import html
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from components.prices import costs_words
from components.result.card import Head, _line
from components.sending import forecast_html, sending_html
from components.texts import Texts
from services.assistant import Costs
from tests.components.test_fitting import forecast
from tests.services.assistant.test_rates import ANSWER

EN, RU = Texts("en"), Texts("ru")
HEAD = Head("1", datetime.now(UTC), "", "What?", "m")


@pytest.mark.parametrize(
    ("texts", "costs", "words"),
    [
        (EN, Costs(0, 0), "free of charge"),
        (RU, Costs(0, 0), "бесплатно"),
        (EN, Costs(0.000412, 0.000937), "≈ 0.00041–0.00094 USD"),
        (RU, Costs(0.000412, 0.000937), "≈ 0,00041–0,00094 долл."),
        (EN, Costs(0.0096, 0.0304), "≈ 0.0096–0.03 USD"),
        (EN, Costs(0, 12.345), "≈ 0–12.35 USD"),
    ],
)
def test_money_has_two_digits_that_count(texts, costs, words):
    assert costs_words(costs, texts) == words


def test_the_line_above_the_question_says_what_it_may_cost():
    shown = sending_html(forecast(costs=Costs(0.0004, 0.0009)), 0, EN)
    assert "as it is · ≈ 0.0004–0.0009 USD" in html.unescape(shown)


def test_where_nobody_knows_the_line_says_nothing_and_what_unfolds_says_so():
    assert "USD" not in sending_html(forecast(), 0, EN)
    assert EN("plan.no_costs") in html.unescape(forecast_html(forecast(), EN))


def test_what_unfolds_says_that_it_is_an_estimate():
    shown = html.unescape(forecast_html(forecast(costs=Costs(0.0004, 0.0009)), EN))
    assert "Estimated from the model's prices: ≈ 0.0004–0.0009 USD" in shown
    assert EN("plan.no_costs") not in html.unescape(forecast_html(forecast(costs=Costs(0, 0)), EN))


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (None, "0.0006 USD"),
        (Costs(0, 0), "0.0006 USD"),
        (Costs(0.0004, 0.0009), "0.0006 USD (estimated ≈ 0.0004–0.0009 USD)"),
    ],
)
def test_beside_what_it_cost_stands_what_it_was_thought_to(expected, words):
    report = replace(ANSWER, usage={"cost": 0.0006}, expected=expected)
    (cost,) = (fact.text for fact in _line(HEAD, report, EN) if fact.key == "cost")
    assert cost == words


@pytest.mark.parametrize(
    ("told", "shown"), [(None, "The model"), ("maker/model", "The model"), ("other/model", None)]
)
def test_a_card_has_the_name_of_the_model_unless_the_api_names_another(told, shown):
    report = replace(ANSWER, asked_model="maker/model", model=told)
    head = replace(HEAD, model="maker/model", name="The model")
    assert _line(head, report, EN)[0].text == (shown or told)
