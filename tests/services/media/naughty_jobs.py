"""Jobs that do what a hostile file might make a decoder do, and a few that behave."""

import ctypes
import itertools
import os
import resource
import signal
import sys
import time
from pathlib import Path

from services import errors

_STDOUT = 1
_CHUNK = 1024 * 1024


def echo(value, **_):
    return value


def count(to, tell):
    for number in range(to):
        tell(number)
    return "counted"


def process_id(**_):
    return os.getpid()


def environment(**_):
    return dict(os.environ)


def inspect(**_):
    """Nonsense in the place of facts."""
    return {"container": 1, "file_bytes": "many"}


def blame(fault, **_):
    raise getattr(errors, fault)


def trip(**_):
    raise ValueError("not the file's fault, as far as anyone knows")


def unspeakable(**_):
    return {1, 2, 3}


def leave(**_):
    os._exit(0)


def segfault(**_):
    ctypes.string_at(0)


def abort(**_):
    os.abort()


def wait_for_ever(tell, note=None):
    if note:
        Path(note).write_text(str(os.getpid()), "utf-8")
    tell(os.getpid())
    signal.pause()


def mumble(tell, pause_s, to):
    for number in range(to):
        time.sleep(pause_s)
        tell(number)


def leave_a_child(tell, away):
    """End, while a child has the pipe and goes on, in the same session or ``away``."""
    if child := os.fork():
        tell(child)
        os._exit(0)
    if away:
        os.setsid()
    time.sleep(600)


def keep_a_child(tell):
    """Wait for ever, and so does a child."""
    if child := os.fork():
        tell(child)
    signal.pause()


def restrictions(out, **_):
    """The mode of a new file, and what the system would let this process do."""
    Path(out).touch()
    limits = {"open files": resource.RLIMIT_NOFILE, "core": resource.RLIMIT_CORE}
    return {
        "mode": Path(out).stat().st_mode & 0o777,
        "processors": len(os.sched_getaffinity(0)),
    } | {name: resource.getrlimit(limit) for name, limit in limits.items()}


def hold_the_interpreter(tell):
    """Hang in C, so that no other thread of this process gets its turn."""
    tell(os.getpid())
    ctypes.PyDLL(None).pause()


def burn(tell):
    tell(os.getpid())
    for _ in itertools.count():
        pass


def eat(**_):
    eaten = []
    while True:
        eaten.append(bytearray(16 * _CHUNK))


def scribble(out, **_):
    with Path(out).open("wb") as file:
        while True:
            file.write(bytes(_CHUNK))


def chat(**_):
    print("a decoder talks on stdout")
    print('{"result": "taken over"}')
    return "the result"


def say_bytes(said, **_):
    """Say ``said``, in hexadecimal, as if this process were somebody else's."""
    os.write(_STDOUT, bytes.fromhex(said))
    time.sleep(600)


def say_without_end(tell):
    """One line that never ends."""
    tell(os.getpid())
    while True:
        os.write(_STDOUT, b"x" * _CHUNK)


def tell_without_end(tell):
    tell(os.getpid())
    while True:
        tell("x" * 1000)


JOBS = {
    job.__name__: job
    for job in list(vars(sys.modules[__name__]).values())
    if callable(job) and getattr(job, "__module__", None) == __name__
}


def warm_up():
    """Nothing here is slow."""
