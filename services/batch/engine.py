"""The queue of all batches: DBOS, in a database of one file.

What waits and what was begun is in there before it is done, so that a process that is killed
leaves behind what it was about: which clip, never a key, a question or an answer.
"""

import asyncio
import contextlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar

Outcome = TypeVar("Outcome")

#: What became of a clip that was taken off the queue: it was asked about, or not, or it had been
#: begun by a process that did not live to tell.
Ended = Literal["asked", "held", "unsure"]

_DATABASE: Final = "queue.sqlite"
#: Of another version DBOS would leave alone what it finds. What is in there has not changed.
_VERSION: Final = "1"
#: How often DBOS looks for what waits, in seconds. So that nobody waits for that, it takes as
#: many ahead as are asked about at once.
_LOOKS_S: Final = 0.1
_AHEAD: Final = 2
#: How long what an earlier process left may take to be sorted, in seconds.
_SORTED_S: Final = 30.0
_OPEN: Final = ["ENQUEUED", "PENDING"]


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
    """Keeps its database in ``folder``, and has ``work`` done in the event loop of its callers.

    It starts when it is first needed. DBOS, of which there is one in a process, is imported then:
    that takes half a second, and one of its libraries asks a program what the processor is.
    """

    def __init__(self, folder: Path, work: Work) -> None:
        self._folder = folder
        self._work = work
        self._process = secrets.token_hex(8)
        self._starting = threading.Lock()
        self._dbos: Any = None
        self._clip: Callable[..., Coroutine[Any, Any, Ended]] | None = None

    async def start(self) -> None:
        """Start, if that is not done; what an earlier process left is sorted then."""
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._start, loop)

    async def enqueue(self, batch: str, run: int, numbers: Sequence[int], at_once: int) -> None:
        """Queue clips of ``batch``, each of which is begun at most once in this ``run``."""

        def enqueue() -> None:
            dbos, clip = self._dbos, self._clip
            assert clip is not None  # it was started
            most = at_once * _AHEAD
            dbos.DBOS.register_queue(batch, worker_concurrency=most, polling_interval_sec=_LOOKS_S)
            for place, number in enumerate(numbers):
                told = self._process, batch, run, number
                with dbos.SetWorkflowID(f"{batch}.{run}.{number}"):
                    # It takes DBOS a second to see that there is a new queue.
                    if place < at_once:
                        dbos.DBOS.start_workflow(clip, *told)
                    else:
                        dbos.DBOS.enqueue_workflow(batch, clip, *told)

        await asyncio.to_thread(enqueue)

    async def close(self, batch: str) -> None:
        """Look no more for what waits in ``batch``."""
        await asyncio.to_thread(self._dbos.DBOS.delete_queue, batch)

    async def runs(self, batch: str) -> Runs:
        """How far ``batch`` has come."""
        latest = 0
        ended: dict[int, int] = {}
        for one in await asyncio.to_thread(self._listed, batch):
            _, run, number = one.workflow_id.split(".")
            latest = max(latest, int(run))
            if one.status == "SUCCESS" and one.output == "unsure":
                ended[int(number)] = max(int(run), ended.get(int(number), 0))
        return Runs(latest, ended)

    async def forget(self, batch: str) -> None:
        """Keep nothing of ``batch``."""

        def forget() -> None:
            self._dbos.DBOS.delete_queue(batch)
            self._dbos.DBOS.delete_workflows([one.workflow_id for one in self._listed(batch)])

        await asyncio.to_thread(forget)

    def forget_before(self, moment: float) -> None:
        """Keep nothing of what was queued before ``moment``, in seconds of Unix time.

        Where it was not started, it does so when it is.
        """
        with self._starting:
            if self._clip is not None:
                ends = datetime.fromtimestamp(moment, UTC).isoformat()
                found = self._dbos.DBOS.list_workflows(
                    end_time=ends, load_input=False, load_output=False
                )
                self._dbos.DBOS.delete_workflows([one.workflow_id for one in found])

    def stop(self) -> None:
        """Let go of the database."""
        with self._starting:
            if self._clip is not None:
                self._dbos.DBOS.destroy(destroy_registry=True)
                self._clip = None

    def _listed(self, batch: str) -> list[Any]:
        found: list[Any] = self._dbos.DBOS.list_workflows(
            workflow_id_prefix=f"{batch}.", load_input=False
        )
        return found

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._starting:
            if self._clip is not None:
                return
            import dbos  # noqa: PLC0415  # see above

            self._dbos = dbos
            path = self._folder / _DATABASE
            with contextlib.closing(sqlite3.connect(path)) as database:
                # Each step is a commit: so it has to wait for the disk once, and not thrice.
                database.execute("PRAGMA journal_mode=WAL")
            path.chmod(0o600)
            self._dbos.DBOS(
                config={
                    "name": "show-and-tell",
                    "system_database_url": f"sqlite:///{path}",
                    "application_version": _VERSION,
                    "executor_id": "local",
                    "log_level": "ERROR",
                }
            )
            self._clip = self._registered(loop)
            self._dbos.DBOS.launch()
            self._sort()

    def _registered(
        self, loop: asyncio.AbstractEventLoop
    ) -> Callable[..., Coroutine[Any, Any, Ended]]:
        """The workflow of a clip."""
        dbos, process, work = self._dbos, self._process, self._work

        async def there(doing: Coroutine[Any, Any, Outcome]) -> Outcome:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(doing, loop))

        async def name() -> str:
            return process

        begin: Callable[[], Coroutine[Any, Any, str]] = dbos.DBOS.step(name="begin")(name)

        async def clip(queued_by: str, batch: str, run: int, number: int) -> Ended:
            is_ours = queued_by == process
            if is_ours and not await there(work.turn(batch, run, number)):
                return "held"
            # DBOS does no step twice, but gives what came of it: of one that was begun before,
            # the name of that process.
            try:
                begun_by = await begin()
            except BaseException:
                if is_ours:
                    await there(work.give_up(batch, run, number))
                raise
            if begun_by != process:
                return "unsure"
            if not is_ours:
                return "held"
            await there(work.ask(batch, run, number))
            return "asked"

        workflow: Callable[..., Coroutine[Any, Any, Ended]] = dbos.DBOS.workflow(name="clip")(clip)
        return workflow

    def _sort(self) -> None:
        """Have each clip that an earlier process left end as held, or as unsure."""
        until = time.monotonic() + _SORTED_S
        while time.monotonic() < until:
            if not self._dbos.DBOS.list_workflows(
                status=_OPEN, limit=1, load_input=False, load_output=False
            ):
                break
            time.sleep(_LOOKS_S)
        for queue in self._dbos.DBOS.list_queues():
            self._dbos.DBOS.delete_queue(queue.name)
