"""The sandbox process: ``python -m services.media.worker JOBS LIMITS``.

``JOBS`` is the dotted name of a module with ``JOBS``, a mapping from a name to
a function, and ``warm_up()``, which imports what is slow. A function takes the
arguments of the request and ``tell``, which sends a message while it works; it
returns JSON, or raises an :class:`~services.errors.InputError` when the file is
at fault. ``LIMITS`` is JSON: the fields of :class:`~services.media.limits.Limits`,
or null for those of the job. They are set before the file is opened.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from services import errors
from services.media.limits import Limits, limits_of

if sys.platform != "win32":
    import fcntl
    import resource
    import select

#: Two processors are what a visitor's job may keep busy. Decoders and encoders
#: take memory for each one they see.
_PROCESSORS: Final = 2
#: The file, its conversion, three pipes and some to spare.
_OPEN_FILES: Final = 32


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


def ends_with_parent() -> bool:
    """Have the system kill this process, and its group, when the parent is gone.

    The parent holds the other end of stdin, and writes nothing more to it; when
    it ends, however it ends, Linux signals whoever asked to be told about that
    pipe. This needs no thread here, so a decoder that hangs does not prevent it,
    and no thread there, as ``PR_SET_PDEATHSIG`` does. False if it is gone already.
    """
    if sys.platform != "linux":
        return True  # it ends when it next says something
    else:  # noqa: RET505  # mypy knows platforms by such a branch only
        stdin = sys.stdin.fileno()
        with contextlib.suppress(OSError):  # gVisor and its like may not know how
            fcntl.fcntl(stdin, fcntl.F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(stdin, fcntl.F_SETOWN, -os.getpgrp())
            fcntl.fcntl(stdin, fcntl.F_SETFL, fcntl.fcntl(stdin, fcntl.F_GETFL) | os.O_ASYNC)
        return not select.select([stdin], [], [], 0)[0]  # nothing but the end is left to read


def serve() -> None:
    """Warm up, take the limits on, do one job, end."""
    jobs = importlib.import_module(sys.argv[1])
    out = sys.stdout
    sys.stdout = sys.stderr  # nothing a decoder prints may look like a reply

    def say(name: str, value: Any) -> None:
        print(json.dumps({name: value}), file=out, flush=True)

    jobs.warm_up()
    say("ready", None)
    line = sys.stdin.readline()
    if not line or not ends_with_parent():
        return
    request = json.loads(line)
    own = json.loads(sys.argv[2])
    restrict(Limits(*own) if own else limits_of(request["job"]))
    job = jobs.JOBS[request["job"]]
    try:
        say("result", job(**request["arguments"], tell=lambda value: say("message", value)))
    except errors.InputError as error:
        say("fault", type(error).__name__)
    except MemoryError:
        say("fault", errors.TooMuchInside.__name__)


if __name__ == "__main__":
    serve()
