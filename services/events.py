"""What a run tells while it goes on: the one set of events, from the socket to the page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal[
    "queue",
    "inspect",
    "convert",
    "connect",
    "upload",
    "wait",
    "think",
    "stream",
    "retry",
    "pieces",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """The run has reached ``stage``; ``share`` of it is done, None if not known.

    ``limit_s`` is the deadline of the exchange, counted from "connect";
    ``wait_s`` the pause before a "retry". In pieces, ``done`` of ``pieces`` have
    their answer; how many there are is a guess until all are cut. ``place`` is the
    number in the "queue" for work on files.
    """

    stage: Stage
    share: float | None = None
    limit_s: float | None = None
    wait_s: float | None = None
    done: int | None = None
    pieces: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """Text that was added to the answer."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Thought:
    """Text that was added to what the model thinks before it answers."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sound:
    """More of the answer's sound, of the MIME type ``kind``: bytes that follow those before."""

    data: bytes = field(repr=False)
    kind: str


Event = Progress | Delta | Thought | Sound
Tell = Callable[[Event], None]
