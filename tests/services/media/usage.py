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


@contextlib.contextmanager
def watched() -> Iterator[Usage]:
    """Usage of the processes that are started here or were waiting, up to now."""
    usage, is_over = Usage(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_TICK_S):
            for worker in _children():
                with contextlib.suppress(OSError, IndexError, ValueError):
                    _look(worker, usage)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield usage
    finally:
        is_over.set()
        watching.join()


def workers() -> set[str]:
    """Process ids of the workers that this process has now."""
    found = set()
    for child in _children():
        with contextlib.suppress(OSError):
            if _is_worker(child):
                found.add(child.name)
    return found


def _is_worker(child: Path) -> bool:
    return b"services.media.worker" in (child / "cmdline").read_bytes()


def _children() -> Iterator[Path]:
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text("ascii").split():
                yield Path("/proc", child)


def _look(worker: Path, usage: Usage) -> None:
    if not _is_worker(worker):
        return  # it has this process's memory until it becomes another program
    status = (worker / "status").read_text("utf-8")
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    # Fields 14 and 15, counted from behind the name (proc_pid_stat(5)).
    times = (worker / "stat").read_text("utf-8").rpartition(")")[2].split()[11:13]
    usage.memory_bytes = max(usage.memory_bytes, peak)
    usage.cpu_s = max(usage.cpu_s, sum(map(int, times)) / os.sysconf("SC_CLK_TCK"))
