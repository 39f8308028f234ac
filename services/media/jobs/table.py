"""The jobs about media, as :mod:`services.media.worker` wants them."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from services.media.jobs import convert, decode, inspect

JOBS: Final = MappingProxyType[str, Callable[..., Any]](
    {
        "inspect": inspect.inspect,
        "to_audio": convert.to_audio,
        "to_mp4": convert.to_mp4,
        "samples": decode.samples,
        "frames": decode.frames,
    }
)


def warm_up() -> None:
    """Nothing more: importing this module has loaded the decoders."""
