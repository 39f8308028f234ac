"""What is asked, as values. Nothing here knows of the answer."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from services import errors
from services.external_api.options import Options
from services.external_api.request import (
    ApiEndpoint,
    Turn,
    VideoLink,
    check_turns,
    checked_link,
)
from services.media.values import Fit, Kind, RawPcm


@dataclass(frozen=True, slots=True)
class Api:
    """The API that answers; ``has_key`` tells whether the host brings a key.

    ``hears`` is False for the offline API without the weights of its ears. ``sign_in_at`` is
    the page where visitors bring accounts of their own, None where there is none.
    """

    base_url: str
    is_offline: bool
    has_key: bool
    hears: bool = True
    sign_in_at: str | None = None


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine, to be sent as ``kind``; ``raw`` for bare samples.

    ``kind`` None is what its bytes are: a film if it has a picture that moves.

    ``track`` is which of its sound tracks is meant, counted from 0; None is the one that
    players play, or one that is not silent.
    """

    path: Path
    kind: Kind | None = None
    raw: RawPcm | None = None
    track: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One question about one piece of media. Equal ones have the same answer.

    ``in_pieces`` cuts a long sound up. ``earlier`` is what was asked about the same media
    and answered before, in order: it is sent, too. ``endpoint`` is what a sound is sent to,
    None for what the model is for; one that is not there has a chat completion in its place, and
    a transcription gets no question. One that ``echoes`` has a router tell what it passed on.
    What does not decide the answer is not compared: ``api_key`` is the visitor's own, None to use
    the host's; ``anyway`` sends a recording in which nothing can be heard, too.
    """

    media: LocalFile | VideoLink | None
    prompt: str = field(repr=False)
    model: str
    options: Options = field(default_factory=Options)
    fit: Fit = field(default_factory=Fit)
    in_pieces: bool = False
    earlier: tuple[Turn, ...] = field(default=(), repr=False)
    endpoint: ApiEndpoint | None = None
    echoes: bool = False
    api_key: SecretStr | None = field(default=None, compare=False)
    anyway: bool = field(default=False, compare=False)

    @property
    def kind(self) -> Kind | None:
        """Whether the media goes out as audio or as video; None before it was looked at."""
        return self.media.kind if isinstance(self.media, LocalFile) else "video"

    def check(self) -> None:
        """See that everything but the file, the key and the model is in order.

        Raises:
            InputError: what is not.
        """
        if self.media is None:
            raise errors.NoMedia
        if not self.prompt.strip():
            raise errors.NoPrompt
        if isinstance(self.media, VideoLink):
            checked_link(self.media.url)
        self.options.check()
        check_turns(self.earlier)
        if self.earlier and self.in_pieces:
            raise errors.FollowUpInPieces
        if self.options.json_schema.strip() and self.in_pieces:
            raise errors.SchemaInPieces
