"""Processes, seen from here while they run."""

import asyncio
from collections.abc import Callable
from pathlib import Path

#: Only for what would never end; a busy machine may be slow.
PATIENCE_S = 120


def is_alive(process: int) -> bool:
    """Whether it runs: one that has ended and that nobody buried does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def until(condition: Callable[[], object]) -> None:
    """Wait for ``condition``."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # processes tell nobody that they end
            await asyncio.sleep(0.01)
