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
from typing import Any, Final, Literal

from pydantic import SecretStr

from services import errors
from services.external_api import catalogue
from services.external_api.answer import Completion
from services.external_api.client import Answered, Client, Reached, Timings, Words
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

Stage = Literal["inspect", "convert", "connect", "upload", "wait", "stream"]

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

    ``limit_s`` is the deadline of the exchange, counted from "connect".
    """

    stage: Stage
    share: float | None = None
    limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """Words that were added to the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class RunTimings:
    """Milliseconds; None where the API did not say or nothing was observed."""

    prepare: float
    exchange: Timings
    total: float
    server: float | None


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What was sent: the receipt.

    ``format`` is the API's audio format, ``mime`` the data URL's type, ``link``
    the address that was passed on; each None for another kind of part.
    ``facts`` are those of the bytes that went out, None for a link.
    """

    part: Literal["input_audio", "video_url"]
    format: str | None
    mime: str | None
    link: str | None = field(repr=False)
    file_bytes: int | None
    base64_bytes: int | None
    facts: MediaFacts | None
    converted_from: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything known after a run. ``text`` is the whole answer."""

    text: str = field(repr=False)
    completion: Completion
    timings: RunTimings
    request: SentRequest
    warnings: tuple[str, ...] = ()

    def as_mapping(self) -> dict[str, Any]:
        """The report under its stable names, as JSON; unknown is null."""
        exchange, sent = self.timings.exchange, self.request
        usage = self.completion.usage
        return {
            "model": self.completion.model,
            "provider": self.completion.provider,
            "finish_reason": self.completion.finish_reason,
            "usage": dict(usage) if usage is not None else None,
            "timings_ms": {
                "prepare": self.timings.prepare,
                "connect": exchange.connect,
                "upload": exchange.upload,
                "wait": exchange.wait,
                "stream": exchange.stream,
                "total": self.timings.total,
                "server": self.timings.server,
            },
            "request": {
                "part": sent.part,
                "format": sent.format,
                "mime": sent.mime,
                "file_bytes": sent.file_bytes,
                "base64_bytes": sent.base64_bytes,
                "duration_s": sent.facts.duration_s if sent.facts else None,
                "converted_from": sent.converted_from,
            },
            "warnings": list(self.warnings),
        }


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
        async with contextlib.aclosing(
            prepare(self._sandbox, path, facts, file.kind, workdir, file.raw)
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
            request=_sent(media, request),
        )


def _sent(media: Sendable | VideoLink, request: ChatRequest) -> SentRequest:
    if isinstance(media, VideoLink):
        return SentRequest("video_url", None, None, media.url, None, None, None, None)
    audio = media.kind == "audio"
    return SentRequest(
        part="input_audio" if audio else "video_url",
        format=media.format if audio else None,
        mime=None if audio else media.format,
        link=None,
        file_bytes=media.facts.file_bytes,
        base64_bytes=request.base64_bytes,
        facts=media.facts,
        converted_from=media.converted_from,
    )


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise errors.FileGone from None
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
