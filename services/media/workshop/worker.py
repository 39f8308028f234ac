"""The process that works on a stranger's file: ``python -m services.media.workshop.worker``.

It takes the dotted name of a module of jobs, whose functions it imports ahead, and
what the module's ``get_ready`` is to be given, if anything. It then either does one
job, asked for on stdin and answered on stdout, or, with the number of a socket to
its parent, forks a worker for each job (:mod:`services.media.workshop.zygote`). A
worker takes its limits on before it sees the file, does its job and ends. What it
says are JSON lines::

    {"ready": null}      once, before it reads what it is to do
    {"read": [12.5, 98304]}, {"news": …}    any number of times
    {"result": …}, {"fault": "UnreadableFile"} or {"bug": …}    once, at the end

A fault is the file's, and names one of our errors, maybe with the name of a form behind
it. A bug is ours: it names the exception's class and the places it passed, and never its
message.
"""

import contextlib
import dataclasses
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

    from services.media.workshop.forks import Forks

#: Two processors are what a visitor's job may keep busy. Decoders and encoders
#: take memory for each one they see.
_PROCESSORS: Final = 2
#: The file, its conversion, three pipes and some to spare.
_OPEN_FILES: Final = 32
#: How often a job says how far it is, at most, in seconds.
_TOLD_S: Final = 0.2
#: How much less of the processor a long job gets than a short one beside it.
_NICE: Final = 10


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


def work(
    jobs: dict[str, type[Job[Any, Any]]], get_ready: Callable[[], None], asked: int, said: int
) -> None:
    """Get ready, and do the one job that is asked for on the file descriptor ``asked``.

    What there is to tell goes to ``said``.
    """

    def say(name: str, value: Any) -> None:
        line = memoryview(json.dumps({name: value}).encode() + b"\n")
        while line:
            line = line[os.write(said, line) :]

    try:
        get_ready()
    except Exception as error:  # noqa: BLE001  # ours, whatever it is: it is told as that
        say("ready", None)
        say("bug", place_of(error))
        return
    say("ready", None)
    request = _request(asked)
    if request is None or not ends_with_parent(asked):
        return
    kind = jobs[request["job"]]
    if request["is_long"] and sys.platform != "win32":
        os.nice(_NICE)
    restrict(kind.limits)
    _do(kind, request["request"], say)


def _request(asked: int) -> dict[str, Any] | None:
    """What is asked for; None where the parent is gone before it has asked."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(asked, 64 * 1024)
        if not piece:
            return None
        line += piece
    request: dict[str, Any] = json.loads(line)
    return request


def _do(kind: type[Job[Any, Any]], request: Any, say: Callable[[str, Any], None]) -> None:
    result, news = types_of(kind)
    try:
        job = adapter(kind).validate_python(request)
        made = _function(kind)(job, Teller(say, news))
        say("result", adapter(result).dump_python(made, mode="json", warnings="error"))
    except errors.InputError as error:
        say("fault", f"{type(error).__name__} {error.facts.get('form', '')}".strip())
    except MemoryError:
        say("fault", errors.TooMuchInside.__name__)
    except Exception as error:  # noqa: BLE001  # ours, whatever it is: it is told as that
        say("bug", place_of(error))


def main() -> None:
    """Warm up, then work."""
    module, given, *control = sys.argv[1:]
    jobs = warm_up(module)

    def get_ready() -> None:
        # Whatever the module wants done in each worker before it is asked for anything.
        if given:
            sys.modules[module].get_ready(given)

    if control:
        # Whatever the module wants done once, and not again by each fork. What goes wrong
        # there goes wrong in the first job as well, which can say so.
        with contextlib.suppress(Exception):
            getattr(sys.modules[module], "warm_up", lambda: None)()
        forks = Forks(lambda: work(jobs, get_ready, 0, 3), socket.socket(fileno=int(control[0])))
        forks.serve()
        return
    said = os.dup(1)
    os.dup2(2, 1)
    work(jobs, get_ready, 0, said)


if __name__ == "__main__":
    main()
