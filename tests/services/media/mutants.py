"""Media files with something wrong in them, each made again from its number alone."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tests.clips import MEDIA
from tests.making import tone, write_film, write_sound

_SHOTS = [((200, 20, 20), 0.2), ((20, 20, 200), 0.2)]
#: Muxers are not to write random numbers, nor the time.
_EXACT = {"fflags": "+bitexact"}
#: Container, codec, sample rate.
_SOUNDS = [
    ("wav", "pcm_s16le", 16_000),
    ("wav", "adpcm_ms", 16_000),
    ("aiff", "pcm_s16be", 16_000),
    ("ogg", "libopus", 48_000),
    ("ipod", "aac", 16_000),
    ("ipod", "alac", 16_000),
    ("adts", "aac", 16_000),
    ("caf", "pcm_f32le", 16_000),
    ("asf", "wmav2", 44_100),
    ("amr", "libopencore_amrnb", 8_000),
    ("ac3", "ac3", 48_000),
    ("wv", "wavpack", 16_000),
    ("tta", "tta", 16_000),
    ("au", "pcm_s16be", 16_000),
    ("w64", "pcm_s16le", 16_000),
]
#: Container, codec of the picture, of the sound, pixel format.
_FILMS = [
    ("mp4", "libx264", "aac", "yuv420p"),
    ("mov", "mpeg4", "pcm_s16le", "yuv420p"),
    ("webm", "libvpx", "libopus", "yuv420p"),
    ("matroska", "libx264", "aac", "yuv420p"),
    ("avi", "mpeg4", "libmp3lame", "yuv420p"),
    ("mpegts", "mpeg2video", "mp2", "yuv420p"),
    ("mpeg", "mpeg1video", "mp2", "yuv420p"),
    ("flv", "flv1", "libmp3lame", "yuv420p"),
    ("mxf", "mpeg2video", None, "yuv420p"),
    ("gif", "gif", None, "rgb8"),
    ("ivf", "libvpx", None, "yuv420p"),
]


def parents(folder: Path) -> dict[str, bytes]:
    """Name → bytes of the clips, and of a small file of each other kind, made in ``folder``."""
    found = {path.name: path.read_bytes() for path in MEDIA.iterdir() if path.suffix != ".md"}
    for container, codec, rate in _SOUNDS:
        path = folder / f"{container} {codec}"
        write_sound(
            path,
            tone(0.4, rate),
            container=container,
            codec=codec,
            rate=rate,
            options=_EXACT,
            codec_options={"b": "64000"} if codec == "wmav2" else None,
        )
        found[path.name] = path.read_bytes()
    for container, codec, sound, pixels in _FILMS:
        path = folder / f"{container} {codec}"
        write_film(
            path,
            _SHOTS,
            container=container,
            codec=codec,
            sound=tone(0.4) if sound else None,
            sound_codec=sound or "",
            size=(96, 64),
            pix_fmt=pixels,
            options=_EXACT,
        )
        found[path.name] = path.read_bytes()
    return dict(sorted(found.items()))


def mutant(seed: int, number: int, parents: Mapping[str, bytes]) -> tuple[str, bytes]:
    """What was done to which file, and the outcome. The parents take turns."""
    chance = random.Random(f"{seed}/{number}")
    name = list(parents)[number % len(parents)]
    data, done = bytearray(parents[name]), []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        change = chance.choice(_CHANGES)
        change(data, chance, parents)
        done.append(change.__name__.strip("_"))
    return f"{name}: {', '.join(done)}", bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    """Headers matter more than samples: one place in two is near the start."""
    most = len(data) - 1
    return chance.randint(0, max(min(most, chance.choice((64, 512, most))), 0))


def _bits_flipped(data: bytearray, chance: random.Random, _: Mapping[str, bytes]) -> None:
    for _ in range(chance.choice((1, 1, 4, 32))):
        if data:
            data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _bytes_replaced(data: bytearray, chance: random.Random, _: Mapping[str, bytes]) -> None:
    at = _place(data, chance)
    data[at : at + 8] = chance.randbytes(min(chance.randint(1, 8), len(data)))


def _number_replaced(data: bytearray, chance: random.Random, _: Mapping[str, bytes]) -> None:
    """By one that is likely to be a limit of something."""
    width = chance.choice((1, 2, 4, 8))
    value = chance.choice(
        (0, 1, 2 ** (8 * width - 1) - 1, 2 ** (8 * width - 1), 2 ** (8 * width) - 1)
    )
    at = _place(data, chance)
    data[at : at + width] = value.to_bytes(width, chance.choice(("big", "little")))


def _cut_off(data: bytearray, chance: random.Random, _: Mapping[str, bytes]) -> None:
    del data[_place(data, chance) :]


def _piece_lost(data: bytearray, chance: random.Random, _: Mapping[str, bytes]) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 4, 64, 4096))]


def _piece_repeated(data: bytearray, chance: random.Random, _: Mapping[str, bytes]) -> None:
    at = _place(data, chance)
    data[at:at] = data[at : at + chance.choice((1, 4, 64, 4096))] * chance.choice((1, 1, 50))


def _piece_of_another(data: bytearray, chance: random.Random, parents: Mapping[str, bytes]) -> None:
    other = parents[chance.choice(list(parents))]
    start = chance.randrange(len(other))
    at = _place(data, chance)
    length = chance.choice((16, 256, len(other)))
    data[at : at + chance.choice((0, length))] = other[start : start + length]


def _noise(data: bytearray, chance: random.Random, _: Mapping[str, bytes]) -> None:
    at = _place(data, chance)
    length = min(chance.choice((16, 1024)), len(data) - at)
    data[at : at + length] = np.random.default_rng(chance.randrange(2**32)).bytes(max(length, 0))


_Change = Callable[[bytearray, random.Random, Mapping[str, bytes]], None]
_CHANGES: tuple[_Change, ...] = (
    _bits_flipped,
    _bytes_replaced,
    _number_replaced,
    _number_replaced,
    _cut_off,
    _piece_lost,
    _piece_repeated,
    _piece_of_another,
    _noise,
)
