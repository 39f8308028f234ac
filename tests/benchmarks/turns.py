"""Measuring in turns: whatever else the machine does meets all alike."""

from collections.abc import Callable, Mapping
from typing import TypeVar

_T = TypeVar("_T")


def in_turns(samples: Mapping[str, Callable[[], _T]], rounds: int) -> dict[str, list[_T]]:
    """What each of ``samples`` returns in ``rounds``; each round begins with another one."""
    taken: dict[str, list[_T]] = {name: [] for name in samples}
    names = list(samples)
    for first in range(rounds):
        for turn in range(len(names)):
            name = names[(first + turn) % len(names)]
            taken[name].append(samples[name]())
    return taken
