"""The door: who answers, what could be sent, and runs, each told in one line of the log."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from services import errors
from services.assistant.accounts import Accounts
from services.assistant.allowance import Allowance, Call, Left, uncounted
from services.assistant.ask import Api, Ask, LocalFile
from services.assistant.generations import Generations
from services.assistant.logbook import facts_of, line_of
from services.assistant.metrics import Metrics
from services.assistant.models import Models
from services.assistant.pieces.checkpoint import Checkpoint
from services.assistant.prepared import length_s
from services.assistant.preparer import Forecast, Preparer
from services.assistant.readiness import Believed, can_work
from services.assistant.report import Report
from services.assistant.run import Circumstances, Run
from services.assistant.schemas import Schemas
from services.assistant.ways import Ways
from services.events import Tell
from services.external_api.catalogue import Catalogue
from services.external_api.client import Client
from services.media.values import Kind
from services.media.workshop.workshop import Workshop
from services.places import place_of
from services.settings import Settings, is_sendable_key

log: Final = logging.getLogger(__name__)

#: A key the offline API takes; it opens nothing.
_OFFLINE_KEY: Final = SecretStr("ak_offline")


def nobody_asks(_: Report) -> None:
    """For who does not ask what became of a run that is stopped."""


class Assistant:
    """Answers questions about media, through one External API.

    ``hears`` is False where that is the offline API and its ears have no weights. What was made
    to be sent lies in ``kept_in`` for some minutes.
    """

    def __init__(
        self,
        settings: Settings,
        workshop: Workshop,
        client: Client,
        *,
        hears: bool = True,
        kept_in: Path | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._preparer = Preparer(workshop, settings.max_file_bytes, kept_in)
        self._client = client
        self._hears = hears
        self._clock = clock
        catalogue = Catalogue(lambda: client.models(self._host_key()), clock=clock)
        self.models: Final = Models(catalogue, settings.external_api_models)
        self._ways = Ways(self.models, clock)
        self._allowance = Allowance(settings)
        self._metrics = Metrics(lambda: len(self._running), lambda: workshop.taken)
        self._works = Believed(lambda: can_work(workshop), clock)
        self._answers = Believed(client.is_there, clock)
        self.accounts: Final = Accounts(settings.sign_in_at, client)
        self.schemas: Final = Schemas()
        self.generations: Final = Generations(client, self._host_key, clock)
        self._running: set[asyncio.Task[object]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closing = False

    @property
    def api(self) -> Api:
        """Who answers, for the page to say so."""
        return Api(
            base_url=self._client.base_url,
            is_offline=self._settings.is_offline,
            has_key=self._host_key() is not None,
            hears=self._hears,
            sign_in_at=self.accounts.sign_in_at,
        )

    async def forecast(self, ask: Ask, *, visitor: str = "", tell: Tell) -> Forecast | None:
        """What would be sent for ``ask``; None where there is nothing to look at.

        Raises:
            ShowAndTellError: the file cannot be sent at all, or this app failed.
        """
        if not isinstance(ask.media, LocalFile):
            return None
        with self._under_way() as task:
            try:
                takes = await self.models.takes(ask.model)
                seen = await self._preparer.forecast(ask, takes, visitor, tell)
                costs = self.models.costs(ask, seen.kind, length_s(seen.facts, ask.fit))
                return replace(seen, costs=costs)
            except errors.ShowAndTellError:
                raise
            except asyncio.CancelledError:
                if not self._is_closing:
                    raise
                task.uncancel()
                raise errors.AppStopping from None
            except Exception as bug:  # noqa: BLE001  # whatever it is, it is ours, and is told so
                raise _told_as_ours(bug, "a look at a file") from None

    async def preview(self, file: LocalFile, *, visitor: str = "") -> bytes:
        """The first seconds of bare samples, as the bytes of a WAV.

        Raises:
            ShowAndTellError: there is nothing to hear, or this app failed.
        """
        try:
            return await self._preparer.preview(file, visitor)
        except errors.ShowAndTellError:
            raise
        except Exception as bug:  # noqa: BLE001  # as above
            raise _told_as_ours(bug, "a preview") from None

    async def run(
        self,
        ask: Ask,
        tell: Tell,
        *,
        visitor: str = "",
        payer: str = "",
        checkpoint: Checkpoint | None = None,
        stopped: Callable[[Report], None] = nobody_asks,
    ) -> Report:
        """Answer ``ask``; ``tell`` hears the progress and the words.

        ``visitor`` is for whom, so that work is shared fairly; ``payer`` is who is counted
        where the host pays. ``checkpoint`` keeps the answered pieces of questions without a whole
        answer, for the next run. Only being cancelled raises; ``stopped`` gets what is known.
        """
        began = self._clock()
        now = Circumstances(
            preparer=self._preparer,
            client=self._client,
            takes=lambda: self.models.takes(ask.model),
            is_another=self.models.told_another(ask.model),
            costs=self.models.costs,
            may=lambda model: self._allows(ask, model),
            validated=lambda one, text: self.schemas.validated(one.options, text, visitor),
            key=ask.api_key or self._host_key(),
            ways=self._ways,
            call=lambda media_s: self._call(ask, payer, media_s),
            limit_s=self._limit_s,
            visitor=visitor,
            checkpoint=checkpoint or Checkpoint(),
            clock=self._clock,
        )
        run = Run(ask, now, tell, began)
        fault: errors.ShowAndTellError | None = None
        with self._under_way() as task:
            try:
                self._check(ask)
                run.leave_out(await self.models.leaves_out(ask))
                await self.schemas.check(run.ask.options, visitor)
                if self._is_counted(ask):
                    run.ask = self._allowance.bounded(run.ask)
                    await self._allowance.check(payer)
                await run.go()
            except errors.ShowAndTellError as error:
                fault = error
            except asyncio.CancelledError:
                if not self._is_closing:
                    report = run.report(errors.Stopped())
                    self._log(ask, report, run.sent_bytes)
                    stopped(report)
                    raise
                task.uncancel()
                fault = errors.AppStopping()
            except Exception as bug:  # noqa: BLE001  # as above
                fault = _told_as_ours(bug, "a run")
        report = run.report(fault)
        self._log(ask, report, run.sent_bytes)
        return report

    def metrics(self) -> bytes:
        """The numbers of all runs, as :data:`services.assistant.metrics.CONTENT_TYPE`."""
        return self._metrics.told()

    async def can_work(self) -> bool:
        """Whether a file can be looked at just now: tried, and believed for some seconds."""
        return await self._works.now()

    async def sees_api(self) -> bool:
        """Whether the API answers at all; as above."""
        return await self._answers.now()

    async def left(self, payer: str) -> Left | None:
        """What ``payer`` has left of the host's key today; None where that is not counted.

        Raises:
            LimitsAway: nobody can tell.
        """
        if self._settings.is_offline or self._host_key() is None:
            return None
        return await self._allowance.left(payer)

    def _call(self, ask: Ask, payer: str, media_s: float | None) -> Call:
        return self._allowance.call(payer, media_s) if self._is_counted(ask) else uncounted()

    @contextlib.contextmanager
    def _under_way(self) -> Iterator[asyncio.Task[object]]:
        """What the current task does is waited for, and ended, when the app stops."""
        task = asyncio.current_task()
        assert task is not None  # a coroutine runs in one
        self._running.add(task)
        self._loop = asyncio.get_running_loop()
        try:
            yield task
        finally:
            self._running.discard(task)

    def stop(self, grace_s: float) -> None:
        """Take no new run on, let those under way finish for ``grace_s`` seconds, end the rest.

        Whoever waits for one of these, or for a look at a file, is told so. To be called from
        another thread than that of the runs.
        """
        self._is_closing = True
        if self._loop is not None and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._finish(grace_s), self._loop).result()

    async def _finish(self, grace_s: float) -> None:
        if self._running:
            await asyncio.wait(set(self._running), timeout=grace_s)
        for task in set(self._running):
            task.cancel()
        self._preparer.forget()
        self.schemas.close()
        await self._allowance.aclose()

    def _check(self, ask: Ask) -> None:
        """See that it may be asked at all; of the file nothing is known yet."""
        if self._is_closing:
            raise errors.AppStopping
        ask.check()
        if ask.api_key is None and self._host_key() is None:
            raise errors.MissingKey
        if ask.api_key is not None and not is_sendable_key(ask.api_key.get_secret_value()):
            raise errors.BadKey
        if not self._allows(ask, ask.model):
            raise errors.ModelNotAllowed

    def _is_counted(self, ask: Ask) -> bool:
        """Whether the host pays for ``ask``."""
        return ask.api_key is None and not self._settings.is_offline

    def _allows(self, ask: Ask, model: str) -> bool:
        """Whether ``model`` may be asked with the key of ``ask``."""
        allowed = self._settings.external_api_models
        return ask.api_key is not None or not allowed or model in allowed

    def _host_key(self) -> SecretStr | None:
        return _OFFLINE_KEY if self._settings.is_offline else self._settings.external_api_key

    def _limit_s(self, kind: Kind) -> float:
        settings = self._settings
        return settings.audio_timeout_s if kind == "audio" else settings.video_timeout_s

    def _log(self, ask: Ask, report: Report, sent_bytes: int) -> None:
        self._metrics.add(ask.kind, report, sent_bytes)
        self.models.learn(report)
        # A visitor may type anything in the place of a model, a key too.
        model = ask.model if self.models.is_listed(ask.model) else "another"
        facts = facts_of(ask.kind, model, report, sent_bytes)
        # A log that is JSON has each of them under its name.
        log.info("run %s", line_of(facts), extra={"run": facts})


def _told_as_ours(bug: Exception, where: str) -> errors.AppFailed:
    """The error that says that this app failed; the log has the bug's class and places."""
    log.error("a bug in %s: %s", where, place_of(bug))
    return errors.AppFailed()
