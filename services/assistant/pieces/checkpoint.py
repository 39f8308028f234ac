"""What has been answered is kept, until the same question has its whole answer."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from services.assistant.ask import Ask
from services.assistant.sent_request import SentRequest
from services.external_api.answer import Completion
from services.media.values import Span

#: Of how many questions one visitor's pieces are kept.
_QUESTIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a long sound, with its answer and what was sent for it."""

    span: Span
    text: str = field(repr=False)
    completion: Completion
    request: SentRequest


class Checkpoint:
    """One visitor's pieces that have their answer, by the question and their number."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Ask, dict[int, Piece]] = OrderedDict()

    def of(self, ask: Ask) -> dict[int, Piece]:
        """The pieces of ``ask`` that need not be asked about again."""
        return dict(self._kept.get(ask, {}))

    def keep(self, ask: Ask, number: int, piece: Piece) -> None:
        """Keep an answered piece of ``ask``, at the cost of the oldest question's."""
        self._kept.setdefault(ask, {})[number] = piece
        self._kept.move_to_end(ask)
        while len(self._kept) > _QUESTIONS:
            self._kept.popitem(last=False)

    def complete(self, ask: Ask) -> None:
        """``ask`` has its whole answer: asked again, it is a new question."""
        self._kept.pop(ask, None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        return not self._kept
