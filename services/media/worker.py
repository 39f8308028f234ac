"""The sandbox process: ``python -m services.media.worker JOBS LIMITS``.

``JOBS`` is the dotted name of a module with ``JOBS``, a mapping from a name to
a function, and ``warm_up()``, which imports what is slow. A function takes the
arguments of the request and ``tell``, which sends a message while it works; it
returns JSON, or raises an :class:`~services.errors.InputError` when the file is
at fault. ``LIMITS`` is JSON: bytes of memory, seconds of processor time, bytes
of output. The limits are set after the warm-up and before the file is named.
"""

import contextlib
import importlib
import json
import sys
import time
from typing import Any

from services import errors

if sys.platform != "win32":
    import resource


def restrict(memory_bytes: int, cpu_s: int, output_bytes: int) -> None:
    """Take the limits on for the rest of this process."""
    if sys.platform == "win32":  # it has no such limits; the parent's clock still holds
        return
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s + int(time.process_time()) + 1),
        (resource.RLIMIT_FSIZE, output_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS refuses some of these; the others still hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def serve() -> None:
    """Warm up, take the limits on, do one job, end."""
    jobs = importlib.import_module(sys.argv[1])
    out = sys.stdout
    sys.stdout = sys.stderr  # nothing a decoder prints may look like a reply

    def say(name: str, value: Any) -> None:
        print(json.dumps({name: value}), file=out, flush=True)

    jobs.warm_up()
    restrict(*json.loads(sys.argv[2]))
    say("ready", None)
    line = sys.stdin.readline()
    if not line:  # the parent is gone
        return
    request = json.loads(line)
    job = jobs.JOBS[request["job"]]
    try:
        say("result", job(**request["arguments"], tell=lambda value: say("message", value)))
    except errors.InputError as error:
        say("fault", type(error).__name__)
    except MemoryError:
        say("fault", errors.UnreadableFile.__name__)


if __name__ == "__main__":
    serve()
