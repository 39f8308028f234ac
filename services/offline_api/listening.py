"""Who listens: a workshop with the ears in it, and a memory of what they heard last."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from services.media.workshop.workshop import Workshop
from services.offline_api.jobs import Heard, Transcribe

#: Of how many sounds the words are remembered.
_SOUNDS: Final = 32

#: What a sound is remembered by: its samples, and what its language is taken for.
_Name = tuple[str, str]


class Listener:
    """Another question about the same sound is answered at once: it is heard once."""

    def __init__(self, ears: Workshop) -> None:
        self._ears = ears
        self._remembered: OrderedDict[_Name, tuple[Heard, ...]] = OrderedDict()

    async def listen(self, job: Transcribe, *, is_long: bool) -> AsyncGenerator[Heard, None]:
        """What is heard, as it is heard; all that is remembered, if that is whole."""
        name = (await asyncio.to_thread(_digest, job.path), job.language)
        if name in self._remembered:
            self._remembered.move_to_end(name)
            for one in self._remembered[name]:
                yield one
            return
        heard: list[Heard] = []
        parts: asyncio.Queue[Heard | None] = asyncio.Queue()
        listening = asyncio.create_task(self._ears.do(job, is_long=is_long, news=parts.put_nowait))
        listening.add_done_callback(lambda _: parts.put_nowait(None))
        try:
            while (part := await parts.get()) is not None:
                heard.append(part)
                yield part
            await listening
            self._remember(name, tuple(heard))
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _remember(self, name: _Name, heard: tuple[Heard, ...]) -> None:
        self._remembered[name] = heard
        if len(self._remembered) > _SOUNDS:
            self._remembered.popitem(last=False)


def _digest(path: Path) -> str:
    with path.open("rb") as samples:
        return hashlib.file_digest(samples, "sha256").hexdigest()
