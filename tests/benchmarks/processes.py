"""Work in processes of its own: servers, and measurements that must not mix or run away."""

import contextlib
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

#: How long a server may take to say where it listens.
START_S: Final = 30.0
#: As much address space as one measurement gets.
MOST_BYTES: Final = 12 * 1024**3

#: Not fork: memory is to be measured from nothing.
_SPAWN: Final = multiprocessing.get_context("spawn")


class Stopped(Exception):
    """There is no figure; the message says why, in the past tense."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is up, and its process."""

    origin: str
    pid: int


@contextlib.contextmanager
def server(serve: Callable[..., None], *arguments: Any) -> Iterator[Server]:
    """What ``serve(tell, *arguments)`` serves; it tells its port."""
    with _started(serve, *arguments) as (pipe, pid):
        yield Server(f"http://127.0.0.1:{_told(pipe, START_S)}", pid)


@contextlib.contextmanager
def served(serve: Callable[..., None], *arguments: Any) -> Iterator[str]:
    """The origin of such a server."""
    with server(serve, *arguments) as one:
        yield one.origin


def measured(measure: Callable[..., Any], *arguments: Any, limit_s: float = 120.0) -> Any:
    """What ``measure(*arguments)`` returns.

    Raises:
        Stopped: it took longer than ``limit_s``, or died.
    """
    with _started(_measure, measure, *arguments) as (pipe, _):
        return _told(pipe, limit_s)


def _measure(tell: Callable[[Any], None], measure: Callable[..., Any], *arguments: Any) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    tell(measure(*arguments))


def _told(pipe: Connection, limit_s: float) -> Any:
    if not pipe.poll(limit_s):
        raise Stopped(f"did not finish in {limit_s:.0f} s")
    try:
        return pipe.recv()
    except EOFError:
        raise Stopped("died") from None


@contextlib.contextmanager
def _started(work: Callable[..., None], *arguments: Any) -> Iterator[tuple[Connection, int]]:
    mine, its = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_begin, args=(its, work, arguments))
    process.start()
    its.close()  # the child's copy is the last: it closes when the child dies
    assert process.pid is not None  # it was started
    try:
        yield mine, process.pid
    finally:
        process.kill()
        process.join()
        mine.close()


def _begin(pipe: Connection, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(pipe.send, *arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
