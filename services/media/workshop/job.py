"""What a job is: one frozen request, the type of its result, its limits and its function.

A worker stands at about 50 MB of memory and 250 MB of address space before it
sees a file. The system limits address space, so ``memory_bytes`` is what a job
may add to it, and its memory stays below the sum of the two. Measured with
PyAV 18.1 on Linux: inspecting adds 25 MB, whatever the length of the file;
making 1080p of HEVC in 4K adds 340 MB, of 10-bit HEVC in 4K 460 MB.
"""

import functools
import typing
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

from pydantic import TypeAdapter

Result = TypeVar("Result")
News = TypeVar("News")

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use. Memory and processor limits hold where the system has them.

    ``memory_bytes`` is address space on top of what the warm worker has.
    ``silence_s`` is how long a job may give no sign of life, ``wall_s`` how long
    it may take in all; ``output_bytes`` is the largest file it may write.
    """

    memory_bytes: int = 1280 * MEGABYTE
    cpu_s: int = 600
    output_bytes: int = 1024 * MEGABYTE
    wall_s: float = 600
    silence_s: float = 60


class Job(Generic[Result, News]):
    """A request, as a frozen dataclass that derives from this, with its result and news.

    ``function`` is where the work is done, ``"package.module:name"``. The worker
    alone imports it, and calls it with the request and a
    :class:`~services.media.workshop.worker.Teller`; it returns the result, or
    raises an :class:`~services.errors.InputError` when the file is at fault.
    News are what it tells while it works; ``None`` where it has none to tell.
    """

    __slots__ = ()

    function: ClassVar[str]
    limits: ClassVar[Limits] = Limits()


@dataclass(frozen=True, slots=True)
class Read:
    """How far the reading of a file has come: a job's sign of life."""

    seconds: float
    bytes: int


def types_of(job: type[Job[Any, Any]]) -> tuple[Any, Any]:
    """The types of the result and of the news of a class of jobs."""
    base = next(
        base
        for one in job.__mro__
        for base in one.__dict__.get("__orig_bases__", ())
        if typing.get_origin(base) is Job
    )
    result, news = typing.get_args(base)
    return result, news


def adapter(kind: Any) -> TypeAdapter[Any]:
    """What turns values of ``kind`` into JSON and checks what comes back."""
    return _adapter(kind)


_adapter: Final = functools.cache(TypeAdapter)
