"""Processor time of a process and of all that it started (Linux)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
#: Where in ``/proc/<pid>/stat``, behind the name, stand the parent, and the ticks of
#: the process and of those of its children that have ended (man 5 proc).
_PARENT: Final = 1
_TICKS: Final = slice(11, 15)


def processor_s(pid: int | None = None) -> float:
    """Seconds used by the process ``pid``, ours if None, and by those under it up to now."""
    stats = dict(_stats())
    tree, found = set(), {os.getpid() if pid is None else pid}
    while found:
        tree |= found
        found = {one for one, stat in stats.items() if int(stat[_PARENT]) in found} - tree
    return sum(sum(map(int, stats[one][_TICKS])) for one in tree if one in stats) * _TICK_S


def _stats() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:  # it has just ended
                continue
            yield int(entry.name), stat.rpartition(")")[2].split()
