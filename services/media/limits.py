"""What a worker may use, job by job.

A worker stands at about 45 MB of memory and 200 MB of address space before it
sees a file. The system limits address space, so ``memory_bytes`` is what a job
may add to it, and its memory stays below the sum of the two. Measured with
PyAV 18.1 on Linux: inspecting adds 25 MB, whatever the length of the file;
making 1080p of HEVC in 4K adds 340 MB, of 10-bit HEVC in 4K 460 MB.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use. Memory and processor limits hold where the system has them.

    ``memory_bytes`` is address space on top of what the warm worker has.
    ``silence_s`` is how long a job may say nothing, ``wall_s`` how long it may
    take in all; ``output_bytes`` is the largest file it may write.
    """

    memory_bytes: int = 1280 * _MEGABYTE
    cpu_s: int = 600
    output_bytes: int = 1024 * _MEGABYTE
    wall_s: float = 600
    silence_s: float = 60


#: The jobs that are known to do with less. What inspects meets a file first, and
#: so what the file would do: three hours of mp3 take it 15 s of processor time,
#: and it tells about every piece of the file it has read.
_LESS: Final = MappingProxyType(
    {
        "inspect": Limits(400 * _MEGABYTE, cpu_s=120, output_bytes=0, wall_s=300, silence_s=8),
        "to_audio": Limits(400 * _MEGABYTE, silence_s=10),
        "samples": Limits(400 * _MEGABYTE, silence_s=10),
        "to_mp4": Limits(640 * _MEGABYTE, silence_s=20),
    }
)


def limits_of(job: str) -> Limits:
    """The limits of ``job``; those of a conversion where it has none of its own."""
    return _LESS.get(job, Limits())
