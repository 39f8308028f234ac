"""Looking at files: what they are, and what would be sent of them, each once for whoever asks."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG
from typing import Final

from services import errors
from services.assistant import quality
from services.assistant.ask import Ask, LocalFile
from services.assistant.cost import Costs
from services.assistant.flights import Flights
from services.assistant.kept import Kept
from services.assistant.prepared import (
    PIECE_S,
    Prepared,
    about_pieces,
    kind_of,
    length_s,
    queue,
)
from services.events import Progress, Tell
from services.external_api.request import chat_request
from services.media.estimate import estimate, offers
from services.media.jobs.table import Inspect, ToAudio
from services.media.plan import planned
from services.media.values import (
    Estimate,
    Fit,
    Kind,
    MediaFacts,
    Mix,
    Offer,
    RawPcm,
    Sendable,
    Takes,
)
from services.media.workshop.job import Read
from services.media.workshop.workshop import Desk, Workshop

#: How much of bare samples a person is given to hear, in seconds.
PREVIEW_S: Final = 10.0
#: How many files' facts are remembered.
_REMEMBERED: Final = 64
#: A name of our own: nothing below sees the visitor's.
_NAME: Final = "media"
#: A file of so many bytes is looked at within a second or so, and waits with the short work.
_SHORT_BYTES: Final = 3 * 1024 * 1024
#: What every browser plays.
_WAV: Final = Takes(frozenset({"wav"}), frozenset())


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would be sent, said before it is, and as which ``kind``.

    ``offers`` are ways to send less of it. ``can_be_cut`` tells that
    the sound is long enough to be sent in pieces, ``pieces`` into about how many
    it would be cut, 0 where that was not asked for. ``facts`` are those of the file as
    it is; ``mix`` is how the channels of its sound would become one. ``body_bytes`` is the
    length of the whole request, with the words of an earlier conversation: as exact as
    the estimate of the file; ``costs`` is what it may cost, None where nobody can tell.
    """

    kind: Kind
    estimate: Estimate
    limit_bytes: int
    offers: tuple[Offer, ...]
    can_be_cut: bool
    pieces: int
    flaw: quality.Flaw | None
    facts: MediaFacts
    mix: Mix | None = None
    body_bytes: int = 0
    costs: Costs | None = None


@dataclass(frozen=True, slots=True)
class _Name:
    """What tells a file, as it is meant and as it is now, from any other.

    It may lie in several places: a batch has links to what was uploaded.
    """

    device: int
    inode: int
    file_bytes: int
    changed_ns: int
    raw: RawPcm | None
    track: int | None


class _Shared:
    """A folder of one file, for all who work on it at the same time."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder: Final = Path(self._folder.name)
        self.linking: Final = asyncio.Lock()
        self.users = 0
        self.prepared: Prepared | None = None

    def cleanup(self) -> None:
        """Remove it, with all that was made there."""
        self._folder.cleanup()


class Preparer:
    """Works on files in one workshop; nothing over ``limit_bytes`` of its kind leaves it.

    What it made lies for some minutes in ``kept_in``, else among all that is temporary.
    """

    def __init__(
        self,
        workshop: Workshop,
        limit_bytes: Callable[[Kind], int],
        kept_in: Path | None = None,
    ) -> None:
        self._workshop = workshop
        self._limit_bytes = limit_bytes
        self._facts = Flights[MediaFacts](_REMEMBERED)
        self._kept = Kept(folder=kept_in)
        self._shared: dict[tuple[_Name, str], _Shared] = {}

    def forget(self) -> None:
        """Remove what was made of files and is kept for a next question about them."""
        self._kept.clear()

    async def forecast(self, ask: Ask, takes: Takes, visitor: str, tell: Tell) -> Forecast:
        """What would be sent for ``ask``, and the ways to make it fit.

        Raises:
            InputError: the file cannot be sent at all.
        """
        assert isinstance(ask.media, LocalFile)  # a link is passed on as it is
        facts = await self.facts(ask.media, visitor, tell)
        kind = ask.media.kind or kind_of(facts)
        can_be_cut = kind == "audio" and length_s(facts, ask.fit) > PIECE_S
        in_pieces = ask.in_pieces and kind == "audio"
        fit = replace(ask.fit, speech=True) if in_pieces else ask.fit
        estimated = estimate(facts, kind, takes, fit)
        return Forecast(
            kind=kind,
            estimate=estimated,
            limit_bytes=self._limit_bytes(kind),
            offers=offers(facts, kind, takes, ask.fit, self._limit_bytes),
            can_be_cut=can_be_cut,
            pieces=about_pieces(facts, ask.fit) if in_pieces else 0,
            flaw=quality.flaw_of(facts.sound) if kind == "audio" and facts.sound else None,
            facts=facts,
            mix=planned(facts, kind, takes, fit).mix,
            body_bytes=_body_bytes(ask, ask.media, kind, facts, estimated),
        )

    async def preview(self, file: LocalFile, visitor: str) -> bytes:
        """The first seconds of bare samples, as the bytes of a WAV that every browser plays.

        A part of a sample at the end is left out.

        Raises:
            InputError: there is nothing to hear.
        """
        assert file.raw is not None  # any other file plays by itself
        facts = await self.facts(file, visitor, _to_nobody)
        plan = planned(facts, "audio", _WAV, Fit(0.0, PREVIEW_S))
        assert plan.sound is not None  # a part is not taken over
        with _workdir() as workdir:
            out = workdir / "preview.wav"
            job = ToAudio(
                file.path,
                file.raw,
                out,
                "wav",
                plan.sound,
                end_s=plan.end_s,
                mix=plan.mix,
            )
            await Desk(self._workshop, visitor).do(job)
            return await asyncio.to_thread(out.read_bytes)

    @contextlib.asynccontextmanager
    async def prepared(self, file: LocalFile, visitor: str, tell: Tell) -> AsyncIterator[Prepared]:
        """The file, looked at, for as long as the block lasts.

        Whoever of the same ``visitor`` has it at the same time has the same one: what several
        models are asked about is made once. It is kept for some minutes as well, for the next
        question about it.

        Raises:
            InputError: it cannot be read.
        """
        tell(Progress("inspect"))
        name = await self._name(file)
        key = name, visitor
        if (shared := self._shared.get(key)) is None:
            shared = self._shared[key] = _Shared()
        shared.users += 1
        try:
            path = shared.folder / _NAME
            async with shared.linking:
                if not path.exists():
                    await asyncio.to_thread(_link, file.path, path)
            facts = await self.facts(file, visitor, tell)
            if shared.prepared is None:
                shared.prepared = Prepared(
                    self._workshop,
                    visitor,
                    path,
                    file.raw,
                    facts,
                    self._limit_bytes,
                    self._kept,
                    name,
                )
            yield shared.prepared
        finally:
            shared.users -= 1
            if not shared.users:
                del self._shared[key]
                shared.cleanup()

    async def facts(self, file: LocalFile, visitor: str, tell: Tell) -> MediaFacts:
        """What ``file`` is.

        Decoding an hour takes seconds, and Ask comes right after the forecast: so it is
        remembered, and who asks meanwhile waits for the same look. It is looked at where
        it lies: the link that a run has goes with that run, while others may still wait.
        """
        name = await self._name(file)

        async def look(tell: Tell) -> MediaFacts:
            def read(reached: Read) -> None:
                tell(Progress("inspect", share=min(reached.bytes / name.file_bytes, 1.0)))

            desk = Desk(self._workshop, visitor, queue(tell))
            is_long = name.file_bytes > _SHORT_BYTES
            job = Inspect(file.path, file.raw, file.track)
            return await desk.do(job, is_long=is_long, read=read)

        return await self._facts.get(name, look, tell)

    async def _name(self, file: LocalFile) -> "_Name":
        try:
            stat = await asyncio.to_thread(file.path.stat)
        except (FileNotFoundError, NotADirectoryError):
            raise errors.FileGone from None
        if not S_ISREG(stat.st_mode):
            raise errors.NotUploaded
        is_now = stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns
        return _Name(*is_now, file.raw, file.track)


def _body_bytes(
    ask: Ask, file: LocalFile, kind: Kind, facts: MediaFacts, estimated: Estimate
) -> int:
    """How long the body would be of a request that sends what is ``estimated``."""
    sized = replace(facts, file_bytes=estimated.file_bytes)
    media = Sendable(file.path, kind, estimated.format, sized, None)
    request = chat_request(ask.model, ask.prompt, media, ask.options, earlier=ask.earlier)
    return request.content_length


def _to_nobody(_: object) -> None:
    """For a look of which nobody follows how far it is."""


@contextlib.contextmanager
def _workdir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _link(source: Path, target: Path) -> None:
    """Have ``source`` at ``target``, too; it is the same file where that can be had."""
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise errors.FileGone from None
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
