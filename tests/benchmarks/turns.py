"""Measuring in turns: whatever else the machine does meets all alike."""

from collections.abc import Callable, Mapping
from typing import TypeVar

_T = TypeVar("_T")


def in_turns(samples: Mapping[str, Callable[[], _T]], rounds: int) -> dict[str, list[_T]]:
    """What each of ``samples`` returns, ``rounds`` times, one after the other in every round."""
    taken: dict[str, list[_T]] = {name: [] for name in samples}
    for _ in range(rounds):
        for name, sample in samples.items():
            taken[name].append(sample())
    return taken
