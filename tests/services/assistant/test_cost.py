"""What a call may cost is said before it is made, and holds."""

import pytest

from services.assistant.cost import Costs, Rate, costs
from services.external_api.catalogue import Prices

GEMINI = Prices(prompt=3e-7, completion=2.5e-6, audio=1e-6)


def test_what_is_free_costs_nothing_whatever_it_makes_of_it():
    assert costs(Prices(0, 0, 0), None, "audio", None, 100, None) == Costs(0, 0)


@pytest.mark.parametrize(("rate", "seconds"), [(None, 10.0), (Rate(32, 32), None)])
def test_of_what_nobody_knows_nothing_is_said(rate, seconds):
    assert costs(GEMINI, rate, "audio", seconds, 100, None) is None


def test_a_sound_is_paid_by_the_price_of_sound():
    told = costs(GEMINI, Rate(32, 32), "audio", 60.0, 0, 10)
    assert told == Costs(pytest.approx(60 * 32 * 1e-6 + 10 * 2.5e-6), pytest.approx(0.001945))


def test_a_sound_without_a_price_of_its_own_costs_what_words_do():
    prices = Prices(1e-6, 0)
    assert costs(prices, Rate(10, 10), "audio", 10.0, 0, None).most == pytest.approx(1e-4)


def test_of_a_film_nobody_knows_how_much_is_sound():
    told = costs(GEMINI, Rate(100, 300), "video", 10.0, 0, 0)
    assert (told.least, told.most) == (pytest.approx(1000 * 3e-7), pytest.approx(3000 * 1e-6))


def test_the_most_tokens_bound_the_answer():
    prices = Prices(0, 1e-3)
    assert costs(prices, Rate(1, 1), "audio", 600.0, 0, 5).most == pytest.approx(5e-3)


def test_who_thinks_first_may_cost_more():
    plain, thinking = (
        costs(GEMINI, Rate(32, 32), "audio", 10.0, 0, None, thinks=one) for one in (False, True)
    )
    assert plain.least == thinking.least
    assert plain.most < thinking.most


@pytest.mark.parametrize(
    ("prices", "rate", "seconds", "letters", "tokens", "cost"),
    [
        # A minute of speech, written down: tokens as the makers count them.
        (GEMINI, Rate(32, 32), 60.0, 50, (12, 1920, 210), 60 * 32e-6 + 12 * 3e-7 + 210 * 2.5e-6),
        (Prices(2.5e-6, 1e-5, 4e-5), Rate(10, 10), 60.0, 50, (12, 600, 210), 0.02613),
    ],
)
def test_the_real_cost_is_within(prices, rate, seconds, letters, tokens, cost):
    told = costs(prices, rate, "audio", seconds, letters, None)
    assert told.least <= cost <= told.most


def test_costs_of_several_add_up():
    assert Costs(1, 2) + Costs(0.5, 3) == Costs(1.5, 5)
