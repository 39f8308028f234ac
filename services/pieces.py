"""A long recording, asked about piece by piece, and the answers joined again.

Pieces are sent in their order, a few at once. What has been answered is kept: a
run that fails says which pieces it has, and the next one sends the others alone.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from services import errors
from services.asking import Ask, Partial, Progress
from services.external_api.answer import Completion
from services.external_api.exchange import Timings
from services.hearing import warnings_of
from services.media.facts import MediaFacts, Span
from services.report import Kept, Piece, Report, RunTimings, SentRequest
from services.transcript import Transcript

_T = TypeVar("_T")

#: Pieces under way at once.
AT_ONCE: Final = 3


async def side_by_side(
    works: Sequence[Callable[[], AsyncGenerator[_T, None]]], at_once: int = AT_ONCE
) -> AsyncGenerator[tuple[int, _T | None], None]:
    """What all ``works`` yield, as it comes, each with its number; None at its end.

    They are begun in order, ``at_once`` of them at a time. Once one has failed
    no other is begun; those that were are paid for, so they go on to their end.

    Raises:
        ShowAndTellError: what the first of them to fail raised.
    """
    queue: asyncio.Queue[tuple[int, _T | None] | None] = asyncio.Queue()
    failed: list[errors.ShowAndTellError] = []
    waiting = iter(enumerate(works))

    async def worker() -> None:
        for number, work in waiting:
            if failed:
                return
            try:
                async with contextlib.aclosing(work()) as events:
                    async for event in events:
                        queue.put_nowait((number, event))
            except errors.ShowAndTellError as error:
                failed.append(error)
            queue.put_nowait((number, None))

    async def all_workers() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())

    working = asyncio.create_task(all_workers())
    working.add_done_callback(lambda _: queue.put_nowait(None))
    try:
        while (item := await queue.get()) is not None:
            yield item
        await working
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    if failed:
        raise failed[0]


class PiecesRun:
    """The pieces of one sound, those that have their answer, and the text so far."""

    def __init__(self, ask: Ask, spans: Sequence[Span]) -> None:
        self._about = ask.about
        self._spans = spans
        self._transcript = Transcript(spans)
        self._texts: list[str] = []
        #: Those of an earlier run count as long as it asked the same of the same spans.
        self.kept: dict[int, Piece] = {
            number: piece
            for number, piece in ask.kept.pieces.items()
            if ask.kept.about == ask.about and piece.span == spans[number]
        }

    @property
    def missing(self) -> list[int]:
        """The numbers of the pieces that have no answer yet."""
        return [number for number in range(len(self._spans)) if number not in self.kept]

    async def events(
        self, works: Mapping[int, Callable[[], AsyncGenerator[Partial | Piece, None]]]
    ) -> AsyncGenerator[Progress | Partial, None]:
        """What ``works``, by the numbers of their pieces, come to.

        Raises:
            ShowAndTellError: what the first piece to fail raised, after the others.
        """
        yield self._progress()
        for number, piece in self.kept.items():
            for text in (
                self._transcript.take(number, piece.text),
                self._transcript.end(number, complete=True),
            ):
                if text:
                    yield self._shown(text)
        numbers = list(works)
        try:
            async with contextlib.aclosing(side_by_side(list(works.values()))) as steps:
                async for index, step in steps:
                    number, text = numbers[index], ""
                    if isinstance(step, Partial):
                        text = self._transcript.take(number, step.text)
                    elif isinstance(step, Piece):
                        self.kept[number] = step
                        yield self._progress()
                    else:
                        text = self._transcript.end(number, complete=number in self.kept)
                    if text:
                        yield self._shown(text)
        except errors.ShowAndTellError:
            if text := self._transcript.rest():
                yield self._shown(text)
            raise

    def report(self, prepare_ms: float, total_ms: float, *, is_complete: bool) -> Report:
        """All that is known of the pieces that have their answer."""
        pieces = [self.kept[number] for number in sorted(self.kept)]
        completion = joined_completion(pieces)
        warned = [
            warning
            for piece in pieces
            for warning in warnings_of(piece.completion, piece.request.part, piece.request.facts)
        ]
        return Report(
            text="".join(self._texts),
            completion=completion,
            # Side by side, the phases of one are not those of another.
            timings=RunTimings(
                prepare_ms, Timings(None, None, None, None), total_ms, completion.server_ms
            ),
            request=joined_request(pieces),
            warnings=tuple(dict.fromkeys(warned)),
            is_complete=is_complete,
            kept=Kept() if is_complete else Kept(self._about, dict(self.kept)),
        )

    def _shown(self, text: str) -> Partial:
        self._texts.append(text)
        return Partial(text)

    def _progress(self) -> Progress:
        done, pieces = len(self.kept), len(self._spans)
        return Progress("pieces", share=done / pieces, done=done, pieces=pieces)


def joined_completion(pieces: Sequence[Piece]) -> Completion:
    """What the API said of all pieces. A number that one of them lacks is unknown."""
    completions = [piece.completion for piece in pieces]
    server = [one.server_ms for one in completions]
    reasons = [one.finish_reason for one in completions]
    return Completion(
        model=_common([one.model for one in completions]),
        provider=_common([one.provider for one in completions]),
        # A reason that is not the usual one is the one to be told.
        finish_reason=next((reason for reason in reasons if reason != "stop"), "stop"),
        usage=_summed([one.usage for one in completions]),
        server_ms=None if None in server else sum(filter(None, server)),
    )


def joined_request(pieces: Sequence[Piece]) -> SentRequest:
    """What was sent of a sound, in all its ``pieces``."""
    first = pieces[0].request
    facts = [piece.request.facts for piece in pieces if piece.request.facts is not None]
    return replace(
        first,
        file_bytes=sum(piece.request.file_bytes or 0 for piece in pieces),
        base64_bytes=sum(piece.request.base64_bytes or 0 for piece in pieces),
        facts=_joined_facts(facts),
        pieces=len(pieces),
    )


def _joined_facts(facts: Sequence[MediaFacts]) -> MediaFacts | None:
    """The facts of sounds of one form, one after the other."""
    sounds = [one.sound for one in facts if one.sound is not None]
    if not sounds:
        return None
    length_s = sum(sound.duration_s for sound in sounds)
    loud = [(s.duration_s, s.level_dbfs) for s in sounds if s.level_dbfs is not None]
    power = sum(s * 10 ** (level / 10) for s, level in loud) / length_s
    peaks = [sound.peak_dbfs for sound in sounds if sound.peak_dbfs is not None]

    def share(name: str) -> float:
        return sum(sound.duration_s * float(getattr(sound, name)) for sound in sounds) / length_s

    return replace(
        facts[0],
        file_bytes=sum(one.file_bytes for one in facts),
        duration_s=length_s,
        sound=replace(
            sounds[0],
            duration_s=length_s,
            level_dbfs=10 * math.log10(power) if power else None,
            peak_dbfs=max(peaks, default=None),
            silent_share=share("silent_share"),
            clipped_share=share("clipped_share"),
        ),
    )


def _common(words: Sequence[str | None]) -> str | None:
    return words[0] if len(set(words)) == 1 else None


def _summed(usages: Sequence[Mapping[str, Any] | None]) -> Mapping[str, Any] | None:
    """The sum of each number that all ``usages`` have."""
    known = [usage for usage in usages if usage is not None]
    if not known or len(known) < len(usages):
        return None
    total: dict[str, Any] = {}
    for name in known[0]:
        values = [usage.get(name) for usage in known]
        if all(isinstance(value, Mapping) for value in values):
            total[name] = _summed(values)
        elif all(
            isinstance(value, int | float) and not isinstance(value, bool) for value in values
        ):
            total[name] = sum(values)
    return total
