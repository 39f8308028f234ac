"""A process for every piece of work on a stranger's file.

One worker does one job and ends, so that what a file does to it cannot reach
the next person's file. Workers are started ahead, since importing a decoder
takes longer than using it on a small file. A worker has no environment and
:class:`~services.media.limits.Limits`. It is killed, with all that it may have
started, when one of them is reached, when it falls silent, when nobody waits
for it any more, and when this process ends.

Parent and worker (:mod:`services.media.worker`) speak JSON lines over the
worker's stdin and stdout::

    ← {"ready": null}       once, when the warm-up is over
    → {"job": "inspect", "arguments": {…}}
    ← {"message": …}        any number of times
    ← {"result": …}         or {"fault": "UnreadableFile"}, once, at the end

``Popen`` and threads rather than asyncio's subprocesses: the idle workers then
belong to no event loop.

What is left out: a limit on processes (the system counts those of a user, not
of a worker, threads among them, and does not hold root to it) and a filter of
system calls or paths (Linux alone has them, and needs a library or a right for
them). A container around the app is the place for both.
"""

import asyncio
import collections
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final, Self

from services import errors
from services.media import replies
from services.media.limits import Limits, limits_of

log: Final = logging.getLogger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[2]
_WORKER: Final = "services.media.worker"
#: What a platform's loader cannot start Python without.
_KEPT_VARIABLES: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH")


class _Worker:
    """A worker's process, with whatever it has started."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # FFmpeg's complaints carry file names
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
            # One BLAS thread and one malloc arena: nothing here needs more, and
            # each would count against the memory limit. pydub asks for a PATH on
            # import, to look for an ffmpeg that is never to be run.
            | {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "PATH": ""},
            bufsize=0,
            start_new_session=True,  # a group of its own, to be ended as one
        )
        self._lock = threading.Lock()
        self._is_ended = False
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.said = self._process.stdout
        self._asked = self._process.stdin

    def ask(self, request: Mapping[str, Any]) -> None:
        """Send the one request."""
        with contextlib.suppress(BrokenPipeError):
            data = memoryview(json.dumps(request).encode() + b"\n")
            while data:
                data = data[self._asked.write(data) :]

    def is_alive(self) -> bool:
        with self._lock:
            return self._process.poll() is None

    def _kill(self) -> None:
        if self._is_ended or self._process.returncode is not None:
            return  # its id may be another process's by now
        if sys.platform == "win32":
            self._process.kill()
        else:
            # macOS refuses where nothing but a zombie is left of the group.
            with contextlib.suppress(PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it, from any thread, without waiting for that."""
        with self._lock:
            self._kill()

    def end(self) -> None:
        """End it and close the pipes: nobody may be reading them."""
        with self._lock:
            self._kill()
            self._is_ended = True
        self._process.wait()
        for pipe in (self._asked, self.said):
            with contextlib.suppress(OSError):
                pipe.close()


class Sandbox:
    """Runs the jobs of one module, each in a process of its own.

    ``jobs`` is the dotted name of a module as :mod:`services.media.worker` wants
    it. ``limits`` hold in the place of those of each job. At most ``at_once`` jobs
    run; others wait their turn. ``spare`` workers are kept ready.
    """

    def __init__(
        self, jobs: str, limits: Limits | None = None, *, spare: int = 1, at_once: int = 4
    ) -> None:
        self._jobs = jobs
        self._limits = limits
        self._spare = spare
        self._ready: collections.deque[_Worker] = collections.deque()
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
            worker.end()
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
            TooMuchInside: decoding it would go past the limits.
            UnreadableFile: the worker crashed, hung or went past a limit.
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
        holder: list[_Worker] = []

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
                name, value = replies.understood(line)
                if name == "fault":
                    raise replies.fault(value)
                seen.add(name)
                yield name, value
            if "ready" not in seen:
                log.error("no worker came up: run python -m %s %s null", _WORKER, self._jobs)
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
        worker: _Worker,
        job: str,
        arguments: Mapping[str, Any],
        put: Callable[[str | None], None],
        abandoned: threading.Event,
    ) -> None:
        limits = self._limits or limits_of(job)
        alarm = threading.Timer(limits.wall_s, worker.kill)
        if sys.platform == "win32":
            alarm.start()
        try:
            if abandoned.is_set():
                return
            worker.ask({"job": job, "arguments": arguments})
            for line in replies.lines(
                worker.said, limits, lambda: worker.is_alive() and not abandoned.is_set()
            ):
                put(line)
        finally:
            alarm.cancel()
            worker.end()
            self._refill()

    def _take(self) -> _Worker:
        with self._lock:
            while self._ready:
                worker = self._ready.popleft()
                if worker.is_alive():
                    return worker
                worker.end()
        return self._start()

    def _refill(self) -> None:
        with self._lock:
            while not self._closed and len(self._ready) < self._spare:
                self._ready.append(self._start())

    def _start(self) -> _Worker:
        own = self._limits and astuple(self._limits)
        return _Worker([sys.executable, "-E", "-s", "-m", _WORKER, self._jobs, json.dumps(own)])
