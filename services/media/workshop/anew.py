"""A process for each job, started anew: where the system cannot fork safely, and what all share."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from services import errors
from services.media.workshop.replies import Conversation
from services.places import place_of

log: Final = logging.getLogger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[3]
_WORKER: Final = "services.media.workshop.worker"
#: What a platform's loader cannot start Python without.
_KEPT_VARIABLES: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH")

#: What both ways of starting a process have in common.
SPAWNED: Final[MappingProxyType[str, Any]] = MappingProxyType(
    {
        "stderr": subprocess.DEVNULL,  # FFmpeg's complaints carry file names
        "cwd": _ROOT,
        "start_new_session": True,  # a group of its own, to be ended as one
    }
)


def environment() -> dict[str, str]:
    """What a worker knows of the environment: nothing of ours."""
    # One BLAS thread and one malloc arena: nothing here needs more, and each would
    # count against the memory limit. pydub asks for a PATH on import, to look for
    # an ffmpeg that is never to be run.
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | {
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PATH": "",
    }


def command(module: str, given: str) -> list[str]:
    """How a process is started that does the jobs of ``module``."""
    return [sys.executable, "-E", "-s", "-m", _WORKER, module, given]


def not_started(error: OSError) -> errors.AppFailed:
    """What to raise instead of ``error``; the log has its place."""
    log.error("no process could be started: %s", place_of(error))
    return errors.AppFailed()


class Starter(Protocol):
    """Gives each job a process, and ends it whatever comes of it."""

    async def converse(self, request: bytes, conversation: Conversation[Any, Any]) -> Any:
        """Send ``request``; the outcome of ``conversation``. No process is left."""

    def close(self) -> None:
        """Let go of what was started ahead."""


class Anew:
    """A new process for each job."""

    def __init__(self, module: str, given: str, _ahead: int) -> None:
        self._command = command(module, given)

    async def converse(self, request: bytes, conversation: Conversation[Any, Any]) -> Any:
        """As of :class:`Starter`."""
        try:
            process, listening = await asyncio.get_running_loop().subprocess_exec(
                lambda: _Listening(conversation),
                *self._command,
                env=environment(),
                **SPAWNED,
            )
        except OSError as error:
            raise not_started(error) from None
        try:
            asks = process.get_pipe_transport(0)
            assert isinstance(asks, asyncio.WriteTransport)
            asks.write(request)
            return await conversation.outcome()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if sys.platform == "win32":  # it has no groups
                    process.kill()
                else:
                    os.killpg(process.get_pid(), signal.SIGKILL)
            try:
                await listening.is_gone.wait()
            finally:
                process.close()

    def close(self) -> None:
        """Nothing was started ahead."""


class _Listening(asyncio.SubprocessProtocol):
    """Hands on what a process says on its stdout."""

    def __init__(self, conversation: Conversation[Any, Any]) -> None:
        self._conversation = conversation
        self.is_gone = asyncio.Event()

    def pipe_data_received(self, _: int, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        self._conversation.data(data)

    def pipe_connection_lost(self, fd: int, _: Exception | None) -> None:
        if fd == 1:
            self._conversation.ended()

    def process_exited(self) -> None:
        self.is_gone.set()
