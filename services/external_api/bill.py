"""What may be billed: a fact of what was sent and answered, counted while it happens."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

#: The statuses with which a server says that it refused the request before a model
#: saw it. With any other that is no success a model may have worked on it.
REFUSED: Final = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429, 501, 503, 529})


@dataclass(frozen=True, slots=True)
class Bill:
    """Requests of a run by what became of them. Those of which nothing was sent do not count.

    ``answered`` have their answer; ``refused`` were refused before a model saw them;
    of those in ``open`` something was sent, and nobody knows.
    """

    answered: int = 0
    refused: int = 0
    open: int = 0


def total(bills: Iterable[Bill]) -> Bill:
    """What several come to."""
    bills = tuple(bills)
    return Bill(*(sum(getattr(bill, one.name) for bill in bills) for one in fields(Bill)))


class Tally:
    """The bill of a request that is under way: true at any moment, whatever ends it."""

    def __init__(self) -> None:
        self._answered = self._refused = self._open = 0

    def sending(self) -> None:
        """A byte of a request's body may leave now."""
        self._open += 1

    def refused(self) -> None:
        """The request was refused before a model saw it."""
        self._open -= 1
        self._refused += 1

    def answered(self) -> None:
        """The request has its answer."""
        self._open -= 1
        self._answered += 1

    def bill(self) -> Bill:
        """What it has come to."""
        return Bill(self._answered, self._refused, self._open)
