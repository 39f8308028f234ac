"""What is asked, and what is told while it is answered, as values."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from services.external_api.request import VideoLink
from services.hearing import Unfit
from services.media.facts import Estimate, Fit, Kind, Offer, RawPcm
from services.report import Kept

Stage = Literal["inspect", "convert", "connect", "upload", "wait", "stream", "retry", "pieces"]


@dataclass(frozen=True, slots=True)
class Api:
    """The API that answers; ``has_key`` tells whether the host brings a key."""

    base_url: str
    is_offline: bool
    has_key: bool


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine, to be sent as ``kind``; ``raw`` for bare samples."""

    path: Path
    kind: Kind
    raw: RawPcm | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One question about one piece of media.

    ``api_key`` is the visitor's own, None to use the host's. ``anyway`` sends
    a recording in which nothing can be heard, too. ``in_pieces`` cuts a long
    sound up; ``kept`` are the pieces of it that an earlier run has answers to.
    """

    media: LocalFile | VideoLink | None
    prompt: str = field(repr=False)
    model: str
    api_key: SecretStr | None = None
    anyway: bool = False
    fit: Fit = field(default_factory=Fit)
    in_pieces: bool = False
    kept: Kept = field(default_factory=Kept)

    @property
    def kind(self) -> Kind:
        """Whether the media goes out as audio or as video."""
        return self.media.kind if isinstance(self.media, LocalFile) else "video"

    @property
    def about(self) -> tuple[object, ...]:
        """What decides the answer."""
        return self.media, self.prompt, self.model, self.fit


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be sent, said before it is.

    ``offers`` are ways to make what is too large fit. ``can_be_cut`` tells that
    the sound is long enough to be sent in pieces, ``pieces`` into about how many
    it would be cut, 0 where that was not asked for.
    """

    estimate: Estimate
    limit_bytes: int
    offers: tuple[Offer, ...]
    can_be_cut: bool
    pieces: int
    unfit: Unfit | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The run has reached ``stage``; ``share`` of it is done, None if not known.

    ``limit_s`` is the deadline of the exchange, counted from "connect";
    ``wait_s`` the pause before a "retry". In pieces, ``done`` of ``pieces`` have
    their answer.
    """

    stage: Stage
    share: float | None = None
    limit_s: float | None = None
    wait_s: float | None = None
    done: int | None = None
    pieces: int | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """Words that were added to the answer."""

    text: str
