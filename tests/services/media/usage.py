"""What the processes that this one started use, seen from here while they run."""

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 0.003


@dataclass
class Usage:
    """The most that any one process had: bytes of memory, seconds of processor time."""

    memory_bytes: int = 0
    cpu_s: float = 0.0
    seen: int = 0


@contextlib.contextmanager
def watched() -> Iterator[Usage]:
    """Usage of the workers that are at work while the block lasts."""
    usage, is_over = Usage(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_TICK_S):
            for worker in workers():
                with contextlib.suppress(OSError, IndexError, ValueError):
                    _look(Path("/proc", worker), usage)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield usage
    finally:
        is_over.set()
        watching.join()


def workers() -> set[str]:
    """Process ids of the workers at work: each is a fork of what this process started."""
    return {
        worker.name
        for forks in _children(Path("/proc/self"))
        if b"services.media.workshop.worker" in _command(forks)
        for worker in _children(forks)
    }


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def _children(process: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for task in (process / "task").iterdir():
            with contextlib.suppress(OSError):
                for child in (task / "children").read_text("ascii").split():
                    yield Path("/proc", child)


def _look(worker: Path, usage: Usage) -> None:
    status = (worker / "status").read_text("utf-8")
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    # Fields 14 and 15, counted from behind the name (proc_pid_stat(5)).
    times = (worker / "stat").read_text("utf-8").rpartition(")")[2].split()[11:13]
    usage.memory_bytes = max(usage.memory_bytes, peak)
    usage.cpu_s = max(usage.cpu_s, sum(map(int, times)) / os.sysconf("SC_CLK_TCK"))
    usage.seen += 1
