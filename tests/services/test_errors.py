"""The tree of errors a person may see."""

import re

import pytest

from services import errors
from services.errors import api
from services.external_api.refusals import REFUSALS

CLASSES = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, errors.ShowAndTellError)
]


def test_the_drawing_of_the_tree_is_the_tree():
    drawn = {}
    above = []
    for line in (errors.__doc__ + api.__doc__).splitlines():
        if match := re.match(r"    ((?:│   |    )*)(?:[├└]── )?([A-Z]\w+)(?=\s|$)", line):
            depth = len(match[1]) // 4 + ("── " in line)
            above[depth:] = [match[2]]
            # That of the API is drawn on from where the other ends.
            drawn.setdefault(match[2], above[depth - 1] if depth else "Exception")
    assert drawn == {one.__name__: one.__base__.__name__ for one in CLASSES}


def test_the_drawing_names_the_statuses_of_each_refusal():
    statuses = {}
    for name, numbers in re.findall(r"── (\w+) +(\d{3}(?:, \d{3})*)\n", api.__doc__):
        statuses |= dict.fromkeys(map(int, numbers.split(", ")), name)
    assert statuses == {status: one.__name__ for status, one in REFUSALS.items()}


@pytest.mark.parametrize("one", REFUSALS.values())
def test_what_a_status_means_is_a_refusal(one):
    assert issubclass(one, errors.Refused)


def test_an_error_shows_its_class_and_numbers_but_no_words():
    error = errors.FailedAnswer("the API's secret", limit_s=3, name="my diary.mp3")
    shown = f"{error} {error!r}"
    assert "FailedAnswer {'limit_s': 3}" in shown
    assert "secret" not in shown
    assert "diary" not in shown
    assert dict(error.facts) == {"limit_s": 3, "name": "my diary.mp3"}
    assert error.said == "the API's secret"


def test_an_error_without_numbers_shows_its_class():
    assert str(errors.NoMedia()) == "NoMedia"


def test_facts_do_not_change():
    with pytest.raises(TypeError):
        errors.TimedOut(limit_s=1).facts["limit_s"] = 2


@pytest.mark.parametrize("one", CLASSES)
def test_no_error_knows_of_a_bill_which_is_the_runs(one):
    assert not hasattr(one("words") if issubclass(one, errors.ApiError) else one(), "billed")
