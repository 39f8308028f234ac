"""What is cut off leaves nothing behind: neither a file, nor a traceback with a message in it."""

import asyncio
import contextlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.gate import MCP, MOST_MCP_BYTES, UPLOAD
from components.refusing import refused_as
from components.shares import Shares
from components.status import fault_sentences
from components.texts import Texts, language_in
from services.assistant import Fault, place_of
from services.errors import ShareFull, ShowAndTellError, StorageFull

log: Final = logging.getLogger(__name__)

#: What uploads leave free of the disk, in bytes: conversion needs some of it.
SPARE_BYTES: Final = 1024**3
#: Longer than this, in seconds, nobody waits with an upload half-way.
_STALE_S: Final = 600


class Guarded:
    """ASGI middleware: a request that fails says so in a sentence, and its half-sent files go.

    Gradio writes an upload to a file directly in ``folder`` and moves it into a folder of
    its own once it is whole; one that is cut stays where it is. All of them together may take
    up ``most_bytes``, and leave some of the disk free: else another is refused. One that does
    not say how large it is counts as ``largest_bytes``. A model's call, which has its file
    within, is one, too. Who ``payer`` tells apart have a share each in ``shares``.
    """

    def __init__(
        self,
        app: ASGIApp,
        folder: Path,
        *,
        most_bytes: int,
        largest_bytes: int,
        shares: Shares | None = None,
        payer: Callable[[Any], str] | None = None,
    ) -> None:
        self._app = app
        self._folder = folder
        self._most_bytes = most_bytes
        self._largest_bytes = largest_bytes
        self._shares = shares
        self._payer = payer
        self._coming_bytes = 0
        self._uploading = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; tidy up behind an upload."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not _brings_files(scope):
            await self._answered(scope, receive, send)
            return
        coming, visitor = self._bytes_of(scope), self._visitor(scope)
        if self._shares is not None and not self._shares.has_room(visitor, coming):
            full = ShareFull(limit_bytes=self._shares.most_bytes)
            await _refusal(full, scope)(scope, receive, send)
            return
        take_back = self._shares.add(visitor, coming) if self._shares is not None else _nobody
        self._uploading += 1
        self._coming_bytes += coming
        is_kept = False
        try:
            # Of what comes after this one nothing is counted against it.
            if await asyncio.to_thread(self._has_room, self._coming_bytes):
                is_kept = await self._answered(scope, receive, send)
            else:
                await _refusal(StorageFull(), scope)(scope, receive, send)
        finally:
            if not is_kept:
                take_back()
            self._uploading -= 1
            self._coming_bytes -= coming
            self._tidy()

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Pass the request on; tells whether it went well."""
        is_answered = is_well = False

        async def noting(message: Message) -> None:
            nonlocal is_answered, is_well
            is_answered = True
            is_well = is_well or message.get("status") == HTTPStatus.OK
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            pass  # nobody is there to be told anything
        except Exception as bug:  # noqa: BLE001  # whatever else it is, it is ours
            if (status := refused_as(bug)) is not None:
                if is_answered:
                    await send({"type": "http.response.body"})  # it ends here
                else:
                    await PlainTextResponse(status.phrase, status)(scope, receive, send)
                return False
            # Its traceback, which the server would print, may hold a key or a name.
            log.error("a bug in a request: %s", place_of(bug))  # noqa: TRY400
            if not is_answered:
                texts = Texts(language_in(Headers(scope=scope).get("accept-language", "")))
                sentence = texts("error.AppFailed.what")
                await PlainTextResponse(sentence, 500)(scope, receive, send)
        return is_well

    def _visitor(self, scope: Scope) -> str:
        """Who sends a file, as far as the allowance knows them without a session."""
        if self._payer is None:
            return ""
        return self._payer(SimpleNamespace(headers=Headers(scope=scope), session_hash=""))

    def _bytes_of(self, scope: Scope) -> int:
        told = Headers(scope=scope).get("content-length", "")
        largest = self._largest_bytes if scope["path"] == UPLOAD else MOST_MCP_BYTES
        return int(told) if told.isdecimal() else largest

    def _has_room(self, coming: int) -> bool:
        """Whether there is room for all that are on their way, ``coming`` bytes."""
        if not self._folder.is_dir():
            return coming <= self._most_bytes
        kept = sum(map(_size_of, self._folder.rglob("*")))
        free = shutil.disk_usage(self._folder).free - SPARE_BYTES
        return kept + coming <= self._most_bytes and coming <= free

    def _tidy(self) -> None:
        """Remove what no upload that is under way can be writing."""
        if not self._folder.is_dir():
            return
        before = time.time() - (_STALE_S if self._uploading else 0)
        for entry in os.scandir(self._folder):
            if entry.is_file() and entry.stat().st_mtime <= before:
                Path(entry.path).unlink(missing_ok=True)


def _nobody() -> None:
    """Nobody has a share."""


def _refusal(error: ShowAndTellError, scope: Scope) -> PlainTextResponse:
    """``error`` in the language of whoever asks."""
    texts = Texts(language_in(Headers(scope=scope).get("accept-language", "")))
    sentences = " ".join(fault_sentences(Fault.of(error), texts))
    return PlainTextResponse(sentences, HTTPStatus.INSUFFICIENT_STORAGE)


def _brings_files(scope: Scope) -> bool:
    """Whether a request has files in it: an upload, or a call of a model's."""
    return scope["path"] == UPLOAD or (
        scope["method"] == "POST" and MCP.fullmatch(scope["path"]) is not None
    )


def _size_of(path: Path) -> int:
    """The bytes of a file; none of what is no file, or is not there any more."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size if path.is_file() else 0
    return 0
