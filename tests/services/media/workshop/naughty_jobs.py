"""Jobs that do what a hostile file might make a decoder do, and a few that behave."""

import ctypes
import itertools
import os
import resource
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from services import errors
from services.media.workshop.job import MEGABYTE, Job, Limits

#: Where a worker talks to the process that started it, when it was forked.
_SAID = 3
_CHUNK = MEGABYTE
_TIGHT = Limits(300 * MEGABYTE, cpu_s=1, output_bytes=2 * MEGABYTE, wall_s=60)


def _here(name):
    return f"{__name__}:{name}"


@dataclass(frozen=True, slots=True)
class Echo(Job[dict[str, list[float | None]], None]):
    function = _here("echo")
    limits = _TIGHT

    value: dict[str, list[float | None]]


def echo(job, _):
    return job.value


_given: list[str] = []


def get_ready(given):
    if given == "what nobody can get ready for":
        raise ValueError(given)
    _given.append(given)


@dataclass(frozen=True, slots=True)
class Given(Job[list[str], None]):
    """What its worker was given to get ready."""

    function = _here("given")
    limits = _TIGHT


def given(*_):
    return _given


@dataclass(frozen=True, slots=True)
class Count(Job[str, int]):
    function = _here("count")
    limits = _TIGHT

    to: int


def count(job, tell):
    for number in range(job.to):
        tell.news(number)
    return "counted"


@dataclass(frozen=True, slots=True)
class Far(Job[None, None]):
    """Tells how far it has read."""

    function = _here("far")


def far(_, tell):
    tell.read(12.5, 98_304)


@dataclass(frozen=True, slots=True)
class Answer(Job[int, None]):
    """Answers with the number of its process, and is gone at once."""

    function = _here("process_id")
    limits = _TIGHT


def process_id(*_):
    return os.getpid()


@dataclass(frozen=True, slots=True)
class Environment(Job[dict[str, str], None]):
    function = _here("environment")


def environment(*_):
    return dict(os.environ)


@dataclass(frozen=True, slots=True)
class Blame(Job[None, None]):
    function = _here("blame")
    limits = _TIGHT

    fault: str


def blame(job, _):
    raise getattr(errors, job.fault)


@dataclass(frozen=True, slots=True)
class Trip(Job[None, None]):
    """Raises what is no fault of the file, with ``secret`` in its message."""

    function = _here("trip")
    limits = _TIGHT

    kind: str
    secret: str


def trip(job, _):
    kind = {"KeyError": KeyError, "ValueError": ValueError, "OSError": OSError}[job.kind]
    if kind is OSError:
        raise OSError(28, job.secret)
    raise kind(job.secret)


@dataclass(frozen=True, slots=True)
class WrongResult(Job[int, None]):
    """Gives what it does not say it gives."""

    function = _here("wrong_result")


def wrong_result(*_):
    return "many"


@dataclass(frozen=True, slots=True)
class WrongNews(Job[None, int]):
    function = _here("wrong_news")


def wrong_news(_, tell):
    tell.news("many")


@dataclass(frozen=True, slots=True)
class Leave(Job[None, None]):
    function = _here("leave")
    limits = _TIGHT


def leave(*_):
    os._exit(0)


@dataclass(frozen=True, slots=True)
class Segfault(Job[None, None]):
    function = _here("segfault")
    limits = _TIGHT


def segfault(*_):
    ctypes.string_at(0)


@dataclass(frozen=True, slots=True)
class Abort(Job[None, None]):
    function = _here("abort")
    limits = _TIGHT


def abort(*_):
    os.abort()


@dataclass(frozen=True, slots=True)
class Wait(Job[None, int]):
    """Waits for ever, and tells its process id."""

    function = _here("wait_for_ever")

    note: Path | None = None


def wait_for_ever(job, tell):
    if job.note:
        job.note.write_text(str(os.getpid()), "utf-8")
    tell.news(os.getpid())
    signal.pause()


@dataclass(frozen=True, slots=True)
class WaitTooLong(Wait):
    limits = Limits(wall_s=1)


@dataclass(frozen=True, slots=True)
class FallSilent(Wait):
    limits = Limits(silence_s=1)


@dataclass(frozen=True, slots=True)
class Mumble(Job[None, None]):
    """Says no more than that it reads, each time before it would be taken for dead."""

    function = _here("mumble")
    limits = Limits(silence_s=2)

    pause_s: float
    to: int


def mumble(job, tell):
    for number in range(job.to):
        time.sleep(job.pause_s)
        tell.read(number, number)


@dataclass(frozen=True, slots=True)
class LeaveAChild(Job[None, int]):
    """Ends, while a child has the pipes and goes on, in the same session or ``away``."""

    function = _here("leave_a_child")

    away: bool


def leave_a_child(job, tell):
    if child := os.fork():
        tell.news(child)
        os._exit(0)
    if job.away:
        os.setsid()
    time.sleep(600)


@dataclass(frozen=True, slots=True)
class KeepAChild(Job[None, int]):
    """Waits for ever, and so does a child."""

    function = _here("keep_a_child")


def keep_a_child(_, tell):
    if child := os.fork():
        tell.news(child)
    signal.pause()


@dataclass(frozen=True, slots=True)
class Restrictions(Job[dict[str, list[int]], None]):
    """The mode of a new file, and what the system would let this process do."""

    function = _here("restrictions")
    limits = _TIGHT

    out: Path


def restrictions(job, _):
    job.out.touch()
    limits = {"open files": resource.RLIMIT_NOFILE, "core": resource.RLIMIT_CORE}
    return {
        "mode": [job.out.stat().st_mode & 0o777],
        "processors": [len(os.sched_getaffinity(0))],
    } | {name: list(resource.getrlimit(limit)) for name, limit in limits.items()}


@dataclass(frozen=True, slots=True)
class OpenFiles(Job[list[int], None]):
    """The file descriptors there are, but the one that looks."""

    function = _here("open_files")


def open_files(*_):
    found = [int(one.name) for one in Path("/proc/self/fd").iterdir()]
    return [one for one in found if Path(f"/proc/self/fd/{one}").exists()]


@dataclass(frozen=True, slots=True)
class HoldTheInterpreter(Job[None, int]):
    """Hangs in C, so that no other thread of this process gets its turn."""

    function = _here("hold_the_interpreter")


def hold_the_interpreter(_, tell):
    tell.news(os.getpid())
    ctypes.PyDLL(None).pause()


@dataclass(frozen=True, slots=True)
class Burn(Job[None, int]):
    function = _here("burn")
    limits = _TIGHT


@dataclass(frozen=True, slots=True)
class BurnOn(Burn):
    limits = Limits()


def burn(_, tell):
    tell.news(os.getpid())
    for _ in itertools.count():
        pass


@dataclass(frozen=True, slots=True)
class Eat(Job[None, None]):
    function = _here("eat")
    limits = _TIGHT


def eat(*_):
    eaten = []
    while True:
        eaten.append(bytearray(16 * _CHUNK))


@dataclass(frozen=True, slots=True)
class Scribble(Job[None, None]):
    function = _here("scribble")
    limits = _TIGHT

    out: Path


def scribble(job, _):
    with job.out.open("wb") as file:
        while True:
            file.write(bytes(_CHUNK))


@dataclass(frozen=True, slots=True)
class Chat(Job[str, None]):
    function = _here("chat")
    limits = _TIGHT


def chat(*_):
    print("a decoder talks on stdout", flush=True)
    print('{"result": "taken over"}', flush=True)
    return "the result"


@dataclass(frozen=True, slots=True)
class Say(Job[int, int]):
    """Says ``said``, in hexadecimal, as if this process were somebody else's."""

    function = _here("say_bytes")
    limits = _TIGHT
    pause_s: ClassVar[float] = 600.0

    said: str


def say_bytes(job, _):
    os.write(_SAID, bytes.fromhex(job.said))
    time.sleep(job.pause_s)


@dataclass(frozen=True, slots=True)
class SayAndLeave(Say):
    """The same, and the process ends in that moment."""

    function = _here("say_and_leave")


def say_and_leave(job, _):
    os.write(_SAID, bytes.fromhex(job.said))
    os._exit(0)


@dataclass(frozen=True, slots=True)
class SayWithoutEnd(Job[None, int]):
    """One line that never ends."""

    function = _here("say_without_end")


def say_without_end(_, tell):
    tell.news(os.getpid())
    while True:
        os.write(_SAID, b"x" * _CHUNK)


@dataclass(frozen=True, slots=True)
class TellWithoutEnd(Job[None, int | str]):
    function = _here("tell_without_end")


def tell_without_end(_, tell):
    tell.news(os.getpid())
    while True:
        tell.news("x" * 1000)
