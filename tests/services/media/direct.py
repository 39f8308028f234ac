"""The jobs about media, done in this process: for our own files, and at once."""

from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from services.media.facts import MediaFacts, RawPcm
from services.media.jobs import convert, inspect

_FACTS = TypeAdapter(MediaFacts)


def facts_of(path: Path, raw: RawPcm | None = None) -> MediaFacts:
    """What the file is, as the sandbox would say."""
    return _FACTS.validate_python(
        inspect.inspect(str(path), asdict(raw) if raw else None, lambda _: None)
    )


def to_audio(path: Path, target: str) -> Path:
    """The sound of ``path`` as ``target``, beside it."""
    out = path.with_name(f"converted.{target}")
    convert.to_audio(str(path), None, str(out), target, lambda _: None)
    return out


def to_mp4(path: Path) -> Path:
    """``path`` as MP4, beside it."""
    out = path.with_name("converted.mp4")
    convert.to_mp4(str(path), str(out), lambda _: None)
    return out
