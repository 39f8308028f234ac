"""The jobs about media, as :mod:`services.media.worker` wants them."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from services.media.jobs import copying, decode, film, inspect, pauses, sound

JOBS: Final = MappingProxyType[str, Callable[..., Any]](
    {
        "inspect": inspect.inspect,
        "rewrap": copying.rewrap,
        "to_audio": sound.to_audio,
        "to_mp4": film.to_mp4,
        "cuts": pauses.cuts,
        "samples": decode.samples,
        "frames": decode.frames,
    }
)


def warm_up() -> None:
    """Nothing more: importing this module has loaded the decoders."""
