"""Peak memory of a process (Linux)."""

from pathlib import Path
from typing import Final

_SELF: Final = Path("/proc/self")


class PeakMemory:
    """The peak of this process's resident memory above what it was at the start."""

    def __init__(self) -> None:
        # "5" sets the peak back to what is resident now (man 5 proc). What was
        # needed for a moment while importing would hide as much growth.
        (_SELF / "clear_refs").write_text("5")
        self._before_kib = _peak_kib()

    @property
    def mb(self) -> float:
        """The peak so far, in MB of 1024 × 1024 bytes."""
        return (_peak_kib() - self._before_kib) / 1024


def _peak_kib() -> int:
    # Not ru_maxrss, which a process inherits from the one that started it.
    return int((_SELF / "status").read_text().partition("VmHWM:")[2].split()[0])
