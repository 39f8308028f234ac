"""An event loop whose clock jumps to whatever is due next, so that no test waits."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Hasty(selectors.DefaultSelector):
    """Does not wait for anything, and counts the seconds it would have waited."""

    skipped = 0.0

    def select(self, timeout=None):
        """As the selector's, at once where there is a time-out."""
        if timeout is not None and timeout > 0:
            self.skipped += timeout
            timeout = 0
        return super().select(timeout)


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._hasty = _Hasty()
        super().__init__(self._hasty)

    def time(self):
        """Seconds, with those that were skipped."""
        return super().time() + self._hasty.skipped


def run_at_once(test: Coroutine[Any, Any, None]) -> None:
    """Run ``test``, whose work must be all on the loop: a socket would be cut short."""
    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        runner.run(test)
