"""The queue of all batches: DBOS, in a database of one file, or in one that several replicas share.

What waits and what was begun is in there before it is done, so that a process that is killed
leaves behind what it was about: which clip, never a key, a question or an answer. No other
process does any of it: another one settles what is left, and a person decides.
"""

import asyncio
import contextlib
import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar

from pydantic import SecretStr

from services import errors
from services.batch.values import AT_ONCE
from services.places import place_of

log: Final = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")

#: What became of a clip that was taken off the queue: it was asked about, or not.
Ended = Literal["asked", "held"]

_NAME: Final = "show-and-tell"
_DATABASE: Final = "queue.sqlite"
#: Of another version DBOS would leave alone what it finds. What is in there has not changed.
_VERSION: Final = "1"
#: How often DBOS looks for what waits, in seconds. So that nobody waits for that, it takes of a
#: batch as many ahead as are asked about at once.
_LOOKS_S: Final = 0.1
_AHEAD: Final = 2
#: How long a database that is away is waited for, in seconds, where a person waits as well.
_PATIENCE_S: Final = 20.0
_OPEN: Final = ["ENQUEUED", "PENDING"]
#: The step by which a clip is begun, and the state of one whose process did not live to tell.
_BEGIN: Final = "begin"
_UNSURE: Final = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Runs:
    """The latest run of a batch, 0 for none; and the latest of each clip that is unsure in one."""

    latest: int
    unsure: Mapping[int, int]


class Work(Protocol):
    """What is done about a clip, by batch, run and number."""

    async def turn(self, batch: str, run: int, number: int) -> bool:
        """Wait for its turn; False if it is not to be asked about."""

    async def ask(self, batch: str, run: int, number: int) -> None:
        """Ask about it: it is noted as begun. Raises nothing."""

    async def give_up(self, batch: str, run: int, number: int) -> None:
        """It had its turn, and could not be noted as begun."""


class Engine:
    """Has ``work`` done in the event loop of its callers.

    It is kept in the Postgres at ``shared``, or else in a file in ``folder``. It starts when it
    is first needed. DBOS, of which there is one in a process, is imported then: that takes half
    a second, and one of its libraries asks a program what the processor is.

    All that is asked of it raises BatchesAway while the database is.
    """

    def __init__(self, folder: Path, work: Work, shared: SecretStr | None = None) -> None:
        self._folder = folder
        self._shared = shared
        self._work = work
        #: Who this is, for DBOS: it is never another one's, which are gone or at their own work.
        self._process = secrets.token_hex(8)
        self._starting = threading.Lock()
        self._dbos: Any = None
        #: By which DBOS is asked about what it does: an error comes at once, where DBOS itself
        #: would wait for a database that is away.
        self._client: Any = None
        self._clip: Callable[..., Coroutine[Any, Any, Ended]] | None = None

    async def start(self) -> None:
        """Start, if that is not done."""
        loop = asyncio.get_running_loop()
        await self._told(lambda: self._start(loop))

    async def enqueue(self, batch: str, run: int, numbers: Sequence[int], at_once: int) -> None:
        """Queue clips of ``batch``, each of which is begun at most once in this ``run``."""

        def enqueue() -> None:
            dbos, clip = self._dbos, self._clip
            assert clip is not None  # it was started
            for place, number in enumerate(numbers):
                told = batch, run, number
                with dbos.SetWorkflowID(f"{batch}.{run}.{number}"):
                    if place < at_once:  # these need not wait for DBOS to look
                        dbos.DBOS.start_workflow(clip, *told)
                        continue
                    with dbos.SetEnqueueOptions(queue_partition_key=batch):
                        dbos.DBOS.enqueue_workflow(self._process, clip, *told)

        await self._told(enqueue)

    async def is_left(self, batch: str) -> bool:
        """Whether another process has begun with ``batch`` and not come to an end."""
        return bool(await self._told(lambda: self._left(batch)))

    async def settle(self, batch: str) -> None:
        """What another process has left of ``batch`` was not sent, or is unsure from now on.

        That one must be gone.
        """

        def settle() -> None:
            begun: list[str] = []
            not_begun: list[str] = []
            for one in self._left(batch):
                steps = self._client.list_workflow_steps(one.workflow_id)
                is_begun = any(step["function_name"] == _BEGIN for step in steps)
                (begun if is_begun else not_begun).append(one.workflow_id)
            self._client.cancel_workflows(begun)
            self._client.delete_workflows(not_begun)

        await self._told(settle)

    async def runs(self, batch: str) -> Runs:
        """How far ``batch`` has come."""
        latest = 0
        unsure: dict[int, int] = {}
        for one in await self._told(lambda: self._listed(batch)):
            _, run, number = one.workflow_id.split(".")
            latest = max(latest, int(run))
            if one.status == _UNSURE:
                unsure[int(number)] = max(int(run), unsure.get(int(number), 0))
        return Runs(latest, unsure)

    async def forget(self, batch: str) -> None:
        """Keep nothing of ``batch``."""

        def forget() -> None:
            self._client.delete_workflows([one.workflow_id for one in self._listed(batch)])

        await self._told(forget)

    def forget_before(self, moment: float) -> None:
        """Keep nothing of what was queued before ``moment``, in seconds of Unix time.

        Where it was not started, it does so when it is.

        Raises:
            BatchesAway: it could not.
        """
        if self._clip is None:
            return
        ends = datetime.fromtimestamp(moment, UTC).isoformat()
        with _away():
            found = self._client.list_workflows(end_time=ends, load_input=False, load_output=False)
            self._client.delete_workflows([one.workflow_id for one in found])

    def stop(self) -> None:
        """Let go of the database."""
        with self._starting:
            if self._clip is None:
                return
            with contextlib.suppress(errors.BatchesAway), _away():
                self._client.delete_queue(self._process)
            self._end()

    async def _told(self, asked: Callable[[], Outcome]) -> Outcome:
        """What ``asked`` gives, in a thread of its own."""
        with _away():
            async with asyncio.timeout(_PATIENCE_S):
                return await asyncio.to_thread(asked)

    def _listed(self, batch: str, **which: Any) -> list[Any]:
        found: list[Any] = self._client.list_workflows(
            workflow_id_prefix=f"{batch}.", load_input=False, load_output=False, **which
        )
        return found

    def _left(self, batch: str) -> list[Any]:
        found = self._listed(batch, status=_OPEN)
        return [one for one in found if self._process not in {one.executor_id, one.queue_name}]

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._starting:
            if self._clip is not None:
                return
            import dbos  # noqa: PLC0415  # see above

            self._dbos, database = dbos, self._database()
            dbos.DBOS(
                config={
                    "name": _NAME,
                    "system_database_url": database,
                    "application_version": _VERSION,
                    "executor_id": self._process,
                    # What goes wrong is told by us, without the message: it may have a password.
                    "log_level": "CRITICAL",
                }
            )
            try:
                clip = self._registered(loop)
                # What others queue is theirs.
                dbos.DBOS.listen_queues([self._process])
                dbos.DBOS.launch()
                dbos.DBOS.register_queue(
                    self._process,
                    partition_worker_concurrency=AT_ONCE * _AHEAD,
                    polling_interval_sec=_LOOKS_S,
                )
                self._client = dbos.DBOSClient(
                    system_database_url=database,
                    application_name=_NAME,
                    retry_connection_errors=False,
                )
            except BaseException:
                self._end()
                raise
            self._clip = clip

    def _end(self) -> None:
        if self._client is not None:
            self._client.destroy()
        self._dbos.DBOS.destroy(destroy_registry=True)
        self._client = self._clip = None

    def _database(self) -> str:
        """Where it is, as SQLAlchemy has it."""
        if self._shared is not None:
            return self._shared.get_secret_value()
        path = self._folder / _DATABASE
        with contextlib.closing(sqlite3.connect(path)) as database:
            # Each step is a commit: so it has to wait for the disk once, and not thrice.
            database.execute("PRAGMA journal_mode=WAL")
        path.chmod(0o600)
        return f"sqlite:///{path}"

    def _registered(
        self, loop: asyncio.AbstractEventLoop
    ) -> Callable[..., Coroutine[Any, Any, Ended]]:
        """The workflow of a clip."""
        dbos, work = self._dbos, self._work

        async def there(doing: Coroutine[Any, Any, Outcome]) -> Outcome:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(doing, loop))

        async def nothing() -> None:
            """That it was done is noted, and that is all."""

        begin: Callable[[], Coroutine[Any, Any, None]] = dbos.DBOS.step(name=_BEGIN)(nothing)

        async def clip(batch: str, run: int, number: int) -> Ended:
            if not await there(work.turn(batch, run, number)):
                return "held"
            try:
                await begin()
            except BaseException:
                await there(work.give_up(batch, run, number))
                raise
            await there(work.ask(batch, run, number))
            return "asked"

        workflow: Callable[..., Coroutine[Any, Any, Ended]] = dbos.DBOS.workflow(name="clip")(clip)
        return workflow


@contextlib.contextmanager
def _away() -> Iterator[None]:
    """Whatever goes wrong with the database is told so.

    Raises:
        BatchesAway: it did not answer, or not as it should.
    """
    try:
        yield
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  # DBOS has it imported by now

        if not isinstance(error, SQLAlchemyError | TimeoutError | OSError):
            raise
        log.error("the queue of batches: %s", place_of(error))  # noqa: TRY400  # a message may have a password
        raise errors.BatchesAway from None
