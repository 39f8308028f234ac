"""One run: inspect → prepare → send → stream → report. The page's only door."""

import asyncio
import contextlib
import math
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pydantic import SecretStr

from services import errors
from services.external_api import catalogue
from services.external_api.client import Client
from services.external_api.exchange import Answered, Reached, Retrying, Words
from services.external_api.intake import takes
from services.external_api.request import (
    ChatRequest,
    VideoLink,
    chat_request,
    checked_link,
)
from services.media.convert import prepare
from services.media.facts import Kind, MediaFacts, RawPcm, Sendable
from services.media.inspect import inspect
from services.media.sandbox import Sandbox
from services.report import Report, RunTimings, SentRequest, receipt
from services.settings import Settings, is_sendable_key

__all__ = [
    "Api",
    "Ask",
    "Assistant",
    "Kind",
    "LocalFile",
    "MediaFacts",
    "Partial",
    "Progress",
    "RawPcm",
    "Report",
    "RunTimings",
    "SentRequest",
    "VideoLink",
    "checked_link",
]

Stage = Literal["inspect", "convert", "connect", "upload", "wait", "stream", "retry"]

#: A key the offline API takes; it opens nothing.
_OFFLINE_KEY: Final = SecretStr("ak_offline")

#: How long a catalogue, and the lack of one, is believed.
_CATALOGUE_S: Final = 600.0
_NO_CATALOGUE_S: Final = 60.0


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


class Assistant:
    """Answers questions about media, through one External API."""

    def __init__(
        self,
        settings: Settings,
        sandbox: Sandbox,
        client: Client,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._client = client
        self._clock = clock
        self._catalogue: tuple[catalogue.Model, ...] = ()
        self._catalogue_due = -math.inf
        self._reading_catalogue = asyncio.Lock()

    @property
    def api(self) -> Api:
        """Who answers, for the page to say so."""
        return Api(
            base_url=self._client.base_url,
            is_offline=self._settings.is_offline,
            has_key=self._host_key() is not None,
        )

    async def models(self, kind: Kind) -> tuple[str, ...]:
        """Ids of the models to choose from for ``kind``, best first."""
        async with self._reading_catalogue:
            if self._clock() >= self._catalogue_due:
                self._catalogue = await self._client.models(self._host_key())
                kept_s = _CATALOGUE_S if self._catalogue else _NO_CATALOGUE_S
                self._catalogue_due = self._clock() + kept_s
        allowed = self._settings.external_api_models
        return catalogue.models_for(kind, self._catalogue, allowed)

    async def run(self, ask: Ask) -> AsyncGenerator[Progress | Partial | Report, None]:
        """Answer ``ask``: progress, then partial texts, then one report.

        Raises:
            ShowAndTellError: one of its leaves, and nothing else.
        """
        started = self._clock()
        key = self._checked(ask)
        limit_s = (
            self._settings.audio_timeout_s
            if ask.kind == "audio"
            else self._settings.video_timeout_s
        )
        with tempfile.TemporaryDirectory(prefix="show-and-tell-") as workdir:
            media: Sendable | VideoLink | None = None
            async with contextlib.aclosing(self._prepare(ask, Path(workdir))) as preparing:
                async for step in preparing:
                    if isinstance(step, Progress):
                        yield step
                    else:
                        media = step
            assert media is not None  # _prepare ends with it
            request = chat_request(ask.model, ask.prompt, media)
            prepare_ms = (self._clock() - started) * 1000
            texts: list[str] = []
            async with contextlib.aclosing(
                self._client.complete(request, key, limit_s)
            ) as exchange:
                async for event in exchange:
                    if isinstance(event, Reached):
                        yield Progress(event.phase, limit_s=limit_s)
                    elif isinstance(event, Retrying):
                        yield Progress("retry", limit_s=limit_s, wait_s=event.wait_s)
                    elif isinstance(event, Words):
                        texts.append(event.text)
                        yield Partial(event.text)
                    else:
                        yield self._report(
                            "".join(texts), event, media, request, prepare_ms, started
                        )

    def _checked(self, ask: Ask) -> SecretStr | None:
        """The key to use, if everything but the file is in order."""
        if ask.media is None:
            raise errors.NoMedia
        if not ask.prompt.strip():
            raise errors.NoPrompt
        if isinstance(ask.media, VideoLink):
            checked_link(ask.media.url)
        if ask.api_key is not None:
            if not is_sendable_key(ask.api_key.get_secret_value()):
                raise errors.BadKey
            return ask.api_key
        key = self._host_key()
        if key is None:
            raise errors.MissingKey
        allowed = self._settings.external_api_models
        if allowed and ask.model not in allowed:
            raise errors.ModelNotAllowed
        return key

    def _host_key(self) -> SecretStr | None:
        return _OFFLINE_KEY if self._settings.is_offline else self._settings.external_api_key

    async def _prepare(
        self, ask: Ask, workdir: Path
    ) -> AsyncGenerator[Progress | Sendable | VideoLink, None]:
        if not isinstance(ask.media, LocalFile):
            assert ask.media is not None  # _checked has seen to it
            yield ask.media
            return
        file = ask.media
        yield Progress("inspect")
        # A name and a place of our own: nothing below sees the visitor's.
        path = workdir / "media"
        await asyncio.to_thread(_link_or_copy, file.path, path)
        facts = await inspect(self._sandbox, path, file.raw)
        forms = takes(ask.model, self._catalogue)
        async with contextlib.aclosing(
            prepare(self._sandbox, path, facts, file.kind, forms, workdir, file.raw)
        ) as preparing:
            async for step in preparing:
                if isinstance(step, Sendable):
                    limit = self._settings.max_file_bytes
                    if step.facts.file_bytes > limit:
                        raise errors.FileTooLarge(
                            file_bytes=step.facts.file_bytes, limit_bytes=limit
                        )
                    yield step
                else:
                    yield Progress("convert", share=step)

    def _report(
        self,
        text: str,
        answered: Answered,
        media: Sendable | VideoLink,
        request: ChatRequest,
        prepare_ms: float,
        started: float,
    ) -> Report:
        return Report(
            text=text,
            completion=answered.completion,
            timings=RunTimings(
                prepare=prepare_ms,
                exchange=answered.timings,
                total=(self._clock() - started) * 1000,
                server=answered.completion.server_ms,
            ),
            request=receipt(media, request),
        )


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise errors.FileGone from None
    except OSError:  # another file system, or one without hard links
        try:
            shutil.copyfile(source, target)
        except OSError:  # no room, no right
            raise errors.AppFailed from None
