"""The jobs about media, done in this process: for our own files, and at once."""

from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from services.media.jobs import film, inspect, sound
from services.media.values import MediaFacts, RawPcm

_FACTS = TypeAdapter(MediaFacts)


def facts_of(path: Path, raw: RawPcm | None = None) -> MediaFacts:
    """What the file is, as the sandbox would say."""
    return _FACTS.validate_python(
        inspect.inspect(str(path), asdict(raw) if raw else None, lambda _: None)
    )


#: How the tracks of a film are made when nothing has to be small.
PICTURE = {
    "pixels": 1920 * 1080,
    "height": None,
    "frame_rate": None,
    "preset": "veryfast",
    "crf": 23,
    "bit_rate": 10**7,
}
SOUND = {"bits_per_channel": 64_000, "rate": None}


def to_audio(
    path: Path,
    target: str,
    rate: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
) -> Path:
    """The sound of ``path`` as ``target``, beside it."""
    out = path.with_name(f"converted.{target}")
    sound.to_audio(
        str(path),
        None,
        str(out),
        target,
        64_000 if target == "mp3" else None,
        rate,
        start_s,
        end_s,
        lambda _: None,
    )
    return out


def to_mp4(path: Path, start_s: float | None = None, end_s: float | None = None, **how) -> Path:
    """``path`` as MP4, beside it; ``how`` the picture is made."""
    out = path.with_name("converted.mp4")
    film.to_mp4(str(path), str(out), PICTURE | how, SOUND, start_s, end_s, lambda _: None)
    return out
