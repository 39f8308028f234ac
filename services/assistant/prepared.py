"""Looking at files, and making them fit to send: each once, for whoever asks."""

import asyncio
import contextlib
import math
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from services import errors
from services.assistant import quality
from services.assistant.ask import Ask, LocalFile
from services.assistant.flights import Flights
from services.assistant.together import together
from services.events import Progress, Tell
from services.media import matching
from services.media.estimate import estimate, offers
from services.media.jobs.table import Cut, CutPiece, Inspect, ToAudio
from services.media.making import make
from services.media.plan import SoundEncoding, planned
from services.media.values import (
    Estimate,
    Fit,
    Kind,
    MediaFacts,
    Offer,
    RawPcm,
    Sendable,
    Span,
    Takes,
)
from services.media.workshop.job import Read
from services.media.workshop.workshop import Desk, Workshop

#: The longest piece of a recording that is cut up, in seconds: the API takes
#: sound of up to five minutes of *work*, and most models are faster than that.
PIECE_S: Final = 600.0
#: How much of bare samples a person is given to hear, in seconds.
PREVIEW_S: Final = 10.0
#: How many files' facts are remembered.
_REMEMBERED: Final = 64
#: A name of our own: nothing below sees the visitor's.
_NAME: Final = "media"
#: A file of so many bytes is looked at within a second or so, and waits with the short work.
_SHORT_BYTES: Final = 3 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Forecast:
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
    flaw: quality.Flaw | None


class Preparer:
    """Works on files in one workshop; nothing over ``limit_bytes`` of its kind leaves it."""

    def __init__(self, workshop: Workshop, limit_bytes: Callable[[Kind], int]) -> None:
        self._workshop = workshop
        self._limit_bytes = limit_bytes
        self._facts = Flights[MediaFacts](_REMEMBERED)

    async def forecast(self, ask: Ask, takes: Takes, visitor: str, tell: Tell) -> Forecast:
        """What would be sent for ``ask``, and the ways to make it fit.

        Raises:
            InputError: the file cannot be sent at all.
        """
        assert isinstance(ask.media, LocalFile)  # a link is passed on as it is
        file = ask.media
        facts = await self.facts(file, visitor, tell)
        can_be_cut = file.kind == "audio" and _length_s(facts, ask.fit) > PIECE_S
        in_pieces = ask.in_pieces and file.kind == "audio"
        fit = replace(ask.fit, speech=True) if in_pieces else ask.fit
        return Forecast(
            estimate=estimate(facts, file.kind, takes, fit),
            limit_bytes=self._limit_bytes(file.kind),
            offers=offers(facts, file.kind, takes, ask.fit, self._limit_bytes),
            can_be_cut=can_be_cut,
            pieces=about_pieces(facts, ask.fit) if in_pieces else 0,
            flaw=quality.flaw_of(facts.sound) if file.kind == "audio" and facts.sound else None,
        )

    async def preview(self, file: LocalFile, visitor: str) -> bytes:
        """The first seconds of bare samples, as the bytes of a WAV that every browser plays.

        A part of a sample at the end is left out.

        Raises:
            InputError: there is nothing to hear.
        """
        assert file.raw is not None  # any other file plays by itself
        with _workdir() as workdir:
            out = workdir / "preview.wav"
            job = ToAudio(
                file.path, file.raw, out, "wav", SoundEncoding(None, None), end_s=PREVIEW_S
            )
            await Desk(self._workshop, visitor).do(job)
            return await asyncio.to_thread(out.read_bytes)

    @contextlib.asynccontextmanager
    async def prepared(
        self, file: LocalFile, visitor: str, tell: Tell
    ) -> AsyncIterator["Prepared"]:
        """The file, looked at, for as long as the block lasts; nothing made of it is left.

        Raises:
            InputError: it cannot be read.
        """
        tell(Progress("inspect"))
        with _workdir() as workdir:
            path = workdir / _NAME
            await asyncio.to_thread(_link, file.path, path)
            facts = await self.facts(file, visitor, tell)
            yield Prepared(self._workshop, visitor, path, file.raw, facts, self._limit_bytes)

    async def facts(self, file: LocalFile, visitor: str, tell: Tell) -> MediaFacts:
        """What ``file`` is.

        Decoding an hour takes seconds, and Ask comes right after the forecast: so it is
        remembered, and who asks meanwhile waits for the same look. It is looked at where
        it lies: the link that a run has goes with that run, while others may still wait.
        """
        try:
            stat = await asyncio.to_thread(file.path.stat)
        except FileNotFoundError:
            raise errors.FileGone from None

        async def look(tell: Tell) -> MediaFacts:
            def read(reached: Read) -> None:
                tell(Progress("inspect", share=min(reached.bytes / stat.st_size, 1.0)))

            desk = Desk(self._workshop, visitor, _queue(tell))
            is_long = stat.st_size > _SHORT_BYTES
            return await desk.do(Inspect(file.path, file.raw), is_long=is_long, read=read)

        key = (file.path, stat.st_size, stat.st_mtime_ns, file.raw)
        return await self._facts.get(key, look, tell)


class Prepared:
    """One file: looked at once, linked once, and made once for each form that is wanted of it.

    For any number of models, questions and pieces.
    """

    def __init__(
        self,
        workshop: Workshop,
        visitor: str,
        path: Path,
        raw: RawPcm | None,
        facts: MediaFacts,
        limit_bytes: Callable[[Kind], int],
    ) -> None:
        self._workshop = workshop
        self._visitor = visitor
        self._path = path
        self._raw = raw
        self._limit_bytes = limit_bytes
        self._made = Flights[Sendable](_REMEMBERED)
        self._count = 0
        self.facts: Final = facts

    def check(self, kind: Kind) -> None:
        """Refuse what no model can hear well.

        Raises:
            PoorRecording: one of its leaves.
        """
        if kind == "audio" and self.facts.sound is not None:
            quality.check(self.facts.sound)

    async def sendable(self, kind: Kind, takes: Takes, fit: Fit, tell: Tell) -> Sendable:
        """The file as it can be sent.

        Raises:
            InputError: it cannot be.
        """

        async def made(tell: Tell) -> Sendable:
            return await make(
                Desk(self._workshop, self._visitor, _queue(tell)),
                self._path,
                self.facts,
                kind,
                takes,
                self._place(),
                raw=self._raw,
                fit=fit,
                told=lambda share: tell(Progress("convert", share=share)),
            )

        key = kind, planned(self.facts, kind, takes, fit)
        return self._fitting(await self._made.get(key, made, tell))

    async def pieces(
        self,
        takes: Takes,
        fit: Fit,
        skipped: tuple[int, ...],
        tell: Tell,
        ready: Callable[[int, Span, Sendable], None],
    ) -> tuple[Span, ...]:
        """Cut the sound in pieces that can be sent; ``ready`` gets each as soon as it is there.

        All in one pass, each ending in a pause. Those whose numbers are ``skipped``
        are not made. The result is where all of them begin and end.

        Raises:
            InputError: it cannot be sent.
        """
        # What is so long is speech, and small pieces begin to be answered sooner.
        plan = planned(self.facts, "audio", takes, replace(fit, speech=True))
        assert plan.sound is not None  # nothing that is cut is taken over
        folder = self._place()
        await asyncio.to_thread(folder.mkdir)
        desk = Desk(self._workshop, self._visitor, _queue(tell))

        async def look(piece: CutPiece) -> None:
            path = folder / str(piece.number)
            facts = await desk.do(Inspect(path))
            was = matching.describe(self.facts)
            sendable = Sendable(path, "audio", plan.form.name, facts, was, "transcode")
            ready(piece.number, piece.span, self._fitting(sendable))

        job = Cut(
            self._path,
            self._raw,
            folder,
            plan.form.name,
            plan.sound,
            PIECE_S,
            plan.start_s,
            plan.end_s,
            skipped,
        )
        async with together() as group:

            def news(piece: CutPiece) -> None:
                group.create_task(look(piece))  # the group keeps it

            return await desk.do(job, is_long=True, news=news)

    def _place(self) -> Path:
        self._count += 1
        return self._path.with_name(f"made-{self._count}")

    def _fitting(self, made: Sendable) -> Sendable:
        limit_bytes = self._limit_bytes(made.kind)
        if made.facts.file_bytes > limit_bytes:
            raise errors.FileTooLarge(file_bytes=made.facts.file_bytes, limit_bytes=limit_bytes)
        return made


def _queue(tell: Tell) -> Callable[[int], None]:
    return lambda place: tell(Progress("queue", place=place))


@contextlib.contextmanager
def _workdir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def about_pieces(facts: MediaFacts, fit: Fit) -> int:
    """Into about how many pieces the wanted part of a sound will be cut, at least one."""
    return max(math.ceil(_length_s(facts, fit) / PIECE_S), 1)


def _length_s(facts: MediaFacts, fit: Fit) -> float:
    whole_s = facts.duration_s or 0.0
    return max(min(fit.end_s or whole_s, whole_s) - (fit.start_s or 0.0), 0.0)


def _link(source: Path, target: Path) -> None:
    """Have ``source`` at ``target``, too; it is the same file where that can be had."""
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise errors.FileGone from None
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
