"""Whether there is what a run needs, found by trying."""

import asyncio
import tempfile
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from services.errors import ShowAndTellError
from services.media.jobs.table import Inspect
from services.media.workshop.workshop import Workshop

#: How long what was found is believed, in seconds: who asks often causes no work.
_BELIEVED_S: Final = 10.0
#: A worker that takes longer than this for nearly nothing is none to wait for.
_SOON_S: Final = 5.0


class Believed:
    """What ``find`` found, for some seconds; who asks meanwhile waits for the same."""

    def __init__(self, find: Callable[[], Awaitable[bool]], clock: Callable[[], float]) -> None:
        self._find = find
        self._clock = clock
        self._lock = asyncio.Lock()
        self._until = 0.0
        self._found: bool | None = None

    async def now(self) -> bool:
        """Whether it is so."""
        async with self._lock:
            if self._found is None or self._clock() >= self._until:
                self._found = await self._find()
                self._until = self._clock() + _BELIEVED_S
            return self._found


async def can_work(workshop: Workshop) -> bool:
    """Whether ``workshop`` looks at a file within some seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "moment.wav")
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(1600))
        try:
            async with asyncio.timeout(_SOON_S):
                await workshop.do(Inspect(path))
        except (ShowAndTellError, TimeoutError, OSError):
            return False
    return True
