"""A process for every piece of work on a stranger's file.

One worker does one job and ends, so that what a file does to it cannot reach
the next person's file. Workers are started ahead, since importing a decoder
takes longer than using it on a small file. A worker has no environment, a
limit on memory, processor time and output size, and is killed when its wall
time is over or nobody waits for it any more.

Parent and worker (:mod:`services.media.worker`) speak JSON lines over the
worker's stdin and stdout::

    ← {"ready": null}       once, when the warm-up is over
    → {"job": "inspect", "arguments": {…}}
    ← {"message": …}        any number of times
    ← {"result": …}         or {"fault": "UnreadableFile"}, once, at the end

``Popen`` and threads rather than asyncio's subprocesses: the idle workers then
belong to no event loop.
"""

import asyncio
import collections
import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

from services import errors

log: Final = logging.getLogger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[2]
_WORKER: Final = "services.media.worker"
#: What a platform's loader cannot start Python without.
_KEPT_VARIABLES: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH")
#: How many letters a worker may say in all. A job says ten to thirty a second
#: of media; one that was taken over could otherwise fill this process's memory.
_MOST_SAID: Final = 4 * 1024 * 1024
#: What a job may blame on the file. A worker that was taken over may name anything.
_FAULTS: Final = MappingProxyType(
    {
        fault.__name__: fault
        for fault in (
            errors.EmptyFile,
            errors.NotMedia,
            errors.UnreadableFile,
            errors.NoSound,
            errors.NoPicture,
        )
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use. Memory and CPU limits hold where the system has them."""

    memory_bytes: int = 2 * 1024**3
    cpu_s: int = 600
    output_bytes: int = 1024**3
    wall_s: float = 600


class Sandbox:
    """Runs the jobs of one module, each in a process of its own.

    ``jobs`` is the dotted name of a module as :mod:`services.media.worker` wants
    it. At most ``at_once`` jobs run; others wait their turn.
    ``spare`` workers are kept ready.
    """

    def __init__(
        self, jobs: str, limits: Limits | None = None, *, spare: int = 1, at_once: int = 4
    ) -> None:
        self._jobs = jobs
        self._limits = limits or Limits()
        self._spare = spare
        self._ready: collections.deque[subprocess.Popen[str]] = collections.deque()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="sandbox")
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        self._refill()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the idle workers; running jobs end with their callers."""
        with self._lock:
            self._closed = True
            idle = list(self._ready)
            self._ready.clear()
        for worker in idle:
            _end(worker)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, job: str, **arguments: Any) -> Any:
        """The result of ``job``; its messages are dropped. Errors as in :meth:`stream`."""
        result = None
        async for name, value in self._lines(job, arguments):
            if name == "result":
                result = value
        return result

    async def stream(self, job: str, **arguments: Any) -> AsyncGenerator[Any, None]:
        """The messages of ``job``, as they come.

        Raises:
            InputError: the class the job named, if files can be at fault in that way.
            UnreadableFile: the worker crashed or went past a limit.
            AppFailed: no worker could be started.
        """
        async with contextlib.aclosing(self._lines(job, arguments)) as lines:
            async for name, value in lines:
                if name == "message":
                    yield value

    async def _lines(
        self, job: str, arguments: Mapping[str, Any]
    ) -> AsyncGenerator[tuple[str, Any], None]:
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        abandoned = threading.Event()
        holder: list[subprocess.Popen[str]] = []

        def put(line: str | None) -> None:
            # The loop may be gone by the time a killed worker's pipe closes.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(lines.put_nowait, line)

        def work() -> None:
            if not abandoned.is_set():
                worker = self._take()
                holder.append(worker)
                self._converse(worker, job, arguments, put, abandoned)

        pending = self._threads.submit(work)
        # However it ends: no worker could be started, or the sandbox was closed.
        pending.add_done_callback(lambda _: put(None))
        seen = set()
        try:
            while (line := await lines.get()) is not None:
                name, value = _understood(line)
                if name == "fault":
                    raise _fault(value)
                seen.add(name)
                yield name, value
            if "ready" not in seen:
                log.error("no worker came up: run python -m %s %s '[0, 0, 0]'", _WORKER, self._jobs)
                raise errors.AppFailed
            if "result" not in seen:
                raise errors.UnreadableFile
        finally:
            abandoned.set()
            pending.cancel()
            for worker in holder:
                worker.kill()

    def _converse(
        self,
        worker: subprocess.Popen[str],
        job: str,
        arguments: Mapping[str, Any],
        put: Callable[[str | None], None],
        abandoned: threading.Event,
    ) -> None:
        assert worker.stdin is not None
        assert worker.stdout is not None
        alarm = threading.Timer(self._limits.wall_s, worker.kill)
        alarm.start()
        try:
            if abandoned.is_set():
                return
            with contextlib.suppress(BrokenPipeError):
                worker.stdin.write(json.dumps({"job": job, "arguments": arguments}) + "\n")
                worker.stdin.flush()
            left = _MOST_SAID
            while left > 0 and (line := worker.stdout.readline(left)):
                left -= len(line)
                put(line)
        finally:
            alarm.cancel()
            _end(worker)
            self._refill()

    def _take(self) -> subprocess.Popen[str]:
        with self._lock:
            while self._ready:
                worker = self._ready.popleft()
                if worker.poll() is None:
                    return worker
                _end(worker)
        return self._start()

    def _refill(self) -> None:
        with self._lock:
            while not self._closed and len(self._ready) < self._spare:
                self._ready.append(self._start())

    def _start(self) -> subprocess.Popen[str]:
        limits = json.dumps(
            [self._limits.memory_bytes, self._limits.cpu_s, self._limits.output_bytes]
        )
        return subprocess.Popen(  # noqa: S603  # our own interpreter, our own module
            [sys.executable, "-E", "-s", "-m", _WORKER, self._jobs, limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # FFmpeg's complaints carry file names
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
            # One BLAS thread and one malloc arena: nothing here needs more, and
            # each would count against the memory limit. pydub asks for a PATH on
            # import, to look for an ffmpeg that is never to be run.
            | {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "PATH": ""},
            text=True,
            encoding="utf-8",
            errors="replace",  # what is no text is no JSON then, and spoils no line before it
        )


def _end(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _understood(line: str) -> tuple[str, Any]:
    """A worker's line as (name, value). A worker that was taken over may say anything."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise errors.UnreadableFile from None
    if not isinstance(said, dict) or len(said) != 1:
        raise errors.UnreadableFile
    return next(iter(said.items()))


def _fault(name: object) -> errors.InputError:
    return _FAULTS.get(str(name), errors.UnreadableFile)()
