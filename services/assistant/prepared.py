"""One file, made fit to send: once for each form, for whoever asks."""

import asyncio
import math
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Final

from services import errors
from services.assistant import quality
from services.assistant.flights import Flights
from services.assistant.kept import Kept
from services.assistant.together import together
from services.events import Progress, Tell
from services.media import matching
from services.media.jobs.table import Cut, CutPiece, Inspect
from services.media.making import make
from services.media.plan import planned
from services.media.values import Fit, Kind, MediaFacts, RawPcm, Sendable, Span, Takes
from services.media.workshop.workshop import Desk, Workshop

#: The longest piece of a recording that is cut up, in seconds: the API takes
#: sound of up to five minutes of *work*, and most models are faster than that.
PIECE_S: Final = 600.0
#: How many forms of a file are remembered.
_REMEMBERED: Final = 64


class Prepared:
    """One file: looked at once, linked once, and made once for each form that is wanted of it.

    For any number of models, questions and pieces. What was made of a file of this
    ``name`` before is taken from ``kept``.
    """

    def __init__(
        self,
        workshop: Workshop,
        visitor: str,
        path: Path,
        raw: RawPcm | None,
        facts: MediaFacts,
        limit_bytes: Callable[[Kind], int],
        kept: Kept,
        name: Hashable,
    ) -> None:
        self._workshop = workshop
        self._visitor = visitor
        self._path = path
        self._raw = raw
        self._limit_bytes = limit_bytes
        self._made = Flights[Sendable](_REMEMBERED)
        self._count = 0
        self._kept = kept
        self._name = name
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
        key = kind, planned(self.facts, kind, takes, fit)
        name = self._name, *key

        async def made(tell: Tell) -> Sendable:
            place = self._place()
            if (kept := self._kept.take(name, place)) is not None:
                return kept
            made = await make(
                Desk(self._workshop, self._visitor, queue(tell)),
                self._path,
                self.facts,
                kind,
                takes,
                place,
                raw=self._raw,
                fit=fit,
                told=lambda share: tell(Progress("convert", share=share)),
            )
            if made.path == place:
                return self._kept.keep(name, made)
            return made

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
        assert self.facts.sound is not None  # it was planned
        lost_share = self.facts.sound.lost_share
        folder = self._place()
        await asyncio.to_thread(folder.mkdir)
        desk = Desk(self._workshop, self._visitor, queue(tell))

        async def look(piece: CutPiece) -> None:
            path = folder / str(piece.number)
            facts = await desk.do(Inspect(path))
            was = matching.describe(self.facts)
            sendable = Sendable(
                path, "audio", plan.form.name, facts, was, "transcode", plan.mix, lost_share
            )
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
            self.facts.sound.track,
            plan.mix,
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
        sound, tracks = self.facts.sound, len(self.facts.tracks)
        if made.change == "none" or sound is None or tracks < 2:
            return made
        return replace(made, track=sound.track, tracks=tracks)


def kind_of(facts: MediaFacts) -> Kind:
    """What a file is sent as where nobody said: a film if it has a picture that moves."""
    return "audio" if facts.picture is None else "video"


def about_pieces(facts: MediaFacts, fit: Fit) -> int:
    """Into about how many pieces the wanted part of a sound will be cut, at least one."""
    return max(math.ceil(length_s(facts, fit) / PIECE_S), 1)


def length_s(facts: MediaFacts, fit: Fit) -> float:
    """Seconds of the wanted part of a file."""
    whole_s = facts.duration_s or 0.0
    return max(min(fit.end_s or whole_s, whole_s) - (fit.start_s or 0.0), 0.0)


def queue(tell: Tell) -> Callable[[int], None]:
    """What tells the number of who waits."""
    return lambda place: tell(Progress("queue", place=place))
