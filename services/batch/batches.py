"""Batches of files, asked about one question with one model, that outlive a process."""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from services import errors
from services.assistant import Ask, Assistant, Fault, Report
from services.batch.engine import Engine
from services.batch.folder import About, Answer, Folder, new_token
from services.batch.gathering import Gathering
from services.batch.opened import Opened
from services.batch.pace import Pace, Purse
from services.batch.running import Asker, Running, spent_before
from services.batch.shelf import Shelf
from services.batch.values import AT_ONCE, KEPT_S, Again, Batch, Question
from services.media.workshop.workshop import Workshop
from services.places import place_of
from services.settings import Settings

log: Final = logging.getLogger(__name__)

#: How long a batch goes on that nobody watches, in seconds: a page is loaded anew in less.
UNWATCHED_S: Final = 10.0


class Batches:
    """The batches below ``root``, asked about through ``assistant``.

    Whoever has the token of one may do with it what they like; here is only what it is hashed
    to. One visitor's share of the room, and that of all, are those of uploads.
    """

    def __init__(
        self,
        assistant: Assistant,
        workshop: Workshop,
        settings: Settings,
        root: Path,
        *,
        unwatched_s: float = UNWATCHED_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._assistant = assistant
        self._settings = settings
        self._folder = Folder(root)
        self._gathering = Gathering(self._folder, workshop, settings)
        self._engine = Engine(root, self, settings.batch_database_url)
        self._unwatched_s = unwatched_s
        self._clock = clock
        self._shelf = Shelf(self._folder, self._engine)

    async def make(
        self,
        files: Sequence[Path],
        question: Question,
        *,
        has_own_key: bool = False,
        visitor: str = "",
        payer: str = "",
    ) -> str:
        """The token of a new batch of ``files`` and of what is in those that are zips.

        Raises:
            InputError: there is no question, no file or too many, or a zip cannot be unpacked.
            ShareFull, StorageFull: there is no room for them.
        """
        if not question.prompt.strip():
            raise errors.NoPrompt
        token, owner = new_token(), _hashed(f"owner {payer}")
        name = _hashed(token)
        given = await self._gathering.gather(name, files, owner, visitor)
        about = About(question, given, self._clock(), owner, has_own_key)
        await asyncio.to_thread(self._folder.keep, name, about)
        return token

    async def get(self, token: str) -> Batch:
        """A batch as it is now.

        Raises:
            BatchGone: there is none.
            BatchElsewhere: another process is at it.
            BatchesAway: nobody can tell.
        """
        name = _hashed(token)
        batch = (await self._shelf.get(name)).batch
        self._shelf.let_go(name)
        return batch

    async def watch(self, token: str) -> AsyncIterator[Batch]:
        """A batch as it is now, and whenever it is another, until it is at rest.

        One that nobody watches any more is stopped after a while.

        Raises:
            BatchGone, BatchElsewhere, BatchesAway: as :meth:`get`.
        """
        name = _hashed(token)
        one = await self._shelf.get(name)
        one.watchers += 1
        if one.leaving is not None:
            one.leaving.cancel()
        try:
            while True:
                changed, batch = one.changed, one.batch
                yield batch
                if not batch.is_running:
                    return
                await changed.wait()
        finally:
            one.watchers -= 1
            if not one.watchers and one.running is not None:
                loop = asyncio.get_running_loop()
                one.leaving = loop.call_later(self._unwatched_s, self._unwatched, one)
            self._shelf.let_go(name)

    async def start(
        self,
        token: str,
        again: Iterable[Again] = ("unsent",),
        *,
        key: SecretStr | None = None,
        most_usd: float | None = None,
        visitor: str = "",
        payer: str = "",
    ) -> None:
        """Ask about all clips that are in one of these states; nothing if it is at that already.

        All of them together may have cost ``most_usd`` then.

        Raises:
            BatchGone, BatchElsewhere, BatchesAway: as :meth:`get`.
            MissingKey: it was made with a key of the visitor's own, which is not there.
        """
        name = _hashed(token)
        if self._shelf.is_running(name):
            return
        with contextlib.ExitStack() as claim:
            claim.callback(self._shelf.let_go, name)
            try:
                claim.enter_context(await self._shelf.claim(name))
            except errors.BatchElsewhere:
                if self._shelf.is_running(name):  # by another press
                    return
                raise
            one = await self._shelf.get(name, is_claimed=True)
            # Another process may have been at it since it was opened.
            clips, latest = await self._shelf.read(name, one.about)
            one = self._shelf.open.setdefault(name, one)
            one.clips, one.run = clips, latest
            numbers = [clip.number for clip in one.clips if clip.state in tuple(again)]
            if not numbers:
                return
            if one.about.has_own_key and key is None:
                raise errors.MissingKey
            question = one.about.question
            ask = Ask(None, question.prompt, question.model, question.options, api_key=key)
            at_once = AT_ONCE if key is not None else min(AT_ONCE, self._settings.visitor_at_once)
            one.run += 1
            one.running = Running(
                self._assistant,
                one.run,
                Asker(ask, visitor, payer),
                {number: one.clips[number].state for number in numbers},
                Pace(at_once),
                spent_before(Purse(most_usd), one.clips),
                one.tell,
            )
            one.wait()
            one.ending = asyncio.create_task(self._run(name, one, one.running, claim.pop_all()))

    def stop(self, token: str) -> None:
        """Ask about no other clip of a batch; a second time: give up those under way, too."""
        one = self._shelf.open.get(_hashed(token))
        if one is not None and one.running is not None:
            one.running.stop()
            one.tell()

    async def delete(self, token: str) -> None:
        """Leave nothing of a batch.

        Raises:
            BatchElsewhere, BatchesAway: as :meth:`get`.
        """
        await self._delete(_hashed(token))

    async def report(self, token: str, number: int) -> Report | None:
        """What came of a clip; None if nothing has."""
        answer = await asyncio.to_thread(self._folder.answer, _hashed(token), number)
        return None if answer is None else answer.report

    def sweep(self) -> None:
        """Leave nothing of what is older than a batch may be; from any thread."""
        for name in self._folder.outlived(self._clock()):
            with contextlib.suppress(errors.BatchElsewhere), self._folder.claim(name, 0):
                self._shelf.open.pop(name, None)
                self._folder.delete(name)
        self._engine.forget_before(self._clock() - KEPT_S)

    def close(self) -> None:
        """Let go of everything; what is not over is found by the next process."""
        self._engine.stop()

    async def turn(self, batch: str, run: int, number: int) -> bool:
        """As the engine's Work."""
        running = self._of(batch, run)
        if running is None:
            return False
        if await running.turn(number, self._folder.media(batch, number)):
            return True
        self._shelf.open[batch].back(number)
        running.end(number)
        return False

    async def ask(self, batch: str, run: int, number: int) -> None:
        """As the engine's Work."""
        running = self._of(batch, run)
        if running is None:
            return
        one = self._shelf.open[batch]
        one.put(replace(one.clips[number], state="asking"))
        try:
            report = await running.ask(number, self._folder.media(batch, number))
            one.put(one.clips[number].reported(report))
            answer = Answer(run, report)
            await asyncio.to_thread(self._folder.answered, batch, number, answer)
        except Exception as bug:  # noqa: BLE001  # a full disk, or ours: no other one is sent
            log.error("a bug in a batch: %s", place_of(bug))  # noqa: TRY400  # its message is not logged
            running.halt(Fault.of(errors.AppFailed()))
        finally:
            running.end(number)

    async def give_up(self, batch: str, run: int, number: int) -> None:
        """As the engine's Work."""
        running = self._of(batch, run)
        if running is not None:
            running.halt(Fault.of(errors.AppFailed()))
            self._shelf.open[batch].back(number)
            running.end(number)

    def _of(self, batch: str, run: int) -> Running | None:
        one = self._shelf.open.get(batch)
        running = None if one is None else one.running
        return running if running is not None and running.number == run else None

    async def _run(
        self, name: str, one: Opened, running: Running, claim: contextlib.ExitStack
    ) -> None:
        try:
            numbers = sorted(running.before)
            await self._engine.enqueue(name, running.number, numbers, running.pace.at_once)
            await running.over.wait()
        except errors.BatchesAway as away:  # what was not begun is not sent
            running.halt(Fault.of(away))
        except Exception as bug:  # noqa: BLE001  # nor then
            log.error("a bug in a batch: %s", place_of(bug))  # noqa: TRY400  # as above
            running.halt(Fault.of(errors.AppFailed()))
        finally:
            one.end()
            claim.close()

    def _unwatched(self, one: Opened) -> None:
        if not one.watchers and one.running is not None and one.running.goes_on:
            one.running.stop()
            one.tell()

    async def _delete(self, name: str) -> None:
        one = self._shelf.open.get(name)
        if one is not None and one.running is not None and one.ending is not None:
            one.running.stop()
            one.running.stop()
            await asyncio.wait([one.ending])
        if await asyncio.to_thread(self._folder.about, name) is not None:
            await self._engine.start()
            with await self._shelf.claim(name):
                await self._engine.forget(name)
                self._shelf.open.pop(name, None)
                await asyncio.to_thread(self._folder.delete, name)


def _hashed(token: str) -> str:
    """What a secret is called here."""
    return hashlib.blake2b(token.encode(errors="replace"), digest_size=16).hexdigest()
