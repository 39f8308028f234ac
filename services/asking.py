"""What is asked, and what is told while it is answered, as values."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from services.external_api.request import VideoLink
from services.media.facts import Kind, RawPcm

Stage = Literal["inspect", "convert", "connect", "upload", "wait", "stream", "retry"]


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

    ``api_key`` is the visitor's own, None to use the host's.
    """

    media: LocalFile | VideoLink | None
    prompt: str = field(repr=False)
    model: str
    api_key: SecretStr | None = None

    @property
    def kind(self) -> Kind:
        """Whether the media goes out as audio or as video."""
        return self.media.kind if isinstance(self.media, LocalFile) else "video"


@dataclass(frozen=True, slots=True)
class Progress:
    """The run has reached ``stage``; ``share`` of it is done, None if not known.

    ``limit_s`` is the deadline of the exchange, counted from "connect";
    ``wait_s`` the pause before a "retry".
    """

    stage: Stage
    share: float | None = None
    limit_s: float | None = None
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """Words that were added to the answer."""

    text: str
