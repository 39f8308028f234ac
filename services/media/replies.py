"""What a worker says: waited for no longer than it deserves, and not believed."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import IO, Any, Final

from services import errors
from services.media.limits import Limits

#: How many bytes a worker may say in all. A job says ten to thirty a second
#: of media; one that was taken over could otherwise fill this process's memory.
_MOST_SAID: Final = 4 * 1024 * 1024
_CHUNK: Final = 64 * 1024
#: How long Python and the decoders may take to load, on a busy machine.
_WARM_UP_S: Final = 60
#: How long after the last word it is asked whether more is awaited at all.
_TICK_S: Final = 0.5
#: What a job may blame on the file. A worker that was taken over may name anything.
_FAULTS: Final = MappingProxyType(
    {
        fault.__name__: fault
        for fault in (
            errors.EmptyFile,
            errors.NotMedia,
            errors.UnreadableFile,
            errors.TooMuchInside,
            errors.NoSound,
            errors.NoPicture,
        )
    }
)

if sys.platform == "win32":

    def lines(pipe: IO[bytes], _: Limits, __: Callable[[], bool]) -> Iterator[str]:
        """The lines of ``pipe`` until its end: Windows cannot wait for one with a clock."""
        left = _MOST_SAID
        while left > 0 and (line := pipe.readline(left)):
            left -= len(line)
            yield line.decode("utf-8", "replace")

else:
    import selectors

    def lines(pipe: IO[bytes], limits: Limits, is_awaited: Callable[[], bool]) -> Iterator[str]:
        """The lines of ``pipe``: until its end, a limit, or ``is_awaited`` says no.

        The pipe need not end with the worker: it may have handed it on to a
        process that nobody knows of.
        """
        said, rest, is_ready = 0, b"", False
        due = time.monotonic() + _WARM_UP_S
        last_due = due + limits.wall_s
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while said < _MOST_SAID:
                left = min(due, last_due) - time.monotonic()
                if left <= 0:
                    return
                if not selector.select(min(left, _TICK_S)):
                    if not is_awaited():
                        return
                    continue
                data = os.read(pipe.fileno(), _CHUNK)
                if not data:
                    return
                said += len(data)
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    yield line.decode("utf-8", "replace")
                if whole:
                    now = time.monotonic()
                    due = now + limits.silence_s
                    if not is_ready:
                        is_ready, last_due = True, now + limits.wall_s


def understood(line: str) -> tuple[str, Any]:
    """A worker's line as (name, value). A worker that was taken over may say anything.

    Raises:
        UnreadableFile: this is no line of a worker of ours.
    """
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise errors.UnreadableFile from None
    if not isinstance(said, dict) or len(said) != 1:
        raise errors.UnreadableFile
    return next(iter(said.items()))


def fault(name: object) -> errors.InputError:
    """The error a job names, if a file can be at fault in that way."""
    return _FAULTS.get(str(name), errors.UnreadableFile)()
