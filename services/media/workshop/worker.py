"""The process that works on a stranger's file: ``python -m services.media.workshop.worker``.

It takes the dotted name of a module of jobs, whose functions it imports ahead, and
then either does one job, asked for on stdin and answered on stdout, or, with the
number of a socket to its parent, forks a worker for each job
(:mod:`services.media.workshop.zygote`). A worker takes its limits on before it
sees the file, does its job and ends. What it says are JSON lines::

    {"ready": null}      once, before it reads what it is to do
    {"read": [12.5, 98304]}, {"news": …}    any number of times
    {"result": …}, {"fault": "UnreadableFile"} or {"bug": …}    once, at the end

A fault is the file's, and names one of our errors. A bug is ours: it names the
exception's class and the places it passed, and never its message.
"""

import contextlib
import dataclasses
import gc
import importlib
import inspect
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from services import errors
from services.media.workshop.job import Job, Limits, adapter, types_of
from services.places import place_of

if sys.platform != "win32":
    import fcntl
    import resource
    import select

#: Two processors are what a visitor's job may keep busy. Decoders and encoders
#: take memory for each one they see.
_PROCESSORS: Final = 2
#: The file, its conversion, three pipes and some to spare.
_OPEN_FILES: Final = 32
#: How often a job says how far it is, at most, in seconds.
_TOLD_S: Final = 0.2
#: How much less of the processor a long job gets than a short one beside it.
_NICE: Final = 10
#: More files than the process that forks has ever open: three for each job.
_MOST_FILES: Final = 4096


class Teller:
    """What a job tells while it works."""

    def __init__(self, say: Callable[[str, Any], None], news: Any) -> None:
        self._say = say
        self._news = adapter(news)
        self._due = 0.0

    def read(self, seconds: float, count: int) -> None:
        """So many seconds of media, and bytes, have been read: the sign of life."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _TOLD_S
            self._say("read", [seconds, count])

    def news(self, news: Any) -> None:
        """Something that whoever waits should have before the job is over."""
        self._say("news", self._news.dump_python(news, mode="json", warnings="error"))


def jobs_in(module: str) -> dict[str, type[Job[Any, Any]]]:
    """The jobs of ``module``, by the names of their classes."""
    return {
        name: one
        for name, one in vars(importlib.import_module(module)).items()
        if inspect.isclass(one) and issubclass(one, Job) and dataclasses.is_dataclass(one)
    }


def _function(job: type[Job[Any, Any]]) -> Callable[[Any, Teller], Any]:
    module, _, name = job.function.partition(":")
    function: Callable[[Any, Teller], Any] = getattr(importlib.import_module(module), name)
    return function


def warm_up(module: str) -> dict[str, type[Job[Any, Any]]]:
    """Import all that is slow to import."""
    jobs = jobs_in(module)
    for job in jobs.values():
        _function(job)
        for kind in (job, *types_of(job)):
            adapter(kind)
    return jobs


def restrict(limits: Limits) -> None:
    """Take the limits on for the rest of this process."""
    os.umask(0o077)
    if sys.platform == "win32":  # it has no such limits; the parent's clock still holds
        return
    for what, most in (
        (resource.RLIMIT_AS, _address_space() + limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s + int(time.process_time()) + 1),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS refuses some of these; the others still hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        # Not the same two for everyone.
        mine = sorted(os.sched_getaffinity(0))
        first = os.getpid() % len(mine)
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, (mine + mine)[first : first + _PROCESSORS])


def _address_space() -> int:
    """Bytes of address space this process has, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def ends_with_parent(asked: int) -> bool:
    """Have the system kill this process, and its group, when the parent is gone.

    The parent holds the other end of ``asked``, and writes nothing more to it; when
    it ends, however it ends, Linux signals whoever asked to be told about that
    pipe. This needs no thread here, so a decoder that hangs does not prevent it,
    and no thread there, as ``PR_SET_PDEATHSIG`` does. False if it is gone already.
    """
    if sys.platform != "linux":
        return True  # it ends when it next says something
    else:  # noqa: RET505  # mypy knows platforms by such a branch only
        with contextlib.suppress(OSError):  # gVisor and its like may not know how
            fcntl.fcntl(asked, fcntl.F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(asked, fcntl.F_SETOWN, -os.getpgrp())
            fcntl.fcntl(asked, fcntl.F_SETFL, fcntl.fcntl(asked, fcntl.F_GETFL) | os.O_ASYNC)
        return not select.select([asked], [], [], 0)[0]  # nothing but the end is left to read


def work(jobs: dict[str, type[Job[Any, Any]]], asked: int, said: int) -> None:
    """Do the one job that is asked for on the file descriptor ``asked``; tell on ``said``."""

    def say(name: str, value: Any) -> None:
        line = memoryview(json.dumps({name: value}).encode() + b"\n")
        while line:
            line = line[os.write(said, line) :]

    say("ready", None)
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(asked, 64 * 1024)
        if not piece:
            return
        line += piece
    if not ends_with_parent(asked):
        return
    request = json.loads(line)
    kind = jobs[request["job"]]
    result, news = types_of(kind)
    if request["is_long"] and sys.platform != "win32":
        os.nice(_NICE)
    restrict(kind.limits)
    try:
        job = adapter(kind).validate_python(request["request"])
        made = _function(kind)(job, Teller(say, news))
        say("result", adapter(result).dump_python(made, mode="json", warnings="error"))
    except errors.InputError as error:
        say("fault", type(error).__name__)
    except MemoryError:
        say("fault", errors.TooMuchInside.__name__)
    except Exception as error:  # noqa: BLE001  # ours, whatever it is: it is told as that
        say("bug", place_of(error))


class _Forks:
    """Forks a worker for each job; ``control`` is the socket to the parent.

    A message is a verb and the number of a job. With ``fork`` come the ends of
    three pipes: what the worker is asked, what it says, and one that this process
    holds open for as long as the worker lives, whatever may have got hold of the others.
    """

    def __init__(self, jobs: dict[str, type[Job[Any, Any]]], control: socket.socket) -> None:
        self._jobs = jobs
        self._control = control
        self._workers: dict[int, tuple[int, int]] = {}  # job → process id, pipe

    def serve(self) -> None:
        """Until the parent is gone."""
        woken, wakes = os.pipe()
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        gc.freeze()  # what is here stays, and is not copied by a collector's marks
        while True:
            ready, _, _ = select.select([self._control.fileno(), woken], [], [])
            if woken in ready:
                os.read(woken, 4096)
                self._bury()
            if self._control.fileno() in ready and not self._heed():
                return

    def _heed(self) -> bool:
        data, pipes, _, _ = socket.recv_fds(self._control, 64, 3)
        if not data:
            return False
        verb, number = data.decode("ascii").split()
        if verb == "fork":
            self._fork(int(number), *pipes)
        elif int(number) in self._workers:
            self._kill(self._workers[int(number)][0])
        return True

    def _fork(self, number: int, asked: int, said: int, alive: int) -> None:
        try:
            process = os.fork()
        except OSError:  # no memory, or too many processes: whoever waits sees no worker come up
            for pipe in (asked, said, alive):
                os.close(pipe)
            return
        if process:
            self._workers[number] = process, alive
            os.close(asked)
            os.close(said)
            return
        try:
            _become_worker(asked, said)
            work(self._jobs, 0, 3)
        finally:
            os._exit(0)

    def _bury(self) -> None:
        """Let go of the workers that have ended, with whatever they started."""
        for number, (process, alive) in list(self._workers.items()):
            gone = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if gone is not None:
                self._kill(process)  # before it is reaped its id is nobody else's
                os.waitpid(process, 0)
                os.close(alive)
                del self._workers[number]

    @staticmethod
    def _kill(process: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)


def _become_worker(asked: int, said: int) -> None:
    """A group of its own, and no file but the two pipes: 0 is what it is asked, 3 what it says."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said = os.dup(said)  # out of the way of what comes now
    os.dup2(asked, 0)
    os.dup2(2, 1)  # nothing a decoder prints may look like a reply
    os.dup2(said, 3)
    os.closerange(4, _MOST_FILES)


def main() -> None:
    """Warm up, then work."""
    module, *control = sys.argv[1:]
    jobs = warm_up(module)
    if control:
        # Whatever the module wants done once, and not again by each fork. What goes wrong
        # there goes wrong in the first job as well, which can say so.
        with contextlib.suppress(Exception):
            getattr(sys.modules[module], "warm_up", lambda: None)()
        _Forks(jobs, socket.socket(fileno=int(control[0]))).serve()
        return
    said = os.dup(1)
    os.dup2(2, 1)
    work(jobs, 0, said)


if __name__ == "__main__":
    main()
