"""What programs may give to ``/ask_many``."""

from typing import get_args

import pytest

from components.batch.parameters import AGAIN, PARAMETERS, Action
from services.errors import BadArgument


def test_each_action_that_asks_says_about_which():
    assert set(AGAIN) == set(get_args(Action)) - {"look", "delete"}


def test_all_of_it_may_be_left_out():
    assert {one.default for one in PARAMETERS} <= {None, ""}


def test_an_action_that_is_none_is_refused():
    (action,) = [one for one in PARAMETERS if one.name == "action"]
    assert action.read("retry") == "retry"
    with pytest.raises(BadArgument):
        action.read("explode")
