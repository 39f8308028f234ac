"""The process that has everything loaded, and forks a worker for each job."""

import contextlib
import gc
import os
import select
import signal
import socket
from collections.abc import Callable
from typing import Final

#: More files than the process that forks has ever open: three for each job.
_MOST_FILES: Final = 4096


class Forks:
    """Forks a worker for each job; ``control`` is the socket to the parent.

    A message is a verb and the number of a job. With ``fork`` come the ends of
    three pipes: what the worker is asked, what it says, and one that this process
    holds open for as long as the worker lives, whatever may have got hold of the others.
    ``work`` is what a worker does: it is asked on 0, and says on 3.
    """

    def __init__(self, work: Callable[[], None], control: socket.socket) -> None:
        self._work = work
        self._control = control
        self._workers: dict[int, tuple[int, int]] = {}  # job → process id, pipe

    def serve(self) -> None:
        """Until the parent is gone."""
        woken, wakes = os.pipe()
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        gc.freeze()  # what is here stays, and is not copied by a collector's marks
        while True:
            ready, _, _ = select.select([self._control.fileno(), woken], [], [])
            if woken in ready:
                os.read(woken, 4096)
                self._bury()
            if self._control.fileno() in ready and not self._heed():
                return

    def _heed(self) -> bool:
        data, pipes, _, _ = socket.recv_fds(self._control, 64, 3)
        if not data:
            return False
        verb, number = data.decode("ascii").split()
        if verb == "fork":
            self._fork(int(number), *pipes)
        elif int(number) in self._workers:
            self._kill(self._workers[int(number)][0])
        return True

    def _fork(self, number: int, asked: int, said: int, alive: int) -> None:
        try:
            process = os.fork()
        except OSError:  # no memory, or too many processes: whoever waits sees no worker come up
            for pipe in (asked, said, alive):
                os.close(pipe)
            return
        if process:
            self._workers[number] = process, alive
            os.close(asked)
            os.close(said)
            return
        try:
            _become_worker(asked, said)
            self._work()
        finally:
            os._exit(0)

    def _bury(self) -> None:
        """Let go of the workers that have ended, with whatever they started."""
        for number, (process, alive) in list(self._workers.items()):
            gone = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if gone is not None:
                self._kill(process)  # before it is reaped its id is nobody else's
                os.waitpid(process, 0)
                os.close(alive)
                del self._workers[number]

    @staticmethod
    def _kill(process: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)


def _become_worker(asked: int, said: int) -> None:
    """A group of its own, and no file but the two pipes: 0 is what it is asked, 3 what it says."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said = os.dup(said)  # out of the way of what comes now
    os.dup2(asked, 0)
    os.dup2(2, 1)  # nothing a decoder prints may look like a reply
    os.dup2(said, 3)
    os.closerange(4, _MOST_FILES)
