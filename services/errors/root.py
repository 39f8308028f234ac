"""What all errors have in common."""

from types import MappingProxyType
from typing import Final


class ShowAndTellError(Exception):
    """The root. ``facts`` are the numbers and short words the sentence needs."""

    def __init__(self, **facts: str | float) -> None:
        self.facts: Final = MappingProxyType(facts)
        numbers = {name: fact for name, fact in facts.items() if not isinstance(fact, str)}
        super().__init__(f"{type(self).__name__} {numbers}" if numbers else type(self).__name__)


class InputError(ShowAndTellError):
    """What was given cannot be sent; nothing left this machine."""
