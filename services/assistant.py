"""One run: inspect → prepare → send → stream → report. The page's only door."""

import asyncio
import contextlib
import functools
import math
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from services import errors
from services.asking import Api, Ask, LocalFile, Partial, Plan, Progress
from services.external_api import catalogue
from services.external_api.answer import Completion
from services.external_api.client import Client
from services.external_api.exchange import Answered, Cut, Reached, Retrying, Uploading, Words
from services.external_api.intake import takes
from services.external_api.request import (
    ChatRequest,
    VideoLink,
    chat_request,
    checked_link,
)
from services.hearing import warnings_of
from services.media.facts import Fit, Kind, MediaFacts, Offer, RawPcm, Sendable, Span, Takes
from services.media.sandbox import Sandbox
from services.pieces import PiecesRun
from services.preparing import Preparer
from services.report import Kept, Piece, Report, RunTimings, SentRequest, receipt
from services.settings import Settings, is_sendable_key

__all__ = [
    "Api",
    "Ask",
    "Assistant",
    "Completion",
    "Fit",
    "Kept",
    "Kind",
    "LocalFile",
    "MediaFacts",
    "Offer",
    "Partial",
    "Plan",
    "Progress",
    "RawPcm",
    "Report",
    "RunTimings",
    "SentRequest",
    "VideoLink",
    "checked_link",
]

#: A key the offline API takes; it opens nothing.
_OFFLINE_KEY: Final = SecretStr("ak_offline")

#: How long a catalogue, and the lack of one, is believed.
_CATALOGUE_S: Final = 600.0
_NO_CATALOGUE_S: Final = 60.0


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
        self._preparer = Preparer(sandbox, settings.max_file_bytes)
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

    async def plan(self, ask: Ask) -> Plan | None:
        """What would be sent for ``ask``; None where there is nothing to look at.

        Raises:
            InputError: the file cannot be sent at all.
        """
        if not isinstance(ask.media, LocalFile):
            return None
        return await self._preparer.plan(ask, self._takes(ask))

    async def preview(self, file: LocalFile) -> bytes:
        """The first seconds of bare samples, as the bytes of a WAV.

        Raises:
            InputError: there is nothing to hear.
        """
        return await self._preparer.preview(file)

    async def run(self, ask: Ask) -> AsyncGenerator[Progress | Partial | Report, None]:
        """Answer ``ask``: progress, then partial texts, then one report.

        Where the API fails after something was sent, the report is not
        complete, and the error comes after it.

        Raises:
            ShowAndTellError: one of its leaves, and nothing else.
        """
        started = self._clock()
        key = self._checked(ask)
        with tempfile.TemporaryDirectory(prefix="show-and-tell-") as workdir:
            run = self._in_pieces if ask.in_pieces else self._in_one
            async with contextlib.aclosing(run(ask, key, Path(workdir), started)) as events:
                async for event in events:
                    yield event

    async def _in_one(
        self, ask: Ask, key: SecretStr | None, workdir: Path, started: float
    ) -> AsyncGenerator[Progress | Partial | Report, None]:
        media: Sendable | VideoLink | None = None
        if isinstance(ask.media, VideoLink):
            media = ask.media
        else:
            async with contextlib.aclosing(
                self._preparer.sendable(ask, self._takes(ask), workdir)
            ) as steps:
                async for step in steps:
                    if isinstance(step, Progress):
                        yield step
                    else:
                        media = step
        assert media is not None  # that is how sendable() ends
        request = chat_request(ask.model, ask.prompt, media)
        prepare_ms = self._ms_since(started)
        exchange = self._exchange(request, key, self._limit_s(ask))
        async with contextlib.aclosing(exchange) as events:
            async for event in events:
                if not isinstance(event, _End):
                    yield event
                    continue
                sent = receipt(media, request, event.sent_share)
                completion = event.how.completion
                yield Report(
                    text=event.text,
                    completion=completion,
                    timings=RunTimings(
                        prepare=prepare_ms,
                        exchange=event.how.timings,
                        total=self._ms_since(started),
                        server=completion.server_ms,
                    ),
                    request=sent,
                    warnings=warnings_of(completion, sent.part, sent.facts),
                    is_complete=isinstance(event.how, Answered),
                )

    async def _in_pieces(
        self, ask: Ask, key: SecretStr | None, workdir: Path, started: float
    ) -> AsyncGenerator[Progress | Partial | Report, None]:
        yield Progress("inspect")
        spans = await self._preparer.spans(ask, workdir)
        prepare_ms = self._ms_since(started)
        run = PiecesRun(ask, spans)
        works = {
            number: functools.partial(self._piece, ask, spans[number], key, workdir)
            for number in run.missing
        }

        def report(*, is_complete: bool) -> Report:
            return run.report(prepare_ms, self._ms_since(started), is_complete=is_complete)

        try:
            async with contextlib.aclosing(run.events(works)) as events:
                async for event in events:
                    yield event
        except errors.ShowAndTellError:
            if run.kept:
                yield report(is_complete=False)
            raise
        yield report(is_complete=True)

    async def _piece(
        self, ask: Ask, span: Span, key: SecretStr | None, workdir: Path
    ) -> AsyncGenerator[Partial | Piece, None]:
        media: Sendable | None = None
        making = self._preparer.piece(ask, span, self._takes(ask), workdir)
        async with contextlib.aclosing(making) as steps:
            async for step in steps:
                media = step if isinstance(step, Sendable) else media
        assert media is not None  # that is how piece() ends
        request = chat_request(ask.model, ask.prompt, media)
        exchange = self._exchange(request, key, self._limit_s(ask))
        async with contextlib.aclosing(exchange) as events:
            async for event in events:
                if isinstance(event, Partial):
                    yield event
                elif isinstance(event, _End) and isinstance(event.how, Answered):
                    sent = receipt(media, request)
                    yield Piece(span, event.text, event.how.completion, sent)

    async def _exchange(
        self, request: ChatRequest, key: SecretStr | None, limit_s: float
    ) -> AsyncGenerator["Progress | Partial | _End", None]:
        """What happens, then how it ended: before the error, where there is one."""
        texts: list[str] = []
        cut: Cut | None = None
        try:
            async with contextlib.aclosing(self._client.complete(request, key, limit_s)) as events:
                async for event in events:
                    if isinstance(event, Words):
                        texts.append(event.text)
                        yield Partial(event.text)
                    elif isinstance(event, Answered):
                        yield _End("".join(texts), event)
                    elif isinstance(event, Cut):
                        cut = event
                    else:
                        yield _progress(event, limit_s)
        except errors.ShowAndTellError:
            if cut is not None:
                yield _End("".join(texts), cut)
            raise

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

    def _takes(self, ask: Ask) -> Takes:
        return takes(ask.model, self._catalogue)

    def _limit_s(self, ask: Ask) -> float:
        settings = self._settings
        return settings.audio_timeout_s if ask.kind == "audio" else settings.video_timeout_s

    def _ms_since(self, started: float) -> float:
        return (self._clock() - started) * 1000


@dataclass(frozen=True, slots=True)
class _End:
    """All words of an exchange, and how it ended."""

    text: str = field(repr=False)
    how: Answered | Cut

    @property
    def sent_share(self) -> float:
        return self.how.sent_share if isinstance(self.how, Cut) else 1.0


def _progress(event: Reached | Uploading | Retrying, limit_s: float) -> Progress:
    if isinstance(event, Reached):
        return Progress(event.phase, limit_s=limit_s)
    if isinstance(event, Uploading):
        return Progress("upload", share=event.share, limit_s=limit_s)
    return Progress("retry", limit_s=limit_s, wait_s=event.wait_s)
