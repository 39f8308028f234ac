"""Processes for jobs: forked from one that has everything loaded, or started anew.

Importing the decoders takes thirty times as long as using them on a small file.
Where the system can fork safely, which is Linux, one process with one thread has
loaded them and has seen no file, and every job gets a copy of it
(:mod:`services.media.workshop.worker` is what runs there). Elsewhere every job gets
a process of its own from the start.

``Popen`` and not asyncio's subprocesses for the process that forks: it belongs to
no event loop.
"""

import asyncio
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any, Final

from services import errors
from services.media.workshop.anew import SPAWNED, Anew, command, environment, not_started
from services.media.workshop.replies import Conversation

_CHUNK: Final = 64 * 1024

if sys.platform != "linux":
    Forked = Anew
else:

    class Forked:
        """A fork of one warm process for each job; some are made ahead, if that is wanted."""

        def __init__(self, module: str, given: str, ahead: int) -> None:
            self._command = command(module, given)
            self._ahead = ahead
            self._spares: list[_Fork] = []
            self._lock = threading.Lock()
            self._count = 0
            self._is_closed = False
            self._start()
            self._refill()

        def _start(self) -> None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                    [*self._command, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=environment(),
                    pass_fds=[theirs.fileno()],
                    **SPAWNED,
                )
            self._control = ours

        def _stop(self) -> None:
            self._control.close()
            self._process.kill()
            self._process.wait()

        def close(self) -> None:
            """End the warm process. Its workers end with their callers."""
            with self._lock:
                self._is_closed = True
                for spare in self._spares:
                    spare.close()
                self._spares.clear()
                self._stop()

        def _take(self) -> "_Fork":
            """A worker that nobody has: one that was made ahead, if it is still alive."""
            with self._lock:
                while self._spares:
                    spare = self._spares.pop(0)
                    if spare.is_alive():
                        return spare
                    spare.close()
                return self._fork()

        def _refill(self) -> None:
            with self._lock, contextlib.suppress(errors.AppFailed):
                while not self._is_closed and len(self._spares) < self._ahead:
                    self._spares.append(self._fork())

        def _fork(self) -> "_Fork":
            (asked, asks), (said, says), (alive, lives) = os.pipe(), os.pipe(), os.pipe()
            try:
                number = self._send([asked, says, lives])
            except errors.AppFailed:
                for end in (asks, said, alive):
                    os.close(end)
                raise
            finally:
                for end in (asked, says, lives):  # the worker's alone from now on
                    os.close(end)
            os.set_blocking(said, False)
            return _Fork(number, self._control, asks, said, alive)

        def _send(self, pipes: list[int]) -> int:
            """Have a worker made, which gets ``pipes``; its number."""
            if self._is_closed:
                raise errors.AppFailed
            self._count += 1
            message = f"fork {self._count}".encode()
            try:
                socket.send_fds(self._control, [message], pipes)
            except OSError:  # it was killed, by the system for want of memory perhaps
                try:
                    self._stop()
                    self._start()
                    socket.send_fds(self._control, [message], pipes)
                except OSError as error:
                    raise not_started(error) from None
            return self._count

        async def converse(self, request: bytes, conversation: Conversation[Any, Any]) -> Any:
            """As of :class:`Starter`."""
            fork = self._take()
            try:
                return await fork.converse(request, conversation)
            finally:
                fork.close()
                self._refill()

    @dataclass(frozen=True, slots=True)
    class _Fork:
        """A worker: the pipes to ask it, to hear it, and to notice its end; who forked it."""

        number: int
        control: socket.socket
        asks: int
        said: int
        alive: int

        async def converse(self, request: bytes, conversation: Conversation[Any, Any]) -> Any:
            """As of :class:`Starter`."""
            loop = asyncio.get_running_loop()

            def heard() -> bool:
                # Once in a turn of the loop: others want theirs, however much it says.
                try:
                    data = os.read(self.said, _CHUNK)
                except BlockingIOError:
                    return False
                conversation.data(data)
                if not data or conversation.over.done():
                    loop.remove_reader(self.said)
                    return False
                return True

            def gone() -> None:
                # What it said last may lie unread; and the pipe need not end with
                # the worker, which may have handed it on.
                loop.remove_reader(self.alive)
                while heard():
                    pass
                conversation.ended(is_ours=_is_closed(self.control))

            loop.add_reader(self.said, heard)
            loop.add_reader(self.alive, gone)
            try:
                await _write(self.asks, request)
                return await conversation.outcome()
            finally:
                for end in (self.said, self.alive):
                    loop.remove_reader(end)

        def is_alive(self) -> bool:
            return not select.select([self.alive], [], [], 0)[0]

        def close(self) -> None:
            """End it."""
            with contextlib.suppress(OSError):  # who forked it is gone, and it goes, too
                self.control.send(f"end {self.number}".encode())
            for end in (self.asks, self.said, self.alive):
                os.close(end)


def _is_closed(control: socket.socket) -> bool:
    """Whether who was at the other end is gone; it says nothing else."""
    try:
        return not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


async def _write(pipe: int, data: bytes) -> None:
    # A pipe takes 64 kB at once, and a request is far smaller as a rule.
    with contextlib.suppress(BrokenPipeError):
        if len(data) <= _CHUNK:
            os.write(pipe, data)
        else:
            await asyncio.to_thread(_write_all, pipe, memoryview(data))


def _write_all(pipe: int, data: memoryview) -> None:
    while data:
        data = data[os.write(pipe, data) :]
