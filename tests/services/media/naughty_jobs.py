"""Jobs that do what a hostile file might make a decoder do, and a few that behave."""

import ctypes
import itertools
import os
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
