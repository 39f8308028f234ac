"""Looking at files, and making them fit to send."""

import asyncio
import collections
import contextlib
import math
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from services import errors
from services.asking import Ask, LocalFile, Plan, Progress
from services.hearing import check_fit, unfit
from services.media.convert import prepare
from services.media.facts import Fit, MediaFacts, Sendable, Span, Takes
from services.media.inspect import inspect
from services.media.preview import preview
from services.media.sandbox import Sandbox
from services.media.sizes import estimate, fits
from services.media.split import split

#: The longest piece of a recording that is cut up, in seconds: the API takes
#: sound of up to five minutes of *work*, and most models are faster than that.
PIECE_S: Final = 600.0
#: How many files' facts are remembered.
_REMEMBERED: Final = 64

_Key = tuple[object, ...]


class Preparer:
    """Works on files in one sandbox; nothing over ``limit_bytes`` leaves it."""

    def __init__(self, sandbox: Sandbox, limit_bytes: int) -> None:
        self._sandbox = sandbox
        self._limit_bytes = limit_bytes
        self._facts: collections.OrderedDict[_Key, MediaFacts] = collections.OrderedDict()

    async def plan(self, ask: Ask, takes: Takes) -> Plan:
        """What would be sent for ``ask``, and the ways to make it fit.

        Raises:
            InputError: the file cannot be sent at all.
        """
        assert isinstance(ask.media, LocalFile)  # a link is passed on as it is
        file = ask.media
        with _workdir() as workdir:
            facts = await self._inspected(file, workdir)
        length_s = _length_s(facts, ask.fit)
        can_be_cut = file.kind == "audio" and length_s > PIECE_S
        in_pieces = ask.in_pieces and can_be_cut
        fit = replace(ask.fit, speech=True) if in_pieces else ask.fit
        expected = estimate(facts, file.kind, takes, fit)
        is_too_large = expected.file_bytes > self._limit_bytes
        return Plan(
            estimate=expected,
            limit_bytes=self._limit_bytes,
            offers=fits(facts, file.kind, takes, self._limit_bytes) if is_too_large else (),
            can_be_cut=can_be_cut,
            pieces=math.ceil(length_s / PIECE_S) if in_pieces else 0,
            unfit=unfit(facts.sound) if file.kind == "audio" and facts.sound else None,
        )

    async def preview(self, file: LocalFile) -> bytes:
        """The first seconds of bare samples, as the bytes of a WAV.

        Raises:
            InputError: there is nothing to hear.
        """
        assert file.raw is not None  # any other file plays by itself
        with _workdir() as workdir:
            path = await asyncio.to_thread(_linked, file.path, workdir)
            out = workdir / "preview.wav"
            await preview(self._sandbox, path, file.raw, out)
            return await asyncio.to_thread(out.read_bytes)

    async def sendable(
        self, ask: Ask, takes: Takes, workdir: Path
    ) -> AsyncGenerator[Progress | Sendable, None]:
        """Progress, then ``ask``'s file as it can be sent, in ``workdir``.

        Raises:
            InputError: it cannot be.
        """
        assert isinstance(ask.media, LocalFile)  # a link is passed on as it is
        yield Progress("inspect")
        facts = await self._checked(ask, ask.media, workdir)
        async with contextlib.aclosing(
            self._made(ask.media, facts, takes, ask.fit, workdir)
        ) as made:
            async for step in made:
                yield step

    async def spans(self, ask: Ask, workdir: Path) -> tuple[Span, ...]:
        """Where to cut ``ask``'s sound, so that each piece ends in a pause.

        Raises:
            InputError: it cannot be sent.
        """
        assert isinstance(ask.media, LocalFile)  # a link is passed on as it is
        facts = await self._checked(ask, ask.media, workdir)
        path = workdir / _NAME
        return _inside(await split(self._sandbox, path, facts, ask.media.raw, PIECE_S), ask.fit)

    async def piece(
        self, ask: Ask, span: Span, takes: Takes, workdir: Path
    ) -> AsyncGenerator[Progress | Sendable, None]:
        """One of the :meth:`spans`, as it can be sent, beside them in ``workdir``."""
        assert isinstance(ask.media, LocalFile)  # as above
        place = workdir / f"{span.start_s:.3f}"
        await asyncio.to_thread(place.mkdir)
        facts = await self._checked(ask, ask.media, place)
        # What is so long is speech, and small pieces begin to be answered sooner.
        fit = Fit(span.start_s, span.end_s, speech=True)
        async with contextlib.aclosing(self._made(ask.media, facts, takes, fit, place)) as made:
            async for step in made:
                yield step

    async def _made(
        self, file: LocalFile, facts: MediaFacts, takes: Takes, fit: Fit, workdir: Path
    ) -> AsyncGenerator[Progress | Sendable, None]:
        making = prepare(
            self._sandbox, workdir / _NAME, facts, file.kind, takes, workdir, file.raw, fit
        )
        async with contextlib.aclosing(making) as steps:
            async for step in steps:
                if not isinstance(step, Sendable):
                    yield Progress("convert", share=step)
                    continue
                if step.facts.file_bytes > self._limit_bytes:
                    raise errors.FileTooLarge(
                        file_bytes=step.facts.file_bytes, limit_bytes=self._limit_bytes
                    )
                yield step

    async def _checked(self, ask: Ask, file: LocalFile, workdir: Path) -> MediaFacts:
        facts = await self._inspected(file, workdir)
        if file.kind == "audio" and facts.sound is not None and not ask.anyway:
            check_fit(facts.sound)
        return facts

    async def _inspected(self, file: LocalFile, workdir: Path) -> MediaFacts:
        """The facts of ``file``, which is then in ``workdir`` under a name of our own."""
        path = await asyncio.to_thread(_linked, file.path, workdir)
        # Decoding an hour takes seconds, and Ask comes right after the plan.
        stat = await asyncio.to_thread(path.stat)
        key = (file.path, stat.st_size, stat.st_mtime_ns, file.raw)
        if key not in self._facts:
            self._facts[key] = await inspect(self._sandbox, path, file.raw)
            if len(self._facts) > _REMEMBERED:
                self._facts.popitem(last=False)
        return self._facts[key]


#: A name of our own: nothing below sees the visitor's.
_NAME: Final = "media"


@contextlib.contextmanager
def _workdir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="show-and-tell-") as name:
        yield Path(name)


def _inside(spans: tuple[Span, ...], fit: Fit) -> tuple[Span, ...]:
    """Of ``spans`` what lies between the times of ``fit``."""
    start_s, end_s = fit.start_s or 0.0, math.inf if fit.end_s is None else fit.end_s
    inside = [Span(max(span.start_s, start_s), min(span.end_s, end_s)) for span in spans]
    return tuple(span for span in inside if span.start_s < span.end_s)


def _length_s(facts: MediaFacts, fit: Fit) -> float:
    whole_s = facts.duration_s or 0.0
    return max(min(fit.end_s or whole_s, whole_s) - (fit.start_s or 0.0), 0.0)


def _linked(source: Path, workdir: Path) -> Path:
    """``source`` in ``workdir``; it is the same file where that can be had."""
    target = workdir / _NAME
    try:
        target.hardlink_to(source)
    except FileExistsError:
        return target
    except FileNotFoundError:
        raise errors.FileGone from None
    except OSError:  # another file system, or one without hard links
        try:
            shutil.copyfile(source, target)
        except OSError:  # no room, no right
            raise errors.AppFailed from None
    return target
